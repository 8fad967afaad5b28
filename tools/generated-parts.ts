import { errorTables } from "@dynreg/cli/internal/explain-codes";
import { commandReference, optionTable } from "./command-reference.js";
import { factoryTable, formerTable, keyTables } from "./configuration-documents.js";
import { topicTables } from "./topic-tables.js";
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
		{ document: "docs/reference/commands.md", name: "commands", text: await commandReference() },
		{ document: "docs/guides/local-cloud.md", name: "options", text: await optionTable("cloud") },
		{ document: "docs/reference/doctor.md", name: "options", text: await optionTable("doctor") },
		...[...keyTables()].map(([name, text]) => ({ document: "docs/reference/configuration.md", name, text })),
		{ document: "docs/reference/configuration.md", name: "former", text: formerTable() },
		{ document: "docs/guides/factory.md", name: "names", text: factoryTable() },
		{ document: "docs/reference/errors.md", name: "errors", text: errorTables() },
		...[...topicTables()].map(([name, text]) => ({ document: "docs/reference/topics.md", name, text })),
		{ document: "docs/reference/wire.md", name: "examples", text: await wireExamples() },
	];
}
