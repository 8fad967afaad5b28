/**
 * What went wrong, in a form that a program can act on and a person can read.
 *
 * Everything that fails here fails with a `Failure` (class in `dynreg/core/errors`),
 * never with a bare string or a number.
 */

/** Where on its way the board was. */
export type Phase = "configuration" | "network" | "clock" | "register" | "store" | "connect" | "session";

/**
 * What the board does next.
 *
 * - `retry`: the next try may well succeed; back off and go on.
 * - `wait`: the other side asked for patience (`retryAfter`) or is overloaded.
 * - `stop`: only a person can mend this. The board says so plainly and tries
 *   again at the longest delay only, so that it comes online once it is mended.
 */
export type Action = "retry" | "wait" | "stop";

/** Stable names. `docs/errors.md` says for each what happened and what to do. */
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
	| "tls-failed"
	// the answer of a registration endpoint
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
	// somebody at the board
	| "ordered"
	// a defect of the firmware or of the application; the board goes on
	| "unexpected";

export interface FailureDetails {
	/** The error or the platform's text underneath. Never a secret. */
	readonly cause?: unknown;
	/** Seconds that the other side asked to be left alone for. */
	readonly retryAfter?: number;
	/** The other side's own number: HTTP status, CONNACK return code, platform error. */
	readonly number?: number;
}
