import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Maker, makers } from "@dynreg/cli/internal/fleet/policies";
import { fleet } from "@dynreg/cli/internal/fleet/real";
import { type Row, rows } from "@dynreg/cli/internal/fleet/report";
import { type Outcome, peak, type Scenario, simulate, timeUntil } from "@dynreg/cli/internal/fleet/simulation";
import test from "ava";
import { dynreg } from "./dynreg.js";

const boards = 4000;
const options = { boards, spread: 3, seed: 1 };
const capacity = 40;
const scenarios: readonly Scenario[] = [
	{ name: "503", begins: "cold", outage: 0, capacity, retryAfter: 60 },
	{ name: "refused", begins: "cold", outage: 0, capacity },
	{ name: "recovery", begins: "recovery", outage: 300, capacity },
];
const [firmware, linear, doubling] = makers as [Maker, Maker, Maker];
const sum = (values: Uint32Array) => values.reduce((total, each) => total + each, 0);

test("the same seed gives the same fleet, another one another", (t) => {
	for (const maker of makers)
		for (const scenario of scenarios) {
			const once = simulate(maker, scenario, options);
			t.deepEqual(simulate(maker, scenario, options), once);
			t.notDeepEqual(simulate(maker, scenario, { ...options, seed: 2 }).connections, once.connections);
		}
});

test("no board gets lost: each is online, has given up, or is trying yet", (t) => {
	for (const maker of makers)
		for (const scenario of scenarios) {
			const { online, gaveUp, trying, connections, wasted } = simulate(maker, scenario, options);
			const isOnline = online.at(-1) ?? 0;
			t.is(isOnline + gaveUp + trying, boards, `${maker.name} ${scenario.name}`);
			// A board that comes online has connected once; if it registered first, twice; one that gave up may have registered.
			const connected = sum(connections) - wasted;
			t.true(connected >= isOnline && connected <= 2 * boards);
			t.true(online.every((each, second) => second === 0 || each >= (online[second - 1] ?? 0)));
		}
});

test("the cloud takes no more connections a second than it can", (t) => {
	for (const maker of makers) {
		const { online } = simulate(maker, scenarios[2] as Scenario, options);
		for (let second = 1; second < online.length; second++)
			t.true((online[second] ?? 0) - (online[second - 1] ?? 0) <= capacity);
		t.is(sum(online.slice(0, 300)), 0, "nobody is online while the cloud is gone");
	}
});

test("invariant 7: with the firmware's policy every board comes online, whatever the cloud does", (t) => {
	for (const scenario of scenarios) t.is(simulate(firmware, scenario, options).online.at(-1), boards);
	t.true(simulate(doubling, scenarios[2] as Scenario, options).gaveUp > 0, "others give up");
});

test("invariant 7: a fleet of the firmware's comes to the cloud in no more than a third of it a second, of others' nearly at once", (t) => {
	for (const scenario of scenarios) {
		t.true(peak(simulate(firmware, scenario, options)) < 0.4 * boards);
		t.true(peak(simulate(linear, scenario, options)) > 0.4 * boards);
	}
	const recovery = simulate(firmware, scenarios[2] as Scenario, options);
	const afterwards = recovery.connections.slice(300);
	t.true(afterwards.reduce((most, each) => Math.max(most, each), 0) < 0.01 * boards, "spread over minutes by then");
});

test("invariant 7: with a spread that leaves the cloud some room, next to nothing is wasted", (t) => {
	const outcome = simulate(firmware, scenarios[0] as Scenario, { ...options, spread: (5 * boards) / capacity });
	t.true(peak(outcome) <= capacity, `${peak(outcome)}`);
	t.true(outcome.wasted < 0.05 * boards);
});

test("Retry-After keeps the firmware's boards away that were told it", (t) => {
	const outcome = simulate(firmware, scenarios[0] as Scenario, options);
	// The first ones come within 4 s, those taken connect a second later, and those turned away after 65 s.
	t.is(sum(outcome.connections.slice(20, 64)), 0);
});

test("times count from when the cloud answers, and there are none for a fleet that never arrives", (t) => {
	const online = Uint32Array.of(0, 0, 1, 2, 4);
	const outcome: Outcome = { policy: "", connections: online, online, gaveUp: 0, trying: 0, wasted: 3 };
	t.is(timeUntil(0.5, outcome, 4), 4);
	t.is(timeUntil(0.99, outcome, 5), undefined);
	const [row] = rows({ scenario: { name: "", begins: "recovery", outage: 2, capacity: 1 }, outcomes: [outcome] }, 4);
	t.like(row, { half: 2, most: 3, wasted: 0.75, peak: 4 });
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
	const told = JSON.parse(out) as { boards: number; seed: number; rows: Row[] };
	t.like(told, { boards: 1000, seed: 7, capacity: 20 });
	t.is(told.rows.length, 9);
	for (const { online, gaveUp, trying } of told.rows) t.is(online + gaveUp + trying, 1000);
});

test("dynreg fleet --help tells the options", async (t) => {
	const { code, out } = await dynreg("fleet", "--help").ended;
	t.is(code, 0);
	for (const word of ["--boards", "--outage", "--capacity", "--spread", "--seed", "--out", "--json", "--real"])
		t.true(out.includes(word), word);
});

for (const [args, complaint] of [
	[["--boards", "many"], '--boards is "many": it must be a whole number from 1 to 10000000'],
	[["--capacity", "0"], "--capacity is"],
	[["--spread", "3601"], "--spread is"],
	[["--outage", "-1"], "--outage"],
	[["--real", "0"], "--real is"],
	[["--real", "10", "--seed", "1"], "--seed is for the simulation"],
	[["--policy", "best"], "The options are --boards"],
] as const)
	test(`a wrong command line is told: ${args.join(" ")}`, async (t) => {
		const { code, out, err } = await dynreg("fleet", ...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.true(err.includes(complaint), err);
	});

test("for real: fifty boards register once each, and come back after the broker restarts", async (t) => {
	const told: string[] = [];
	const { cold, recovery, registrations, twice } = await fleet(50, 1, (line) => told.push(line));
	t.is(registrations, 50);
	t.is(twice, 0);
	t.true(cold.peak > 0 && recovery.peak > 0 && recovery.peak <= 50);
	t.true(recovery.seconds > 2 && recovery.seconds < 60, `${recovery.seconds}`);
	t.regex(told[0] ?? "", /^cold start: \d+ of 50 online after 0 s$/);
});
