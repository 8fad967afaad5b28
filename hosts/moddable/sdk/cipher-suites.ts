import { AES, ECDHE_RSA, GCM, SHA256 } from "ssl/constants";

/**
 * Replaces the SDK's cipher suites (modules/crypt/ssl/ssl_ciphersuites.js), which begin with RSA key exchanges. An
 * RSA key exchange has no forward secrecy, and the SDK does not check the padding of CBC records.
 *
 * The first is preferred: verifying RSA takes a fraction of the time of verifying ECDSA.
 *
 * @param value its second byte; the first is 0xc0 (RFC 5289, section 3.2)
 */
const suite = (value: number) => ({
	value: [0xc0, value],
	keyExchangeAlgorithm: ECDHE_RSA,
	cipherAlgorithm: AES,
	cipherKeySize: 16,
	cipherBlockSize: 16,
	hashAlgorithm: SHA256,
	hashSize: 32,
	encryptionMode: GCM,
	/** Bytes of the nonce: explicit in each record, and fixed. */
	ivSize: 8,
	saltSize: 4,
});

// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
export default Object.freeze([suite(0x2f), suite(0x2b)]);
