import type { TlsOptions } from "node:tls";
import type { ServerCertificate } from "./certificate-authority.js";

/**
 * Boards speak TLS 1.2 with ECDHE-RSA-AES128-GCM-SHA256. Vendors' older C SDKs know only RSA key exchange with CBC, or
 * pre-shared keys: these come last, so that no other client negotiates them. ECDSA is for the certificate of kind "ec".
 */
const ciphers = [
	"TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-RSA-CHACHA20-POLY1305",
	"ECDHE-ECDSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305",
	"ECDHE-RSA-AES128-SHA",
	"AES128-GCM-SHA256",
	"AES128-SHA",
	"AES256-SHA",
	"PSK-AES128-CBC-SHA",
	"PSK-AES256-CBC-SHA",
	// Allows the certificate of kind "short-key": boards have to reject it themselves.
	"@SECLEVEL=0",
].join(":");

export function tlsOptions(certificate: ServerCertificate): TlsOptions {
	return {
		cert: certificate.chain,
		key: certificate.key,
		minVersion: "TLSv1.2",
		ciphers,
		honorCipherOrder: true,
		handshakeTimeout: 10_000,
	};
}

/** Why a TLS handshake failed, and what to do about it. */
export function explainHandshake(error: NodeJS.ErrnoException): string {
	const code = error.code ?? "";
	if (code.includes("UNKNOWN_CA") || code.includes("CERTIFICATE_UNKNOWN") || code.includes("BAD_CERTIFICATE"))
		return "the client refused the certificate: give it the local cloud's authority (`ca`), and connect by a name that the certificate has";
	if (code.includes("CERTIFICATE_EXPIRED")) return "the client finds the certificate expired: is its clock right?";
	if (code.includes("PEER_DID_NOT_RETURN_A_CERTIFICATE"))
		return "the client sent no certificate, which this port demands: give the board its own, or let it connect to the port for all (mqtts)";
	if (code.includes("BAD_SIGNATURE")) return "the client does not hold the private key of the certificate that it sent";
	if (code === "ERR_SSL_HTTP_REQUEST") return "plain HTTP came to a TLS port";
	if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "the TLS handshake was not done within 10 s";
	if (code === "ECONNRESET" || code === "EPIPE")
		return "the client hung up during the TLS handshake: most likely it refused the certificate (authority, name or date), or its clock is wrong";
	if (code.includes("WRONG_VERSION_NUMBER")) return "what came is not TLS: was the plain port meant?";
	if (code.includes("UNSUPPORTED_PROTOCOL") || code.includes("NO_SHARED_CIPHER"))
		return "client and server have no TLS version or cipher in common (TLS 1.2 or 1.3 is needed)";
	return `the TLS handshake failed (${code || error.message})`;
}
