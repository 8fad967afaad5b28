/** SDK modules/crypt/etc/hmac.js; not in the SDK's typings. */
declare module "hmac" {
	import type { Digest } from "crypt";

	export default class HMAC {
		constructor(digest: Digest, key: ArrayBuffer | Uint8Array);
		process(...items: (string | ArrayBuffer | Uint8Array)[]): ArrayBuffer;
	}
}
