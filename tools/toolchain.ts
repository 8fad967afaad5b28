import { existsSync } from "node:fs";
import { platform } from "node:os";
import { delimiter, join } from "node:path";
import type { Chip } from "./image.js";

/**
 * What lacks to build for this chip, as the SDK's makefiles look for it (tools/mcconfig/make.esp32.mk, make.esp.mk).
 *
 * @returns a sentence that says what to do, or undefined if it is all there
 */
export function missingToolchain(chip: Chip, environment: NodeJS.ProcessEnv): string | undefined {
	const what = chip === "esp32" ? missingForEsp32(environment) : missingForEsp8266(environment);
	if (what === undefined) return undefined;
	return (
		`The toolchain for ${chip} is not here: ${what}. Install it with: xs-dev setup --device ${chip}, ` +
		`open a new terminal, and see what is missing with: dynreg doctor --for ${chip}`
	);
}

function missingForEsp32({ IDF_PATH, PATH }: NodeJS.ProcessEnv): string | undefined {
	if (!IDF_PATH) return "IDF_PATH is not set";
	if (!existsSync(IDF_PATH)) return `there is no folder ${IDF_PATH}, which IDF_PATH names`;
	return onPath("idf.py", PATH) ? undefined : `idf.py is not on the PATH (source ${join(IDF_PATH, "export.sh")})`;
}

function missingForEsp8266({ ESP_BASE }: NodeJS.ProcessEnv): string | undefined {
	if (!ESP_BASE) return "ESP_BASE is not set";
	const compilers = join(ESP_BASE, "toolchain", platform() === "darwin" ? "Darwin" : "Linux");
	return [ESP_BASE, compilers]
		.filter((folder) => !existsSync(folder))
		.map((folder) => `there is no folder ${folder}`)
		.at(0);
}

function onPath(program: string, path = ""): boolean {
	return path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}
