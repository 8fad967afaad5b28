import { createCipheriv } from "node:crypto";

/** A payload as the platform makes it: zero padding, unless the test has another idea. */
export function encryptPayload(productSecret: string, plain: string | Buffer, padding?: Buffer): string {
	const text = Buffer.from(plain);
	const padded = Buffer.concat([text, padding ?? Buffer.alloc((16 - (text.length % 16)) % 16)]);
	const cipher = createCipheriv("aes-128-cbc", productSecret.slice(0, 16), "0".repeat(16)).setAutoPadding(false);
	return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}
