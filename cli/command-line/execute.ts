import { CommanderError } from "commander";
import { printError } from "../terminal/print-error.js";
import { shownWord } from "../terminal/shown-value.js";
import type { Command } from "./command.js";
import { newParser } from "./help.js";
import type { Option } from "./option.js";
import { UsageError } from "./usage-error.js";

/**
 * Reads a command's arguments and runs it, or prints its help.
 *
 * @param title the text before the arguments: "dynreg board"
 * @returns the exit code
 * @throws UsageError with the problem and the valid options; errors of `run`
 */
export async function execute(
	title: string,
	summary: string,
	command: Command,
	args: readonly string[],
): Promise<number> {
	const parser = newParser(title, summary, command);
	const typed = new Map<string, string[]>();
	for (const [option, { deprecatedName }] of Object.entries(command.options)) {
		const add = (value = "") => typed.set(option, [...(typed.get(option) ?? []), value]);
		parser.on(`option:${option}`, add);
		if (deprecatedName === undefined) continue;
		parser.on(`option:${deprecatedName}`, (value?: string) => {
			printError(`--${deprecatedName} is deprecated and will be removed in the next version. Use --${option}.`);
			add(value);
		});
	}
	try {
		parser.parse(args, { from: "user" });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return 0;
		throw new UsageError(`${parserSentences(error)} ${optionsOf(command)}`);
	}
	const values = {
		...readArgument(title, command, parser.args),
		...Object.fromEntries(
			Object.entries(command.options).map(([option, definition]) => [
				option,
				readOption(command, `--${option}`, definition, typed.get(option) ?? []),
			]),
		),
	};
	return command.run(values, { args, given: new Set(typed.keys()) });
}

/** The library's "error: unknown option '--prot'\n(Did you mean --port?)", in sentences. */
function parserSentences({ message }: CommanderError): string {
	const [what = "", suggestion] = message
		.replace(/^error: /, "")
		// The value may be a secret.
		.replace(/'(--?[\w-]+=)(.*?)'$/ms, (_, option, value) => `'${option}${shownWord(value)}'`)
		.replaceAll(/[<>]/g, "")
		.split("\n");
	const first = `${what.charAt(0).toUpperCase()}${what.slice(1)}.`.replace(/\.\.$/, ".");
	return suggestion === undefined ? first : `${first} ${suggestion.replace(/^\((.*)\)$/, "$1")}`;
}

function optionsOf({ options }: Command): string {
	const names = [...Object.keys(options), "help"].map((name) => `--${name}`);
	return `The options are ${names.join(" ")}.`;
}

function readArgument(title: string, command: Command, given: readonly string[]): Readonly<Record<string, unknown>> {
	const [[argument, definition] = []] = Object.entries(command.argument);
	if (argument === undefined || definition === undefined) {
		if (given.length === 0) return {};
		throw new UsageError(
			`${title} does not take the argument ${given.map(shownWord).join(" ")}. ${optionsOf(command)}`,
		);
	}
	if (definition.kind !== "list" && given.length > 1)
		throw new UsageError(`Expected one ${argument}, but got ${given.map(shownWord).join(" and ")}.`);
	return { [argument]: readValues(definition, argument, given) };
}

function readOption(command: Command, flag: string, option: Option<unknown>, given: readonly string[]): unknown {
	const optionAsValue = given.find((value) => value.startsWith("--") && Object.hasOwn(command.options, value.slice(2)));
	if (optionAsValue !== undefined) throw new UsageError(`${flag} needs a value, but ${optionAsValue} is an option.`);
	return readValues(option, flag, given);
}

/** Of several values for one that is not a list, the last counts. */
function readValues({ kind, ifAbsent, read }: Option<unknown>, name: string, given: readonly string[]): unknown {
	if (kind === "list") return given.map((value) => read(value, name));
	const value = given.at(-1);
	if (value !== undefined) return read(value, name);
	if (kind === "flag") return false;
	if (ifAbsent === undefined || "otherwise" in ifAbsent) return undefined;
	if ("required" in ifAbsent) throw new UsageError(`${name} is missing. Expected ${ifAbsent.required}.`);
	return ifAbsent.default;
}
