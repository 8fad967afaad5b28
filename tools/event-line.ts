import type { BoardEvent, FailureReport } from "../modules/contracts/event.js";
import { styled } from "./styled.js";

/** An event of a board as a line for people. */
export function eventLine(event: BoardEvent): string {
	return `${now()} ${colour(event.event.padEnd(12), event)}${printable(text(event))}`;
}

/** What the application traces, as a line among those. */
export function traceLine(line: string): string {
	return `${now()} ${styled(process.stdout, "gray", "trace".padEnd(12))}${printable(line)}`;
}

function now(): string {
	return new Date().toISOString().slice(11, 23);
}

function text(event: BoardEvent): string {
	switch (event.event) {
		case "boot":
		case "registered":
		case "online":
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
	}
}

function trouble({ code, action, message, retryIn }: FailureReport): string {
	const next = retryIn === undefined ? "" : ` Next try in ${Math.round(retryIn)} s.`;
	return `${code}${action === "stop" ? " (only you can mend this)" : ""}: ${message}${next}`;
}

function colour(word: string, { event }: BoardEvent): string {
	const bad = event === "failed" || event === "offline";
	return styled(process.stdout, bad ? "red" : event === "online" ? "green" : "cyan", word);
}

/** What a server sent must not control the terminal. */
function printable(line: string): string {
	return line.replace(/\p{Cc}/gu, "\u{fffd}");
}
