import { defineCommand } from "../command-line/command.js";
import { flagOption, numberOption, renamedOption, textOption, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

/** What only the simulation takes. */
const simulationOptions = [
	"boards",
	"outage",
	"capacity",
	"full-handshakes",
	"resumed-cost",
	"retry-after",
	"seed",
	"out",
	"json",
];

const options = {
	boards: numberOption("N", 1, 10_000_000, "the number of boards", { default: 1_000_000 }),
	outage: numberOption("S", 0, 7200, "seconds of the cloud's outage before the fleet recovers", { default: 600 }),
	capacity: numberOption("N", 1, 1_000_000, "connections a second that the cloud accepts", { default: 5000 }),
	"full-handshakes": numberOption("N", 1, 1_000_000, "full TLS handshakes a second that the cloud computes, if fewer"),
	// A TLS server of Node on OpenSSL 3 takes 0.9 ms for a connection with a full handshake (RSA 2048, P-256), 0.33 ms resumed.
	"resumed-cost": numberOption("PERCENT", 1, 100, "the cloud's price of a resumed handshake, of a full one", {
		default: 40,
	}),
	"startup-jitter": renamedOption(
		"spread",
		numberOption("S", 0, 3600, "the firmware's option: seconds within which first requests come", {
			default: 3,
		}),
	),
	"retry-after": numberOption("S", 1, 3600, "seconds of Retry-After from an overloaded registration endpoint", {
		default: 60,
	}),
	seed: numberOption("N", 0, 0xffff_ffff, "the seed of the random numbers", { default: 1 }),
	out: textOption("FOLDER", "the folder for fleet.svg"),
	json: flagOption("print one JSON object: the numbers of the table"),
	real: numberOption("N", 1, 5000, "run this number of real boards instead of a simulation"),
};

export type FleetOptions = Values<typeof options>;

export const command = defineCommand({
	usage: ["[options]", "--real N [--startup-jitter S]"],
	options,
	notes: [
		"The simulation compares the firmware's own retry policy (modules/lifecycle) with the policies of vendors' SDKs. docs/internals/reliability.md has the results.",
		"With --real, boards in this process (the firmware on Node) connect to a local cloud over real TLS. All boards start together, then the broker restarts. All boards must come online, and no board may register twice. 1000 boards take a minute and about 300 MB.",
	],
	exitCodes: { 0: "done", 1: "with --real: a board is not online, or has registered twice" },
	validate({ real }, given) {
		const wrong = real === undefined ? undefined : simulationOptions.find((option) => given.has(option));
		if (wrong !== undefined)
			throw new UsageError(`--${wrong} is an option of the simulation. Leave out --${wrong} or --real.`);
	},
	async run(values) {
		if (values.real !== undefined) {
			useTemporaryFolder();
			return (await import("../fleet/real-fleet.js")).runRealFleet(values.real, values["startup-jitter"]);
		}
		const { comparePolicies } = await import("../fleet/compare-policies.js");
		return comparePolicies(values);
	},
});
