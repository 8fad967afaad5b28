/** What can go wrong with a connection, in the same words on every host. */

import type { Action, Code, Phase } from "../contracts/error.js";
import type { Endpoint } from "../contracts/host.js";
import { Failure } from "./errors.js";

export type Trouble = keyof ReturnType<typeof table>;

/** Code, what the board does, and what a person reads: what happened, why it probably did, what to do. */
function table() {
	return {
		dns: ["dns-failed", "retry", "The name HOST is not known. Check the endpoint's host name, and this network's DNS."],
		connect: [
			"connect-failed",
			"retry",
			"Nobody answers at SERVER. Check the endpoint's port, and whether the server runs and is reachable from here.",
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
			"The certificate of SERVER has expired, so nothing was sent. Renew it at the server; if it is good elsewhere, this device's clock is ahead.",
		],
		notYetValid: [
			"certificate-not-yet-valid",
			"retry",
			"The certificate of SERVER is not valid yet, so nothing was sent. Check this device's clock first, then the certificate.",
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
		incomplete: [
			"certificate-incomplete",
			"stop",
			"The certificates of SERVER lead to no authority trusted here, so nothing was sent. Let the server send those in between as well, or add its authority to ca.",
		],
		weak: [
			"certificate-weak",
			"stop",
			"A certificate of SERVER is too weak (RSA below 2048 bits, or signed with SHA-1 or MD5), so nothing was sent. Renew it at the server.",
		],
		tls: [
			"tls-failed",
			"retry",
			"No TLS connection with SERVER (boards speak 1.2, desktops 1.2 and newer). Check that this port speaks TLS, and whether it demands a certificate of the device.",
		],
		certificateRefused: [
			"credential-refused",
			"retry",
			"SERVER does not take this device's certificate: it was revoked, has expired, or another authority has issued it.",
		],
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
	} as const satisfies Record<string, readonly [Code, Action, string]>;
}

/**
 * A failure of this kind at this server.
 *
 * @param missing names in `trust` that could not be loaded: told where the server may be theirs
 */
export function failure(
	phase: Phase,
	endpoint: Endpoint,
	trouble: Trouble,
	cause?: unknown,
	missing: readonly string[] = [],
): Failure {
	const meaning = table()[trouble];
	const text = meaning[2].replace("SERVER", `${endpoint.host}:${endpoint.port}`).replace("HOST", endpoint.host);
	const mayBeTheirs = missing.length > 0 && (trouble === "untrusted" || trouble === "incomplete");
	const hint = mayBeTheirs ? ` Of ca, ${missing.join(", ")} cannot be read: check the name.` : "";
	return new Failure(phase, meaning[0], meaning[1], text + hint, { cause });
}

/** None of the authorities that may vouch for a server can be loaded. */
export function noAuthority(phase: Phase, names: readonly string[], cause: unknown): Failure {
	return new Failure(
		phase,
		"certificate-untrusted",
		"stop",
		`The certificate authority in ca cannot be read (${names.join(", ")}), so no server can be trusted. Check its name.`,
		{ cause },
	);
}

/** The device's own certificate or its private key is none that a connection can be opened with. */
export function unusableCertificate(cause: unknown): Failure {
	return new Failure(
		"connect",
		"tls-failed",
		"stop",
		"This device's own certificate cannot be used, so nothing was sent: it takes an RSA key, and the private key that belongs to it. Have the platform issue another.",
		{ cause },
	);
}

/** A refused CONNACK. What it means is the cloud's business. @param number its return code, 1 to 5 */
export function refusedConnack({ host, port }: Endpoint, number: number): Failure {
	const message = `The broker ${host}:${port} refused the connection with return code ${number}.`;
	return new Failure("connect", "mqtt-refused", "retry", message, { number });
}

/** What `publish` and `subscribe` throw once the connection is over. */
export function gone(): Failure {
	return new Failure(
		"session",
		"connection-lost",
		"retry",
		"The connection to the broker is gone; the next one comes by itself.",
	);
}
