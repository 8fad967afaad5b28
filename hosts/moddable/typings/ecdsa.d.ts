/** SDK modules/crypt/etc/ecdsa.js; not in the SDK's typings. */
declare module "ecdsa" {
	import type { Curve } from "x509";

	/** `verify` checks neither that r and s are in range nor that the digest is as short as the curve's order. */
	export default class ECDSA {
		constructor(key: object, curve: Curve);
		verify(digest: ArrayBuffer, signature: Uint8Array, asn1: true): boolean;
	}
}
