import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { type Build, build, findSdk, noSdk, output, project, type Sdk } from "@dynreg/cli/internal/sdk/moddable";
import { checkRoots } from "@dynreg/cli/internal/sdk/roots";
import { styled } from "@dynreg/cli/internal/terminal/styled";
import { bytecodeSize } from "./bytecode.js";
import { writeGenerated } from "./generated.js";
import { standIns } from "./stand-ins.js";

/**
 * Takes the firmware for both chips through TypeScript, `xsc` and `xsl`, as far as it goes
 * without the chips' compilers, and so each example, from the JavaScript that `npm run build` has made
 * of it; fails on any warning of the project's own; and writes the size of each module into docs/size.md.
 */

const document = join(project, "docs", "size.md");
const explanation =
	"Bytes of bytecode by module: the CODE atom of what `xsc` makes of it, release build. Names are not in it; " +
	"the linker keeps each once for the whole image.";

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

/** Goals in bytes of bytecode; the host's parts come with any Moddable application that does the same. */
const groups = [
	{ title: "core", goal: 8192, holds: (name: string) => !isCloud(name) && !isHost(name) },
	{ title: "Tencent", goal: 3072, holds: (name: string) => name.startsWith("dynreg/tencent/") },
	{ title: "Alibaba", goal: 3072, holds: (name: string) => name.startsWith("dynreg/aliyun/") },
	{ title: "host: Moddable SDK", goal: undefined, holds: isHost },
] as const;
const goalOfAll = 16384;

function isCloud(name: string): boolean {
	return /^dynreg\/(tencent|aliyun)\//.test(name);
}

function isHost(name: string): boolean {
	return /^dynreg\/(attended|host|platform|ports)\b/.test(name);
}

process.exitCode = await main();

async function main(): Promise<number> {
	const sdk = findSdk();
	if (sdk === undefined) {
		say(`Skipped the link for ESP32 and ESP8266: ${noSdk}`);
		return 0;
	}
	try {
		checkRoots();
		const esp32 = sizes(await link(sdk, ".", "esp32"));
		const esp8266 = sizes(await link(sdk, ".", "esp8266"));
		for (const { folder, platform, settings } of optional) checkSettings(settings, await link(sdk, folder, platform));
		const examples = readdirSync(join(project, "examples")).map((name) => `build/examples/${name}`);
		for (const example of examples) for (const chip of ["esp32", "esp8266"] as const) await link(sdk, example, chip);
		const table = describe(esp32, esp8266);
		say(`\n${table}\n`);
		writeGenerated(document, "modules", `${explanation}\n\n${table}`);
		const count = `the firmware, its settings and ${examples.length} examples`;
		say(`${styled(process.stdout, "green", "Done:")} ${count} link without a warning; sizes are in docs/size.md`);
		return 0;
	} catch (error) {
		process.stderr.write(`${styled(process.stderr, "red", "link:")} ${(error as Error).message}\n`);
		return 1;
	}
}

/**
 * @param application the folder of its manifest, within the project
 * @returns the folder that it was built in
 * @throws Error with what the tools say, or the warnings
 */
async function link(sdk: Sdk, application: string, platform: Build["platform"]): Promise<string> {
	const what = application === "." ? "the firmware" : application;
	say(`Linking ${what} for ${platform} …`);
	const name = basename(join(project, application));
	const folder = join(output, "tmp", platform === "esp8266" ? "esp" : platform, "release", name);
	const target = join(folder, "mc.xs.c");
	// Only what is linked anew warns, and only what is compiled anew is still part of it.
	rmSync(target, { force: true });
	rmSync(join(folder, "modules"), { recursive: true, force: true });
	const { code, output: printed } = await build(sdk, {
		folder: application,
		platform,
		debug: false,
		target,
		environment: { ...sdk.environment, ...paths(sdk, standIns()) },
	});
	if (code !== 0 || !existsSync(target)) throw new Error(`${what} does not link for ${platform}:\n${printed}`);
	const warnings = printed.split("\n").filter((line) => /\b(warning|error):/.test(line) && /\bdynreg\b/.test(line));
	if (warnings.length) throw new Error(`${what} links for ${platform} with warnings of ours:\n${warnings.join("\n")}`);
	return folder;
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
		throw new Error(`${settings}/partitions.csv is not the table that the SDK has taken`);
	const lines = new Set(taken("sdkconfig.mc").split("\n"));
	for (const file of ["sdkconfig.defaults", "sdkconfig.defaults.release"])
		for (const line of read(join(project, settings, "sdkconfig", file)).split("\n"))
			if (line.startsWith("CONFIG_") && !lines.has(line) && !lines.has(line.replace(/=n$/, "=")))
				throw new Error(`${line}, in ${settings}/sdkconfig/${file}, is nothing that the SDK has taken`);
}

function paths(sdk: Sdk, standIn: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return { ...standIn, PATH: `${sdk.environment.PATH}:${standIn.PATH}` };
}

/** Bytes of bytecode by module. */
function sizes(built: string): Map<string, number> {
	const modules = join(built, "modules");
	const found = new Map<string, number>();
	const files = readdirSync(join(modules, "dynreg"), { recursive: true, encoding: "utf8" }).sort();
	for (const file of files.filter((name) => name.endsWith(".xsb"))) {
		const path = join(modules, "dynreg", file);
		found.set(
			relative(modules, path)
				.split(sep)
				.join("/")
				.replace(/\.xsb$/, ""),
			bytecodeSize(path),
		);
	}
	return found;
}

function describe(esp32: Map<string, number>, esp8266: Map<string, number>): string {
	const names = [...new Set([...esp32.keys(), ...esp8266.keys()])];
	const rows = ["| module | ESP32 | ESP8266 | goal |", "| --- | ---: | ---: | ---: |"];
	const row = (title: string, members: string[], goal?: number) => {
		const sum = (map: Map<string, number>) => members.reduce((total, name) => total + (map.get(name) ?? 0), 0);
		return `| ${title} | ${sum(esp32)} | ${sum(esp8266)} | ${goal === undefined ? "" : `≤ ${goal}`} |`;
	};
	for (const { title, goal, holds } of groups) {
		const members = names.filter(holds);
		rows.push(row(`**${title}**`, members, goal), ...members.map((name) => row(`\`${name}\``, [name])));
	}
	const library = names.filter((name) => !isHost(name));
	rows.push(row("**library in all** (core and clouds)", library, goalOfAll));
	return rows.join("\n");
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
