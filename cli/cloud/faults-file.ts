import type { FaultRule } from "@dynreg/cloud";
import { readFaultRules } from "@dynreg/cloud/internal/admin/faults";
import { InvalidJson, parseJsonText } from "@dynreg/node/internal/json-text";
import { readTextFile } from "../command-line/text-file.js";
import { UsageError } from "../command-line/usage-error.js";

/** @throws Error if the file cannot be read, or is no list of rules */
export function readFaultsFile(file: string): readonly FaultRule[] {
	const content = readTextFile(file, "The faults file", "Save the file as text in UTF-8.");
	try {
		return readFaultRules(parse(content));
	} catch (error) {
		const problem = error instanceof Error ? error.message : String(error);
		throw new UsageError(
			`The faults file ${file} is invalid. ${problem} Expected JSON such as {"rules":[{"operation":"register","fault":"drop"}]}.`,
		);
	}
}

/** @throws Error whose message is a sentence */
function parse(content: string): unknown {
	try {
		return parseJsonText(content);
	} catch (error) {
		if (error instanceof InvalidJson) throw new Error(`The file ${error.message}`);
		throw error;
	}
}
