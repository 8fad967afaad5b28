import { writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type { Bench } from "@dynreg/conformance/internal/coordinator/bench";
import { startConductor } from "@dynreg/conformance/internal/coordinator/conductor";
import { report, totals } from "@dynreg/conformance/internal/coordinator/report";
import type { Result } from "@dynreg/conformance/internal/coordinator/result";
import { runCases } from "@dynreg/conformance/internal/coordinator/run";
import { tapLine, tapPlan } from "@dynreg/conformance/internal/coordinator/tap";
import { type RunningWorld, startWorld } from "@dynreg/conformance/internal/coordinator/world";
import { failing, groups } from "@dynreg/conformance/internal/device/catalogue";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { thisMachine } from "@dynreg/conformance/internal/peers/servers";
import { findSerialPort } from "../boards/serial-port.js";
import { buildSimulator } from "../boards/simulated-board.js";
import { readWifi } from "../configuration/wifi.js";
import { conformanceApplication } from "../conformance/image.js";
import { simulatedBench } from "../conformance/simulated-bench.js";
import { type BoardPlatform, chipOf, readPlatform } from "../sdk/image.js";
import { findSdk, noSdk, sdkVersion } from "../sdk/moddable.js";
import { missingToolchain } from "../sdk/toolchain.js";
import { colour } from "../terminal/colour.js";
import { printable } from "../terminal/printable.js";
import { readNumber, readOptions, UsageError } from "../terminal/usage.js";

export const summary = "the tests, on a board that is attached by a cable or in the simulator";

const HELP = `dynreg test: ${summary}

Usage: dynreg test --platform sim|esp32|esp8266 [options]

  --platform NAME             sim needs the Moddable SDK; the boards its toolchains too.
                              esp32/SUB is a subplatform of the SDK's
  --port DEVICE               where the board is attached, such as /dev/ttyUSB0
  --address IP                this computer's, as the board reaches it over Wi-Fi
                              (default: the first that is not internal)
  --ssid NAME                 the Wi-Fi network of the board
  --wifi-password-file FILE   holds its password; without it you are asked
  --case PATTERN              only cases whose name has this in it: a regular expression
  --list                      only print the names of the cases
  --small                     sim only: a machine of the size of an ESP8266's
  --planted                   the cases that fail on purpose, to see that they are caught
  --patience S                seconds that a case may take (default: 60)
  --tap                       print TAP, for programs
  --trace                     print what the board traces, too
  --report FILE               write a table, Markdown
  --help                      this text

Exit codes: 0 all passed, 1 some failed, or none could be tried.
`;

type Platform = "sim" | BoardPlatform;

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		platform: { type: "string" },
		port: { type: "string" },
		address: { type: "string" },
		ssid: { type: "string" },
		"wifi-password-file": { type: "string" },
		case: { type: "string" },
		list: { type: "boolean" },
		small: { type: "boolean" },
		planted: { type: "boolean" },
		patience: { type: "string" },
		tap: { type: "boolean" },
		trace: { type: "boolean" },
		report: { type: "string" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const cases = choose(values.planted ? failing : groups().flatMap((group) => group.cases), values.case);
	if (values.list) {
		for (const { name } of cases) process.stdout.write(`${name}\n`);
		return 0;
	}
	if (values.platform === undefined) throw new UsageError("--platform is missing: it is sim, esp32 or esp8266");
	const platform = values.platform === "sim" ? "sim" : readPlatform(values.platform);
	const patience = readNumber("patience", values.patience ?? "60", 1, 3600) * 1000;
	const sdk = findSdk();
	if (sdk === undefined) throw new Error(noSdk);
	// What is missing is said before anything is asked or started.
	const missing = platform === "sim" ? undefined : missingToolchain(chipOf(platform), sdk.environment);
	if (missing !== undefined) throw new Error(missing);
	const port = platform === "sim" ? "" : (values.port ?? findSerialPort());

	const address = values.address ?? (platform === "sim" ? thisMachine.address : lanAddress());
	const place = { address, name: platform === "sim" && values.address === undefined ? thisMachine.name : address };
	const wifi = platform === "sim" ? undefined : await readWifi(values.ssid, values["wifi-password-file"]);

	if (values.tap) process.stdout.write(`${tapPlan(cases.length)}\n`);
	const say = (line: string) => process.stdout.write(values.tap ? `# ${line}\n` : `${line}\n`);
	const world = await startWorld(place, platform === "sim" ? (file) => file : resourceName);
	const conductor = await startConductor(address);
	let bench: Bench | undefined;
	try {
		const configuration = { ...wifi, conductor: conductor.url, sntp: world.sntp };
		bench =
			platform === "sim"
				? await prepareSimulator(configuration, values.small ?? false, say)
				: await prepareBoard(platform, port, configuration, world, say);
		const results = await runCases({
			bench,
			conductor,
			world,
			cases,
			patience,
			onResult(result, index) {
				process.stdout.write(`${values.tap ? tapLine(result, index + 1) : line(result)}\n`);
			},
			...(values.trace ? { onLine: (text: string) => say(`  ${printable(text)}`) } : {}),
		});
		if (values.report !== undefined)
			await writeFile(
				values.report,
				report(groups(), results, {
					board: boardName(platform, values.small ?? false),
					sdk: sdkVersion(),
					command: `dynreg test ${args.filter((each) => !each.startsWith("/dev/")).join(" ")}`,
				}),
			);
		const failed = results.some(({ outcome }) => outcome === "failed");
		say(`${colour(process.stdout, failed ? "red" : "green", failed ? "Failed:" : "Done:")} ${totals(results)}`);
		return failed ? 1 : 0;
	} finally {
		await bench?.close();
		await conductor.close();
		await world.close();
	}
}

/** @throws UsageError when there is none */
function choose(all: readonly DeviceCase[], pattern: string | undefined): readonly DeviceCase[] {
	if (pattern === undefined) return all;
	let wanted: RegExp;
	try {
		wanted = new RegExp(pattern);
	} catch {
		throw new UsageError(`--case is "${pattern}": it must be a regular expression`);
	}
	const found = all.filter(({ name }) => wanted.test(name));
	if (found.length === 0) throw new UsageError(`--case is "${pattern}", and no case has that in its name: see --list`);
	return found;
}

async function prepareSimulator(
	configuration: Readonly<Record<string, unknown>>,
	small: boolean,
	say: (line: string) => void,
): Promise<Bench> {
	say("The tests are built for the simulator (half a minute the first time) …");
	return simulatedBench(await buildSimulator(conformanceApplication(small)), configuration, small);
}

async function prepareBoard(
	platform: BoardPlatform,
	port: string,
	configuration: Readonly<Record<string, unknown>>,
	world: RunningWorld,
	say: (line: string) => void,
): Promise<Bench> {
	const { attachedBench } = await import("../conformance/attached-bench.js");
	return attachedBench({
		platform,
		port,
		configuration,
		authorities: world.authorities,
		say,
	});
}

/** The first IPv4 address that other machines may reach. @throws UsageError when there is none */
function lanAddress(): string {
	const found = Object.values(networkInterfaces())
		.flat()
		.find((each) => each?.family === "IPv4" && !each.internal);
	if (found === undefined)
		throw new UsageError("this computer has no address in a network that a board could reach: give --address");
	return found.address;
}

/** Of an authority's file in an image. */
export function resourceName(file: string): string {
	return file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
}

function boardName(platform: Platform, small: boolean): string {
	if (platform !== "sim") return platform;
	return small ? "the simulator, a machine of the size of an ESP8266's" : "the simulator";
}

function line({ name, outcome, reason, took, measured, memory }: Result): string {
	const colours = { passed: "green", failed: "red", skipped: "yellow" } as const;
	const head = `${colour(process.stdout, colours[outcome], outcome.padEnd(8))} ${`${took} ms`.padStart(9)}`;
	const kilobytes = memory === undefined ? "" : `${Math.round(memory / 1024)} KB`;
	const numbers = Object.entries(measured).map(([what, value]) => `\n${" ".repeat(28)}${what}: ${value}`);
	const why = reason === undefined ? "" : `\n${" ".repeat(28)}${printable(reason)}`;
	return `${head} ${kilobytes.padStart(8)}  ${name}${why}${numbers.join("")}`;
}
