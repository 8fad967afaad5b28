/** Part of `npm run lint`: prints each banned phrase as `file:line`, with the word to use instead. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { bannedInDocument, bannedPhrases } from "./wording.js";

/** The files that contain the phrases themselves. */
const exempt = ["tools/wording.ts", "test/unit/wording.test.ts", "test/unit/catalogue.test.ts"];

const files = execFileSync("git", ["ls-files", "*.md", "*.ts", "*.tsx", "*.c"], { cwd: project, encoding: "utf8" })
	.split("\n")
	.filter((path) => path !== "" && !exempt.includes(path) && existsSync(join(project, path)));

let count = 0;
for (const path of files) {
	const text = readFileSync(join(project, path), "utf8");
	for (const { line, phrase, instead } of path.endsWith(".md") ? bannedInDocument(text) : bannedPhrases(text)) {
		process.stdout.write(`${path}:${line}: "${phrase}": write ${instead}\n`);
		count++;
	}
}
process.stdout.write(`Checked the wording of ${files.length} files: ${count} banned phrases.\n`);
if (count > 0) process.exitCode = 1;
