import { choice, flag, number, type Values } from "../command-line/option.js";

/** The options of a command that follows a board. */
export const followOptions = {
	until: choice("EVENT", ["stored", "online", "clock", "message"], "stop at this event", {
		otherwise: "run until interrupted, or until an error that only a person can fix",
	}),
	timeout: number("S", 1, 86_400, "give up after this many seconds", { otherwise: "never" }),
	json: flag(
		'print one JSON object a line: an event (of a failure with the sentence as message), or {"trace": …}, a line that the application traces',
	),
};

export type FollowOptions = Values<typeof followOptions>;

export const exit = { reached: 0, wrongConfiguration: 1, timeout: 2, needsPerson: 3, interrupted: 130 } as const;

export const followExitCodes = {
	[exit.reached]: "the event came, or no event was asked for",
	[exit.wrongConfiguration]: "the configuration is wrong, or the board cannot be started",
	[exit.timeout]: "timeout",
	[exit.needsPerson]: "an error that only a person can fix",
	[exit.interrupted]: "interrupted before the event came",
};
