/** SDK modules/crypt/etc/transform.js; not in the SDK's typings. */
declare module "transform" {
	const Transform: {
		/** PKCS #1 to PKCS #8. */
		privateKeyToPrivateKeyInfo(key: Uint8Array): ArrayBuffer;
	};
	export default Transform;
}
