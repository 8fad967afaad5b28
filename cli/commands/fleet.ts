import { defineCommand } from "../command-line/command.js";
import { flag, number, text, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";

/** What only the simulation takes. */
const simulated = ["boards", "outage", "capacity", "retry-after", "seed", "out", "json"];

const options = {
	boards: number("N", 1, 10_000_000, "how many boards", { default: 1_000_000 }),
	outage: number("S", 0, 7200, "seconds that the cloud is gone for, before the fleet recovers", { default: 600 }),
	capacity: number("N", 1, 1_000_000, "connections a second that the cloud takes", { default: 5000 }),
	spread: number("S", 0, 3600, "the firmware's option: seconds within which first requests come", { default: 3 }),
	"retry-after": number("S", 1, 3600, "what an overloaded registration endpoint asks for", { default: 60 }),
	seed: number("N", 0, 0xffff_ffff, "of all that is random", { default: 1 }),
	out: text("FOLDER", "draw fleet.svg there"),
	json: flag("print one JSON object: the numbers of the table"),
	real: number("N", 1, 5000, "so many boards for real, instead of a simulation"),
};

export type FleetOptions = Values<typeof options>;

export const command = defineCommand({
	usage: ["[options]", "--real N [--spread S]"],
	options,
	notes: [
		"The simulation runs the firmware's own decisions (modules/lifecycle), beside what vendors' SDKs do. docs/reliability.md has the results.",
		"With --real, boards in this process (the firmware on Node) meet a local cloud over real TLS: they are switched on together, then the broker restarts. All must come online, and none may register twice. 1000 boards take a minute, and some 300 MB.",
	],
	exitCodes: { 0: "done", 1: "with --real: a board is not online, or has registered twice" },
	validate({ real }, given) {
		const wrong = real === undefined ? undefined : simulated.find((option) => given.has(option));
		if (wrong !== undefined) throw new UsageError(`--${wrong} is for the simulation: it does not go with --real`);
	},
	async run(values) {
		if (values.real !== undefined) return (await import("../fleet/real.js")).runReal(values.real, values.spread);
		const { compare } = await import("../fleet/compare.js");
		return compare(values);
	},
});
