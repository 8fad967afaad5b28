import { defineCommand } from "../command-line/command.js";
import {
	customOption,
	flagOption,
	numberOption,
	renamedOption,
	textOption,
	type Values,
} from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { readPlatform } from "../sdk/platform.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

const options = {
	platform: customOption(
		"NAME",
		"sim, which needs the Moddable SDK; esp32 or esp8266, which also need the chip's toolchain; or esp32/SUBPLATFORM as the SDK names it",
		(value, name) => readPlatform(value, name, ["sim"]),
	),
	port: textOption("DEVICE", "the board's serial port, such as /dev/ttyUSB0", { otherwise: "the only port" }),
	address: textOption("IP", "this computer's address in the board's Wi-Fi network", {
		otherwise: "the first address that is not internal",
	}),
	ssid: textOption("NAME", "the board's Wi-Fi network", { otherwise: "a question" }),
	"wifi-password-file": textOption("FILE", "the file with the network's password", { otherwise: "a question" }),
	case: customOption("PATTERN", "run only cases whose name matches this regular expression", readPattern),
	list: flagOption("only print the names of the cases"),
	small: flagOption("sim only: use a machine with the memory of an ESP8266"),
	"self-test": renamedOption(
		"planted",
		flagOption("run the cases that fail on purpose, to check that failures are reported"),
	),
	timeout: renamedOption("patience", numberOption("S", 1, 3600, "seconds that a case may take", { default: 60 })),
	tap: flagOption("print TAP, for programs"),
	trace: flagOption("also print the board's trace"),
	report: textOption("FILE", "write the results as a Markdown table"),
};

export type TestOptions = Values<typeof options>;

export const command = defineCommand({
	usage: ["--platform NAME [options]", "--list"],
	options,
	exitCodes: { 0: "all passed", 1: "a case failed, or no case could run" },
	validate({ platform, list }) {
		if (platform === undefined && !list) throw new UsageError("--platform is missing. Expected sim, esp32 or esp8266.");
	},
	async run(values, { args }) {
		const { chooseCases } = await import("../conformance/choose-cases.js");
		const cases = chooseCases(values["self-test"], values.case);
		if (values.platform === undefined || values.list) {
			process.stdout.write(cases.map(({ name }) => `${name}\n`).join(""));
			return 0;
		}
		useTemporaryFolder();
		const { runConformance } = await import("../conformance/run-conformance.js");
		// A report is for others, whose boards are attached elsewhere.
		const typed = args.filter((each) => !each.startsWith("/dev/")).join(" ");
		return runConformance(cases, { ...values, platform: values.platform }, `dynreg test ${typed}`);
	},
});

function readPattern(value: string, name: string): RegExp {
	try {
		return new RegExp(value);
	} catch {
		throw new UsageError(`${name} is invalid: "${value}". Expected a regular expression.`);
	}
}
