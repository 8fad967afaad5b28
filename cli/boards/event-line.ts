import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent, FailureReport, StateReport } from "dynreg/contracts/event";
import { sentence, withMessage } from "dynreg/messages/sentence";
import { colour } from "../terminal/colour.js";
import { printable } from "../terminal/printable.js";

/** An event of a board as a line for people. */
export function eventLine(event: BoardEvent): string {
	return `${now()} ${coloured(event.event.padEnd(12), event)}${printable(text(event))}`;
}

/** What the application traces, as a line among those. */
export function traceLine(line: string): string {
	return `${now()} ${colour(process.stdout, "gray", "trace".padEnd(12))}${printable(line)}`;
}

function now(): string {
	return new Date().toISOString().slice(11, 23);
}

/**
 * The event in a line of a board's trace, if it is one, with the sentence about what failed.
 *
 * @param configuration of the board, where it is known
 */
export function eventIn(line: string, configuration?: RawConfiguration): BoardEvent | undefined {
	return line.startsWith('{"event":') ? withMessage(JSON.parse(line) as BoardEvent, configuration) : undefined;
}

function text(event: BoardEvent): string {
	switch (event.event) {
		case "boot":
		case "registered":
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
		case "offline":
		case "failed":
			return trouble(event);
		case "ordered":
			return event.order;
		case "answer":
			return event.message;
		case "state":
			return state(event);
	}
}

function state({ device = "no device", doing, since, next, trouble: why, credential, active }: StateReport): string {
	const soon = next === undefined ? "" : `, next try in ${next} s`;
	const because = why === undefined ? "" : ` because of ${why}`;
	const key = credential === undefined ? "nothing in flash" : `a ${credential} in flash`;
	return `${device}: ${doing} for ${since} s${because}${soon}; ${key}${active ? ", accepted by the broker before" : ""}`;
}

function trouble(report: FailureReport): string {
	const { code, action, message = sentence(report), retryIn } = report;
	const next = retryIn === undefined ? "" : ` Next try in ${Math.round(retryIn)} s.`;
	return `${code}${action === "stop" ? " (only you can fix this)" : ""}: ${message}${next}`;
}

function coloured(word: string, { event }: BoardEvent): string {
	const bad = event === "failed" || event === "offline";
	return colour(process.stdout, bad ? "red" : event === "online" ? "green" : "cyan", word);
}
