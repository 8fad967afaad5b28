import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { eventLine } from "@dynreg/cli/internal/boards/event-line";
import { buildSimulator, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { run as runBoard } from "@dynreg/cli/internal/commands/board";
import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import { colour } from "@dynreg/cli/internal/terminal/colour";
import { readChoice, readOptions, UsageError } from "@dynreg/cli/internal/terminal/usage";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoClouds, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";

const HELP = `The firmware in the Moddable simulator, without a window.

Usage: node build/tools/simulator.js [story [--cloud tencent|aliyun] | board …]

  story    a local cloud, and a board that registers, loses its power and connects again
  board    one board, with the options of dynreg board
`;

const id = "SIM0000001";
const secret = "a-product-secret-for-demos";
const device = "simulated-board";
/** Milliseconds until a board must be online; then something is wrong. */
const patience = 30_000;

process.exitCode = await main(process.argv.slice(2));

async function main([command = "story", ...args]: string[]): Promise<number> {
	try {
		if (command === "board") return await runBoard(["--host", "sim", ...args]);
		if (command === "story") {
			const { cloud = demoClouds[0] } = readOptions(args, { cloud: { type: "string" } });
			return await story({ cloud: readChoice("cloud", cloud, demoClouds), id, secret });
		}
		process.stdout.write(HELP);
		return command === "--help" ? 0 : 1;
	} catch (error) {
		process.stderr.write(`${colour(process.stderr, "red", "simulator:")} ${(error as Error).message}\n`);
		if (error instanceof UsageError) process.stderr.write(HELP);
		return 1;
	}
}

async function story(product: DemoProduct): Promise<number> {
	if (findSdk() === undefined) {
		say(`Skipped the simulator: ${noSdk}`);
		return 0;
	}
	chapter("The firmware is built for the simulator (half a minute the first time)");
	const image = await buildSimulator();

	chapter("A local cloud starts");
	const flash = await mkdtemp(join(tmpdir(), "dynreg-flash-"));
	const cloud = await startCloud({ onRequest: ({ operation, verdict, reason }) => heard(operation, verdict, reason) });
	try {
		const configuration = demoConfiguration(cloud, product, device);
		say(`ready at ${cloud.urls.https} and ${cloud.urls.mqtts}`);

		chapter("A board with empty flash gets power for the first time");
		const cold = await life(cloud, product, configuration, image, flash);
		chapter("Power cycle: the same flash, the same firmware");
		const warm = await life(cloud, product, configuration, image, flash);

		const count = registrations(cloud);
		if (count !== 1) throw new Error(`the cloud should have seen one registration; its journal has ${count}`);
		const times = `after ${cold} ms with empty flash, after ${warm} ms without registering`;
		say(`\n${colour(process.stdout, "green", "Done:")} registered once, online twice: ${times}`);
		return 0;
	} finally {
		await cloud.close();
		await rm(flash, { recursive: true, force: true });
	}
}

/**
 * From power-up over a command from the cloud to power off.
 *
 * @returns milliseconds from the firmware's start to online
 */
async function life(
	cloud: Cloud,
	product: DemoProduct,
	configuration: RawConfiguration,
	image: string,
	store: string,
): Promise<number> {
	const seen = new Map<BoardEvent["event"], number>();
	let check = () => {};
	const board = await startBoard({
		image,
		store,
		configuration,
		onEvent(event) {
			say(eventLine(event));
			seen.set(event.event, performance.now());
			check();
		},
	});
	const ended = board.exited.then(({ message }) => Promise.reject(new Error(message)));
	const until = (name: BoardEvent["event"]) =>
		new Promise<void>((resolve, reject) => {
			const late = () => reject(new Error(`the board has not come to "${name}" within ${patience / 1000} s`));
			const timer = setTimeout(late, patience);
			check = () => {
				if (!seen.has(name)) return;
				clearTimeout(timer);
				resolve();
			};
			ended.catch((error) => {
				clearTimeout(timer);
				reject(error);
			});
			check();
		});
	try {
		await until("clock");
		await cloud.administration.sendMessage(product.cloud, product.id, device, '{"led":"on"}');
		await until("message");
		return Math.round((seen.get("online") ?? 0) - (seen.get("boot") ?? 0));
	} finally {
		board.kill();
		await board.exited;
	}
}

/** What the cloud says, not what the board says. */
function registrations({ administration }: Cloud): number {
	return administration.requests().filter(({ operation }) => operation.startsWith("register/")).length;
}

function heard(operation: string, verdict: string, reason: string): void {
	say(colour(process.stdout, "magenta", `             cloud        ${operation} ${verdict}: ${reason}`));
}

function chapter(title: string): void {
	say(`\n${colour(process.stdout, "bold", title)}`);
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
