import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { BoardHost } from "../support/board-hosts.js";
import { Turns } from "../support/turns.js";
import type { Case } from "./cases.js";
import { flows } from "./flows.js";
import { live, type Outcome } from "./life.js";

/** Milliseconds: the last one has waited for all others. */
const longest = 900_000;

/** Every case on one host, as tests, so many at once as the host takes; and at the end what was counted. */
export function play(host: BoardHost, cases: readonly Case[]): void {
	if (host.missing !== undefined) {
		test.skip(`${host.name}: skipped, ${host.missing}`, () => {});
		return;
	}
	const turns = new Turns(host.atOnce);
	const played: Promise<Outcome>[] = [];
	// Those that take long first, so that nobody waits for the last one alone.
	for (const one of cases.toSorted((a, b) => b.patience - a.patience)) {
		test(`${host.name}: ${flows[one.flow].name}, ${one.story}: ${one.name}`, async (t) => {
			t.timeout(longest);
			const playing = turns.take(() => inFolder((folder) => live(host, one, folder)));
			played.push(playing);
			await t.notThrowsAsync(playing);
		});
	}
	test(`${host.name}: every fault has struck`, async (t) => {
		t.timeout(longest);
		const outcomes = await Promise.all(played);
		const sum = (key: keyof Outcome): number => outcomes.reduce((all, outcome) => all + outcome[key], 0);
		const faults = new Set(cases.map(({ name }) => name)).size;
		t.log(
			`${cases.length} cases (${faults} faults, ${Object.keys(flows).length} flows), ${sum("strikes")} strikes, ${sum("online")} times online, ${sum("registrations")} registrations`,
		);
		t.is(
			sum("strikes"),
			cases.reduce((all, { what, times }) => all + ("fault" in what ? times : 0), 0),
		);
	});
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-faults-"));
	try {
		return await work(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
