import { Help, Command as Parser, Option as ParserOption } from "commander";
import type { Command } from "./command.js";
import type { Option, OptionDefault } from "./option.js";

/** Characters in a line of help. */
const maxWidth = 100;

/** The parser of one command. It prints the help by itself; values are left as they are typed. */
export function newParser(title: string, summary: string, command: Command): Parser {
	const parser = newHelp(title, sentence(summary));
	parser.usage(usages(command).join(`\n       ${title} `)).allowExcessArguments();
	for (const [argument, definition] of Object.entries(command.argument))
		parser.argument(`[${argument}${definition.kind === "list" ? "..." : ""}]`, optionHelp(definition));
	for (const [option, definition] of Object.entries(command.options)) {
		parser.addOption(new ParserOption(optionTerm(option, definition), optionHelp(definition)));
		const { deprecatedName } = definition;
		if (deprecatedName !== undefined)
			parser.addOption(new ParserOption(optionTerm(deprecatedName, definition)).hideHelp());
	}
	return parser.addHelpText("after", helpBelow(command));
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

/** The option with its value's placeholder: "--config <FILE>". */
export function optionTerm(option: string, { kind, placeholder }: Option<unknown>): string {
	return kind === "flag" ? `--${option}` : `--${option} <${placeholder}>`;
}

/** The text after the command's name, for each usage. */
export function usages({ argument, options, usage }: Command): readonly string[] {
	if (usage !== undefined) return usage;
	const required = Object.entries(options).filter(
		([, { ifAbsent }]) => ifAbsent !== undefined && "required" in ifAbsent,
	);
	return [
		[
			...Object.entries(argument).map(([name, { kind }]) => `[${name}${kind === "list" ? " …" : ""}]`),
			...required.map(([option, definition]) => optionTerm(option, definition).replaceAll(/[<>]/g, "")),
			...(required.length < Object.keys(options).length ? ["[options]"] : []),
		].join(" "),
	];
}

/** The description of an option or argument, its choices and its default. */
export function optionHelp({ help, choices, ifAbsent }: Option<unknown>): string {
	const remarks = [
		...(choices === undefined ? [] : [`choices: ${choices.join(", ")}`]),
		...(ifAbsent === undefined || "required" in ifAbsent ? [] : [`default: ${otherwise(ifAbsent)}`]),
	];
	return remarks.length === 0 ? help : `${help} (${remarks.join("; ")})`;
}

function otherwise(ifAbsent: Exclude<OptionDefault<unknown>, { required: string }>): string {
	return "otherwise" in ifAbsent ? ifAbsent.otherwise : (ifAbsent.shown ?? String(ifAbsent.default));
}

function helpBelow({ notes, exitCodes }: Command): string {
	const help = new Help();
	help.helpWidth = width();
	const paragraphs = notes.map((note) => (/^\s/.test(note) ? note : help.boxWrap(note, width())));
	const codes = Object.entries(exitCodes).map(([code, meaning]) => help.formatItem(code, 3, meaning, help));
	if (codes.length > 0) paragraphs.push(["Exit codes:", ...codes].join("\n"));
	return paragraphs.map((paragraph) => `\n${paragraph}`).join("\n");
}

function width(): number {
	return process.stdout.isTTY ? Math.min(process.stdout.columns, maxWidth) : 80;
}

function sentence(summary: string): string {
	return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
