/**
 * In the place of the SDK's DSA, 1.7 KB of flash that its TLS imports. No server can use it: `tls/handshake.ts` takes key
 * exchanges that are signed with RSA or ECDSA. An application that needs the SDK's own does not include `manifest_no_dsa.json`.
 */
export default class DSA {
	constructor() {
		throw new Error("this image has no DSA");
	}
}
