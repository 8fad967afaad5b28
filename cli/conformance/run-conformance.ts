import { open, writeFile } from "node:fs/promises";
import type { Bench } from "@dynreg/conformance/internal/coordinator/bench";
import { startConductor } from "@dynreg/conformance/internal/coordinator/conductor";
import { turns } from "@dynreg/conformance/internal/coordinator/images";
import { report, totals } from "@dynreg/conformance/internal/coordinator/report";
import type { Result } from "@dynreg/conformance/internal/coordinator/result";
import { runCases } from "@dynreg/conformance/internal/coordinator/run";
import { tapLine, tapPlan } from "@dynreg/conformance/internal/coordinator/tap";
import { startWorld } from "@dynreg/conformance/internal/coordinator/world";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { sdkVersion } from "../sdk/moddable.js";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { printable } from "../terminal/printable.js";
import { resultLine } from "./result-line.js";
import { findTarget, type Target, type TargetOptions } from "./target.js";

/**
 * Runs cases on a board or in the simulator and prints the results.
 *
 * @param command what the report says has been run
 * @returns the exit code
 * @throws Error that says what to do when they cannot be tried
 */
export async function runConformance(
	cases: readonly DeviceCase[],
	options: TargetOptions,
	command: string,
): Promise<number> {
	// Before minutes of testing, not after them.
	if (options.report !== undefined) await (await open(options.report, "a")).close();
	const target = await findTarget(options);
	if (options.tap) print(tapPlan(cases.length));
	const say = (line: string) => print(options.tap ? `# ${line}` : line);
	const results = await runOn(target, cases, options, say);
	if (options.report !== undefined)
		await writeFile(options.report, report(groups(), results, { board: target.name, sdk: sdkVersion(), command }));
	const failed = results.some(({ outcome }) => outcome === "failed");
	say(`${colour(process.stdout, failed ? "red" : "green", failed ? "Failed:" : "Done:")} ${totals(results)}`);
	return failed ? 1 : 0;
}

async function runOn(
	{ place, wifi, resourceOf, images, prepare }: Target,
	cases: readonly DeviceCase[],
	{ patience, tap, trace }: TargetOptions,
	say: (line: string) => void,
): Promise<readonly Result[]> {
	const world = await startWorld(place, resourceOf);
	const conductor = await startConductor(place.address);
	const parts = images === undefined ? [{ files: undefined, cases }] : turns(cases, images);
	const results: Result[] = [];
	let bench: Bench | undefined;
	try {
		for (const [index, part] of parts.entries()) {
			if (parts.length > 1) say(`Image ${index + 1} of ${parts.length}, ${countOf(part.cases)}:`);
			const configuration = { ...wifi, conductor: conductor.url, sntp: world.sntp };
			bench = await prepare(configuration, world.authorities, say, part.files);
			await runCases({
				bench,
				conductor,
				world,
				cases: part.cases,
				patience: patience * 1000,
				onResult(result) {
					results.push(result);
					print(tap ? tapLine(result, results.length) : resultLine(result));
				},
				...(trace ? { onLine: (text: string) => say(`  ${printable(text)}`) } : {}),
			});
			await bench.close();
			bench = undefined;
		}
		return results;
	} finally {
		await bench?.close();
		await conductor.close();
		await world.close();
	}
}

function countOf({ length }: readonly DeviceCase[]): string {
	return length === 1 ? "1 case" : `${length} cases`;
}
