import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { partOfConformance } from "@dynreg/cli/internal/conformance/conformance-application";
import {
	type BuildOptions,
	buildApplication,
	defaultBuildFolder,
	findSdk,
	missingSdkMessage,
	project,
	type Sdk,
} from "@dynreg/cli/internal/sdk/moddable-sdk";
import { checkRoots } from "@dynreg/cli/internal/sdk/root-certificates";
import { colour } from "@dynreg/cli/internal/terminal/colour";
import { esp8266Images } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import { writeGenerated } from "./generated.js";
import { withinBudget } from "./size/budgets.js";
import { readImage } from "./size/image.js";
import {
	budgetTable,
	builtInTable,
	flashBytes,
	imageTable,
	type LinkedImage,
	mainBin,
	measureImage,
	moduleTable,
} from "./size/report.js";
import { createStandIns } from "./stand-ins.js";

/**
 * Takes the firmware for both chips through TypeScript, `xsc` and `xsl`, as far as it goes
 * without the chips' compilers, and so each example, from the JavaScript that `npm run build` has made
 * of it; fails on any warning of the project's own and on any budget that is passed; and writes into docs/reference/size.md what the
 * images for an ESP8266 hold. With `--quick` only the firmware, one example a chip and the budgets, and nothing is written; `--modules` prints the table of
 * modules, too. With `--example NAME` only that one and `tencent`, and the difference by modules.
 */

const document = join(project, "docs/reference/size.md");

/** Partition tables and settings of ESP-IDF that a project opts into, and an application for each to try them with. */
const optional = [
	{ settings: "hosts/moddable/platforms/esp32/factory", folder: "test/partitions/factory", platform: "esp32" },
	{
		settings: "hosts/moddable/platforms/esp32/hardened/hmac",
		folder: "test/partitions/hmac",
		platform: "esp32/esp32s3",
	},
	{
		settings: "hosts/moddable/platforms/esp32/hardened/flash-encryption",
		folder: "test/partitions/flash-encryption",
		platform: "esp32",
	},
] as const;

process.exitCode = await main();

async function main(): Promise<number> {
	const sdk = findSdk();
	if (sdk === undefined) {
		say(`Skipped the link for ESP32 and ESP8266. ${missingSdkMessage}`);
		return 0;
	}
	try {
		checkRoots();
		const example = process.argv.indexOf("--example") + 1;
		if (example > 0) return await linkOne(sdk, `build/examples/${process.argv[example]}`);
		await link(sdk, ".", "esp32");
		if (process.argv.includes("--quick")) return await linkFew(sdk);
		for (const { folder, platform, settings } of optional) checkSettings(settings, await link(sdk, folder, platform));
		const examples = readdirSync(join(project, "examples"));
		for (const example of examples) await link(sdk, `build/examples/${example}`, "esp32");

		const alone = await linked(sdk, "the SDK alone", "tools/size/sdk-alone");
		const application = await linked(sdk, "the application", ".");
		const debug = await linked(sdk, "the application, debug", ".", true);
		const images: LinkedImage[] = [];
		for (const example of examples) images.push(await linked(sdk, `\`${example}\``, `build/examples/${example}`));
		const smallest = images[examples.indexOf("tencent")] as LinkedImage;
		for (const [index, files] of esp8266Images.entries())
			images.push(await linked(sdk, `conformance tests ${index + 1}, debug`, partOfConformance(files), true));
		const measures = measureImage(alone, smallest, debug);
		writeGenerated(document, "budgets", budgetTable(measures));
		writeGenerated(document, "images", imageTable(alone, [application, debug, ...images]));
		writeGenerated(document, "modules", moduleTable(alone.image, smallest.image));
		writeGenerated(document, "application", moduleTable(smallest.image, application.image));
		writeGenerated(document, "built-ins", builtInTable(smallest.image));
		say(`\n${budgetTable(measures)}\n`);
		const beyond = [...withinBudget(measures), ...images.flatMap(beyondPlace)];
		if (beyond.length) throw new Error(beyond.join("\n"));
		const count = `the firmware, its settings and ${examples.length} examples`;
		say(
			`${colour(process.stdout, "green", "Done:")} ${count} link without a warning; sizes are in docs/reference/size.md`,
		);
		return 0;
	} catch (error) {
		process.stderr.write(`${colour(process.stderr, "red", "link:")} ${(error as Error).message}\n`);
		return 1;
	}
}

/** @returns a sentence if the image ends beyond its place on a board with 4 MB */
function beyondPlace(linked: LinkedImage): string[] {
	const bytes = mainBin(linked);
	return bytes > flashBytes ? [`${linked.title}: ${bytes} bytes, and an ESP8266 has ${flashBytes}`] : [];
}

/** @returns the exit code */
async function linkOne(sdk: Sdk, folder: string): Promise<number> {
	const tencent = await linked(sdk, "`tencent`", "build/examples/tencent");
	const one = await linked(sdk, folder, folder);
	await link(sdk, folder, "esp32");
	say(`\n${moduleTable(tencent.image, one.image)}\n`);
	say(
		`${colour(process.stdout, "green", "Done:")} main.bin above tencent's: ${mainBin(one) - mainBin(tencent)} bytes (estimate)`,
	);
	return 0;
}

/** @returns the exit code */
async function linkFew(sdk: Sdk): Promise<number> {
	await link(sdk, "build/examples/tencent", "esp32");
	const alone = await linked(sdk, "the SDK alone", "tools/size/sdk-alone");
	const smallest = await linked(sdk, "`tencent`", "build/examples/tencent");
	const measures = measureImage(alone, smallest, await linked(sdk, "the application, debug", ".", true));
	say(`\n${budgetTable(measures)}\n`);
	if (process.argv.includes("--modules")) say(`${moduleTable(alone.image, smallest.image)}\n`);
	const beyond = withinBudget(measures);
	if (beyond.length) throw new Error(beyond.join("\n"));
	say(
		`${colour(process.stdout, "green", "Done:")} the firmware and an example link without a warning, within the budgets`,
	);
	return 0;
}

/**
 * @param application the folder of its manifest, within the project
 * @returns the folder that it was built in
 * @throws Error with what the tools say, or the warnings
 */
async function link(sdk: Sdk, application: string, platform: BuildOptions["platform"], debug = false): Promise<string> {
	const what = application === "." ? "the firmware" : application;
	say(`Linking ${what} for ${platform}${debug ? ", debug" : ""} …`);
	const name = basename(join(project, application));
	const folder = join(
		defaultBuildFolder,
		"tmp",
		platform === "esp8266" ? "esp" : platform,
		debug ? "debug" : "release",
		name,
	);
	const target = join(folder, "mc.xs.c");
	// Only what is linked anew warns, and only what is compiled anew is still part of it.
	rmSync(target, { force: true });
	rmSync(join(folder, "modules"), { recursive: true, force: true });
	const { code, output: printed } = await buildApplication(sdk, {
		folder: application,
		platform,
		debug,
		target,
		environment: { ...sdk.environment, ...paths(sdk, createStandIns()) },
	});
	if (code !== 0 || !existsSync(target)) throw new Error(`${what} does not link for ${platform}:\n${printed}`);
	const warnings = printed.split("\n").filter((line) => /\b(warning|error):/.test(line) && /\bdynreg\b/.test(line));
	if (warnings.length)
		throw new Error(
			`${what} links for ${platform} with warnings about this project's modules:\n${warnings.join("\n")}`,
		);
	return folder;
}

/** An image for an ESP8266, as the meter reads it. */
async function linked(sdk: Sdk, title: string, application: string, debug = false): Promise<LinkedImage> {
	const folder = await link(sdk, application, "esp8266", debug);
	return { title, debug, image: readImage(readFileSync(join(folder, "mc.xs.c"), "latin1")) };
}

/**
 * That the SDK has taken a partition table, and all that its settings say, over to ESP-IDF's. What is off in the
 * SDK's own settings stands there without a value.
 *
 * @param built the folder that an application with them was built in
 * @throws Error that names what is missing
 */
function checkSettings(settings: string, built: string): void {
	const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
	const names = readdirSync(built).filter((name) => name.startsWith("xsProj-"));
	const taken = (file: string) => names.map((name) => read(join(built, name, file))).join("");
	if (taken("partitions.csv") !== read(join(project, settings, "partitions.csv")))
		throw new Error(`The SDK did not use the partition table ${settings}/partitions.csv.`);
	const lines = new Set(taken("sdkconfig.mc").split("\n"));
	for (const file of ["sdkconfig.defaults", "sdkconfig.defaults.release"])
		for (const line of read(join(project, settings, "sdkconfig", file)).split("\n"))
			if (line.startsWith("CONFIG_") && !lines.has(line) && !lines.has(line.replace(/=n$/, "=")))
				throw new Error(`The SDK did not use ${line} of ${settings}/sdkconfig/${file}.`);
}

function paths(sdk: Sdk, standIn: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return { ...standIn, PATH: `${sdk.environment.PATH}:${standIn.PATH}` };
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
