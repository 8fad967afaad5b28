/**
 * The parts of a `Failure` (class in `dynreg/core/errors`), the only error type that the library throws.
 */

/** The step in which the failure happened. */
export type Phase = "configuration" | "network" | "clock" | "register" | "store" | "connect" | "session";

/**
 * What the board does next.
 *
 * - `retry`: the next attempt may succeed: retry with backoff.
 * - `wait`: the other side is overloaded, or asked to wait (`retryAfter`).
 * - `needs-attention`: only a person can fix this. The device reports it and retries at the
 *   longest delay only, so that it comes online once it is fixed.
 */
export type Action = "retry" | "wait" | "needs-attention";

/** Stable names. `docs/reference/errors.md` explains each. */
export type Code =
	// configuration
	| "bad-configuration"
	// network and TLS, the same on every host
	| "no-network"
	| "dns-failed"
	| "connect-failed"
	| "connection-lost"
	| "timeout"
	| "clock-unknown"
	| "certificate-expired"
	| "certificate-not-yet-valid"
	| "certificate-wrong-name"
	| "certificate-untrusted"
	| "certificate-incomplete"
	| "certificate-weak"
	| "certificate-unsupported"
	| "tls-failed"
	// the response of a registration endpoint
	| "http-status"
	| "answer-too-large"
	| "bad-answer"
	| "bad-product-secret"
	| "bad-timestamp"
	| "already-activated"
	| "registration-refused"
	// flash
	| "storage-failed"
	| "storage-too-small"
	| "storage-mismatch"
	// the MQTT broker
	| "mqtt-refused"
	| "credential-refused"
	| "broker-unavailable"
	// messages and subscriptions
	| "subscribe-refused"
	| "bad-message"
	| "queue-full"
	// a command given at the board
	| "ordered"
	// a bug of the firmware or of the application; the board continues
	| "unexpected";

/**
 * The values of a failure: as few as `dynreg/messages/sentence` needs to make the sentence on a desktop, since an image
 * contains no sentences. Never a secret.
 */
export interface FailureValues {
	/** The key of the configuration or in flash, or the field of a response. */
	readonly key?: string;
	/** Distinguishes the meanings of a code: a `Problem` for `bad-configuration`, otherwise a stable word. */
	readonly reason?: string;
	/** The actual value, if it may be shown: a configuration's as JSON, the type of a response's field. */
	readonly value?: string;
	/** "host:port" */
	readonly server?: string;
	/** The cloud that refused, as in the configuration's `cloud`. */
	readonly cloud?: string;
	/** HTTP status (RFC 9110, section 15). */
	readonly statusCode?: number;
	/** CONNACK return code, 1 to 5 (MQTT 3.1.1, section 3.2.2.3). */
	readonly connackCode?: number;
	/** The platform's own error code: a number, or a name such as "AuthFailure.SignatureFailure". */
	readonly vendorCode?: number | string;
	/** Fatal TLS alert (RFC 5246, section 7.2.2). */
	readonly alert?: number;
	/** A length. */
	readonly bytes?: number;
	/** The server's own words, or the message of the underlying error. */
	readonly said?: string;
	/** Certificate authorities that cannot be loaded, or time servers that do not respond. */
	readonly names?: readonly string[];
	/** Seconds, from the server's `Retry-After`. */
	readonly retryAfter?: number;
}

/**
 * The problem with a key of the configuration.
 *
 * - `missing`: absent or empty.
 * - `invalid`: the value breaks the key's rule.
 * - `unknown`: the value is an object with an unknown key.
 * - `conflict`: the value excludes that of another key.
 * - `plain`: a server without TLS, which needs `dangerouslyAllowPlain`.
 * - others: those of a client certificate and its private key.
 */
export type Problem = "missing" | "invalid" | "unknown" | "conflict" | "plain" | PairProblem;

/**
 * Why no connection can be opened with a client certificate and its private key.
 *
 * - `unsupported`: the certificate is not for RSA, the only kind that the SDK can sign with.
 * - `weak`: its key has less than 2048 bits, or its signature is with SHA-1 or MD5.
 * - `expired`: it is not valid any more.
 * - `mismatched`: the private key is not the certificate's.
 */
export type PairProblem = "unsupported" | "weak" | "expired" | "mismatched";
