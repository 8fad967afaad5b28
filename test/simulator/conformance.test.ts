import { buildSimulator, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import type { CaseResult } from "@dynreg/conformance/internal/coordinator/result";
import { groups, selfTests } from "@dynreg/conformance/internal/device/catalogue";
import { withBoard } from "@dynreg/node";
import test from "ava";
import { TraceLog } from "../support/trace-log.js";
import { inSimulator } from "./in-simulator.js";

/** Milliseconds. */
const patience = { build: 300_000, run: 400_000, case: 60_000, selfTest: 6_000 };

/** Those that nothing but a deadline ends. */
const hangs = /never comes back|waits without end/;

const cases = groups().flatMap((group) => group.cases);

test("sim: each case has a name of its own", (t) => {
	const names = [...cases, ...selfTests].map(({ name }) => name);
	t.is(new Set(names).size, names.length);
	t.true(names.length > 150);
});

if (findSdk() === undefined) {
	test.skip(`sim: skipped, ${missingSdkMessage}`, () => {});
} else {
	let results: ReadonlyMap<string, CaseResult>;
	let selfTest: ReadonlyMap<string, CaseResult>;
	let image: string;
	/** What attackers heard after the ClientHello, by name. */
	const heard = new Map<string, readonly number[]>();

	/** Everything runs once; then each case is judged under its own name. */
	test.before(async (t) => {
		t.timeout(patience.build + patience.run);
		image = await buildSimulator(conformanceApplication());
		await inSimulator(image, {}, async (attempt, { attackers: { attackers, receivedRecords: records } }) => {
			const endless = selfTests.filter(({ name }) => hangs.test(name));
			const others = selfTests.filter((each) => !endless.includes(each));
			selfTest = new Map([
				...(await attempt(endless, patience.selfTest)),
				// Not by a deadline, however busy this computer is.
				...(await attempt(others, patience.case)),
			]);
			results = await attempt(cases, patience.case);
			for (const name of ["early", "finished"] as const) heard.set(name, records.get(attackers[name]) ?? [0]);
		});
	});

	for (const date of ["1970-01-01", "2099-12-31"])
		test.serial(`sim: a board may be switched on at any date: ${date}`, async (t) => {
			const now = Date.parse(date);
			const log = new TraceLog();
			const start = () => startBoard({ image, now, configuration: {}, onEvent: log.event, onTrace: log.trace });
			const line = await withBoard(log, start, () => log.waitForLine((line) => line.startsWith('{"clock":')));
			const read = JSON.parse(line).clock;
			if (date.startsWith("1970")) t.is(read, "unknown");
			else t.true(Math.abs(Number(read) - now) < 10_000, `${read}`);
		});

	test.serial("sim: a board trusts servers by address where they have no name", async (t) => {
		t.timeout(patience.run);
		const testServer = { address: "127.0.0.2", name: "127.0.0.2" };
		const chosen = cases.filter(({ name }) =>
			/^online: |^https: a genuine|another name|^attack: |^sync: a clock/.test(name),
		);
		await inSimulator(image, { testServer }, async (attempt) => {
			const tried = await attempt(chosen, patience.case);
			t.true(tried.size > 10);
			for (const { name, reason } of tried.values()) t.is(reason, undefined, name);
		});
	});

	for (const { name } of cases)
		test(`sim: ${name}`, (t) => {
			t.is(results.get(name)?.reason, undefined);
			t.is(results.get(name)?.outcome, "passed");
		});

	test("sim: what is measured on a board has a number", (t) => {
		const measured = (name: RegExp) => [...results.values()].find((each) => name.test(each.name))?.measurements ?? {};
		const online = measured(/^online: tencent/);
		t.true((online["first boot to online, ms"] ?? 0) > (online["power cycle to online, ms"] ?? Infinity) / 2);
		const memory = measured(/^memory: /);
		const slots = (phase: string) => memory[`${phase}: slots, bytes`] ?? 0;
		t.true(slots("before") > 10_000 && slots("during") > slots("after"), JSON.stringify(memory));
		t.true(slots("after") <= slots("before") + 256, JSON.stringify(memory));
		const session = slots("with a TLS session to resume") - slots("without a TLS session to resume");
		// Slots have 32 bytes here.
		t.true(session > 0 && session <= 24 * 32, JSON.stringify(memory));
	});

	test("sim: after the ClientHello an attacker receives only alerts", (t) => {
		for (const [name, types] of heard)
			t.deepEqual(
				types.filter((type) => type !== 21),
				[],
				name,
			);
		t.is(heard.size, 2);
	});

	/** Which way each goes wrong, and how soon: not by the deadline where the board comes to an end before. */
	const wrong: readonly (readonly [name: string, reason: RegExp, deadline: boolean])[] = [
		["throws", /^Error: this failure is on purpose$/, false],
		["throws an uncaught error", /unhandled exception/, false],
		["takes all memory", /memory full/, false],
		["recurses without end", /stack overflow/, false],
		["never comes back", /^timeout: no end within 6 s/, true],
		["waits without end", /^timeout: no end within 6 s/, true],
		["fails in its second run", /^run 2: Error: this failure is on purpose, run 1$/, false],
	];

	for (const [name, reason, deadline] of wrong)
		test(`sim: a case that must fail is found out: ${name}`, (t) => {
			const result = selfTest.get(`self-test: ${name}`);
			t.is(result?.outcome, "failed");
			t.regex(result?.reason ?? "", reason);
			t.is((result?.duration ?? 0) >= (deadline ? patience.selfTest : patience.case), deadline);
		});

	test("sim: a case is not held to blame for the one before it", (t) => {
		t.is(selfTest.size, selfTests.length);
		t.is(selfTest.get("self-test: passes")?.measurements["seven, apples"], 7);
		t.is(selfTest.get("self-test: passes again")?.outcome, "passed");
	});
}
