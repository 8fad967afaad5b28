import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { findSdk, noSdk } from "../../tools/moddable.js";
import { buildSimulator, startBoard } from "../../tools/simulated-board.js";
import { cases } from "./contract.js";
import { startServers } from "./servers.js";

/** What `test/device/main.ts` traces. */
type Line = { readonly case: string; readonly error?: string } | { readonly ended: number };

/** Milliseconds. */
const patience = { build: 300_000, run: 180_000 };

if (findSdk() === undefined) {
	test.skip(`sim: skipped, ${noSdk}`, () => {});
} else {
	/** The cases run once, all in one simulator; then each is judged under its own name. */
	let results: Promise<Map<string, string | undefined>> | undefined;

	for (const { name } of cases)
		test.serial(`sim: ${name}`, async (t) => {
			t.timeout(patience.build + patience.run);
			results ??= runAll(t);
			const all = await results;
			t.true(all.has(name), "the case ran");
			t.is(all.get(name), undefined);
		});
}

async function runAll(t: ExecutionContext): Promise<Map<string, string | undefined>> {
	const image = await buildSimulator("test/device");
	const folder = await mkdtemp(join(tmpdir(), "dynreg-device-"));
	const running = await startServers();
	const results = new Map<string, string | undefined>();
	let done = () => {};
	const ended = new Promise<void>((resolve) => {
		done = resolve;
	});
	const board = await startBoard({
		image,
		store: folder,
		configuration: { servers: running.servers },
		onEvent() {},
		onTrace(line) {
			if (!line.startsWith("{")) return;
			const told = JSON.parse(line) as Line;
			if ("case" in told) results.set(told.case, told.error);
			else done();
		},
	});
	const timer = setTimeout(done, patience.run);
	board.exited.then(({ killed, message }) => {
		if (!killed) t.log(message);
		done();
	});
	await ended;
	clearTimeout(timer);
	board.kill();
	await board.exited;
	await running.close();
	await rm(folder, { recursive: true });
	return results;
}
