import { performance } from "node:perf_hooks";
import type { JournalEntry } from "@dynreg/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { sentence } from "dynreg/messages/sentence";
import { colour } from "../terminal/colour.js";

const sources = { cloud: "magenta", board: "cyan", story: "gray" } as const;

/** Prints what happens while it happens, with the time since the beginning. */
export class DemoOutput {
	readonly #began = performance.now();

	heading(title: string): void {
		this.#write(`\n${colour(process.stdout, "bold", title)}\n`);
	}

	line(source: keyof typeof sources, text: string, bad = false): void {
		const time = `${Math.round(performance.now() - this.#began)}`.padStart(5);
		const who = colour(process.stdout, sources[source], (source === "story" ? "" : source).padEnd(6));
		const what = colour(process.stdout, bad ? "red" : "reset", text);
		this.#write(`${colour(process.stdout, "gray", `${time} ms`)}  ${who} ${what}\n`);
	}

	/** An entry of the cloud's journal. */
	request({ operation, verdict, reason }: JournalEntry): void {
		if (operation === "disconnect") return;
		this.line("cloud", `${operation} ${verdict}: ${reason}`, verdict === "refused");
	}

	end(text: string): void {
		const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
		this.#write(`\n${colour(process.stdout, "green", "Done:")} ${text} (${seconds} s in all)\n`);
		this.#write("To see a local cloud and its boards in a browser: npx dynreg cloud --open\n");
	}

	#write(text: string): void {
		process.stdout.write(text);
	}
}

/** An event of the board, in a sentence. */
export function describeEvent(event: BoardEvent): string {
	switch (event.event) {
		case "boot":
			return `power on: ${event.device}`;
		case "registering":
			return `registering at ${event.endpoint}`;
		case "registered":
			return "registered: the board has its own secret";
		case "stored":
			return `secret written to flash and read back (generation ${event.generation})`;
		case "connecting":
			return `connecting to ${event.endpoint} with its own secret`;
		case "online":
			return "online";
		case "clock":
			return `clock set by the cloud: ${new Date(event.now).toISOString()}`;
		case "message":
			return `command received: ${event.payload}`;
		case "offline":
		case "failed":
			return `${event.code}: ${event.message ?? sentence(event)}`;
		default:
			// Only commands at the board cause these.
			return event.event;
	}
}
