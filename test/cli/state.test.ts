import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Sdk } from "@dynreg/cli/internal/sdk/moddable";
import { buildFolder, isInstalled, library, outputFolder, stateFolder } from "@dynreg/cli/internal/state/folders";
import { lock, tryLock } from "@dynreg/cli/internal/state/lock";
import test, { type ExecutionContext } from "ava";

async function newFolder(t: ExecutionContext): Promise<string> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), "dynreg-state-")));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("state lies beside the application, for its owner only, and git ignores it", async (t) => {
	const application = await newFolder(t);
	await mkdir(join(application, ".dynreg"));
	await chmod(join(application, ".dynreg"), 0o755);
	t.is(stateFolder(application), join(application, ".dynreg"));
	t.is(mode(join(application, ".dynreg")), "700");
	t.is(await readFile(join(application, ".dynreg", ".gitignore"), "utf8"), "*\n");
});

test("nothing of an installed package is built or kept in it", async (t) => {
	const example = join(await newFolder(t), "node_modules", "dynreg", "examples", "lamp");
	await mkdir(example, { recursive: true });
	t.true(isInstalled(example));
	t.is(stateFolder(example), join(process.cwd(), ".dynreg"));
	t.deepEqual(await readdir(example), []);
	t.is(outputFolder(example), buildFolder());
});

test("a build lies beside the application; what a command wrote for it is built there, too", async (t) => {
	const application = await newFolder(t);
	const output = join(application, ".dynreg", "build");
	t.is(outputFolder(application), output);
	t.is(outputFolder(join(application, ".dynreg", "flash", "flash-lamp")), output);
	t.false(existsSync(join(application, ".dynreg")), "asking makes nothing");
});

test("in a clone, what is in it is built in it", (t) => {
	t.is(outputFolder("."), join(library, "build", "moddable"));
	t.is(outputFolder("examples/lamp"), join(library, "build", "moddable"));
	t.is(outputFolder(join(library, "..", "dynreg-app")), join(library, "..", "dynreg-app", ".dynreg", "build"));
});

test("make cannot build in a folder with a space in its name: that is told before anything is made", async (t) => {
	const application = join(await newFolder(t), "my lamp");
	await mkdir(application);
	const sdk: Sdk = { folder: "", tools: "", simulator: "", simulators: "", environment: {} };
	await t.throwsAsync(build(sdk, { folder: application, platform: "sim", debug: true }), {
		message: /a folder with a space in its name: move .*my lamp/,
	});
	t.deepEqual(await readdir(application), []);
});

test("a lock is held by one, and says by whom", async (t) => {
	const folder = await newFolder(t);
	const file = join(folder, ".lock");
	const release = tryLock(file);
	if (typeof release === "number") return t.fail();
	t.is(tryLock(file), process.pid);
	t.deepEqual(await readdir(folder), [".lock"]);
	release();
	t.is(typeof tryLock(file), "function");
});

for (const [what, contents] of [
	["of a process that is gone", async () => String(await pidOfEnded())],
	["that says nothing", async () => ""],
] as const)
	test(`a lock ${what} is taken over`, async (t) => {
		const folder = await newFolder(t);
		const file = join(folder, ".lock");
		await writeFile(file, await contents());
		t.is(typeof tryLock(file), "function");
		t.is(await readFile(file, "utf8"), String(process.pid));
		t.deepEqual(await readdir(folder), [".lock"]);
	});

test("those who wait for a lock get it one after another", async (t) => {
	const file = join(await newFolder(t), ".lock");
	const holders: number[] = [];
	let inside = 0;
	await Promise.all(
		[1, 2, 3].map(async (who) => {
			const release = await lock(file);
			t.is(++inside, 1);
			holders.push(who);
			await new Promise((resolve) => setTimeout(resolve, 5));
			inside--;
			release();
		}),
	);
	t.deepEqual(holders.toSorted(), [1, 2, 3]);
});

test("many processes that find the lock of one that is gone: one of them gets it", async (t) => {
	const folder = await newFolder(t);
	const file = join(folder, ".lock");
	await writeFile(file, String(await pidOfEnded()));
	const program = `
		import { tryLock } from ${JSON.stringify(import.meta.resolve("@dynreg/cli/internal/state/lock"))};
		process.stdout.write(typeof tryLock(${JSON.stringify(file)}));
		process.stdin.resume();
	`;
	const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["--input-type=module", "-e", program]));
	const said = await Promise.all(
		children.map((child) => new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(`${text}`)))),
	);
	for (const child of children) child.stdin.end();
	t.deepEqual(said.toSorted(), ["function", "number", "number", "number"]);
});

function pidOfEnded(): Promise<number> {
	const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
	return new Promise((resolve) => child.once("close", () => resolve(child.pid as number)));
}
