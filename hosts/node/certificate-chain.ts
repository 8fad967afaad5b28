import { verify, X509Certificate } from "node:crypto";
import { algorithmOf, type Certificate, fieldsOf } from "dynreg/x509/certificate";

/** Verifies the signature of a certificate, for `verifyChain`. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
	const { algorithm, signed, signature } = fieldsOf(certificate);
	try {
		return verify(algorithmOf(algorithm).hash, signed, new X509Certificate(issuer).publicKey, signature);
	} catch {
		// OpenSSL cannot read the key.
		return false;
	}
}
