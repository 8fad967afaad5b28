/**
 * A product that no image knows: `dynreg factory` writes a partition's contents, and boards in the simulator read them
 * with what an ESP32 runs, TypeScript and C, of a stand-in for its flash.
 */

import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { withBoard } from "@dynreg/node";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent, FailureReport } from "dynreg/contracts/event";
import { dynreg } from "../cli/dynreg.js";
import { TraceLog } from "../support/trace-log.js";

/** With what CSV minds. */
const secret = 'e2e-factory,"secret"';
const product = { cloud: "tencent", id: "FACTORY001", secret } as const;

/** Where a simulated board keeps its flash, with this in its factory partition if anything. */
async function flash(t: ExecutionContext, partition?: string): Promise<string> {
	const home = await mkdtemp(join(tmpdir(), "dynreg-e2e-factory-"));
	t.teardown(() => rm(home, { recursive: true }));
	const store = join(home, "flash");
	await mkdir(store);
	if (partition !== undefined) await writeFile(join(store, "fctry.csv"), partition);
	return store;
}

/** A board's events until this one, or until it fails. */
async function until(
	wanted: BoardEvent["event"],
	store: string,
	configuration: RawConfiguration,
): Promise<BoardEvent[]> {
	const image = await buildSimulator();
	const log = new TraceLog();
	const start = () => startBoard({ image, store, configuration, onEvent: log.event, onTrace: log.trace });
	await withBoard(log, start, () => log.waitFor((each) => each.event === wanted || each.event === "failed"));
	return log.events;
}

/** `dynreg factory` for one board of this product. */
async function manufacture(t: ExecutionContext, cloud: Cloud, store: string): Promise<void> {
	const { ca, deviceName: _, ...configuration } = demoConfiguration(cloud, product, "board-1");
	const folder = join(store, "..");
	await writeFile(join(folder, "product.json"), JSON.stringify(configuration));
	await writeFile(join(folder, "macs.txt"), "00:00:5e:00:53:01\n");
	const parameters = [
		"--config",
		join(folder, "product.json"),
		"--macs",
		join(folder, "macs.txt"),
		"--out",
		join(folder, "batch"),
	];
	const { code, err } = await dynreg("factory", ...parameters).ended;
	t.is(code, 0, err);
	await copyFile(join(folder, "batch", "nvs", "fctry.csv"), join(store, "fctry.csv"));
}

const first = ({ event }: BoardEvent) => event === "failed";
const messageOf = (told: readonly BoardEvent[]) => (told.find(first) as FailureReport | undefined)?.message;

if (findSdk() === undefined) test.skip(`sim: the factory partition: skipped, ${missingSdkMessage}`, () => {});
else {
	test.before(async (t) => {
		t.timeout(400_000);
		await buildSimulator();
	});

	test.serial("sim: a board whose image knows no product registers with the factory partition's", async (t) => {
		t.timeout(120_000);
		const cloud = await startCloud();
		const store = await flash(t);
		await manufacture(t, cloud, store);
		const { ca, startupJitter } = demoConfiguration(cloud, product, "board-1");
		const told = await until("online", store, { ca, startupJitter, deviceName: "board-1" });
		t.like(told.at(-1), { event: "online", device: "tencent/FACTORY001/board-1" }, messageOf(told));
		await cloud.close();
	});

	test.serial("sim: the factory partition overrides the product of the image", async (t) => {
		t.timeout(120_000);
		const cloud = await startCloud();
		const store = await flash(t);
		await manufacture(t, cloud, store);
		const { ca, startupJitter } = demoConfiguration(cloud, product, "board-1");
		const image = {
			cloud: "aliyun",
			productKey: "image000001",
			productSecret: "another-secret-0123",
			deviceName: "board-2",
		};
		const told = await until("online", store, { ca, startupJitter, ...image });
		t.like(told.at(-1), { event: "online", device: "tencent/FACTORY001/board-2" }, messageOf(told));
		await cloud.close();
	});

	const header = "key,type,encoding,value\n";
	const values = `${header}dynreg,namespace,,\nproductId,data,string,FACTORY001\nproductSecret,data,string,0123456789abcdef\n`;
	for (const [what, partition, configuration, complaint] of [
		["none", undefined, {}, /^productId is missing\. .* The board has no factory partition "fctry"\./],
		["another label", values, { factoryPartition: "mfg" }, /The board has no factory partition "mfg"/],
		[
			"the vault's label",
			values,
			{ factoryPartition: "nvs" },
			/The factory partition "nvs" cannot be read \(its label must be 1 to 16/,
		],
		["an empty one", header, {}, /The factory partition "fctry" is empty\. Flash a partition that dynreg factory made/],
		[
			"another board's",
			"\x00\xff encrypted",
			{},
			/"fctry" cannot be read \(it was not written for this board's keys, ESP-IDF's error 0x10d\)\. Write the partition again/,
		],
		["another's namespace", values.replace("dynreg", "other"), {}, /The factory partition "fctry" is empty/],
		[
			"an empty namespace",
			`${header}dynreg,namespace,,\nother,namespace,,\nproductId,data,string,X\n`,
			{},
			/"fctry" is empty/,
		],
		["no name", values, {}, /^deviceName is missing\. Expected 1 to 48 [^.]*\.$/],
		[
			"a wrong value",
			`${values}region,data,string,atlantis\n`,
			{ deviceName: "board-1" },
			/^region is invalid: "atlantis"\. .*Expected one of .*\. The value is from the factory partition "fctry"\. Write the partition again/,
		],
		[
			"bytes that are no text",
			values.replace("FACTORY001", "\xff\x01"),
			{ deviceName: "board-1" },
			/^productId is invalid: .* Expected 1 to 10 letters and digits\. The value is from the factory partition "fctry"/,
		],
		[
			"a value as long as can be",
			values.replace("FACTORY001", "x".repeat(3999)),
			{ deviceName: "board-1" },
			/^productId is invalid: 3999 characters\. .* The value is from the factory partition/,
		],
	] as const)
		test.serial(`sim: a board says what is wrong with its factory partition: ${what}`, async (t) => {
			t.timeout(120_000);
			const told = await until("failed", await flash(t, partition), configuration);
			t.like(told.find(first), {
				event: "failed",
				phase: "configuration",
				code: "bad-configuration",
				action: "needs-attention",
			});
			t.regex(messageOf(told) ?? "", complaint);
		});
}
