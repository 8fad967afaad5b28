import { bigInt } from "dynreg/tls/keys";
import RSA, { type RsaPrivateKey, type RsaPublicKey } from "rsa";

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2). Replaces the SDK's (modules/crypt/etc/pkcs1_5.js), which checks neither the
 * padding's length, nor the hash's name, nor the bytes after the digest, so that with a small exponent signatures can be
 * forged (Bleichenbacher, 2006). Without RSA encryption, which no cipher suite here needs.
 */
export default class PKCS1_5 {
	private readonly rsa: RSA;
	private readonly modulus: bigint;

	constructor(key: RsaPublicKey | RsaPrivateKey, isPrivate: boolean) {
		const { modulus, exponent, privExponent, prim1, prim2, exponent1, exponent2, coefficient } = key as RsaPrivateKey;
		this.modulus = modulus;
		this.rsa = new RSA(isPrivate ? privExponent : exponent, modulus, prim1, prim2, exponent1, exponent2, coefficient);
	}

	/** @param digest of SHA-256, SHA-384 or SHA-512 */
	verify(digest: ArrayBuffer, signature: ArrayBuffer | Uint8Array): boolean {
		const { rsa, modulus } = this;
		const size = rsa.modulusSize;
		const value = bigInt(signature);
		return signature.byteLength === size && value < modulus && rsa.process(value) === encode(digest, size);
	}

	/** @param digest of SHA-256, SHA-384 or SHA-512 */
	sign(digest: ArrayBuffer): ArrayBuffer {
		const { rsa } = this;
		const size = rsa.modulusSize;
		const value = new Uint8Array(ArrayBuffer.fromBigInt(rsa.process(encode(digest, size))));
		const bytes = new Uint8Array(size);
		bytes.set(value, size - value.length);
		return bytes.buffer;
	}
}

/** EMSA-PKCS1-v1_5 (section 9.2). @param size bytes */
const encode = (digest: ArrayBuffer, size: number): bigint => {
	const bytes = new Uint8Array(size);
	const length = digest.byteLength;
	const start = size - length;
	bytes.fill(0xff, 2, start - 20);
	bytes[1] = 1;
	// DigestInfo: 2.16.840.1.101.3.4.2, then 1, 2 or 3 for the three lengths of SHA-2, and no parameters.
	bytes.set(
		[0x30, 17 + length, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, (length >> 4) - 1, 5, 0, 4, length],
		start - 19,
	);
	bytes.set(new Uint8Array(digest), start);
	return bigInt(bytes);
};
