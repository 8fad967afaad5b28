import { Digest } from "crypt";
import { algorithmOf, type Certificate, fieldsOf } from "dynreg/x509/certificate";
import ECDSA from "ecdsa";
import PKCS1_5 from "pkcs1_5";
import type { RsaPublicKey } from "rsa";
import { type EcPublicKey, publicKeyOf } from "./keys.js";

/** What it takes to verify the signature of a certificate that is not in memory any more. */
export interface Signature {
	readonly digest: ArrayBuffer;
	readonly value: Uint8Array;
	readonly key: RsaPublicKey | EcPublicKey;
}

export const signatureOf = (certificate: Certificate, issuer: Certificate): Signature => {
	const { algorithm, signed, signature } = fieldsOf(certificate);
	return {
		digest: new Digest(algorithmOf(algorithm).hash).process(signed),
		value: signature.slice(),
		key: publicKeyOf(issuer),
	};
};

export const isGenuine = ({ digest, value, key }: Signature): boolean =>
	"modulus" in key
		? new PKCS1_5(key, false).verify(digest, value)
		: new ECDSA(key.pub, key.curve).verify(digest, value);
