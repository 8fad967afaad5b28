/** SDK modules/crypt/arith/mont.js; not in the SDK's typings. */
declare module "mont" {
	/** Arithmetic modulo `m`. */
	export default class Mont {
		constructor(options: { readonly m: bigint });
		mul(one: bigint, other: bigint): bigint;
		mulinv(value: bigint): bigint;
	}
}
