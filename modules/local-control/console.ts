/**
 * A console for somebody at the board: what the board does, told from what it logs, and what a line that was typed
 * asks for. Nothing here knows a secret.
 */

import type { Code } from "../contracts/error.js";
import type { BoardEvent, Order, StateReport } from "../contracts/event.js";
import type { Milliseconds } from "../contracts/host.js";

/** What is known of the board. */
export interface Status {
	readonly device: string | undefined;
	readonly doing: StateReport["doing"];
	/** Ticks at which it began to. */
	readonly began: Milliseconds;
	/** Seconds from then to the next try. */
	readonly wait: number | undefined;
	/** The last failure, while it has not been overcome. */
	readonly code: Code | undefined;
}

export const unknown: Status = Object.freeze({
	device: undefined,
	doing: "starting",
	began: 0,
	wait: undefined,
	code: undefined,
});

/** @param ticks when it was logged */
export const logged = (status: Status, event: BoardEvent, ticks: Milliseconds): Status => {
	switch (event.event) {
		case "boot":
			return { ...unknown, device: event.device, began: ticks };
		case "registering":
		case "connecting":
			return { ...status, doing: event.event, began: ticks, wait: undefined };
		case "online":
			return { ...status, doing: "online", began: ticks, wait: undefined, code: undefined };
		case "ordered":
			return { ...status, doing: "waiting", began: ticks, wait: undefined };
		case "failed":
		case "offline":
			// Without a next try it is something beside what the board does.
			if (event.retryIn === undefined) return status;
			return { ...status, doing: "waiting", began: ticks, wait: event.retryIn, code: event.code };
		default:
			return status;
	}
};

/** @param kept what is in flash, if anything */
export const report = (
	{ device, doing, began, wait, code }: Status,
	ticks: Milliseconds,
	kept: Pick<StateReport, "credential" | "active">,
): StateReport => {
	const since = Math.floor((ticks - began) / 1000);
	return {
		...(device === undefined ? {} : { device }),
		doing,
		since,
		...(wait === undefined ? {} : { next: Math.max(0, Math.ceil(wait - since)) }),
		...(code === undefined ? {} : { trouble: code }),
		...kept,
	};
};

/** What is done about a line: tell the state, or give this order; and what to say to it. */
export interface Command {
	readonly state?: true;
	readonly order?: Order;
	readonly say?: string;
}

const refusal =
	"A platform may refuse to register a device that has been online before: then reset or delete it in the platform's console.";
const orders = Object.freeze({
	now: "Trying again, five seconds after the last try at the earliest.",
	register: `Registering again. The credential in use is kept until the broker has accepted another. ${refusal}`,
	erase: `Forgetting the credential, and starting over. ${refusal}`,
} as const);

/** What this line asks for; what is wrong with it is said without repeating it. */
export const read = (line: string, { doing }: Pick<Status, "doing">): Command => {
	const word = line.trim().toLowerCase();
	if (word === "state") return { state: true };
	if (word === "now" && doing === "online") return { say: "There is nothing to wait for: the board is online." };
	if (word === "now" || word === "register" || word === "erase") return { order: word, say: orders[word] };
	return { say: "There are four commands: state, register, erase, now." };
};

/** What is said to an order that nobody will do. */
export const tooLate = "The application has closed its session for good: switch the board off and on.";
