import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PolicyFactory, policyFactories } from "@dynreg/cli/internal/fleet/policies";
import { measureRealFleet } from "@dynreg/cli/internal/fleet/real-fleet";
import { type ReportRow, reportRows } from "@dynreg/cli/internal/fleet/report";
import {
	type FleetScenario,
	peakConnections,
	type SimulationResult,
	secondsUntilOnline,
	simulateFleet,
} from "@dynreg/cli/internal/fleet/simulation";
import test from "ava";
import { dynreg } from "./dynreg.js";

const boards = 4000;
const options = { boards, startupJitter: 3, seed: 1 };
const capacity = 40;
const scenarios: readonly FleetScenario[] = [
	{ name: "503", begins: "cold", outage: 0, capacity, retryAfter: 60 },
	{ name: "refused", begins: "cold", outage: 0, capacity },
	{ name: "recovery", begins: "recovery", outage: 300, capacity },
];
const [firmware, linear, doubling] = policyFactories as [PolicyFactory, PolicyFactory, PolicyFactory];
const sum = (values: Uint32Array) => values.reduce((total, each) => total + each, 0);

test("the same seed gives the same fleet, another one another", (t) => {
	for (const maker of policyFactories)
		for (const scenario of scenarios) {
			const once = simulateFleet(maker, scenario, options);
			t.deepEqual(simulateFleet(maker, scenario, options), once);
			t.notDeepEqual(simulateFleet(maker, scenario, { ...options, seed: 2 }).connections, once.connections);
		}
});

test("no board gets lost: each is online, has given up, or is trying yet", (t) => {
	for (const maker of policyFactories)
		for (const scenario of scenarios) {
			const { online, gaveUp, trying, connections, wasted } = simulateFleet(maker, scenario, options);
			const isOnline = online.at(-1) ?? 0;
			t.is(isOnline + gaveUp + trying, boards, `${maker.name} ${scenario.name}`);
			// A board that comes online has connected once; if it registered first, twice; one that gave up may have registered.
			const connected = sum(connections) - wasted;
			t.true(connected >= isOnline && connected <= 2 * boards);
			t.true(online.every((each, second) => second === 0 || each >= (online[second - 1] ?? 0)));
		}
});

test("the cloud takes no more connections a second than it can", (t) => {
	for (const maker of policyFactories) {
		const { online } = simulateFleet(maker, scenarios[2] as FleetScenario, options);
		for (let second = 1; second < online.length; second++)
			t.true((online[second] ?? 0) - (online[second - 1] ?? 0) <= capacity);
		t.is(sum(online.slice(0, 300)), 0, "nobody is online while the cloud is gone");
	}
});

test("invariant 7: with the firmware's policy every board comes online", (t) => {
	for (const scenario of scenarios) t.is(simulateFleet(firmware, scenario, options).online.at(-1), boards);
	t.true(simulateFleet(doubling, scenarios[2] as FleetScenario, options).gaveUp > 0, "others give up");
});

test("invariant 7: the firmware's peak load stays below a third of the fleet", (t) => {
	for (const scenario of scenarios) {
		t.true(peakConnections(simulateFleet(firmware, scenario, options)) < 0.4 * boards);
		t.true(peakConnections(simulateFleet(linear, scenario, options)) > 0.4 * boards);
	}
	const recovery = simulateFleet(firmware, scenarios[2] as FleetScenario, options);
	const afterwards = recovery.connections.slice(300);
	t.true(afterwards.reduce((most, each) => Math.max(most, each), 0) < 0.01 * boards, "spread over minutes by then");
});

test("invariant 7: enough startup jitter leaves almost no wasted connections", (t) => {
	const outcome = simulateFleet(firmware, scenarios[0] as FleetScenario, {
		...options,
		startupJitter: (5 * boards) / capacity,
	});
	t.true(peakConnections(outcome) <= capacity, `${peakConnections(outcome)}`);
	t.true(outcome.wasted < 0.05 * boards);
});

test("Retry-After delays the boards that received it", (t) => {
	const outcome = simulateFleet(firmware, scenarios[0] as FleetScenario, options);
	// The first ones come within 4 s, those taken connect a second later, and those turned away after 65 s.
	t.is(sum(outcome.connections.slice(20, 64)), 0);
});

test("times count from the end of the outage, and are absent if never online", (t) => {
	const online = Uint32Array.of(0, 0, 1, 2, 4);
	const outcome: SimulationResult = { policy: "", connections: online, online, gaveUp: 0, trying: 0, wasted: 3 };
	t.is(secondsUntilOnline(0.5, outcome, 4), 4);
	t.is(secondsUntilOnline(0.99, outcome, 5), undefined);
	const [row] = reportRows(
		{ scenario: { name: "", begins: "recovery", outage: 2, capacity: 1 }, outcomes: [outcome] },
		4,
	);
	t.like(row, { half: 2, most: 3, wasted: 0.75, peak: 4 });
});

test("with --json the output is one object, and progress goes to the standard error", async (t) => {
	const { code, out, err } = await dynreg("fleet", "--boards", "100", "--outage", "10", "--json").ended;
	t.is(code, 0, err);
	t.is(JSON.parse(out).rows.length, 9);
	t.is(err.match(/^(cold start|recovery).*: (dynreg|2 s x n|1 s doubling)$/gm)?.length, 9, err);
});

test("dynreg fleet draws an SVG that is well-formed", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-fleet-"));
	t.teardown(() => rm(folder, { recursive: true }));
	const { code, out, err } = await dynreg(
		"fleet",
		"--boards",
		"2000",
		"--capacity",
		"40",
		"--outage",
		"60",
		"--out",
		folder,
	).ended;
	t.is(code, 0, err);
	t.is(out.match(/^\| (cold|recovery)/gm)?.length, 9);
	t.regex(out, /\nDone: 2,000 boards, 9 fleets in \d+\.\d s; fleet\.svg is in .*\n$/);

	const svg = await readFile(join(folder, "fleet.svg"), "utf8");
	const open: string[] = [];
	for (const [tag, name = ""] of svg.matchAll(/<\/?([a-z]+)(?:\s+[\w-]+="[^"<]*")*\s*\/?>/gi))
		if (tag.startsWith("</")) t.is(open.pop(), name);
		else if (!tag.endsWith("/>")) open.push(name);
	t.deepEqual(open, []);
	t.is(
		svg.replace(/<\/?[a-z]+(?:\s+[\w-]+="[^"<]*")*\s*\/?>/gi, "").match(/[<>]/),
		null,
		"nothing but whole tags and text",
	);
	t.notRegex(svg, /NaN|Infinity|undefined/);
	t.is(svg.match(/<polyline points="[^"]{300,}/g)?.length, 18, "each policy a line in each panel");
	t.deepEqual(await readdir(folder), ["fleet.svg"]);
});

test("dynreg fleet --json says the same to a program", async (t) => {
	const { code, out } = await dynreg("fleet", "--boards", "1000", "--capacity", "20", "--json", "--seed", "7").ended;
	t.is(code, 0);
	const told = JSON.parse(out) as { boards: number; seed: number; rows: ReportRow[] };
	t.like(told, { boards: 1000, seed: 7, capacity: 20 });
	t.is(told.rows.length, 9);
	for (const { online, gaveUp, trying } of told.rows) t.is(online + gaveUp + trying, 1000);
});

test("dynreg fleet --help shows the options", async (t) => {
	const { code, out } = await dynreg("fleet", "--help").ended;
	t.is(code, 0);
	for (const word of ["--boards", "--outage", "--capacity", "--startup-jitter", "--seed", "--out", "--json", "--real"])
		t.true(out.includes(word), word);
});

for (const [args, complaint] of [
	[["--boards", "many"], '--boards is invalid: "many". Expected a whole number from 1 to 10000000.'],
	[["--capacity", "0"], "--capacity is"],
	[["--startup-jitter", "3601"], "--startup-jitter is"],
	[["--outage", "-1"], "--outage"],
	[["--real", "0"], "--real is"],
	[["--real", "10", "--seed", "1"], "--seed is an option of the simulation"],
	[["--policy", "best"], "The options are --boards"],
] as const)
	test(`a wrong command line is told: ${args.join(" ")}`, async (t) => {
		const { code, out, err } = await dynreg("fleet", ...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.true(err.includes(complaint), err);
	});

test("--real: fifty boards register once each and reconnect after a restart", async (t) => {
	const told: string[] = [];
	const { cold, recovery, registrations, registeredTwice } = await measureRealFleet(50, 1, (line) => told.push(line));
	t.is(registrations, 50);
	t.is(registeredTwice, 0);
	t.true(cold.peak > 0 && recovery.peak > 0 && recovery.peak <= 50);
	t.true(recovery.seconds > 2 && recovery.seconds < 60, `${recovery.seconds}`);
	t.regex(told[0] ?? "", /^cold start: \d+ of 50 online after 0 s$/);
});
