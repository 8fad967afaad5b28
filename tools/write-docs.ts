/** Writes the parts of documents that come from code: `npm run docs`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { configurationTypes, typesFile } from "./configuration-documents.js";
import { writeGenerated } from "./generated.js";
import { generatedParts } from "./generated-parts.js";

const parts = await generatedParts();
for (const { document, name, text } of parts) writeGenerated(join(project, document), name, text);
writeFileSync(join(project, typesFile), configurationTypes());
process.stdout.write(`Done: ${parts.map(({ document }) => document).join(", ")}, ${typesFile}\n`);
