/** Writes what comes from code: parts of documents, the types of a configuration, lists of clouds. `npm run docs`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { cloudLists } from "./cloud-lists.js";
import { configurationTypes, typesFile } from "./configuration-documents.js";
import { writeGenerated } from "./generated.js";
import { generatedParts } from "./generated-parts.js";

const parts = await generatedParts();
for (const { document, name, text } of parts) writeGenerated(join(project, document), name, text);
writeFileSync(join(project, typesFile), configurationTypes());
const lists = cloudLists();
for (const [path, text] of lists) writeFileSync(join(project, path), text);
const names = [...parts.map(({ document }) => document), typesFile, ...lists.keys()];
process.stdout.write(`Done: ${[...new Set(names)].join(", ")}\n`);
