/** SDK modules/crypt/etc/pkcs8.js; not in the SDK's typings. */
declare module "pkcs8" {
	import type { Rsa } from "x509";

	const PKCS8: {
		/** RSA only. @throws Error on another key */
		parse(der: Uint8Array): Rsa;
	};
	export default PKCS8;
}
