import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { BoardHost } from "../support/board-hosts.js";
import { Semaphore } from "../support/semaphore.js";
import type { FaultCase } from "./fault-cases.js";
import { type FaultRunResult, runFaultCase } from "./fault-run.js";
import { registrationFlows } from "./flows.js";

/** Milliseconds: the last one has waited for all others. */
const timeout = 900_000;

/** Every case on one host, as tests, so many at once as the host takes; and at the end what was counted. */
export function runFaultCases(host: BoardHost, cases: readonly FaultCase[]): void {
	if (host.missingReason !== undefined) {
		test.skip(`${host.name}: skipped, ${host.missingReason}`, () => {});
		return;
	}
	const semaphore = new Semaphore(host.maxBoards);
	// Each of these takes two handshakes with client certificates, and a certificate from the cloud.
	const claims = new Semaphore(Math.min(4, host.maxBoards));
	const played: Promise<FaultRunResult>[] = [];
	// Those that take long first, so that nobody waits for the last one alone.
	for (const one of cases.toSorted((a, b) => b.timeout - a.timeout)) {
		test(`${host.name}: ${registrationFlows[one.flow].name}, ${one.moment}: ${one.name}`, async (t) => {
			t.timeout(timeout);
			const play = () => semaphore.run(() => inFolder((folder) => runFaultCase(host, one, folder)));
			const playing = one.flow === "claim" ? claims.run(play) : play();
			played.push(playing);
			await t.notThrowsAsync(playing);
		});
	}
	test(`${host.name}: every fault was triggered`, async (t) => {
		t.timeout(timeout);
		const outcomes = await Promise.all(played);
		const sum = (key: keyof FaultRunResult): number => outcomes.reduce((all, outcome) => all + outcome[key], 0);
		const faults = new Set(cases.map(({ name }) => name)).size;
		t.log(
			`${cases.length} cases (${faults} faults, ${Object.keys(registrationFlows).length} flows), ${sum("triggered")} faults triggered, ${sum("online")} times online, ${sum("registrations")} registrations`,
		);
		t.is(
			sum("triggered"),
			cases.reduce((all, { fault, times }) => all + ("fault" in fault ? times : 0), 0),
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
