import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { findSdk, noSdk } from "../../tools/moddable.js";
import { buildSimulator, startBoard } from "../../tools/simulated-board.js";
import { type RunningAttackers, startAttackers } from "./attackers.js";
import { cases } from "./contract.js";
import { startServers } from "./servers.js";

/** What `test/device/main.ts` traces. */
type Line = { readonly case: string; readonly error?: string } | { readonly ended: number };

/** Milliseconds. */
const patience = { build: 300_000, run: 180_000 };

if (findSdk() === undefined) {
	test.skip(`sim: skipped, ${noSdk}`, () => {});
} else {
	const results = new Map<string, string | undefined>();
	let running: RunningAttackers;
	let image: string;
	let ended = 0;

	/** Everything runs once, in one simulator; then each case is judged under its own name. */
	test.before(async (t) => {
		t.timeout(patience.build + patience.run);
		image = await buildSimulator("test/device");
		const store = await mkdtemp(join(tmpdir(), "dynreg-device-"));
		const servers = await startServers();
		running = await startAttackers();
		let done = () => {};
		const finished = new Promise<void>((resolve) => {
			done = resolve;
		});
		const board = await startBoard({
			image,
			store,
			configuration: { servers: servers.servers, attackers: running.attackers, sntp: servers.servers.sntp },
			onEvent() {},
			onTrace(line) {
				if (!line.startsWith("{")) return;
				const told = JSON.parse(line) as Line;
				if ("case" in told) results.set(told.case, told.error);
				else ended = told.ended;
				if (ended) done();
			},
		});
		const timer = setTimeout(done, patience.run);
		await Promise.race([finished, board.exited]);
		clearTimeout(timer);
		board.kill();
		await board.exited;
		await servers.close();
		await running.close();
		await rm(store, { recursive: true });
	});

	for (const date of ["1970-01-01", "2099-12-31"])
		test.serial(`sim: a board may be switched on at any date: ${date}`, async (t) => {
			const now = Date.parse(date);
			const read = await new Promise((resolve) => {
				const board = startBoard({
					image,
					now,
					configuration: {},
					onEvent() {},
					onTrace(line) {
						if (!line.startsWith('{"clock":')) return;
						board.then(({ kill }) => kill());
						resolve(JSON.parse(line).clock);
					},
				});
			});
			if (date.startsWith("1970")) t.is(read, "unknown");
			else t.true(Math.abs(Number(read) - now) < 10_000, `${read}`);
		});

	for (const { name } of cases)
		test(`sim: ${name}`, (t) => {
			t.true(results.has(name), "the case ran");
			t.is(results.get(name), undefined);
		});

	test("sim: every case ran to its end", (t) => {
		t.is(results.size, ended);
	});

	test("sim: authorities are resources, too", (t) => {
		const found = [...results].filter(([name]) => name.startsWith("resource:"));
		t.is(found.length, 1);
		for (const [name, error] of found) t.is(error, undefined, name);
	});

	test("sim: no attacker gets through, and the SDK alone would let two of them", (t) => {
		const attacks = [...results].filter(([name]) => /^attack:|^the SDK alone/.test(name));
		t.true(attacks.length >= 8);
		for (const [name, error] of attacks) t.is(error, undefined, name);
	});

	test("sim: an attacker hears nothing after the ClientHello but alerts, save from the SDK alone", (t) => {
		const { attackers, heard } = running;
		for (const attacker of ["early", "finished"] as const)
			t.deepEqual(
				heard.get(attackers[attacker])?.filter((type) => type !== 21),
				[],
				attacker,
			);
	});
}
