/** SDK modules/crypt/digest/crypt.js, as it behaves; the SDK's own typings know only a part of `Digest`. */
declare module "crypt" {
	type Data = string | ArrayBuffer | Uint8Array;

	export class Digest {
		constructor(type: "MD5" | "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512");
		readonly blockSize: number;
		readonly outputSize: number;
		write(data: Data): void;
		close(): ArrayBuffer;
		reset(): void;
		/** The digest of all items together; what was written before is forgotten. */
		process(...items: Data[]): ArrayBuffer;
	}

	export class BlockCipher {
		constructor(cipher: "AES" | "DES" | "TDES", key: ArrayBuffer);
		readonly blockSize: number;
	}

	export class Mode {
		/** @param padding true removes or adds PKCS #7 padding; left in place otherwise */
		constructor(mode: "ECB" | "CBC" | "CTR", cipher: BlockCipher, iv: ArrayBuffer, padding?: boolean);
		decrypt(data: ArrayBuffer): ArrayBuffer;
		encrypt(data: ArrayBuffer): ArrayBuffer;
	}
}
