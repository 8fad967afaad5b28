import { choiceOption, flagOption, numberOption, type Values } from "../command-line/option.js";

/** The options of a command that follows a board. */
export const followOptions = {
	until: choiceOption(
		"EVENT",
		["stored", "online", "clock", "message"],
		"stop at this event, or at an error that only a person can fix",
		{
			otherwise: "run until an interrupt",
		},
	),
	timeout: numberOption("S", 1, 86_400, "stop after this many seconds", { otherwise: "never" }),
	json: flagOption(
		'print one JSON object a line: an event (a failure has its sentence as message), or {"trace": …} for a line of the application',
	),
};

export type FollowOptions = Values<typeof followOptions>;

export const exitCodes = { reached: 0, wrongConfiguration: 1, timeout: 2, needsPerson: 3, interrupted: 130 } as const;

export const followExitCodes = {
	[exitCodes.reached]: "the event came, or no event was requested",
	[exitCodes.wrongConfiguration]: "the configuration is invalid, or the board cannot start",
	[exitCodes.timeout]: "timeout",
	[exitCodes.needsPerson]: "with --until: an error that only a person can fix",
	[exitCodes.interrupted]: "interrupted before the event came",
};
