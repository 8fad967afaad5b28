import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import type { FleetOptions } from "../commands/fleet.js";
import { ensureWritable } from "../state/ensure-writable.js";
import { lockFolder } from "../state/lock-folder.js";
import { colour } from "../terminal/colour.js";
import { drawChart } from "./chart.js";
import { policyFactories } from "./policies.js";
import { reportRows, reportTable, type ScenarioResult } from "./report.js";
import { type FleetScenario, simulateFleet } from "./simulation.js";

/** Simulates a fleet in each scenario with each policy, and prints a table. @returns the exit code */
export function comparePolicies(options: FleetOptions): number {
	const { boards, "startup-jitter": startupJitter, seed, capacity, out, json } = options;
	const { fullHandshakes, resumedCost } = cloudOf(options);
	const began = performance.now();
	const chart = out === undefined ? undefined : openChart(out);
	const results = scenarios(options).map((scenario) => simulateAll(scenario, options));
	const all = results.flatMap((result) => reportRows(result, boards));
	chart?.write(drawChart(results, boards));
	if (json) {
		process.stdout.write(
			`${JSON.stringify({ boards, startupJitter, seed, capacity, fullHandshakes, resumedCost, rows: all })}\n`,
		);
		return 0;
	}
	const seconds = ((performance.now() - began) / 1000).toFixed(1);
	const where = out === undefined ? "" : `; fleet.svg is in ${out}`;
	const done = colour(process.stdout, "green", "Done:");
	process.stdout.write(
		`${reportTable(all)}\n\n${done} ${boards.toLocaleString("en")} boards, ${all.length} fleets in ${seconds} s${where}\n`,
	);
	return 0;
}

/** @throws Error if another process writes the chart, or the folder cannot be written to */
function openChart(folder: string): { write(svg: string): void } {
	const file = join(folder, "fleet.svg");
	makeFolder(folder);
	const release = lockFolder(folder);
	ensureWritable(file);
	return {
		write(svg) {
			writeFileSync(file, svg);
			release();
		},
	};
}

function cloudOf({ capacity, "full-handshakes": fullHandshakes = capacity, "resumed-cost": percent }: FleetOptions) {
	return { capacity, fullHandshakes, resumedCost: percent / 100 };
}

function scenarios(options: FleetOptions): readonly FleetScenario[] {
	const { outage, "retry-after": retryAfter } = options;
	const cloud = cloudOf(options);
	return [
		{ name: `cold start, 503 with Retry-After ${retryAfter}`, begins: "cold", outage: 0, ...cloud, retryAfter },
		{ name: "cold start, connections refused", begins: "cold", outage: 0, ...cloud },
		{ name: `recovery after ${outage} s`, begins: "recovery", outage, ...cloud },
	];
}

function simulateAll(
	scenario: FleetScenario,
	{ boards, "startup-jitter": startupJitter, seed }: FleetOptions,
): ScenarioResult {
	const outcomes = policyFactories.map((factory) => {
		const outcome = simulateFleet(factory, scenario, { boards, startupJitter, seed });
		process.stderr.write(colour(process.stderr, "gray", `${scenario.name}: ${factory.name}\n`));
		return outcome;
	});
	return { scenario, outcomes };
}
