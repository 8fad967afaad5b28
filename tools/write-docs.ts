/**
 * Writes what comes from code: parts of documents, the types of a configuration, lists of clouds. `npm run docs`. With
 * `--lists` only the lists, which a build with another cloud needs first.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { cloudLists } from "./cloud-lists.js";
import { pageFile, setupPage } from "./setup-page.js";

const lists = cloudLists();
for (const [path, text] of lists) writeFileSync(join(project, path), text);
const names = [...lists.keys(), ...(process.argv.includes("--lists") ? [] : await writeDocuments())];
process.stdout.write(`Done: ${[...new Set(names)].join(", ")}\n`);

/** @returns the names of what it has written */
async function writeDocuments(): Promise<readonly string[]> {
	// These know the clouds that were built.
	const [{ generatedParts }, configuration, { writeGenerated }] = await Promise.all([
		import("./generated-parts.js"),
		import("./configuration-documents.js"),
		import("./generated.js"),
	]);
	const parts = await generatedParts();
	for (const { document, name, text } of parts) writeGenerated(join(project, document), name, text);
	const { configurationTypes, factoryNamesFile, factoryNamesSource, typesFile } = configuration;
	writeFileSync(join(project, typesFile), configurationTypes());
	writeFileSync(join(project, factoryNamesFile), factoryNamesSource());
	writeFileSync(join(project, pageFile), setupPage());
	return [...parts.map(({ document }) => document), typesFile, factoryNamesFile, pageFile];
}
