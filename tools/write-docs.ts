/** Writes what documents take from code: `npm run docs`. */

import { join } from "node:path";
import { table } from "@dynreg/cli/internal/commands/explain";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import { writeGenerated } from "./generated.js";
import { wireExamples } from "./wire-examples.js";

writeGenerated(join(project, "docs", "errors.md"), "errors", table());
writeGenerated(join(project, "docs", "wire.md"), "examples", wireExamples());
process.stdout.write("Done: docs/errors.md and docs/wire.md are written\n");
