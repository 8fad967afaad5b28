/** Writes what documents take from code: `npm run docs`. */

import { join } from "node:path";
import { explanationTables } from "@dynreg/cli/internal/explanation-text";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import { writeGenerated } from "./generated.js";
import { wireExamples } from "./wire-examples.js";

writeGenerated(join(project, "docs", "errors.md"), "errors", explanationTables());
writeGenerated(join(project, "docs", "wire.md"), "examples", wireExamples());
process.stdout.write("Done: docs/errors.md and docs/wire.md are written\n");
