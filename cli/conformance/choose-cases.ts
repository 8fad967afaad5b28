import { groups, selfTests } from "@dynreg/conformance/internal/device/catalogue";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { UsageError } from "../command-line/usage-error.js";

/**
 * The cases whose names match.
 *
 * @param selfTest the cases that fail on purpose, instead of the others
 * @throws UsageError when there is none
 */
export function chooseCases(selfTest: boolean, pattern: RegExp | undefined): readonly DeviceCase[] {
	const all = selfTest ? selfTests : groups().flatMap((group) => group.cases);
	if (pattern === undefined) return all;
	const found = all.filter(({ name }) => pattern.test(name));
	if (found.length > 0) return found;
	throw new UsageError(`No case matches --case "${pattern.source}". --list shows the names of all cases.`);
}
