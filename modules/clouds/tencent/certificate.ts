import type { CertificateCredential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { Secret } from "../../core/secret.js";

const end = "-----END CERTIFICATE-----";

/**
 * A certificate with its key, from PEM to what a session and the vault want.
 *
 * @param certificates one after another, the device's own first
 * @throws Error unless there is at least one certificate, and a key
 */
export const readCertificate = (crypto: Crypto, certificates: string, key: string): CertificateCredential => {
	const blocks = certificates.split(end);
	// What is behind the last one's end is no certificate.
	blocks.pop();
	const chain: Uint8Array[] = [];
	for (const block of blocks) chain.push(crypto.fromPem(block + end));
	if (chain.length === 0) throw new Error("no certificate");
	return {
		kind: "certificate",
		certificates: chain,
		secret: new Secret(crypto.base64(crypto.fromPem(key))),
	};
};
