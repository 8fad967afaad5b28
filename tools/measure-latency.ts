/**
 * How long a board takes to come online over a network with delay, and what its TLS handshakes cost, against a
 * local cloud behind a proxy. Prints the tables and writes them into `docs/reference/latency.md`.
 *
 *     npm run measure
 *     node tools/build/measure-latency.js [--host node|xs|sim] [--cloud CLOUD] [--delay MS] [--rounds N] [--trace]
 *
 * What is a part of it, by `--host`, `--cloud` or `--delay`, is only printed. `--trace` prints each segment and event.
 */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildSimulator, startBoard as startOnSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoCloud, demoBoard, demoClouds } from "@dynreg/cloud/internal/demo-board";
import { type Board, type BoardOptions, startBoard as startOnNode } from "@dynreg/node";
import { EventLog } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import { startBoard as startOnXs } from "@dynreg/xs/internal/board";
import { cpuTime } from "./cpu-time.js";
import { countRoundTrips, countStalls, DelayProxy, type ProxiedConnection } from "./delay-proxy.js";
import { writeGenerated } from "./generated.js";

const { values: selected } = parseArgs({
	options: {
		host: { type: "string" },
		cloud: { type: "string" },
		delay: { type: "string" },
		rounds: { type: "string", default: "3" },
		trace: { type: "boolean", default: false },
	},
});
const isPart = selected.host !== undefined || selected.cloud !== undefined || selected.delay !== undefined;
/** Milliseconds there and back. */
const roundTrips = selected.delay === undefined ? [0, 50, 200] : [Number(selected.delay)];
/** Lives for each delay; tables show the median. */
const rounds = Number(selected.rounds);
/** Lost connections in each life. */
const reconnects = 2;
/** Milliseconds between the beginnings of lives. */
const stagger = 2500;
/** Milliseconds; a board that is not online by then has failed. */
const timeout = 60_000;

/** Of one way to come online. */
interface Measurement {
	/** Milliseconds from the first connection to `online`. */
	readonly time: number;
	readonly connections: number;
	readonly full: number;
	readonly resumed: number;
	readonly roundTrips: number;
	/** Of an acknowledgement that is delayed. */
	readonly stalls: number;
}

interface Life {
	readonly cold: Measurement;
	readonly reconnects: readonly Measurement[];
}

type Start = (
	options: BoardOptions & { readonly store: string },
) => Promise<Board & { readonly group?: number | undefined }>;

interface MeasuredHost {
	readonly key: string;
	readonly name: string;
	readonly start: Start;
}

/** CPU time of handshakes, milliseconds. */
const handshakes: Record<"full" | "resumed", number[]> = { full: [], resumed: [] };

const folder = await mkdtemp(join(tmpdir(), "dynreg-latency-"));
let lives = 0;
try {
	const hosts: MeasuredHost[] = [
		{
			key: "node",
			name: "Node",
			start: async (options) => startOnNode({ ...options, store: join(options.store, "flash.json") }),
		},
		{
			key: "xs",
			name: "bare XS engine",
			start: (options) => startOnXs({ ...options, store: join(options.store, "flash.json") }),
		},
	];
	if (selected.host !== undefined && selected.host !== "sim") process.stdout.write("Without the simulator.\n");
	else if (findSdk() === undefined) process.stdout.write(`The simulator is skipped. ${missingSdkMessage}\n`);
	else {
		const image = await buildSimulator();
		hosts.push({
			key: "sim",
			name: "Moddable simulator",
			start: (options) => startOnSimulator({ ...options, image }),
		});
	}
	const rows: string[] = [];
	const clouds = demoClouds.filter((cloud) => cloud === (selected.cloud ?? cloud));
	for (const host of hosts)
		if (host.key === (selected.host ?? host.key))
			for (const cloud of clouds) rows.push(...(await measure(host, cloud)));
	const text = [table(rows), cpuTable()].filter(Boolean).join("\n\n");
	process.stdout.write(`\n${text}\n\nThe machine's load was ${loadavg()[0]?.toFixed(1)} at the end.\n`);
	if (handshakes.resumed.length > 0 && !isPart) {
		writeGenerated(join(project, "docs/reference/latency.md"), "measured", text);
		process.stdout.write("\nWritten to docs/reference/latency.md.\n");
	}
} finally {
	await rm(folder, { recursive: true, force: true });
}

/** @returns rows of the table: cold, reconnect */
async function measure(host: MeasuredHost, cloud: DemoCloud): Promise<string[]> {
	const measured = new Map<number, Life[]>();
	for (let round = 0; round < rounds; round++) {
		// Side by side, since boards wait most of the time, and one after the other begin.
		const all = roundTrips.map(async (roundTrip, index) => {
			await sleep(index * stagger);
			measured.set(roundTrip, [...(measured.get(roundTrip) ?? []), await live(host, cloud, roundTrip)]);
		});
		await Promise.all(all);
		process.stdout.write(`${host.name}, ${cloud}: ${round + 1} of ${rounds}\n`);
	}
	return (["cold", "reconnect"] as const).map((way) => {
		const of = (roundTrip: number): Measurement[] =>
			(measured.get(roundTrip) ?? []).flatMap((life) => (way === "cold" ? [life.cold] : life.reconnects));
		const times = roundTrips.map((roundTrip) => median(of(roundTrip).map(({ time }) => time)));
		const all = roundTrips.flatMap(of);
		const most = (count: (one: Measurement) => number): number => Math.max(...all.map(count));
		return row(
			`${host.name}, ${cloud}: ${way}`,
			most(({ connections }) => connections),
			most(({ full }) => full),
			most(({ resumed }) => resumed),
			// Where the delay is longest, `online` is seen before the next response.
			median(of(Math.max(...roundTrips)).map((each) => each.roundTrips)),
			// One that not every life has is a pause of the machine.
			median(all.map(({ stalls }) => stalls)),
			...times.map(Math.round),
		);
	});
}

/** A board comes online, and again after each lost connection. */
async function live({ name, start }: MeasuredHost, of: DemoCloud, roundTrip: number): Promise<Life> {
	const device = `latency-${++lives}`;
	const store = join(folder, device);
	await mkdir(store);
	const cloud = await startCloud();
	let group: number | undefined;
	const begun = new Map<ProxiedConnection, number>();
	const proxies = await proxiesOf(cloud, roundTrip, {
		onOpen(connection) {
			const time = group && cpuTime(group);
			if (time !== undefined) begun.set(connection, time);
		},
		onHandshake(connection) {
			const begin = begun.get(connection);
			const time = group && cpuTime(group);
			if (begin && time && connection.handshake) handshakes[connection.handshake].push(time - begin);
		},
	});
	const log = new EventLog();
	try {
		const product = { cloud: of, id: "LATENCY001", secret: "InventedSecretToMeasure0" };
		const plain = await demoBoard(cloud, product, device);
		const endpoints = Object.fromEntries(
			Object.entries(plain.endpoints as Readonly<Record<string, string>>).map(([key, url]) => [
				key,
				proxies.through(url),
			]),
		);
		const configuration = { ...plain, endpoints };
		return await withBoard(
			log,
			async () => {
				const board = await start({ configuration, store, onEvent: log.append });
				group = board.group;
				return board;
			},
			async () => {
				const online = async (after: number): Promise<Measurement & { readonly index: number }> => {
					const known = proxies.connections().length;
					const { at, index } = await log.waitFor("online", { after, timeout });
					const connections = proxies.connections().slice(after === 0 ? 0 : known);
					const opened = Math.min(...connections.map((each) => each.opened));
					if (selected.trace) {
						const entries = log.entries.slice(after, index + 1);
						trace(`${name}, ${of}, ${roundTrip} ms`, opened, connections, entries);
					}
					const count = (kind: "full" | "resumed") => connections.filter(({ handshake }) => handshake === kind).length;
					return {
						time: at - opened,
						connections: connections.length,
						full: count("full"),
						resumed: count("resumed"),
						roundTrips: countRoundTrips(connections, roundTrip),
						stalls: connections.reduce((sum, each) => sum + countStalls(each), 0),
						index,
					};
				};
				const cold = await online(0);
				const again: Measurement[] = [];
				for (let last = cold.index; again.length < reconnects; ) {
					// The time request belongs to coming online; not every cloud has one.
					await log.waitFor("clock", { after: last, timeout: 2000 }).catch(() => {});
					proxies.cut();
					const next = await online(last + 1);
					again.push(next);
					last = next.index;
				}
				return { cold, reconnects: again };
			},
		);
	} catch (error) {
		throw new Error(`${name} with ${of} at ${roundTrip} ms: ${(error as Error).message}`, { cause: error });
	} finally {
		proxies.close();
		await cloud.close();
	}
}

/** Prints what happened, in milliseconds from the opening of the first connection. */
function trace(
	title: string,
	opened: number,
	connections: readonly ProxiedConnection[],
	entries: readonly { readonly at: number; readonly event: { readonly event: string } }[],
): void {
	const lines = connections.flatMap((each, index) => [
		{ at: each.opened, text: `connection ${index + 1} is opened` },
		...each.segments.map(({ at, from, bytes }) => ({ at, text: `connection ${index + 1}, ${from}: ${bytes} bytes` })),
	]);
	for (const { at, event } of entries) lines.push({ at, text: event.event });
	lines.sort((one, other) => one.at - other.at);
	const printed = lines.map(({ at, text }) => `${(at - opened).toFixed(1).padStart(8)} ${text}`);
	process.stdout.write(`\n${title}\n${printed.join("\n")}\n`);
}

/** A proxy before each server of the cloud. */
async function proxiesOf(
	{ urls }: Cloud,
	roundTrip: number,
	listeners: { onOpen(connection: ProxiedConnection): void; onHandshake(connection: ProxiedConnection): void },
) {
	const ports = new Map<string, number>();
	const proxies: DelayProxy[] = [];
	for (const url of [urls.https, urls.mqtts]) {
		const { port } = new URL(url);
		const proxy = new DelayProxy({ port: Number(port), roundTrip, ...listeners });
		proxies.push(proxy);
		ports.set(port, await proxy.listen());
	}
	return {
		through(url: string): string {
			const { protocol, hostname, port } = new URL(url);
			return `${protocol}//${hostname}:${ports.get(port)}`;
		},
		/** In the order of their beginnings. */
		connections: () => proxies.flatMap(({ connections }) => connections).sort((a, b) => a.opened - b.opened),
		cut(): void {
			for (const proxy of proxies) proxy.cut();
		},
		close(): void {
			for (const proxy of proxies) proxy.close();
		},
	};
}

function table(rows: readonly string[]): string {
	const heads = [
		"connections",
		"full handshakes",
		"resumed",
		"round trips",
		"stalls",
		...roundTrips.map((each) => `${each} ms`),
	];
	return [
		row(`until online, median of ${rounds} and of ${rounds * reconnects}`, ...heads),
		row("---", ...heads.map(() => "---:")),
		...rows,
	].join("\n");
}

/** @returns nothing where CPU time is not known */
function cpuTable(): string {
	const { full, resumed } = handshakes;
	if (resumed.length === 0) return "";
	const ratio = median(resumed) / median(full);
	return [
		"| TLS handshake, CPU time in the simulator, median | ms |",
		"| --- | ---: |",
		row(`full (${full.length})`, median(full).toFixed(1)),
		row(`resumed (${resumed.length})`, median(resumed).toFixed(1)),
		row("resumed / full", ratio.toFixed(2)),
	].join("\n");
}

function row(...cells: readonly (string | number)[]): string {
	return `| ${cells.join(" | ")} |`;
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
