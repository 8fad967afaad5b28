/**
 * A board of the size of an ESP8266. The simulator's machine is of a fixed size, in `test/small/manifest.json`: as many
 * slots, bytes of chunks and slots of stack as fit together into what the image for an ESP8266 reserves (`static` in
 * `hosts/moddable/platforms/esp8266/manifest.json`), counted as there. How much of that is margin, `docs/size.md` tells.
 */

import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { conformanceApplication } from "@dynreg/cli/internal/conformance/image";
import { findSdk, noSdk, project } from "@dynreg/cli/internal/sdk/moddable";
import { startCloud } from "@dynreg/cloud";
import { demoClouds, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import { bytesOnChip, readMachine, runUntil } from "@dynreg/tools/small-machine";
import test from "ava";
import { inSimulator } from "./in-simulator.js";

test("small: the machine that is tried is the ESP8266's, and so is that of the tests", async (t) => {
	const manifest = await readFile(join(project, "hosts/moddable/platforms/esp8266/manifest.json"), "utf8");
	const { creation } = JSON.parse(manifest);
	const machine = readMachine("test/small");
	t.is(bytesOnChip(machine), creation.static);
	t.is(machine.stack, creation.stack);
	t.deepEqual(readMachine("conformance/device/esp8266"), machine);
});

if (findSdk() === undefined) {
	test.skip(`small: skipped, ${noSdk}`, () => {});
} else {
	let image: string;
	let folder: string;

	test.before(async (t) => {
		t.timeout(300_000);
		image = await buildSimulator("test/small");
		folder = await mkdtemp(join(tmpdir(), "dynreg-small-"));
	});

	test.serial("small: an ESP8266's memory is enough for every case, whatever servers and attackers send", async (t) => {
		t.timeout(600_000);
		const tests = await buildSimulator(conformanceApplication(true));
		const cases = groups().flatMap((group) => group.cases);
		await inSimulator(tests, { isSmall: true }, async (attempt) => {
			const results = [...(await attempt(cases, 60_000)).values()];
			const reasons = results.filter(({ outcome }) => outcome === "failed").map(({ name, reason }) => [name, reason]);
			t.deepEqual(reasons, []);
			t.true(results.filter(({ outcome }) => outcome === "passed").length > 140);
		});
	});

	test.after.always(() => rm(folder, { recursive: true, force: true }));

	for (const name of demoClouds)
		test.serial(
			`small: ${name}: an ESP8266's memory is enough to register over TLS, and to come back online again and again`,
			async (t) => {
				const cloud = await startCloud();
				// An image has its authorities as DER in flash; to read PEM takes memory that a board never needs.
				const ca = join(folder, `${name}.der`);
				await writeFile(ca, new X509Certificate(await readFile(cloud.ca)).raw);
				const store = join(folder, name);
				const product = { cloud: name, id: "SMALL00001", secret: "a-secret-of-a-small-board" };
				const configuration = { ...demoConfiguration(cloud, product, "board-1"), ca };
				const { administration } = cloud;
				let sessions = 0;
				const onlineAgain = (heard: string) => {
					if (heard !== "clock") return false;
					sessions++;
					if (sessions < 3) administration.disconnectDevice(name, product.id, "board-1");
					return sessions === 3;
				};
				try {
					const registered = await runUntil({ image, store, configuration }, (heard) => heard === "clock");
					t.is(registered, undefined, "first boot");
					const online = await runUntil({ image, store, configuration }, onlineAgain, 100_000);
					t.is(online, undefined, "power cycle, and cut off twice");
					t.is(administration.requests().filter(({ operation }) => operation.startsWith("register/")).length, 1);
				} finally {
					await cloud.close();
				}
			},
		);
}
