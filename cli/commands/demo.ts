import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Cloud, type Entry, startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoClouds, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { startBoard } from "@dynreg/xs/internal/board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { colour } from "../terminal/colour.js";
import { readChoice, readOptions } from "../terminal/usage.js";

export const summary = "the main job, told in ten seconds: register, power cycle, connect again";

const HELP = `dynreg demo: ${summary}

Usage: dynreg demo [--cloud tencent|aliyun]

A local cloud and a board on the bare XS engine, over real TLS. Needs no account, no
network and no hardware, and leaves nothing behind.
`;

const id = "DEMO000001";
const secret = "a-product-secret-for-demos";
const device = "demo-board";
/** Milliseconds; then something is wrong. */
const patience = 8000;

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, { cloud: { type: "string" }, help: { type: "boolean" } });
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const product = { cloud: readChoice("cloud", values.cloud ?? demoClouds[0], demoClouds), id, secret };
	const folder = await mkdtemp(join(tmpdir(), "dynreg-demo-"));
	try {
		return await tell(new Story(), product, join(folder, "flash.json"));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** @returns the exit code */
async function tell(story: Story, product: DemoProduct, store: string): Promise<number> {
	story.chapter("A local cloud starts");
	const cloud = await startCloud({ onRequest: (entry) => story.heard(entry) });
	try {
		const { urls } = cloud;
		const configuration = demoConfiguration(cloud, product, device);
		story.line("cloud", `ready at ${urls.https} and ${urls.mqtts}`);
		story.line(
			"cloud",
			`product ${product.id} of ${product.cloud}: a board that knows its secret may register; ${registrations(cloud)} have`,
		);

		story.chapter("A board with empty flash gets power for the first time");
		const cold = await life(story, cloud, product, configuration, store);

		story.chapter("Power cycle: the same flash, the same firmware");
		const warm = await life(story, cloud, product, configuration, store);

		const count = registrations(cloud);
		if (count !== 1) throw new Error(`the cloud should have seen one registration; its journal has ${count}`);
		story.end(`registered once, online twice: after ${cold} ms with empty flash, after ${warm} ms without registering`);
		return 0;
	} finally {
		await cloud.close();
	}
}

/**
 * From power-up over an event and a command to power off.
 *
 * @returns milliseconds from power-up to online
 */
async function life(
	story: Story,
	cloud: Cloud,
	product: DemoProduct,
	configuration: RawConfiguration,
	store: string,
): Promise<number> {
	const { administration } = cloud;
	const waiting = new Waiting();
	const powerUp = performance.now();
	const board = await startBoard({
		configuration,
		store,
		onEvent(event) {
			story.line("board", boardLine(event), event.event === "failed" || event.event === "offline");
			waiting.tell(event.event);
		},
	});
	board.exited.then(({ killed, message }) => killed || waiting.giveUp(new Error(message)));
	try {
		await waiting.until("online");
		const took = Math.round(performance.now() - powerUp);
		// Its hello and its clock show that the session carries data up; the command, that it does down.
		await waiting.until("clock");
		await administration.sendMessage(product.cloud, product.id, device, '{"led":"on"}');
		await waiting.until("message");
		const { compute, heapCount } = await board.meters();
		story.line("story", `${registrations(cloud)} registration so far in the cloud's journal`);
		story.line("story", `the engine took ${compute} steps and has ${heapCount} slots in use`);
		return took;
	} finally {
		board.kill();
		await board.exited;
	}
}

/** What the cloud says, not what the board says. */
function registrations({ administration }: Cloud): number {
	return administration.requests().filter(({ operation }) => operation.startsWith("register/")).length;
}

function boardLine(event: BoardEvent): string {
	switch (event.event) {
		case "boot":
			return `power on: ${event.device}`;
		case "registering":
			return `registers at ${event.endpoint}`;
		case "registered":
			return "has its own secret";
		case "stored":
			return `secret written to flash and read back (generation ${event.generation})`;
		case "connecting":
			return `connects as itself to ${event.endpoint}`;
		case "online":
			return "online";
		case "clock":
			return `its clock is set by the cloud: ${new Date(event.now).toISOString()}`;
		case "message":
			return `gets a command: ${event.payload}`;
		case "offline":
		case "failed":
			return `${event.code}: ${event.message}`;
		default:
			// Nobody is at this board to ask for anything.
			return event.event;
	}
}

/** Waits for events of a board by name. */
class Waiting {
	readonly #seen = new Set<string>();
	#check: () => void = () => {};
	#fail: (error: Error) => void = () => {};

	tell(event: string): void {
		this.#seen.add(event);
		this.#check();
	}

	giveUp(error: Error): void {
		this.#fail(error);
	}

	/** @throws Error when it takes too long, or the board has come to an end */
	until(event: string): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#fail = reject;
			const timer = setTimeout(() => {
				reject(new Error(`the board should have come to "${event}" within ${patience / 1000} s`));
			}, patience);
			this.#check = () => {
				if (!this.#seen.has(event)) return;
				clearTimeout(timer);
				resolve();
			};
			this.#check();
		});
	}
}

const speakers = { cloud: "magenta", board: "cyan", story: "gray" } as const;

/** Tells what happens while it happens, with the time since the beginning. */
class Story {
	readonly #began = performance.now();

	chapter(title: string): void {
		this.#write(`\n${colour(process.stdout, "bold", title)}\n`);
	}

	line(speaker: keyof typeof speakers, text: string, bad = false): void {
		const time = `${Math.round(performance.now() - this.#began)}`.padStart(5);
		const who = colour(process.stdout, speakers[speaker], (speaker === "story" ? "" : speaker).padEnd(6));
		this.#write(
			`${colour(process.stdout, "gray", `${time} ms`)}  ${who} ${colour(process.stdout, bad ? "red" : "reset", text)}\n`,
		);
	}

	/** What the cloud has in its journal. */
	heard({ operation, verdict, reason }: Entry): void {
		if (operation === "disconnect") return;
		this.line("cloud", `${operation} ${verdict}: ${reason}`, verdict === "refused");
	}

	end(text: string): void {
		const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
		this.#write(`\n${colour(process.stdout, "green", "Done:")} ${text} (${seconds} s in all)\n`);
	}

	#write(text: string): void {
		process.stdout.write(text);
	}
}
