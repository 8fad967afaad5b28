import { readFileSync } from "node:fs";
import type { FaultRule } from "@dynreg/cloud";
import { readFaultRules } from "@dynreg/cloud/internal/admin/faults";
import { UsageError } from "../command-line/usage-error.js";
import { reasonOf } from "../terminal/system-message.js";

/** @throws UsageError if it cannot be read, or is no list of rules */
export function readFaultsFile(file: string): readonly FaultRule[] {
	try {
		return readFaultRules(JSON.parse(readFileSync(file, "utf8")));
	} catch (error) {
		const what = error instanceof Error ? reasonOf(error) : String(error);
		throw new UsageError(
			`--faults is "${file}": ${what}; it must be JSON like {"rules":[{"operation":"register","fault":"drop"}]}`,
		);
	}
}
