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

/**
 * What belongs to a failure besides phase, code and action: as little as `dynreg/messages/sentence` needs to make the
 * sentence for people, which no device holds. Never a secret.
 */
export interface FailureValues {
	/** The key of the configuration, the field of a response, or the key in flash that it is about. */
	readonly key?: string;
	/** Which of several meanings of the code it is: a `Problem` of a `bad-configuration`, otherwise a word that stays. */
	readonly reason?: string;
	/** What is there instead, as far as it may be shown: of a configuration as JSON. Of a refusal, the error's name. */
	readonly value?: string;
	/** "host:port" */
	readonly server?: string;
	/** Whose refusal it is, as in the configuration's `cloud`. */
	readonly cloud?: string;
	/** The other side's own number (HTTP status, CONNACK return code, platform error), or a count of bytes. */
	readonly number?: number;
	/** The other side's own words, or the error's underneath. */
	readonly said?: string;
	/** Certificate authorities that cannot be loaded, or time servers that do not respond. */
	readonly names?: readonly string[];
	/** Seconds that the other side asked to be left alone for. */
	readonly retryAfter?: number;
}

/**
 * What can be wrong with a key of the configuration.
 *
 * - `missing`: it is not there, or empty.
 * - `invalid`: its value breaks its rule.
 * - `unknown`: it is an object with a key that has no meaning.
 * - `conflict`: its value and that of another key exclude each other.
 * - `plain`: it is a server without TLS, which takes `dangerouslyAllowPlain`.
 */
export type Problem = "missing" | "invalid" | "unknown" | "conflict" | "plain";
