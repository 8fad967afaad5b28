import BER from "ber";
import { unusableCertificate } from "dynreg/core/connection-errors";
import PKCS8 from "pkcs8";
import type { CertificateCredential } from "../../../modules/contracts/credential.js";
import { keyIn } from "./certificate.js";

/** What shows a server who the device is, as the SDK wants it. */
export interface OwnCertificate {
	/** DER, the device's own first. */
	readonly certificates: readonly Uint8Array[];
	/** PKCS #8. */
	readonly key: ArrayBuffer;
}

/** @throws Failure `tls-failed` unless it is RSA, which is all that the SDK signs with, and the key is the certificate's */
export const ownCertificate = ({ certificates, secret }: CertificateCredential): OwnCertificate => {
	try {
		const key = privateKeyInfo(Uint8Array.fromBase64(secret.reveal()));
		const published = keyIn(certificates[0] ?? new Uint8Array(0));
		if (!("modulus" in published) || published.modulus !== PKCS8.parse(new Uint8Array(key)).modulus)
			throw new Error("not a pair of RSA keys");
		return { certificates, key };
	} catch (cause) {
		throw unusableCertificate(cause);
	}
};

/** @param key DER; PKCS #1 goes on with a number after its version, PKCS #8 with the algorithm */
const privateKeyInfo = (key: Uint8Array): ArrayBuffer => {
	const fields = new BER(new BER(key).getSequence());
	fields.getInteger();
	if (fields.peek() !== 0x02) return key.slice().buffer;
	// PrivateKeyInfo of version 0, for rsaEncryption (RFC 5208, section 5).
	return BER.encode([0x30, [0x02, 0n], [0x30, [0x06, [1, 2, 840, 113549, 1, 1, 1]], [0x05]], [0x04, key]]);
};
