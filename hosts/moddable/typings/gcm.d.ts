/** SDK modules/crypt/etc/gcm.js; not in the SDK's typings. */
declare module "gcm" {
	import type { BlockCipher } from "crypt";

	export default class GCM {
		constructor(cipher: BlockCipher);
	}
}
