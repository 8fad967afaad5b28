import type { HandshakeStep } from "./fail-handshake.js";
import type { FaultName } from "./fault-kinds.js";

/** A fault, the operation and device that have it, and how often. */
export interface FaultRule {
	/** An operation's name in the journal, or the part before its slash ("register": all registrations); `session`, `message`; or a port. */
	readonly operation: string;
	readonly fault: FaultName;
	/** The name of the only device that it applies to. Default: all. */
	readonly device?: string;
	/** From 0 to 1. Default: 1, always. */
	readonly probability?: number;
	/** How many times it is applied; then the rule is used up. Default: each time. */
	readonly count?: number;
	/** `delay`: seconds until the response leaves. `drop`, `silence` and `stop-reading` of a session: seconds after the CONNACK; default: none. */
	readonly seconds?: number;
	/** The message of the TLS handshake that the server does not send. */
	readonly step?: HandshakeStep;
	/** Number of a TLS alert (RFC 5246, section 7.2). */
	readonly alert?: number;
	/** HTTP status. */
	readonly status?: number;
	/** Seconds. */
	readonly retryAfter?: number;
	/** URL. */
	readonly location?: string;
	/** Length of the whole response. */
	readonly bytes?: number;
	/** CONNACK return code. */
	readonly code?: number;
}

/** A rule that has been checked. */
export interface CheckedFaultRule extends FaultRule {
	/** The rule has a deprecated name. */
	readonly warning?: string;
}

/** A rule in force: `count` is how often it still may be applied. */
export interface FaultReport extends CheckedFaultRule {
	/** How often it has been applied; absent before the first time. */
	readonly triggered?: number;
}
