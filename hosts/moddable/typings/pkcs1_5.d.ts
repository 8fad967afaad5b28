/** SDK modules/crypt/etc/pkcs1_5.js; not in the SDK's typings. */
declare module "pkcs1_5" {
	import type { Rsa } from "x509";

	/** RSASSA-PKCS1-v1_5. `verify` checks neither the length of the padding nor what follows the digest. */
	export default class PKCS1_5 {
		constructor(key: Rsa, isPrivate: boolean, anyAlgorithm: readonly []);
		verify(digest: ArrayBuffer, signature: Uint8Array): boolean;
	}
}
