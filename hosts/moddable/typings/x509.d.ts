/** SDK modules/crypt/etc/x509.js and curve.js; not in the SDK's typings. */
declare module "x509" {
	export interface Rsa {
		readonly modulus: bigint;
		readonly exponent: bigint;
	}

	export interface Curve {
		/** Order of the base point. */
		readonly n: bigint;
		/** Bytes of `n`. */
		readonly orderSize: number;
	}

	export interface EllipticCurve {
		readonly pub: object;
		readonly curve: Curve;
	}

	/** An algorithm that the SDK does not know gives an empty object. */
	export type PublicKey = Rsa | EllipticCurve | { readonly unknown?: never };

	const X509: {
		/** The public key. @throws Error on malformed input, and on curves other than P-256 and P-384 */
		decodeSPKI(der: Uint8Array): PublicKey;
		decodeTBS(tbs: Uint8Array): {
			/** With tag and length. */
			readonly issuer: Uint8Array;
			readonly subject: Uint8Array;
			/** UTC in milliseconds since 1970. */
			readonly validity: { readonly from: number; readonly to: number };
		};
		/** Authority key identifier. */
		decodeAKI(der: Uint8Array): Uint8Array | undefined;
		/** The value of an extension, with tag and length. */
		decodeExtension(der: Uint8Array, id: readonly number[]): ArrayBuffer | undefined;
	};
	export default X509;
}
