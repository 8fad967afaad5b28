import type { TlsOptions } from "node:tls";
import type { ServerCertificate } from "./certificate-authority.js";

export const tlsPorts = ["https", "mqtts", "mtls"] as const;

export type TlsPort = (typeof tlsPorts)[number];

/**
 * A set, not an order: the client's order counts, as at the platforms. Vendors' older C SDKs know only pre-shared keys,
 * or RSA key exchange with CBC, and offer that last. ECDSA is for the certificate of kind "ec".
 */
const ciphers = [
	...["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"],
	...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"],
	...["ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA"],
	...["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256", "AES256-SHA256", "AES128-SHA", "AES256-SHA"],
];

const preSharedKeyCiphers = [
	...["ECDHE-PSK-CHACHA20-POLY1305", "ECDHE-PSK-AES128-CBC-SHA256", "ECDHE-PSK-AES128-CBC-SHA"],
	...["PSK-AES128-GCM-SHA256", "PSK-AES256-GCM-SHA384", "PSK-CHACHA20-POLY1305", "PSK-AES128-CBC-SHA256"],
	...["PSK-AES256-CBC-SHA384", "PSK-AES128-CBC-SHA", "PSK-AES256-CBC-SHA"],
];

/** TLS 1.3. */
const sha256Ciphers = ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"];

/**
 * Pre-shared keys of TLS 1.3 go with SHA-256 (RFC 8446, section 4.2.11), and OpenSSL passes them over if it has chosen
 * a cipher with SHA-384 before. So there is none at the port with pre-shared keys; every client has AES_128_GCM_SHA256.
 */
const ciphersAt: Readonly<Record<TlsPort, readonly string[]>> = {
	https: ["TLS_AES_256_GCM_SHA384", ...sha256Ciphers, ...ciphers],
	mtls: ["TLS_AES_256_GCM_SHA384", ...sha256Ciphers, ...ciphers],
	mqtts: [...sha256Ciphers, ...ciphers, ...preSharedKeyCiphers],
};

export function tlsOptions(port: TlsPort, certificate: ServerCertificate): TlsOptions {
	return {
		cert: certificate.chain,
		key: certificate.key,
		minVersion: "TLSv1.2",
		// Allows the certificate of kind "short-key": boards have to reject it themselves.
		ciphers: [...ciphersAt[port], "@SECLEVEL=0"].join(":"),
		honorCipherOrder: false,
		handshakeTimeout: 10_000,
	};
}

/** Why a TLS handshake failed, and what to do about it. */
export function explainHandshakeError(error: NodeJS.ErrnoException): string {
	const code = error.code ?? "";
	if (code.includes("UNKNOWN_CA") || code.includes("CERTIFICATE_UNKNOWN") || code.includes("BAD_CERTIFICATE"))
		return "The client refused the server's certificate. Give the client the local cloud's authority (`ca`), and connect by a name in the certificate.";
	if (code.includes("CERTIFICATE_EXPIRED"))
		return "The client considers the server's certificate expired. Check the client's clock, and the selected certificate (GET /certificate).";
	if (code.includes("PEER_DID_NOT_RETURN_A_CERTIFICATE"))
		return "The client sent no certificate, but this port requires one. Give the board a client certificate, or connect to the mqtts port.";
	if (code.includes("BAD_SIGNATURE"))
		return "The client does not hold the private key of its certificate. Give the client the key that belongs to the certificate.";
	if (code === "ERR_SSL_HTTP_REQUEST")
		return "The client sent plain HTTP to a TLS port. Use an https:// address, or the plain port.";
	if (code === "ERR_TLS_HANDSHAKE_TIMEOUT")
		return "The TLS handshake was not complete within 10 s. The client may be overloaded, or does not use TLS.";
	if (code === "ECONNRESET" || code === "EPIPE")
		return "The client closed the connection during the TLS handshake. The client probably refused the certificate: check authority, name, dates and the client's clock.";
	if (code.includes("WRONG_VERSION_NUMBER"))
		return "The client sent data that is not TLS. Connect to the plain port, or use TLS.";
	if (code.includes("UNSUPPORTED_PROTOCOL") || code.includes("NO_SHARED_CIPHER"))
		return "The client and the server have no TLS version or cipher in common. Expected TLS 1.2 or 1.3.";
	return `The TLS handshake failed (${code || error.message}).`;
}
