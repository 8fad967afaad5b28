import type { Secret } from "../core/secret.js";

/** The result of registration. With the configuration it is enough to open a session. */
export type Credential = (KeyCredential | TokenCredential | CertificateCredential | LoginCredential) & Assigned;

/** What else the platform has assigned, for clouds that do. */
export interface Assigned {
	/** A host, a name: only the cloud knows its form. */
	readonly assigned?: string;
}

/** Tencent `psk` (base64) or Alibaba `deviceSecret`: text, stored exactly as received. */
export interface KeyCredential {
	readonly kind: "key";
	readonly secret: Secret;
}

/** Alibaba's registration-free products: the client id and the `deviceToken` that the platform issued. */
export interface TokenCredential {
	readonly kind: "token";
	readonly clientId: string;
	readonly secret: Secret;
}

/** A client certificate for mutual TLS. */
export interface CertificateCredential {
	readonly kind: "certificate";
	/** DER: the device's certificate, then intermediates. */
	readonly certificates: readonly Uint8Array[];
	/** The private key: base64 of PKCS #8 or PKCS #1 in DER. */
	readonly secret: Secret;
}

/** What to connect with, as a whole. The password is the secret. */
export interface LoginCredential {
	readonly kind: "login";
	readonly clientId: string;
	readonly username: string;
	readonly secret: Secret;
}
