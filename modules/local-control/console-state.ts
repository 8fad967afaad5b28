/**
 * The state of the board's console: the board's activity, derived from its log events, and the parsing of typed lines.
 * Contains no secrets.
 */

import type { Code } from "../contracts/error.js";
import type { BoardEvent, ParsedLine, StateReport } from "../contracts/event.js";
import type { Milliseconds } from "../contracts/host.js";

/** The board's activity. */
export interface Status {
	readonly device: string | undefined;
	readonly doing: StateReport["doing"];
	/** Ticks at the start of `doing`. */
	readonly startedAt: Milliseconds;
	/** Seconds from `startedAt` to the next attempt. */
	readonly retryIn: number | undefined;
	/** The last failure, until the next success. */
	readonly code: Code | undefined;
}

export const initialStatus: Status = Object.freeze({
	device: undefined,
	doing: "starting",
	startedAt: 0,
	retryIn: undefined,
	code: undefined,
});

/** The activity after an event. @param ticks of the event, in milliseconds */
export const nextStatus = (status: Status, event: BoardEvent, ticks: Milliseconds): Status => {
	switch (event.event) {
		case "boot":
			return { ...initialStatus, device: event.device, startedAt: ticks };
		case "registering":
		case "connecting":
			return { ...status, doing: event.event, startedAt: ticks, retryIn: undefined };
		case "online":
			return { ...status, doing: "online", startedAt: ticks, retryIn: undefined, code: undefined };
		case "command-received":
			return { ...status, doing: "waiting", startedAt: ticks, retryIn: undefined };
		case "failed":
		case "offline":
			// An error without a next attempt does not change the activity.
			if (event.retryIn === undefined) return status;
			return { ...status, doing: "waiting", startedAt: ticks, retryIn: event.retryIn, code: event.code };
		default:
			return status;
	}
};

/** The event `state`. @param ticks now, in milliseconds @param stored the credential in flash, if any */
export const stateReport = (
	{ device, doing, startedAt, retryIn, code }: Status,
	ticks: Milliseconds,
	stored: Pick<StateReport, "credential" | "active">,
): StateReport => {
	const since = Math.floor((ticks - startedAt) / 1000);
	return {
		...(device === undefined ? {} : { device }),
		doing,
		since,
		...(retryIn === undefined ? {} : { next: Math.max(0, Math.ceil(retryIn - since)) }),
		...(code === undefined ? {} : { failure: code }),
		...stored,
	};
};

const refusal =
	"A platform may refuse to register a device that has been online before: then reset or delete it in the platform's console.";
const responses = Object.freeze({
	now: "Trying again, five seconds after the last try at the earliest.",
	register: `Registering again. The credential in use is kept until the broker has accepted another. ${refusal}`,
	erase: `Forgetting the credential, and starting over. ${refusal}`,
} as const);

/** Parses a typed line. The response to an invalid line does not repeat it. */
export const parseLine = (line: string, { doing }: Pick<Status, "doing">): ParsedLine => {
	const word = line.trim().toLowerCase();
	if (word === "state") return { state: true };
	if (word === "now" && doing === "online") return { response: "There is nothing to wait for: the board is online." };
	if (word === "now" || word === "register" || word === "erase") return { command: word, response: responses[word] };
	return { response: "There are four commands: state, register, erase, now." };
};

/** The response to a command that will not be executed. */
export const sessionClosed = "The application has closed its session for good: switch the board off and on.";
