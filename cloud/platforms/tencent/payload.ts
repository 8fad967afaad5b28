import { createCipheriv } from "node:crypto";

export interface EncryptedPayload {
	/** Bytes of the plain text. */
	readonly len: number;
	/** base64 */
	readonly payload: string;
}

/** A key; a certificate with its private key, both PEM; or nothing, for a board with a certificate of its own. */
export type Credential =
	| { readonly encryptionType: 2; readonly psk: string }
	| { readonly encryptionType: 1; readonly clientCert: string; readonly clientKey: string }
	| { readonly encryptionType: 1 };

/**
 * The credential as registration hands it out: AES-128-CBC under the first 16 characters
 * of the product secret, the IV sixteen times the character '0', NUL bytes up to the block
 * boundary. Source: decrypts the vendor's published run log of 2019 to the byte.
 */
export function encryptCredential(credential: Credential, productSecret: string): EncryptedPayload {
	const plain = Buffer.from(JSON.stringify(credential));
	const padded = Buffer.alloc(Math.ceil(plain.length / 16) * 16);
	plain.copy(padded);
	const cipher = createCipheriv("aes-128-cbc", productSecret.slice(0, 16), "0".repeat(16)).setAutoPadding(false);
	return { len: plain.length, payload: Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64") };
}
