/** Writes `verdicts.json`: what OpenSSL and the board say of each chain of the corpus. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { corpus } from "./corpus.js";
import { board, OpenSsl } from "./judge.js";

using openssl = new OpenSsl();
const verdicts = Object.fromEntries(
	corpus.map((chain) => [chain.name, { openssl: openssl.accepts(chain) ? "ok" : "refused", board: board(chain) }]),
);
writeFileSync(
	fileURLToPath(new URL("../../trust/verdicts.json", import.meta.url)),
	`${JSON.stringify(verdicts, undefined, "\t")}\n`,
);
