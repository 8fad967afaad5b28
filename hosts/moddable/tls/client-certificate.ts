import { unusableCertificate } from "dynreg/core/connection-errors";
import type { CertificateCredential } from "../../../modules/contracts/credential.js";
import { privateKeyOf, publicKeyOf } from "./keys.js";

/** The client certificate and its key. */
export interface ClientCertificate {
	/** DER, the device's own first. */
	readonly certificates: readonly Uint8Array[];
	/** PKCS #1 or PKCS #8, DER. */
	readonly key: Uint8Array;
}

/** @throws Failure `tls-failed` if the key is not RSA, the only kind that the SDK can sign with, or not the certificate's */
export const clientCertificate = ({ certificates, secret }: CertificateCredential): ClientCertificate => {
	try {
		const key = Uint8Array.fromBase64(secret.reveal());
		const published = publicKeyOf(certificates[0] ?? new Uint8Array(0));
		if (!("modulus" in published) || published.modulus !== privateKeyOf(key).modulus)
			throw new Error("not a pair of RSA keys");
		return { certificates, key };
	} catch (cause) {
		throw unusableCertificate(cause);
	}
};
