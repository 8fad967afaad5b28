/** Failures of network and TLS, the same on every host. */

import type { Code, FailureValues, Phase } from "../contracts/error.js";
import type { Endpoint } from "../contracts/host.js";
import { Failure } from "./errors.js";

/** `credential-refused`: the server's TLS refused the client certificate. `bad-answer`: the server speaks another protocol. */
export type ConnectionErrorCode = Extract<
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
 * @param missing names in the endpoint's `trust` that could not be loaded; named in the failure if the server's chain may
 *   end in one of them
 * @param alert the fatal TLS alert that ended the handshake (RFC 5246, section 7.2.2)
 */
export const connectionError = (
	phase: Phase,
	{ host, port }: Endpoint,
	code: ConnectionErrorCode,
	cause?: unknown,
	missing: readonly string[] = [],
	alert?: number,
): Failure => {
	const values: { server: string; names?: readonly string[]; alert?: number } = { server: `${host}:${port}` };
	if (missing.length && (code === "certificate-untrusted" || code === "certificate-incomplete")) values.names = missing;
	if (alert !== undefined) values.alert = alert;
	return new Failure(
		phase,
		code,
		code.indexOf("certificate") === 0 && code !== "certificate-not-yet-valid" ? "needs-attention" : "retry",
		values,
		cause,
	);
};

/**
 * No trust anchor of the endpoint can be loaded.
 *
 * @param names those of `trust`
 * @param cause why one of them cannot be read; undefined if all are there, and hold no certificate
 */
export const noTrustAnchor = (phase: Phase, names: readonly string[], cause: unknown): Failure =>
	new Failure(
		phase,
		"certificate-untrusted",
		"needs-attention",
		{ reason: cause ? "no-authority" : "no-certificate", names },
		cause,
	);

/** The client certificate or its private key is unusable. */
export const unusableCertificate = (cause: unknown): Failure =>
	new Failure("connect", "tls-failed", "needs-attention", { reason: "own-certificate" }, cause);

/** A refused CONNACK, before the cloud interprets it. @param connackCode 1 to 5 (MQTT 3.1.1, section 3.2.2.3) */
export const refusedConnack = ({ host, port }: Endpoint, connackCode: number): Failure =>
	new Failure("connect", "mqtt-refused", "retry", { server: `${host}:${port}`, connackCode });

/** For what waits on a connection or is asked of it after its end. */
export const connectionLost = (): Failure => new Failure("session", "connection-lost", "retry", { reason: "gone" });

/** The broker has answered a SUBSCRIBE with 128. */
export const subscribeRefused = (value: string): Failure =>
	new Failure("session", "subscribe-refused", "retry", { value });

/** @param reason `too-large`, with the bytes of the packet; `topic` or `filter`, with the invalid text as value */
export const badMessage = (reason: "too-large" | "topic" | "filter", values: FailureValues): Failure =>
	new Failure("session", "bad-message", "needs-attention", { reason, ...values });

/** Too many messages or bytes wait already. */
export const queueFull = (): Failure => new Failure("session", "queue-full", "retry");

/** A rejected promise that the caller may ignore. */
export const rejected = (failure: Failure): Promise<never> => ignorable(Promise.reject(failure));

/** The same promise; its rejection counts as handled. */
export const ignorable = <T>(promise: Promise<T>): Promise<T> => {
	promise.catch(() => {});
	return promise;
};
