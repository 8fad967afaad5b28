import Curve from "curve";
import { type Certificate, fieldsOf, keyIn, privateKeyReader, unsigned } from "dynreg/x509/certificate";
import ECPoint from "ecp";
import type { RsaPrivateKey, RsaPublicKey } from "rsa";

/** A point on a curve, as the SDK computes with it. */
export interface EcPublicKey {
	readonly pub: ECPoint;
	readonly curve: Curve;
}

/** @throws RangeError on a key that the SDK cannot compute with */
export const publicKeyOf = (certificate: Certificate): RsaPublicKey | EcPublicKey => {
	const key = keyIn(fieldsOf(certificate).key);
	if (key?.kind === "rsa") return { modulus: bigInt(key.modulus), exponent: bigInt(key.exponent) };
	if (key) return { pub: ECPoint.fromOctetString(key.point), curve: new Curve(key.curve) };
	throw new RangeError("no such key");
};

/**
 * @param der PKCS #1 or PKCS #8
 * @throws RangeError unless it is an RSA key
 */
export const privateKeyOf = (der: Uint8Array): RsaPrivateKey => {
	const numbers = privateKeyReader(der);
	const next = () => bigInt(unsigned(numbers));
	return {
		modulus: next(),
		exponent: next(),
		privExponent: next(),
		prim1: next(),
		prim2: next(),
		exponent1: next(),
		exponent2: next(),
		coefficient: next(),
	};
};

/** @param bytes big-endian */
export const bigInt = (bytes: ArrayBuffer | Uint8Array): bigint =>
	BigInt.fromArrayBuffer(bytes instanceof ArrayBuffer ? bytes : bytes.slice().buffer) as bigint;
