import { Help, Command as Parser, Option as ParserOption } from "commander";
import type { Command } from "./command.js";
import type { Option, Presence } from "./option.js";

/** Characters in a line of help. */
const widest = 100;

/** The parser of one command. It prints the help by itself; values are left as they are typed. */
export function newParser(title: string, summary: string, command: Command): Parser {
	const parser = newHelp(title, sentence(summary));
	parser.usage(usages(command).join(`\n       ${title} `)).allowExcessArguments();
	for (const [argument, definition] of Object.entries(command.argument))
		parser.argument(`[${argument}${definition.kind === "list" ? "..." : ""}]`, explanation(definition));
	for (const [option, definition] of Object.entries(command.options))
		parser.addOption(new ParserOption(term(option, definition), explanation(definition)));
	return parser.addHelpText("after", below(command));
}

/** A parser that only knows its own help. */
export function newHelp(name: string, description: string): Parser {
	return new Parser(name)
		.description(description)
		.helpOption("--help", "print this text")
		.helpCommand(false)
		.exitOverride()
		.configureOutput({ writeErr() {}, getOutHelpWidth: width })
		.configureHelp({
			optionTerm: ({ flags }) => flags.replaceAll(/[<>]/g, ""),
			subcommandTerm: (each) => each.name(),
		});
}

/** As it is typed, with what stands for its value: "--config <FILE>". */
export function term(option: string, { kind, placeholder }: Option<unknown>): string {
	return kind === "flag" ? `--${option}` : `--${option} <${placeholder}>`;
}

/** What stands behind the command's name, once for each way to use it. */
export function usages({ argument, options, usage }: Command): readonly string[] {
	if (usage !== undefined) return usage;
	const required = Object.entries(options).filter(
		([, { presence }]) => presence !== undefined && "required" in presence,
	);
	return [
		[
			...Object.entries(argument).map(([name, { kind }]) => `[${name}${kind === "list" ? " …" : ""}]`),
			...required.map(([option, definition]) => term(option, definition).replaceAll(/[<>]/g, "")),
			...(required.length < Object.keys(options).length ? ["[options]"] : []),
		].join(" "),
	];
}

/** What an option or argument is for, its choices and its default. */
export function explanation({ help, choices, presence }: Option<unknown>): string {
	const remarks = [
		...(choices === undefined ? [] : [`choices: ${choices.join(", ")}`]),
		...(presence === undefined || "required" in presence ? [] : [`default: ${otherwise(presence)}`]),
	];
	return remarks.length === 0 ? help : `${help} (${remarks.join("; ")})`;
}

function otherwise(presence: Exclude<Presence<unknown>, { required: string }>): string {
	return "otherwise" in presence ? presence.otherwise : (presence.shown ?? String(presence.default));
}

function below({ notes, exitCodes }: Command): string {
	const help = new Help();
	help.helpWidth = width();
	const paragraphs = notes.map((note) => (/^\s/.test(note) ? note : help.boxWrap(note, width())));
	const codes = Object.entries(exitCodes).map(([code, meaning]) => help.formatItem(code, 3, meaning, help));
	if (codes.length > 0) paragraphs.push(["Exit codes:", ...codes].join("\n"));
	return paragraphs.map((paragraph) => `\n${paragraph}`).join("\n");
}

function width(): number {
	return process.stdout.isTTY ? Math.min(process.stdout.columns, widest) : 80;
}

function sentence(summary: string): string {
	return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
