import { Failure } from "dynreg/errors";
import type { Action, Code, Phase } from "../../../modules/contracts/error.js";
import type { Endpoint } from "../../../modules/contracts/host.js";

/** What can go wrong with a connection: code, what the board does, and what a person reads. */
const meanings = Object.freeze(
	{
		dns: ["dns-failed", "retry", "The name HOST is not known. Check the endpoint's host name, and this network's DNS."],
		connect: [
			"connect-failed",
			"retry",
			"Nobody answers at SERVER. Check the endpoint's port, and whether the server runs.",
		],
		lost: [
			"connection-lost",
			"retry",
			"The connection with SERVER broke off. The server or the network may be restarting.",
		],
		timeout: ["timeout", "retry", "SERVER did not answer in time. The server or the network may be overloaded."],
		expired: [
			"certificate-expired",
			"stop",
			"The certificate of SERVER has expired, so nothing was sent. Renew it at the server.",
		],
		notYetValid: [
			"certificate-not-yet-valid",
			"retry",
			"The certificate of SERVER is not valid yet, so nothing was sent. Check this board's clock first, then the certificate.",
		],
		wrongName: [
			"certificate-wrong-name",
			"stop",
			"The certificate of SERVER is for another name, so nothing was sent. Give the endpoint by a name in the certificate.",
		],
		untrusted: [
			"certificate-untrusted",
			"stop",
			"The certificate of SERVER is not from an authority trusted here, so nothing was sent. Check ca and the endpoint.",
		],
		tls: ["tls-failed", "retry", "No TLS 1.2 connection with SERVER. Check that this port speaks TLS."],
		garbage: [
			"bad-answer",
			"retry",
			"What SERVER answers is not the protocol expected. Check the endpoint's scheme and port.",
		],
		tooLarge: [
			"answer-too-large",
			"retry",
			"The answer of SERVER is longer than any right one. It is probably not the server meant: check the endpoint.",
		],
	} as const satisfies Record<string, readonly [Code, Action, string]>,
	true,
);

export type Trouble = keyof typeof meanings;

export function failure(phase: Phase, endpoint: Endpoint, trouble: Trouble, cause?: unknown): Failure {
	const [code, action, message] = meanings[trouble];
	const text = message.replace("SERVER", `${endpoint.host}:${endpoint.port}`).replace("HOST", endpoint.host);
	return new Failure(phase, code, action, text, { cause });
}
