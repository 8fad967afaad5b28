/** What documents say about the `dynreg` commands, in Markdown, from their definitions. */

import { commandCatalogue } from "@dynreg/cli/internal/catalogue";
import type { Command } from "@dynreg/cli/internal/command-line/command";
import { optionHelp, optionTerm, usages } from "@dynreg/cli/internal/command-line/help";

/** The options of one command, a table. */
export async function optionTable(name: string): Promise<string> {
	return table(await commandOf(name));
}

/** Every command: what it does, how it is called, its options, and its exit codes. */
export async function commandReference(): Promise<string> {
	const sections = Object.entries(commandCatalogue).map(async ([name, { summary }]) => {
		const command = await commandOf(name);
		return [
			`## dynreg ${name}`,
			sentence(summary),
			block(usages(command).map((usage) => `dynreg ${name} ${usage}`)),
			table(command),
			...command.notes.map((note) => (/^\s/.test(note) ? block(unindented(note)) : note)),
			...exitCodes(command),
		].join("\n\n");
	});
	return (await Promise.all(sections)).join("\n\n");
}

async function commandOf(name: string): Promise<Command> {
	const entry = commandCatalogue[name];
	if (entry === undefined) throw new Error(`There is no command ${name}.`);
	return (await entry.load()).command;
}

function table({ argument, options }: Command): string {
	return [
		"| option | |",
		"| --- | --- |",
		...Object.entries(argument).map(([name, definition]) => row(name, optionHelp(definition))),
		...Object.entries(options).map(([name, definition]) =>
			row(optionTerm(name, definition).replaceAll(/[<>]/g, ""), optionHelp(definition)),
		),
	].join("\n");
}

function exitCodes({ exitCodes }: Command): string[] {
	const rows = Object.entries(exitCodes).map(([code, meaning]) => row(code, meaning));
	return rows.length === 0 ? [] : [["| exit code | |", "| --- | --- |", ...rows].join("\n")];
}

function row(term: string, text: string): string {
	return `| \`${term}\` | ${text.replaceAll("|", "\\|")} |`;
}

function block(lines: readonly string[]): string {
	return ["```text", ...lines, "```"].join("\n");
}

function unindented(text: string): string[] {
	return text.split("\n").map((line) => line.replace(/^ {2}/, ""));
}

function sentence(summary: string): string {
	return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
