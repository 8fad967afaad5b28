import type { Secret } from "../core/secret.js";

/** What registration yields, and all that a session needs beside the configuration. */
export type Credential = KeyCredential | TokenCredential | CertificateCredential;

/** Tencent `psk` (base64), Alibaba `deviceSecret`: text, kept exactly as received. */
export interface KeyCredential {
	readonly kind: "key";
	readonly secret: Secret;
}

/** Alibaba, registration-free products: the client id that the platform gave, and the `deviceToken` that goes with it. */
export interface TokenCredential {
	readonly kind: "token";
	readonly clientId: string;
	readonly secret: Secret;
}

/** Mutual TLS. */
export interface CertificateCredential {
	readonly kind: "certificate";
	/** DER, the device's own first, then those between it and its authority. */
	readonly certificates: readonly Uint8Array[];
	/** The private key: base64 of PKCS #8 or PKCS #1 in DER. */
	readonly secret: Secret;
}
