/** SDK modules/crypt/etc/transform.js; not in the SDK's typings. */
declare module "transform" {
	const Transform: {
		/**
		 * The first certificate, else the first private key. One character stands between a label and its
		 * contents: with two, as in a file with CRLF, the second is taken for a part of them.
		 */
		pemToDER(pem: string): ArrayBuffer;
		/** PKCS #1 to PKCS #8. */
		privateKeyToPrivateKeyInfo(key: Uint8Array): ArrayBuffer;
	};
	export default Transform;
}
