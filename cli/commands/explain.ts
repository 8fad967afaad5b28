import { defineCommand } from "../command-line/command.js";
import { listOption, textOption } from "../command-line/option.js";

export const command = defineCommand({
	argument: {
		code: listOption(textOption("CODE", 'an error code, as a board logs it in "code"', { otherwise: "all codes" })),
	},
	options: {},
	notes: ["Words in capitals stand for values of the event. The first meaning of a code is the general one."],
	async run({ code }) {
		const { explainCodes } = await import("../explain-codes.js");
		process.stdout.write(explainCodes(code));
		return 0;
	},
});
