import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent, FailureReport, SetupReport, StateReport } from "dynreg/contracts/event";
import type { SetupReason } from "dynreg/contracts/setup";
import { sentence, withMessage } from "dynreg/messages/sentence";
import { colour } from "../terminal/colour.js";
import { replaceControls } from "../terminal/replace-controls.js";

/** An event of a board as a line for people. */
export function eventLine(event: BoardEvent): string {
	return `${now()} ${colourEvent(event.event.padEnd(11), event)} ${replaceControls(eventText(event))}`;
}

/** The application's trace, as a line among the events. */
export function traceLine(line: string): string {
	return `${now()} ${colour(process.stdout, "gray", "trace".padEnd(12))}${replaceControls(line)}`;
}

function now(): string {
	return new Date().toISOString().slice(11, 23);
}

/**
 * The event in a line of a board's trace, if it is one, with the sentence about what failed.
 *
 * @param configuration of the board, where it is known
 */
export function parseEvent(line: string, configuration?: RawConfiguration): BoardEvent | undefined {
	return line.startsWith('{"event":') ? withMessage(JSON.parse(line) as BoardEvent, configuration) : undefined;
}

function eventText(event: BoardEvent): string {
	switch (event.event) {
		case "boot":
		case "registered":
		case "renewed":
		case "online":
		case "erased":
			return event.device;
		case "registering":
		case "connecting":
			return `${event.device} at ${event.endpoint}`;
		case "stored":
			return `${event.device}, generation ${event.generation}`;
		case "clock":
			return new Date(event.now).toISOString();
		case "message":
			return `${event.topic}: ${event.payload}`;
		case "dropped":
			return event.count === 1 ? "1 message" : `${event.count} messages`;
		case "offline":
		case "failed":
			return failureText(event);
		case "command-received":
			return event.command;
		case "setup":
			return setupText(event);
		case "answer":
			return event.message;
		case "state":
			return stateText(event);
	}
}

function stateText({
	device = "no device",
	doing,
	since,
	next,
	failure,
	credential,
	active,
	network,
}: StateReport): string {
	const soon = next === undefined ? "" : `, next retry in ${next} s`;
	const why = failure === undefined ? "" : ` because of ${failure}`;
	const key = credential === undefined ? "no credential in flash" : `a ${credential} in flash`;
	const wifi = network === undefined ? "" : `; Wi-Fi network: ${network}`;
	return `${device}: ${doing} for ${since} s${why}${soon}; ${key}${active ? ", accepted by the broker before" : ""}${wifi}`;
}

const because = {
	"no-network": "since the board has no network",
	ordered: "by order",
	lost: "since the board's network was not found for ten minutes",
} satisfies Record<SetupReason, string>;

function setupText(report: SetupReport): string {
	switch (report.state) {
		case "open":
			return `access point ${report.network} is open ${because[report.reason]}; page ${report.page}`;
		case "joining":
			return "the entered network is tried";
		case "failed":
			return `the entered network was not joined: ${report.reason}`;
		case "stored":
			return "the entered network is stored";
		case "closed":
			return "the access point is closed";
		case "forgotten":
			return "the stored networks are erased";
	}
}

function failureText(report: FailureReport): string {
	const { code, action, message = sentence(report), retryIn } = report;
	const next = retryIn === undefined ? "" : ` Next retry in ${Math.round(retryIn)} s.`;
	return `${code}${action === "needs-attention" ? " (needs your attention)" : ""}: ${message}${next}`;
}

function colourEvent(word: string, { event }: BoardEvent): string {
	const bad = event === "failed" || event === "offline";
	return colour(process.stdout, bad ? "red" : event === "online" ? "green" : "cyan", word);
}
