import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { chart } from "../fleet/chart.js";
import { makers } from "../fleet/policies.js";
import { type Result, rows, table } from "../fleet/report.js";
import { type Scenario, simulate } from "../fleet/simulation.js";
import { colour } from "../terminal/colour.js";
import { readNumber, readOptions, UsageError } from "../terminal/usage.js";

export const summary = "a fleet of boards after power-up and after an outage, simulated or for real";

const HELP = `dynreg fleet: ${summary}

Usage: dynreg fleet [options]

  --boards N        how many boards (default: 1000000)
  --outage S        seconds that the cloud is gone for, before the fleet recovers (default: 600)
  --capacity N      connections a second that the cloud takes (default: 5000)
  --spread S        the firmware's option: seconds within which first requests come, 0 to
                    3600 (default: 3)
  --retry-after S   what a registration endpoint that is overloaded asks for (default: 60)
  --seed N          of all that is left to chance (default: 1)
  --out FOLDER      draw fleet.svg there
  --json            one JSON object: the table's numbers
  --help            this text

       dynreg fleet --real N [--spread S]

Boards in this process (the firmware on Node) against a local cloud, over real TLS: they are
switched on together, then the broker restarts. All have to come online, none may register
twice. Takes a minute for 1000 boards, and some 300 MB.

The simulation runs the firmware's own decisions (modules/policy), beside what vendors' SDKs do.
docs/reliability.md has what came of it.
`;

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		boards: { type: "string" },
		outage: { type: "string" },
		capacity: { type: "string" },
		spread: { type: "string" },
		"retry-after": { type: "string" },
		seed: { type: "string" },
		out: { type: "string" },
		json: { type: "boolean" },
		real: { type: "string" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const spread = readNumber("spread", values.spread ?? "3", 0, 3600);
	if (values.real !== undefined) {
		const simulated = (["boards", "outage", "capacity", "retry-after", "seed", "out", "json"] as const).find(
			(name) => values[name] !== undefined,
		);
		if (simulated) throw new UsageError(`--${simulated} is for the simulation: it does not go with --real`);
		const { runReal } = await import("../fleet/real.js");
		return runReal(readNumber("real", values.real, 1, 5000), spread);
	}
	const boards = readNumber("boards", values.boards ?? "1000000", 1, 10_000_000);
	const outage = readNumber("outage", values.outage ?? "600", 0, 7200);
	const capacity = readNumber("capacity", values.capacity ?? "5000", 1, 1_000_000);
	const retryAfter = readNumber("retry-after", values["retry-after"] ?? "60", 1, 3600);
	const options = { boards, spread, seed: readNumber("seed", values.seed ?? "1", 0, 0xffff_ffff) };
	const scenarios: readonly Scenario[] = [
		{ name: `cold start, 503 with Retry-After ${retryAfter}`, begins: "cold", outage: 0, capacity, retryAfter },
		{ name: "cold start, connections refused", begins: "cold", outage: 0, capacity },
		{ name: `recovery after ${outage} s`, begins: "recovery", outage, capacity },
	];

	const began = performance.now();
	const results: Result[] = [];
	for (const scenario of scenarios) {
		const outcomes = [];
		for (const maker of makers) {
			outcomes.push(simulate(maker, scenario, options));
			if (!values.json) process.stderr.write(colour(process.stderr, "gray", `${scenario.name}: ${maker.name}\n`));
		}
		results.push({ scenario, outcomes });
	}
	const all = results.flatMap((result) => rows(result, boards));
	if (values.out !== undefined) await write(values.out, results, boards);
	if (values.json) process.stdout.write(`${JSON.stringify({ ...options, capacity, rows: all })}\n`);
	else {
		const seconds = ((performance.now() - began) / 1000).toFixed(1);
		const where = values.out === undefined ? "" : `; fleet.svg is in ${values.out}`;
		process.stdout.write(`${table(all)}\n\n`);
		process.stdout.write(
			`${colour(process.stdout, "green", "Done:")} ${boards.toLocaleString("en")} boards, ${all.length} fleets in ${seconds} s${where}\n`,
		);
	}
	return 0;
}

async function write(folder: string, results: readonly Result[], boards: number): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, "fleet.svg"), chart(results, boards));
}
