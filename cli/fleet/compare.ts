import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { FleetOptions } from "../commands/fleet.js";
import { colour } from "../terminal/colour.js";
import { chart } from "./chart.js";
import { makers } from "./policies.js";
import { type Result, rows, table } from "./report.js";
import { type Scenario, simulate } from "./simulation.js";

/** Simulates a fleet in each scenario with each policy, and prints a table. @returns the exit code */
export async function compare(options: FleetOptions): Promise<number> {
	const { boards, spread, seed, capacity, out, json } = options;
	const began = performance.now();
	if (out !== undefined) await mkdir(out, { recursive: true });
	const results = scenarios(options).map((scenario) => simulateAll(scenario, options));
	const all = results.flatMap((result) => rows(result, boards));
	if (out !== undefined) await writeFile(join(out, "fleet.svg"), chart(results, boards));
	if (json) {
		process.stdout.write(`${JSON.stringify({ boards, spread, seed, capacity, rows: all })}\n`);
		return 0;
	}
	const seconds = ((performance.now() - began) / 1000).toFixed(1);
	const where = out === undefined ? "" : `; fleet.svg is in ${out}`;
	const done = colour(process.stdout, "green", "Done:");
	process.stdout.write(
		`${table(all)}\n\n${done} ${boards.toLocaleString("en")} boards, ${all.length} fleets in ${seconds} s${where}\n`,
	);
	return 0;
}

function scenarios({ outage, capacity, "retry-after": retryAfter }: FleetOptions): readonly Scenario[] {
	return [
		{ name: `cold start, 503 with Retry-After ${retryAfter}`, begins: "cold", outage: 0, capacity, retryAfter },
		{ name: "cold start, connections refused", begins: "cold", outage: 0, capacity },
		{ name: `recovery after ${outage} s`, begins: "recovery", outage, capacity },
	];
}

function simulateAll(scenario: Scenario, { boards, spread, seed, json }: FleetOptions): Result {
	const outcomes = makers.map((maker) => {
		const outcome = simulate(maker, scenario, { boards, spread, seed });
		if (!json) process.stderr.write(colour(process.stderr, "gray", `${scenario.name}: ${maker.name}\n`));
		return outcome;
	});
	return { scenario, outcomes };
}
