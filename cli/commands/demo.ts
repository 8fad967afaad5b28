import { cloudNames, defaultCloud } from "dynreg/clouds/schemas";
import { defineCommand } from "../command-line/command.js";
import { choiceOption } from "../command-line/option.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

export const command = defineCommand({
	options: {
		cloud: choiceOption("NAME", cloudNames, "the cloud of the registration", { default: defaultCloud }),
		host: choiceOption(
			"HOST",
			["xs", "node", "sim"],
			"the engine for the firmware: the bare XS engine, Node, or the Moddable simulator, which needs the SDK",
			{ default: "xs" },
		),
	},
	notes: [
		"Starts a local cloud and a board, over real TLS. Needs no account, network or hardware, and leaves no files.",
	],
	async run({ cloud, host }) {
		useTemporaryFolder();
		const { demo } = await import("../demo/demo.js");
		return demo(cloud, host);
	},
});
