import { Failure } from "dynreg/errors";
import type { Action, Code, Phase } from "../../modules/contracts/error.js";
import type { Endpoint } from "../../modules/contracts/host.js";

interface Meaning {
	readonly code: Code;
	readonly action: Action;
	/** What happened, why it probably did, what to do. `SERVER` stands for its address. */
	readonly message: string;
}

const meanings = {
	dns: {
		code: "dns-failed",
		action: "retry",
		message: "The name HOST is not known. Check the endpoint's host name, and whether this network resolves names.",
	},
	connect: {
		code: "connect-failed",
		action: "retry",
		message:
			"Nobody answers at SERVER. Check the endpoint's port, and whether the server runs and is reachable from here.",
	},
	lost: {
		code: "connection-lost",
		action: "retry",
		message: "SERVER closed the connection before it had answered. It may be restarting, or not be the server meant.",
	},
	timeout: {
		code: "timeout",
		action: "retry",
		message: "SERVER did not answer in time. The server or the network may be overloaded.",
	},
	expired: {
		code: "certificate-expired",
		action: "stop",
		message: "The certificate of SERVER has expired, so nothing was sent. Renew it at the server.",
	},
	notYetValid: {
		code: "certificate-not-yet-valid",
		action: "retry",
		message:
			"The certificate of SERVER is not valid yet, so nothing was sent. Check this device's clock first, then the certificate.",
	},
	wrongName: {
		code: "certificate-wrong-name",
		action: "stop",
		message:
			"The certificate of SERVER is for another name, so nothing was sent. Give the endpoint by a name in the certificate.",
	},
	untrusted: {
		code: "certificate-untrusted",
		action: "stop",
		message:
			"The certificate of SERVER is not from an authority trusted here, so nothing was sent. Check ca and the endpoint.",
	},
	tls: {
		code: "tls-failed",
		action: "retry",
		message: "No TLS connection with SERVER (1.2 or newer is needed). Check that this port speaks TLS.",
	},
	garbage: {
		code: "bad-answer",
		action: "retry",
		message: "What SERVER answers is not the protocol expected. Check the endpoint's scheme and port.",
	},
	tooLarge: {
		code: "answer-too-large",
		action: "retry",
		message:
			"The answer of SERVER is longer than any right one. It is probably not the server meant: check the endpoint.",
	},
} as const satisfies Record<string, Meaning>;

export type Trouble = keyof typeof meanings;

/** A failure of one of these kinds at this server. */
export function failure(phase: Phase, endpoint: Endpoint, trouble: Trouble, cause?: unknown): Failure {
	const { code, action, message } = meanings[trouble];
	const text = message.replace("SERVER", `${endpoint.host}:${endpoint.port}`).replace("HOST", endpoint.host);
	return new Failure(phase, code, action, text, { cause });
}

/** What `publish` and `subscribe` throw once the connection is over. */
export function gone(): Failure {
	const message = "The connection to the broker is gone; a new one is needed.";
	return new Failure("session", "connection-lost", "retry", message);
}

/** What an error of Node's sockets, TLS or HTTP parser means. */
export function failureOf(error: unknown, phase: Phase, endpoint: Endpoint): Failure {
	if (error instanceof Failure) return error;
	return failure(phase, endpoint, troubleOf(codeOf(error)), error);
}

/** Node documents system errors under `errors`, certificate errors under `tls`, the parser's in llhttp. */
function troubleOf(code: string): Trouble {
	switch (code) {
		case "ENOTFOUND":
		case "EAI_AGAIN":
		case "EAI_FAIL":
		case "EAI_NODATA":
		case "EAI_NONAME":
			return "dns";
		case "ECONNRESET":
		case "ECONNABORTED":
		case "EPIPE":
		case "HPE_INVALID_EOF_STATE":
			return "lost";
		case "CERT_HAS_EXPIRED":
			return "expired";
		case "CERT_NOT_YET_VALID":
			return "notYetValid";
		case "ERR_TLS_CERT_ALTNAME_INVALID":
			return "wrongName";
	}
	if (code.startsWith("HPE_")) return "garbage";
	if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO") return "tls";
	// ECONNREFUSED, EHOSTUNREACH and the like; all other names without that E are reasons of X509_verify_cert.
	return /^E[A-Z0-9]+$/.test(code) || code === "" ? "connect" : "untrusted";
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}
