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
export function readCertificate(crypto: Crypto, certificates: string, key: string): CertificateCredential {
	const blocks = certificates.split(end).slice(0, -1);
	return {
		kind: "certificate",
		certificates: [blocks.shift() ?? "", ...blocks].map((block) => crypto.fromPem(block + end)),
		secret: new Secret(crypto.base64(crypto.fromPem(key))),
	};
}
