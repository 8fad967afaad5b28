import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PolicyFactory, policyFactories } from "@dynreg/cli/internal/fleet/policies";
import { measureRealFleet } from "@dynreg/cli/internal/fleet/real-fleet";
import { type ReportRow, reportRows } from "@dynreg/cli/internal/fleet/report";
import {
	type FleetScenario,
	leastSeconds,
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
const scenariosOf = (capacity: number, outage: number): readonly [FleetScenario, FleetScenario, FleetScenario] => {
	const cloud = { capacity, fullHandshakes: capacity, resumedCost: 0.4 };
	return [
		{ name: "503", begins: "cold", outage: 0, ...cloud, retryAfter: 60 },
		{ name: "refused", begins: "cold", outage: 0, ...cloud },
		{ name: "recovery", begins: "recovery", outage, ...cloud },
	];
};
const scenarios = scenariosOf(capacity, 300);
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
			const { online, gaveUp, trying, connections, ...outcome } = simulateFleet(maker, scenario, options);
			const isOnline = online.at(-1) ?? 0;
			t.is(isOnline + gaveUp + trying, boards, `${maker.name} ${scenario.name}`);
			// A board that comes online has connected once; if it registered first, twice; one that gave up may have registered.
			const connected = sum(connections) - outcome.unanswered - outcome.turnedAway;
			t.true(connected >= isOnline && connected <= 2 * boards);
			t.true(online.every((each, second) => second === 0 || each >= (online[second - 1] ?? 0)));
		}
});

test("the cloud takes no more connections a second than it can", (t) => {
	for (const maker of policyFactories) {
		const { online } = simulateFleet(maker, scenarios[2], options);
		for (let second = 1; second < online.length; second++)
			t.true((online[second] ?? 0) - (online[second - 1] ?? 0) <= capacity);
		t.is(sum(online.slice(0, 300)), 0, "nobody is online while the cloud is gone");
	}
});

test("invariant 7: with the firmware's policy every board comes online", (t) => {
	for (const scenario of scenarios) t.is(simulateFleet(firmware, scenario, options).online.at(-1), boards);
	t.true(simulateFleet(doubling, scenarios[2], options).gaveUp > 0, "others give up");
});

test("invariant 7: the firmware's peak load stays below a third of the fleet", (t) => {
	for (const scenario of scenarios) {
		t.true(peakConnections(simulateFleet(firmware, scenario, options)) < 0.4 * boards);
		t.true(peakConnections(simulateFleet(linear, scenario, options)) > 0.4 * boards);
	}
	const recovery = simulateFleet(firmware, scenarios[2], options);
	const afterwards = recovery.connections.slice(300);
	t.true(afterwards.reduce((most, each) => Math.max(most, each), 0) < 0.01 * boards, "spread over minutes by then");
});

test("invariant 7: enough startup jitter leaves almost no wasted connections", (t) => {
	const outcome = simulateFleet(firmware, scenarios[0], {
		...options,
		startupJitter: (5 * boards) / capacity,
	});
	t.true(peakConnections(outcome) <= capacity, `${peakConnections(outcome)}`);
	t.true(outcome.turnedAway < 0.05 * boards);
});

test("Retry-After delays the boards that received it", (t) => {
	const outcome = simulateFleet(firmware, scenarios[0], options);
	// The first ones come within 4 s, those taken connect a second later or are turned away without Retry-After.
	t.true(sum(outcome.connections.slice(10, 60)) < 0.1 * boards);
	t.true(sum(outcome.connections.slice(60, 124)) > 0.9 * boards, "with jitter as wide as Retry-After");
});

test("times count from the end of the outage, and are absent if never online", (t) => {
	const online = Uint32Array.of(0, 0, 1, 2, 4);
	const counts = { gaveUp: 0, trying: 0, unanswered: 3, turnedAway: 5, handshakes: 6 };
	const outcome: SimulationResult = { policy: "", connections: Uint32Array.of(9, 1, 2, 3, 4), online, ...counts };
	t.is(secondsUntilOnline(0.5, outcome, 4), 4);
	t.is(secondsUntilOnline(0.99, outcome, 5), undefined);
	const scenario = { ...scenarios[2], outage: 2 };
	const [row] = reportRows({ scenario, outcomes: [outcome] }, 4);
	t.like(row, { p50: 2, p95: 3, p100: 3, unanswered: 0.75, turnedAway: 1.25, handshakes: 1.5, peak: 9, laterPeak: 0 });
	t.is(reportRows({ scenario, outcomes: [outcome] }, 5)[0]?.p99, undefined);
});

test("the least time is that of a cloud that is never idle", (t) => {
	const [, refused, recovery] = scenarios;
	t.is(leastSeconds(refused, boards), (2 * boards) / capacity, "two connections a board");
	t.is(leastSeconds(recovery, boards), boards / capacity);
	// For half of the full handshakes a cloud computes more resumed ones than it takes connections, for a quarter fewer.
	t.is(leastSeconds({ ...refused, fullHandshakes: capacity / 2 }, boards), (4 * boards) / capacity);
	t.is(leastSeconds({ ...recovery, fullHandshakes: capacity / 2 }, boards), boards / capacity);
	t.is(leastSeconds({ ...recovery, fullHandshakes: capacity / 4 }, boards), (1.6 * boards) / capacity);
	for (const scenario of scenarios)
		for (const factory of policyFactories) {
			const all = secondsUntilOnline(1, simulateFleet(factory, scenario, options), boards);
			t.true(all === undefined || all - scenario.outage >= leastSeconds(scenario, boards));
		}
});

test("a cloud short of computing power has its fleet back sooner if sessions resume", (t) => {
	const slow = { ...scenarios[2], fullHandshakes: capacity / 4 };
	const [resumed, full] = [slow, { ...slow, resumedCost: 1 }].map((each) => simulateFleet(firmware, each, options));
	t.is(resumed?.online.at(-1), boards);
	t.is(Math.round(resumed?.handshakes ?? 0), 0.4 * boards);
	t.is(full?.handshakes, boards);
	const [sooner = 0, later = 0] = [resumed, full].map((each) => each && secondsUntilOnline(0.99, each, boards));
	t.true(later - slow.outage > 1.5 * (sooner - slow.outage), `${sooner} s, ${later} s`);
	for (const [outcome, most] of [
		[resumed, capacity / 4 / 0.4],
		[full, capacity / 4],
	] as const)
		for (const [second, each] of (outcome?.online ?? []).entries())
			t.true(each - (outcome?.online[second - 1] ?? 0) <= most + 2.5, `${each} at ${second} s`);
});

test("a 503 costs the cloud a full handshake, a refused connection none", (t) => {
	const [unavailable, refused] = scenarios.slice(0, 2).map((each) => simulateFleet(firmware, each, options));
	t.is(unavailable?.handshakes, sum(unavailable?.connections ?? new Uint32Array()));
	t.is(refused?.handshakes, 2 * boards);
});

test("invariant 7: the firmware has a fleet back within 1.6 times the least", (t) => {
	// So many that chance from one tenth of a second to the next does not count.
	const fleet = { ...options, boards: 100_000 };
	for (const scenario of scenariosOf(500, 600)) {
		const outcome = simulateFleet(firmware, scenario, fleet);
		const seconds = (secondsUntilOnline(0.99, outcome, fleet.boards) ?? Infinity) - scenario.outage;
		t.true(seconds <= 1.6 * leastSeconds(scenario, fleet.boards), `${scenario.name}: ${seconds} s`);
		t.true(outcome.turnedAway <= 5.5 * fleet.boards, `${scenario.name}: ${outcome.turnedAway}`);
		t.true(outcome.unanswered <= 8 * fleet.boards);
		t.true(peakConnections(outcome, 10) <= 0.25 * fleet.boards, `${peakConnections(outcome, 10)}`);
	}
});

test("invariant 7: the firmware has a fleet of any size back within five minutes more than the least", (t) => {
	for (const boards of [100, 1000, 10_000, 50_000])
		for (const scenario of scenariosOf(100, 600)) {
			const outcome = simulateFleet(firmware, scenario, { ...options, boards });
			const seconds = (secondsUntilOnline(0.99, outcome, boards) ?? Infinity) - scenario.outage;
			const least = leastSeconds(scenario, boards) + (scenario.retryAfter ?? 0);
			t.true(seconds <= least + 300, `${boards}, ${scenario.name}: ${seconds} s of ${least}`);
		}
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
	t.like(told, { boards: 1000, seed: 7, capacity: 20, fullHandshakes: 20, resumedCost: 0.4 });
	t.is(told.rows.length, 9);
	for (const { online, gaveUp, trying } of told.rows) t.is(online + gaveUp + trying, 1000);
});

test("dynreg fleet --help shows the options", async (t) => {
	const { code, out } = await dynreg("fleet", "--help").ended;
	t.is(code, 0);
	for (const word of ["--boards", "--capacity", "--full-handshakes", "--resumed-cost", "--startup-jitter", "--real"])
		t.true(out.includes(word), word);
});

for (const [args, complaint] of [
	[["--boards", "many"], '--boards is invalid: "many". Expected a whole number from 1 to 10000000.'],
	[["--capacity", "0"], "--capacity is"],
	[["--full-handshakes", "0"], "--full-handshakes is"],
	[["--resumed-cost", "101"], "--resumed-cost is"],
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
