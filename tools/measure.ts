/**
 * What a board costs and how soon it is online, measured on this machine against a local
 * cloud, over TLS. Prints the tables and writes them into `docs/reference/size.md`.
 *
 *     npm run measure
 */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSimulator, startBoard as startOnSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { demoBoard, demoClouds } from "@dynreg/cloud/internal/demo-board";
import type { Board, BoardOptions } from "@dynreg/node/internal/board";
import { EventLog } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import { startBoard as startOnXs } from "@dynreg/xs/internal/board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { writeGenerated } from "./generated.js";

/** Lives of each kind; tables show the median. */
const rounds = 5;
const id = "MEASURE001";
const secret = "InventedSecretToMeasure0";
/** Milliseconds to stay online for, where the engine measures itself once a second. */
const settle = 2500;

/** Milliseconds; a board that is not online by then has failed. */
const timeout = 60_000;

interface BoardMeasurement {
	/** Milliseconds from power-up, the start of the process included. */
	readonly powerUp: number;
	/** Milliseconds from the firmware's first event. */
	readonly boot: number;
	/** What the engine says of itself. */
	readonly meters: ReadonlyMap<string, number>;
}

interface MeasuredBoard extends Board {
	/** What the engine has used, by name. */
	read(): Promise<ReadonlyMap<string, number>>;
}

type Start = (options: BoardOptions & { readonly store: string }) => Promise<MeasuredBoard>;

const onXs: Start = async (options) => {
	const board = await startOnXs({ ...options, store: join(options.store, "flash.json") });
	return {
		...board,
		async read() {
			const { compute, heapCount } = await board.meters();
			return new Map([
				["engine steps", compute],
				["slots in use", heapCount],
			]);
		},
	};
};

const onSimulator =
	(image: string): Start =>
	async (options) => {
		const peaks = new Map<string, number>();
		const board = await startOnSimulator({
			...options,
			image,
			onMeters(meters) {
				for (const [name, value] of meters) peaks.set(name, Math.max(value, peaks.get(name) ?? 0));
			},
		});
		return {
			...board,
			async read() {
				await sleep(settle);
				return peaks;
			},
		};
	};

const folder = await mkdtemp(join(tmpdir(), "dynreg-measure-"));
const cloud = await startCloud();
try {
	const tables = [await measure(cloud, "bare XS engine", "xs", onXs)];
	if (findSdk() === undefined) process.stdout.write(`The simulator is skipped. ${missingSdkMessage}\n`);
	else tables.push(await measure(cloud, "Moddable simulator", "sim", onSimulator(await buildSimulator())));
	const text = tables.join("\n\n");
	process.stdout.write(`\n${text}\n`);
	if (tables.length === 2) {
		writeGenerated(join(project, "docs/reference/size.md"), "measured", text);
		process.stdout.write("\nWritten to docs/reference/size.md.\n");
	}
} finally {
	await cloud.close();
	await rm(folder, { recursive: true, force: true });
}

/** @returns a table in Markdown */
async function measure(cloud: Cloud, title: string, name: string, start: Start): Promise<string> {
	/** First boots, then power cycles, of each cloud. */
	const columns: BoardMeasurement[][] = [];
	for (const product of demoClouds.map((each) => ({ cloud: each, id, secret }))) {
		const cold: BoardMeasurement[] = [];
		const warm: BoardMeasurement[] = [];
		for (let round = 0; round < rounds; round++) {
			const device = `${name}-${product.cloud}-${round}`;
			const store = join(folder, device);
			await mkdir(store);
			const configuration = await demoBoard(cloud, product, device);
			cold.push(await measureBoard(configuration, store, start));
			warm.push(await measureBoard(configuration, store, start));
			process.stdout.write(`${title}, ${product.cloud}: ${round + 1} of ${rounds}\n`);
		}
		columns.push(cold, warm);
	}
	const rows: [string, (life: BoardMeasurement) => number][] = [
		["power-up to online, ms", (life) => life.powerUp],
		["first event to online, ms", (life) => life.boot],
		...Array.from(columns[0]?.[0]?.meters.keys() ?? [])
			.filter((meter) => /steps|slots|Chunk used|Slot used|Stack used|Stack peak/.test(meter))
			.map((meter): [string, (life: BoardMeasurement) => number] => [meter, (life) => life.meters.get(meter) ?? 0]),
	];
	return [
		`| ${title}, median of ${rounds} | ${demoClouds.map((each) => `${each}: first boot | power cycle`).join(" | ")} |`,
		`| --- |${" ---: |".repeat(columns.length)}`,
		...rows.map(([what, of]) => `| ${what} | ${columns.map((lives) => median(lives.map(of))).join(" | ")} |`),
	].join("\n");
}

async function measureBoard(configuration: RawConfiguration, store: string, start: Start): Promise<BoardMeasurement> {
	const log = new EventLog();
	const power = performance.now();
	return withBoard(
		log,
		() => start({ configuration, store, onEvent: log.append }),
		async (board) => {
			// Its response to the platform's clock is the last thing that coming online entails.
			const { at } = await log.waitFor("clock", { timeout });
			const boot = await log.waitFor("boot");
			return { powerUp: at - power, boot: at - boot.at, meters: await board.read() };
		},
	);
}

function median(values: readonly number[]): string {
	const middle = values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
	return Math.round(middle).toLocaleString("en");
}
