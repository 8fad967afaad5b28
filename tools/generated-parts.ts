import { explanationTables } from "@dynreg/cli/internal/explanation-text";
import { commandReference, optionTable } from "./command-reference.js";
import { factoryTable, keyTables } from "./configuration-documents.js";
import { wireExamples } from "./wire-examples.js";

/** A part of a document, between `<!-- name:begin -->` and `<!-- name:end -->`. */
export interface GeneratedPart {
	/** Within the project. */
	readonly document: string;
	readonly name: string;
	/** Markdown. */
	readonly text: string;
}

/** What documents take from code, without what has to be measured. */
export async function generatedParts(): Promise<readonly GeneratedPart[]> {
	return [
		{ document: "docs/commands.md", name: "commands", text: await commandReference() },
		{ document: "docs/local-cloud.md", name: "options", text: await optionTable("cloud") },
		{ document: "docs/doctor.md", name: "options", text: await optionTable("doctor") },
		...[...keyTables()].map(([name, text]) => ({ document: "docs/configuration.md", name, text })),
		{ document: "docs/factory.md", name: "names", text: factoryTable() },
		{ document: "docs/errors.md", name: "errors", text: explanationTables() },
		{ document: "docs/wire.md", name: "examples", text: wireExamples() },
	];
}
