/** SDK modules/crypt/etc/curve.js; not in the SDK's typings. */
declare module "curve" {
	import type ECPoint from "ecp";

	export default class Curve {
		constructor(name: "secp256r1" | "secp384r1");
		/** The base point, and its order. */
		readonly G: ECPoint;
		readonly n: bigint;
		/** Bytes of `n`. */
		readonly orderSize: number;
		readonly ec: {
			/** One times its factor plus the other times its factor. */
			mul2(one: ECPoint, factor: bigint, other: ECPoint, otherFactor: bigint): ECPoint;
		};
	}
}
