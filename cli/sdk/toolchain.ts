import { existsSync } from "node:fs";
import { homedir, platform } from "node:os";
import { join } from "node:path";
import type { Chip } from "./platform.js";

/**
 * What lacks to build for this chip, as the SDK's makefiles look for it (tools/mcconfig/make.esp32.mk, make.esp.mk).
 *
 * @returns a sentence that says what to do, or undefined if it is all there
 */
export function explainMissingToolchain(chip: Chip, environment: NodeJS.ProcessEnv): string | undefined {
	const what = chip === "esp32" ? missingForEsp32(environment) : missingForEsp8266(environment);
	if (what === undefined) return undefined;
	return (
		`The toolchain for ${chip} is missing: ${what}. Install it with: xs-dev setup --device ${chip}, ` +
		`then open a new terminal. For details: dynreg doctor --for ${chip}`
	);
}

/** `export.sh` puts the rest on the path; the SDK calls it by itself. */
function missingForEsp32({ IDF_PATH }: NodeJS.ProcessEnv): string | undefined {
	if (!IDF_PATH) return "IDF_PATH is not set";
	if (existsSync(join(IDF_PATH, "export.sh"))) return undefined;
	return `IDF_PATH is ${IDF_PATH}, which has no export.sh`;
}

function missingForEsp8266({ ESP_BASE, HOME }: NodeJS.ProcessEnv): string | undefined {
	const base = ESP_BASE || join(HOME ?? homedir(), "esp");
	const compilers = join(base, "toolchain", platform() === "darwin" ? "Darwin" : "Linux");
	const missing = [base, compilers].find((folder) => !existsSync(folder));
	return missing && `the folder ${missing} does not exist${ESP_BASE ? "" : " (ESP_BASE is not set)"}`;
}
