import { defineCommand } from "../command-line/command.js";
import { choiceOption, flagOption, listOption, textOption } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { purposes } from "../doctor/check.js";
import { certsOption } from "../sdk/certs-option.js";

export const command = defineCommand({
	options: {
		for: listOption(
			choiceOption(
				"WHAT",
				purposes,
				"check only the needs of the local cloud and virtual boards (try), of the simulator, or of a chip; may be given several times",
				{ otherwise: "all" },
			),
		),
		config: textOption("FILE", "also check a board's configuration and its root certificates; nothing is sent"),
		certs: certsOption,
		online: flagOption(
			"connect to the configuration's servers and to time servers, step by step; nothing is registered",
		),
		roots: flagOption("list all root certificates that the platforms' servers may need"),
		json: flagOption("print one JSON object, described in docs/reference/doctor.md"),
	},
	exitCodes: {
		0: "everything required by --for and --config is present; without --for, only try counts",
		1: "a requirement is missing, or a file in certs/ has the wrong contents",
	},
	validate({ online, config }) {
		if (online && config === undefined)
			throw new UsageError("--online needs the servers of a configuration. Name the configuration with --config.");
	},
	async run({ for: asked, config, certs, online, roots, json }) {
		const { diagnose } = await import("../doctor/diagnose.js");
		const { printDiagnosis } = await import("../doctor/report.js");
		const { rootFolders } = await import("../sdk/root-certificates.js");
		const diagnosis = await diagnose(asked, { config, online, certs: rootFolders(certs) });
		printDiagnosis(diagnosis, { roots, json });
		return diagnosis.isHealthy ? 0 : 1;
	},
});
