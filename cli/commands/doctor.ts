import { defineCommand } from "../command-line/command.js";
import { choice, flag, list, text } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { purposes } from "../doctor/check.js";
import { certsOption } from "../sdk/certs-option.js";

export const command = defineCommand({
	options: {
		for: list(
			choice(
				"WHAT",
				purposes,
				"only what this takes: the local cloud and virtual boards (try), the simulator, or a chip to flash; may be given several times",
				{ otherwise: "all" },
			),
		),
		config: text(
			"FILE",
			"also check a board's configuration, and whether the root certificates that it needs are here; nothing is sent",
		),
		certs: certsOption,
		online: flag("reach for the configuration's servers, step by step, and for the time; nothing is registered"),
		roots: flag("list all root certificates that the platforms' servers may need"),
		json: flag("print one JSON object, described in docs/doctor.md"),
	},
	exitCodes: {
		0: "everything that --for and --config need is here; without --for, only try counts",
		1: "something is missing, or a file in certs/ has the wrong contents",
	},
	validate({ online, config }) {
		if (online && config === undefined)
			throw new UsageError("--online reaches for the servers of a configuration: name it with --config");
	},
	async run({ for: asked, config, certs, online, roots, json }) {
		const { diagnose } = await import("../doctor/diagnosis.js");
		const { printDiagnosis } = await import("../doctor/report.js");
		const { rootFolders } = await import("../sdk/roots.js");
		const diagnosis = await diagnose(asked, { config, online, certs: rootFolders(certs) });
		printDiagnosis(diagnosis, { roots, json });
		return diagnosis.isHealthy ? 0 : 1;
	},
});
