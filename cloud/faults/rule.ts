import type { Step } from "./handshake.js";
import type { FaultName } from "./kinds.js";

/** What goes wrong, with whom, and how often. */
export interface FaultRule {
	/** What it strikes: what the journal calls the operation, or what stands before its slash ("register": all registrations); `session`; or a port. */
	readonly operation: string;
	readonly fault: FaultName;
	/** The name of the only device that it strikes. Default: all. */
	readonly device?: string;
	/** From 0 to 1. Default: 1, always. */
	readonly probability?: number;
	/** How many times it strikes; afterwards the rule is spent. Default: each time. */
	readonly count?: number;
	/** `delay`: how much later the answer leaves. `drop` and `silence` of a session: how long after the CONNACK; default: at once. */
	readonly seconds?: number;
	/** Of a handshake: the message that does not come. */
	readonly step?: Step;
	/** Number of a TLS alert (RFC 5246, section 7.2). */
	readonly alert?: number;
	/** HTTP. */
	readonly status?: number;
	/** Seconds. */
	readonly retryAfter?: number;
	/** URL. */
	readonly location?: string;
	/** Of the whole answer. */
	readonly bytes?: number;
	/** Of a CONNACK. */
	readonly code?: number;
}

/** A rule in force: `count` is what is left of it. */
export interface FaultReport extends FaultRule {
	/** How often it has struck; absent before the first time. */
	readonly struck?: number;
}
