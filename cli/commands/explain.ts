import { defineCommand } from "../command-line/command.js";
import { list, text } from "../command-line/option.js";

export const command = defineCommand({
	argument: {
		code: list(text("CODE", 'an error code: what a board has logged as "code"', { otherwise: "all of them" })),
	},
	options: {},
	async run({ code }) {
		const { explain } = await import("../explanation-text.js");
		process.stdout.write(explain(code));
		return 0;
	},
});
