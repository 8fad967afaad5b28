import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { unusableCertificate } from "dynreg/core/connection-errors";
import { ciphers } from "./tls.js";

/**
 * What shows a server who the device is.
 *
 * @throws Failure `tls-failed` unless it is RSA, as on the boards, and the key is the certificate's
 */
export function ownCertificate({ certificates, secret }: CertificateCredential): ConnectionOptions {
	try {
		const [own, ...between] = certificates.map((der) => new X509Certificate(der));
		const key = readKey(Buffer.from(secret.reveal(), "base64"));
		if (!own || key.asymmetricKeyType !== "rsa" || !own.checkPrivateKey(key)) throw new Error("not a pair of RSA keys");
		const pair = {
			cert: [own, ...between].map(String).join(""),
			key: key.export({ type: "pkcs8", format: "pem" }),
		};
		// What OpenSSL would have against it otherwise comes up in the middle of a connection.
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
