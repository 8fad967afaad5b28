/**
 * The smallest XS machines in which a board comes online, found by trying. Prints the table and writes it into
 * `docs/reference/size.md`.
 *
 *     node build/tools/measure-memory.js
 */

import { createHmac, X509Certificate } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { writeGenerated } from "./generated.js";
import {
	bytesOnChip,
	type Machine,
	memoryBudgets,
	readMachine,
	resizeMachine,
	runSimulatorUntil,
} from "./small-machine.js";

const product = { cloud: "tencent", id: "MEMORY0001", secret: "a-secret-to-measure-with" } as const;
const name = "board-1";
/** The device's key: sixteen zeros. */
const key = Buffer.alloc(16);

/** The steps in which each size is tried, and where the search begins. */
const least: Machine = { slots: 256, chunks: 4096, stack: 128 };
const step: Machine = { slots: 8, chunks: 256, stack: 4 };

interface Try {
	readonly what: string;
	/** Bytes on a chip. */
	readonly budget?: number;
	readonly folder: string;
	/** What flash holds before. */
	readonly flash?: string;
	/** Of the next life: a device that is active does not register again. */
	configuration(): RawConfiguration;
	readonly until: string;
}

const folder = await mkdtemp(join(tmpdir(), "dynreg-memory-"));
const cloud = await startCloud();
try {
	if (findSdk() === undefined) process.stdout.write(`Skipped: ${missingSdkMessage}.\n`);
	else await measure();
} finally {
	await cloud.close();
	await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
	const ca = new X509Certificate(await readFile(cloud.ca)).raw;
	const authority = join(folder, "ca.der");
	await writeFile(authority, ca);
	const known = { ...demoConfiguration(cloud, product, name), ca: authority };
	cloud.administration.putDevice(product.cloud, product.id, name, key.toString("base64"));
	let devices = 0;

	const ours = { folder: "test/small", until: "clock" };
	const flash = join(folder, "flash");
	const images = new Map<string, string>();
	for (const each of ["test/small", "test/small/sdk"]) images.set(each, await buildSimulator(each));
	const first = { image: images.get(ours.folder) as string, store: flash, configuration: known };
	const reason = await runSimulatorUntil(first, (seen) => seen === "clock");
	if (reason !== undefined) throw new Error(`The board is not online, so its memory cannot be measured: ${reason}`);

	const tries: Try[] = [
		{
			what: "the SDK alone: its MQTT over its TLS",
			folder: "test/small/sdk",
			configuration: () => ({ ...sdkOptions(cloud), authority: ca.toString("base64") }),
			until: "the SDK is online",
		},
		{
			...ours,
			what: "first boot: registration over HTTPS, then MQTT",
			budget: memoryBudgets.firstBoot,
			configuration: () => ({ ...known, deviceName: `board-${devices++}-first` }),
		},
		{
			...ours,
			what: "power cycle: MQTT",
			budget: memoryBudgets.powerCycle,
			flash,
			configuration: () => known,
		},
	];
	const rows: [string, Machine, (number | undefined)?][] = [];
	for (const each of tries)
		rows.push([each.what, await smallest(each, images.get(each.folder) as string), each.budget]);
	rows.push(["what `test/small` tries, and an ESP8266 reserves", readMachine("test/small")]);
	const text = [
		"| smallest machine | slots | chunks, bytes | stack, slots | bytes on a chip | budget |",
		"| --- | ---: | ---: | ---: | ---: | ---: |",
		...rows.map(([what, machine, budget]) => {
			const numbers = [machine.slots, machine.chunks, machine.stack, bytesOnChip(machine), budget];
			return `| ${what} | ${numbers.map((each) => each?.toLocaleString("en") ?? "").join(" | ")} |`;
		}),
	].join("\n");
	process.stdout.write(`\n${text}\n`);
	writeGenerated(join(project, "docs/reference/size.md"), "memory", text);
	process.stdout.write("\nWritten to docs/reference/size.md.\n");
	for (const [what, machine, budget = Number.POSITIVE_INFINITY] of rows)
		if (bytesOnChip(machine) > budget)
			throw new Error(`${what}: ${bytesOnChip(machine)} bytes, the budget is ${budget}`);
}

/** Each size by itself, the others ample; then the three together, a little more of each until that is enough. */
async function smallest(each: Try, image: string): Promise<Machine> {
	const ample: Machine = { slots: 4096, chunks: 65_536, stack: 1024 };
	const enough = async (machine: Machine) => {
		const found = await comesOnline(each, image, machine);
		const { slots, chunks, stack } = machine;
		process.stdout.write(`${each.what}: ${slots}, ${chunks}, ${stack}: ${found ? "enough" : "too small"}\n`);
		return found;
	};
	if (!(await enough(ample))) throw new Error(`${each.what}: ${JSON.stringify(ample)} is not enough memory.`);
	let machine = ample;
	for (const size of ["slots", "chunks", "stack"] as const) {
		let low = least[size];
		let high = readMachine("test/small")[size] * 2;
		while (high - low > step[size]) {
			const middle = low + Math.ceil((high - low) / 2 / step[size]) * step[size];
			if (await enough({ ...ample, [size]: middle })) high = middle;
			else low = middle;
		}
		machine = { ...machine, [size]: high };
	}
	while (!(await enough(machine)))
		machine = {
			slots: machine.slots + step.slots,
			chunks: machine.chunks + step.chunks,
			stack: machine.stack + step.stack,
		};
	return machine;
}

async function comesOnline({ folder: manifest, flash, configuration, until }: Try, image: string, machine: Machine) {
	const life = await mkdtemp(join(folder, "life-"));
	const store = join(life, "store");
	if (flash !== undefined) await cp(flash, store, { recursive: true });
	const resized = await resizeMachine(image, readMachine(manifest), machine, join(life, "image"));
	const reason = await runSimulatorUntil(
		{ image: resized, store, configuration: configuration() },
		(seen) => seen === until,
		8000,
	);
	await rm(life, { recursive: true, force: true });
	return reason === undefined;
}

/** For `test/small/sdk`: a session of the device's, as `modules/clouds/tencent/session-plan.ts` has it. */
function sdkOptions({ urls }: Cloud): RawConfiguration {
	const id = product.id + name;
	const user = `${id};12010126;abcde;2147483647`;
	const password = `${createHmac("sha256", key).update(user).digest("hex")};hmacsha256`;
	return { port: Number(new URL(urls.mqtts).port), id, user, password };
}
