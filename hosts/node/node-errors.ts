import type { Phase } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import { type ConnectionErrorCode, connectionError } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";

/**
 * Converts an error of Node's sockets, TLS or HTTP parser.
 *
 * @param missing names of trust anchors that could not be loaded
 */
export function toFailure(error: unknown, phase: Phase, endpoint: Endpoint, missing: readonly string[] = []): Failure {
	if (error instanceof Failure) return error;
	return connectionError(phase, endpoint, connectionErrorCode(codeOf(error)), error, missing, alertOf(error));
}

/** The fatal alert that ended a handshake, as OpenSSL names it: "SSL alert number 40". */
function alertOf(error: unknown): number | undefined {
	const [, number] = /SSL alert number (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
	return number === undefined ? undefined : Number(number);
}

/**
 * Whether this alert, after the client certificate was sent, refuses it: from handshake_failure to decrypt_error
 * (RFC 5246, section 7.2.2).
 */
export function refusesCertificate(error: unknown): boolean {
	const alert = alertOf(error) ?? 0;
	return alert >= 40 && alert <= 51;
}

/** Node documents system errors under `errors`, the parser's in llhttp. */
function connectionErrorCode(code: string): ConnectionErrorCode {
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
		case "HPE_HEADER_OVERFLOW":
		case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
			return "answer-too-large";
	}
	if (code.startsWith("HPE_")) return "bad-answer";
	if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO") return "tls-failed";
	// ECONNREFUSED, EHOSTUNREACH and the like.
	return "connect-failed";
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}
