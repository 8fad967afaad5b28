import type { Phase } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import { failure, type Trouble } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";

/**
 * What an error of Node's sockets, TLS or HTTP parser means.
 *
 * @param missing authorities that may vouch for the server and could not be loaded
 */
export function failureOf(error: unknown, phase: Phase, endpoint: Endpoint, missing: readonly string[] = []): Failure {
	if (error instanceof Failure) return error;
	return failure(phase, endpoint, isTooWeak(error) ? "certificate-weak" : troubleOf(codeOf(error)), error, missing);
}

/**
 * Whether the server has refused the certificate that it was shown, by one of the alerts for that (RFC 5246, section
 * 7.2.2: 42, 44, 45, 46, 48, 49). Their names begin with the oldest protocol that has them, or with all.
 */
export function refusesCertificate(error: unknown): boolean {
	return /_ALERT_(BAD_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/.test(codeOf(error));
}

/** X509_V_ERR_EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL, CA_MD_TOO_WEAK: Node knows no codes for them, only OpenSSL's words. */
function isTooWeak(error: unknown): boolean {
	return codeOf(error) === "UNSPECIFIED" && / too weak$/.test((error as Error).message);
}

/** Node documents system errors under `errors`, certificate errors under `tls`, the parser's in llhttp. */
function troubleOf(code: string): Trouble {
	switch (code) {
		case "ENOTFOUND":
		case "EAI_AGAIN":
		case "EAI_FAIL":
		case "EAI_NODATA":
		case "EAI_NONAME":
			return "dns-failed";
		case "ECONNRESET":
		case "ECONNABORTED":
		case "EPIPE":
		case "HPE_INVALID_EOF_STATE":
			return "connection-lost";
		case "CERT_HAS_EXPIRED":
			return "certificate-expired";
		case "CERT_NOT_YET_VALID":
			return "certificate-not-yet-valid";
		case "ERR_TLS_CERT_ALTNAME_INVALID":
			return "certificate-wrong-name";
		case "UNABLE_TO_GET_ISSUER_CERT":
		case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
		case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
			return "certificate-incomplete";
		case "HPE_HEADER_OVERFLOW":
		case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
			return "answer-too-large";
	}
	if (code.startsWith("HPE_")) return "bad-answer";
	if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO") return "tls-failed";
	// ECONNREFUSED, EHOSTUNREACH and the like; all other names without that E are reasons of X509_verify_cert.
	return /^E[A-Z0-9]+$/.test(code) || code === "" ? "connect-failed" : "certificate-untrusted";
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}
