import { X509Certificate } from "node:crypto";

/** @returns undefined if the text is not a certificate in PEM */
export function parseCertificate(pem: string): X509Certificate | undefined {
	try {
		return new X509Certificate(pem);
	} catch {
		return undefined;
	}
}
