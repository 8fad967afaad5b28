import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { SntpServer } from "@dynreg/cloud/internal/server/sntp-server";
import test from "ava";
import { dynreg } from "./dynreg.js";

const product = { cloud: "tencent", id: "CLOCKPROD1", secret: "a-made-up-product-secret" } as const;
let folder: string;
let cloud: Cloud;
let time: SntpServer;

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-clock-"));
	cloud = await startCloud();

	time = new SntpServer("127.0.0.1", 0);
	await time.start();
});

test.after.always(async () => {
	await cloud.close();
	await time.stop();
	await rm(folder, { recursive: true, force: true });
});

/** The events of a board that is switched on at this date. */
async function life(host: string, clock: string) {
	const config = join(folder, `${host}-${clock}.json`);
	const configuration = demoConfiguration(cloud, product, `${host}-${clock}`);
	await writeFile(config, JSON.stringify({ ...configuration, sntp: `127.0.0.1:${time.port}` }));
	const { code, out } = await dynreg(
		...["board", "--host", host, "--config", config, "--clock", clock],
		...["--until", "online", "--timeout", "60", "--json"],
	).ended;
	const events = out.trim().split("\n");
	return { code, events: events.map((line) => JSON.parse(line)) };
}

for (const host of ["node", "xs"]) {
	test(`${host}: a board that is switched on in 1970 asks for the time, and is online`, async (t) => {
		const { code, events } = await life(host, "1970-01-01");
		t.is(code, 0);
		t.false(events.some(({ event }) => event === "failed"));
	});

	test(`${host}: a board with a clock in 2099 resyncs its time and comes online`, async (t) => {
		const { code, events } = await life(host, "2099-12-31T23:59:59Z");
		const failures = events.filter(({ event }) => event === "failed");
		t.deepEqual(
			failures.map((failure) => `${failure.code} ${failure.action}`),
			["certificate-expired retry"],
		);
		t.is(code, 0);
	});
}

for (const clock of ["yesterday", "2099", "2099-13-01", "31.12.2099"])
	test(`--clock ${clock} is refused as no date`, async (t) => {
		const { code, err } = await dynreg("board", "--config", "board.json", "--clock", clock).ended;
		t.is(code, 1);
		t.true(err.includes(`--clock is invalid: "${clock}". Expected a date in ISO 8601`), err);
	});

test("--help shows --clock", async (t) => {
	t.true((await dynreg("board", "--help").ended).out.includes("--clock DATE"));
});
