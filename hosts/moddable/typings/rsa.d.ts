/** SDK modules/crypt/etc/rsa.js; not in the SDK's typings. */
declare module "rsa" {
	export interface RsaPublicKey {
		readonly modulus: bigint;
		readonly exponent: bigint;
	}

	/** RFC 8017, appendix A.1.2. */
	export interface RsaPrivateKey extends RsaPublicKey {
		readonly privExponent: bigint;
		readonly prim1: bigint;
		readonly prim2: bigint;
		readonly exponent1: bigint;
		readonly exponent2: bigint;
		readonly coefficient: bigint;
	}

	export default class RSA {
		/** Without primes: a public key. */
		constructor(
			exponent: bigint,
			modulus: bigint,
			prim1?: bigint,
			prim2?: bigint,
			exponent1?: bigint,
			exponent2?: bigint,
			coefficient?: bigint,
		);
		/** Bytes. */
		readonly modulusSize: number;
		process(value: bigint): bigint;
	}
}
