import { failing, groups } from "@dynreg/conformance/internal/device/catalogue";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { UsageError } from "../command-line/usage-error.js";

/**
 * The cases whose names match.
 *
 * @param planted those that fail on purpose, instead of the others
 * @throws UsageError when there is none
 */
export function chooseCases(planted: boolean, pattern: RegExp | undefined): readonly DeviceCase[] {
	const all = planted ? failing : groups().flatMap((group) => group.cases);
	if (pattern === undefined) return all;
	const found = all.filter(({ name }) => pattern.test(name));
	if (found.length > 0) return found;
	throw new UsageError(`--case is "${pattern.source}", and no case has that in its name: see --list`);
}
