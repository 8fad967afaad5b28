import { defineCommand } from "../command-line/command.js";
import { flag, number, parsed, text, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { type BoardPlatform, readPlatform } from "../sdk/platform.js";

const options = {
	platform: parsed(
		"NAME",
		"sim, which needs the Moddable SDK; esp32 or esp8266, which need its toolchain too; or esp32/SUBPLATFORM as the SDK names it",
		(value, name): "sim" | BoardPlatform => (value === "sim" ? value : readPlatform(value, name)),
	),
	port: text("DEVICE", "where the board is attached, such as /dev/ttyUSB0", { otherwise: "the only one there is" }),
	address: text("IP", "this computer's, as the board reaches it over Wi-Fi", {
		otherwise: "the first that is not internal",
	}),
	ssid: text("NAME", "the Wi-Fi network of the board", { otherwise: "you are asked" }),
	"wifi-password-file": text("FILE", "holds the network's password", { otherwise: "you are asked" }),
	case: parsed("PATTERN", "only cases whose name matches this regular expression", readPattern),
	list: flag("only print the names of the cases"),
	small: flag("sim only: a machine of the size of an ESP8266's"),
	planted: flag("the cases that fail on purpose, to see that they are caught"),
	patience: number("S", 1, 3600, "seconds that a case may take", { default: 60 }),
	tap: flag("print TAP, for programs"),
	trace: flag("print the board's trace, too"),
	report: text("FILE", "write a table, Markdown"),
};

export type TestOptions = Values<typeof options>;

export const command = defineCommand({
	usage: ["--platform NAME [options]", "--list"],
	options,
	exitCodes: { 0: "all passed", 1: "some failed, or none could be tried" },
	validate({ platform, list }) {
		if (platform === undefined && !list) throw new UsageError("--platform is missing: it is sim, esp32 or esp8266");
	},
	async run(values, { args }) {
		const { chooseCases } = await import("../conformance/choose-cases.js");
		const cases = chooseCases(values.planted, values.case);
		if (values.platform === undefined || values.list) {
			process.stdout.write(cases.map(({ name }) => `${name}\n`).join(""));
			return 0;
		}
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
		throw new UsageError(`${name} is "${value}": it must be a regular expression`);
	}
}
