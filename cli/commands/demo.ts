import { demoClouds } from "@dynreg/cloud/internal/demo-board";
import { defineCommand } from "../command-line/command.js";
import { choice } from "../command-line/option.js";

export const command = defineCommand({
	options: {
		cloud: choice("NAME", demoClouds, "whose registration is shown", { default: demoClouds[0] }),
		host: choice(
			"HOST",
			["xs", "node", "sim"],
			"what the firmware runs on: the bare XS engine, Node, or the Moddable simulator, which needs the SDK",
			{ default: "xs" },
		),
	},
	notes: [
		"Starts a local cloud and a board, over real TLS. Needs no account, no network and no hardware, and leaves nothing behind.",
	],
	async run({ cloud, host }) {
		const { demo } = await import("../demo/demo.js");
		return demo(cloud, host);
	},
});
