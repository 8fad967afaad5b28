import { createCipheriv } from "node:crypto";

export interface EncryptedPayload {
	/** Bytes of the plain text. */
	readonly len: number;
	/** base64 */
	readonly payload: string;
}

/**
 * The device secret as registration hands it out: AES-128-CBC under the first 16 characters of the product secret, which
 * are also the IV, padded by PKCS #7. Source: the vendor's Go SDK (`getSecret`), and a test of its C SDK.
 */
export function encryptSecret(deviceSecret: string, productSecret: string): EncryptedPayload {
	const key = productSecret.slice(0, 16);
	const cipher = createCipheriv("aes-128-cbc", key, key);
	const plain = Buffer.from(deviceSecret);
	return { len: plain.length, payload: Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64") };
}
