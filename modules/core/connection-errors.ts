/** What can go wrong with a connection, the same on every host. */

import type { Code, Phase } from "../contracts/error.js";
import type { Endpoint } from "../contracts/host.js";
import { Failure } from "./errors.js";

/** `credential-refused`: of the device's certificate. `bad-answer`: not the protocol that is expected. */
export type Trouble = Extract<
	Code,
	| "dns-failed"
	| "connect-failed"
	| "connection-lost"
	| "timeout"
	| `certificate-${string}`
	| "tls-failed"
	| "credential-refused"
	| "bad-answer"
	| "answer-too-large"
>;

/**
 * A failure of this kind at this server.
 *
 * @param missing names in `trust` that could not be loaded: told where the server may be theirs
 */
export const failure = (
	phase: Phase,
	{ host, port }: Endpoint,
	code: Trouble,
	cause?: unknown,
	missing: readonly string[] = [],
): Failure => {
	const server = `${host}:${port}`;
	const mayBeTheirs = missing.length && (code === "certificate-untrusted" || code === "certificate-incomplete");
	return new Failure(
		phase,
		code,
		code.indexOf("certificate") === 0 && code !== "certificate-not-yet-valid" ? "stop" : "retry",
		mayBeTheirs ? { server, names: missing } : { server },
		cause,
	);
};

/** None of the authorities that may vouch for a server can be loaded. */
export const noAuthority = (phase: Phase, names: readonly string[], cause: unknown): Failure =>
	new Failure(phase, "certificate-untrusted", "stop", { reason: "no-authority", names }, cause);

/** The device's own certificate or its private key is none that a connection can be opened with. */
export const unusableCertificate = (cause: unknown): Failure =>
	new Failure("connect", "tls-failed", "stop", { reason: "own-certificate" }, cause);

/** A refused CONNACK. What it means is the cloud's business. @param number its return code, 1 to 5 */
export const refusedConnack = ({ host, port }: Endpoint, number: number): Failure =>
	new Failure("connect", "mqtt-refused", "retry", { server: `${host}:${port}`, number });

/** What `publish` and `subscribe` throw once the connection is over. */
export const gone = (): Failure => new Failure("session", "connection-lost", "retry", { reason: "gone" });
