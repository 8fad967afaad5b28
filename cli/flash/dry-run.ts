import { join } from "node:path";
import { debuggerBaudRates } from "../boards/attached-board.js";
import { isSecret } from "../configuration/configuration-keys.js";
import { manifestOf } from "../sdk/application-image.js";
import { chipOf } from "../sdk/platform.js";
import { outputFolder } from "../state/folders.js";
import { print } from "../terminal/print.js";
import type { FlashPlan } from "./flash.js";

/** Prints the manifest and the commands of an image that is not built, without secrets. */
export function printDryRun({ folder, image, platform, port, debug, missing }: FlashPlan): void {
	const shown = Object.entries(image.configuration).map(([key, value]) => [key, isSecret(key) ? "***" : value]);
	const manifest = join(folder, "manifest.json");
	const like = manifestOf(folder, { ...image, configuration: Object.fromEntries(shown) });
	const mcconfig = `UPLOAD_PORT=${port} mcconfig ${debug ? "-d " : ""}-m -p ${platform}`;
	print(`${manifest} would hold, with secrets in place of ***:\n\n${JSON.stringify(like, undefined, 2)}\n`);
	for (const target of ["build", "deploy"]) print(`${mcconfig} -t ${target} -o ${outputFolder(folder)} ${manifest}`);
	if (debug) print(`serial2xsbug ${port} ${debuggerBaudRates[chipOf(platform)]} 8N1`);
	print(`\nDry run: nothing was built or written.${missing === undefined ? "" : ` ${missing}`}`);
}
