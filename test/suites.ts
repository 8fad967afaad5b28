/** What each of the three commands runs. Parts of one stage run side by side. */

export interface Part {
	readonly name: string;
	/** It starts simulators: they share one display, and the firmware is built once. */
	readonly simulators?: true;
	/** A program and its arguments; `folder/files` stands for compiled test files. */
	readonly command: readonly ["ava" | "c8" | "biome" | "cspell" | "node", ...string[]];
}

export interface Suite {
	readonly needsSdk?: true;
	readonly stages: readonly (readonly Part[])[];
}

/** Most of them wait: more files at once than there are cores. */
const sideBySide = ["--concurrency", "6"] as const;

function files(name: string, ...patterns: string[]): Part {
	return { name, command: ["ava", ...sideBySide, ...patterns] };
}

/** One file at a time: simulators are large. */
function inTurn(name: string, ...patterns: string[]): Part {
	return { name, simulators: true, command: ["ava", "--concurrency", "1", ...patterns] };
}

export const suites: Readonly<Record<string, Suite>> = {
	test: {
		stages: [
			[
				{ name: "lint", command: ["biome", "check", "--error-on-warnings", "."] },
				{ name: "wording", command: ["node", "tools/build/check-wording.js"] },
				{ name: "unit, with coverage", command: ["c8", "ava", "unit/*"] },
				files("local cloud, contract, scenarios, faults", "contract/*", "cloud/*", "scenarios/node", "faults/node"),
			],
		],
	},
	sdk: {
		needsSdk: true,
		stages: [
			[{ name: "links and budgets", command: ["node", "tools/build/link.js", "--quick"] }],
			[inTurn("conformance in the simulator", "simulator/conformance")],
			[inTurn("a selection as on a chip", "simulator/chip-quick")],
			[inTurn("smoke in the simulator", "smoke/sim")],
		],
	},
	all: {
		stages: [
			[
				{ name: "all links", command: ["node", "tools/build/link.js"] },
				{ name: "spelling", command: ["cspell", "--no-progress", "--no-summary"] },
			],
			[
				{
					name: "command line, packages, secrets, SDKs of vendors",
					// Each file starts programs by the dozen.
					command: ["ava", "--concurrency", "3", "cli/*", "packaging/packages", "secrets/*", "vendors/*"],
				},
			],
			[
				{
					name: "console and set-up page in a browser",
					command: ["ava", "--concurrency", "2", "console/*", "setup/*"],
				},
			],
			[files("scenarios, faults and exit codes on XS", "scenarios/xs", "faults/xs", "smoke/xs")],
			[files("an outbox through lost sessions", "outbox/node", "outbox/xs")],
			[
				inTurn(
					"demonstrations and an outbox in the simulator, an outbox as on a chip, and MQTT's packets",
					"simulator/demo",
					"outbox/sim",
					"simulator/mqtt",
					"simulator/early-data",
				),
			],
			[files("real time", "scenarios/real-time", "faults/real-time")],
			[inTurn("scenarios and faults in the simulator", "scenarios/sim", "faults/sim")],
			[
				inTurn(
					"simulator: size of an ESP8266, examples, a new application, console, factory partition, set-up mode",
					"simulator/small",
					"simulator/examples",
					"simulator/init",
					"simulator/local-control",
					"simulator/factory",
					"setup/simulator",
					"packaging/library",
				),
			],
			[inTurn("conformance and faults as on a chip", "simulator/chip", "faults/chip")],
			[files("power, soak, fuzz and OpenSSL's verdicts", "power/*", "soak/*", "fuzz/*", "trust/*")],
			// It measures time.
			[inTurn("100,000 devices", "load/*")],
			[inTurn("documents", "docs/*")],
		],
	},
};
