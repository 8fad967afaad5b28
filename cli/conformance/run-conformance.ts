import { writeFile } from "node:fs/promises";
import { casesByImage } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import { startFixture } from "@dynreg/conformance/internal/coordinator/fixture";
import { report, totals } from "@dynreg/conformance/internal/coordinator/report";
import type { CaseResult } from "@dynreg/conformance/internal/coordinator/result";
import { runCases } from "@dynreg/conformance/internal/coordinator/run-cases";
import { tapLine, tapPlan } from "@dynreg/conformance/internal/coordinator/tap";
import type { Target } from "@dynreg/conformance/internal/coordinator/target";
import { startTestCoordinator } from "@dynreg/conformance/internal/coordinator/test-coordinator";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { sdkVersion } from "../sdk/moddable-sdk.js";
import { ensureWritable } from "../state/ensure-writable.js";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { replaceControls } from "../terminal/replace-controls.js";
import { resultLine } from "./result-line.js";
import { findTargetSetup, type RunOptions, type TargetSetup } from "./target-setup.js";

/**
 * Runs cases on a board or in the simulator and prints the results.
 *
 * @param command what the report says has been run
 * @returns the exit code
 * @throws Error that says what to do when they cannot be tried
 */
export async function runConformance(
	cases: readonly DeviceCase[],
	options: RunOptions,
	command: string,
): Promise<number> {
	if (options.report !== undefined) ensureWritable(options.report);
	const target = await findTargetSetup(options);
	if (options.tap) print(tapPlan(cases.length));
	const printLine = (line: string) => print(options.tap ? `# ${line}` : line);
	const results = await runOn(target, cases, options, printLine);
	if (options.report !== undefined)
		await writeFile(options.report, report(groups(), results, { board: target.name, sdk: sdkVersion(), command }));
	const failed = results.some(({ outcome }) => outcome === "failed");
	printLine(`${colour(process.stdout, failed ? "red" : "green", failed ? "Failed:" : "Done:")} ${totals(results)}`);
	return failed ? 1 : 0;
}

async function runOn(
	{ testServer, wifi, resourceOf, images, prepare }: TargetSetup,
	cases: readonly DeviceCase[],
	{ timeout, tap, trace }: RunOptions,
	printLine: (line: string) => void,
): Promise<readonly CaseResult[]> {
	const fixture = await startFixture(testServer, resourceOf);
	const coordinator = await startTestCoordinator(testServer.address);
	const parts = images === undefined ? [{ files: undefined, cases }] : casesByImage(cases, images);
	const results: CaseResult[] = [];
	let target: Target | undefined;
	try {
		for (const [index, part] of parts.entries()) {
			if (parts.length > 1) printLine(`Image ${index + 1} of ${parts.length}, ${countOf(part.cases)}:`);
			const configuration = { ...wifi, coordinator: coordinator.url, sntp: fixture.sntp };
			target = await prepare(configuration, fixture.authorities, printLine, part.files);
			await runCases({
				target,
				coordinator,
				fixture,
				cases: part.cases,
				timeout: timeout * 1000,
				onResult(result) {
					results.push(result);
					print(tap ? tapLine(result, results.length) : resultLine(result));
				},
				...(trace ? { onLine: (text: string) => printLine(`  ${replaceControls(text)}`) } : {}),
			});
			await target.close();
			target = undefined;
		}
		return results;
	} finally {
		await target?.close();
		await coordinator.close();
		await fixture.close();
	}
}

function countOf({ length }: readonly DeviceCase[]): string {
	return length === 1 ? "1 case" : `${length} cases`;
}
