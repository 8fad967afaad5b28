import { execFile } from "node:child_process";
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test, { type ExecutionContext } from "ava";
import { sections } from "./document.js";

const run = promisify(execFile);

/** The programs of the section, in their order. */
const blocks = sections(await readFile(join(project, "docs/guides/local-cloud.md"), "utf8"))
	.filter(({ heading }) => heading === "In your own tests")
	.flatMap((section) => section.blocks)
	.filter(({ language }) => language === "ts");

/** A folder in which the packages are installed, with this program in it. */
async function write(t: ExecutionContext, program: string, name: string): Promise<string> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), "dynreg-own-tests-")));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	await symlink(join(project, "node_modules"), join(folder, "node_modules"));
	await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
	await writeFile(join(folder, name), program);
	return folder;
}

test("docs/guides/local-cloud.md: the ten-line test activates its board", async (t) => {
	const [{ text: program } = { text: "" }] = blocks;
	t.is(program.split("\n").filter((line) => line !== "").length, 10);
	const folder = await write(t, program, "own.mjs");
	const { stdout, stderr } = await run(process.execPath, ["own.mjs"], { cwd: folder });
	t.deepEqual([stdout, stderr], ["active\n", ""]);
});

test("docs/guides/local-cloud.md: a test sets faults, certificate and time", async (t) => {
	const [, { text: program } = { text: "" }] = blocks;
	const folder = await write(t, program, "own.mjs");
	const { stderr } = await run(process.execPath, ["own.mjs"], { cwd: folder });
	t.is(stderr, "");
});

for (const [index, { text: program, line }] of blocks.entries())
	test(`docs/guides/local-cloud.md: the program at line ${line} has no type errors`, async (t) => {
		const folder = await write(t, program, `own-${index}.ts`);
		const tsc = join(project, "node_modules/typescript/bin/tsc");
		const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--skipLibCheck"];
		const types = ["--types", "node", "--preserveSymlinks"];
		await t.notThrowsAsync(run(process.execPath, [tsc, ...options, ...types, `own-${index}.ts`], { cwd: folder }));
	});
