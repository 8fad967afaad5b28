import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { unusableCertificate } from "dynreg/core/connection-errors";
import { ciphers } from "./tls.js";

/**
 * TLS options for the client certificate.
 *
 * @throws Failure `tls-failed` if the key is not RSA, as on boards, or not the certificate's
 */
export function clientCertificateOptions({ certificates, secret }: CertificateCredential): ConnectionOptions {
	try {
		const [leaf, ...intermediates] = certificates.map((der) => new X509Certificate(der));
		const key = readKey(Buffer.from(secret.reveal(), "base64"));
		if (!leaf || key.asymmetricKeyType !== "rsa" || !leaf.checkPrivateKey(key))
			throw new Error("not a pair of RSA keys");
		const pair = {
			cert: [leaf, ...intermediates].map(String).join(""),
			key: key.export({ type: "pkcs8", format: "pem" }),
		};
		// Otherwise OpenSSL would reject the pair only during a connection.
		createSecureContext({ ...pair, ciphers });
		return pair;
	} catch (cause) {
		throw unusableCertificate(cause);
	}
}

function readKey(der: Buffer): KeyObject {
	try {
		return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
	} catch {
		return createPrivateKey({ key: der, format: "der", type: "pkcs1" });
	}
}
