/** Writes what documents take from code: `npm run docs`. */

import { join } from "node:path";
import { table } from "./explain.js";
import { writeGenerated } from "./generated.js";
import { project } from "./moddable.js";

writeGenerated(join(project, "docs", "errors.md"), "errors", table());
process.stdout.write("Done: docs/errors.md is written\n");
