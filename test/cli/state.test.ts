import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareFlash } from "@dynreg/cli/internal/boards/simulated-flash";
import { buildApplication, type Sdk } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { buildFolder, isInstalled, libraryFolder, outputFolder, stateFolder } from "@dynreg/cli/internal/state/folders";
import { lock, tryLock } from "@dynreg/cloud/internal/server/lock";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { replacePrivateFile } from "@dynreg/node/internal/private-file";
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

test("builds are beside the application, also of images written for it", async (t) => {
	const application = await newFolder(t);
	const output = join(application, ".dynreg", "build");
	t.is(outputFolder(application), output);
	t.is(outputFolder(join(application, ".dynreg", "flash", "flash-lamp")), output);
	t.false(existsSync(join(application, ".dynreg")), "asking makes nothing");
});

test("in a clone, what is in it is built in it", (t) => {
	t.is(outputFolder("."), join(libraryFolder, "build", "moddable"));
	t.is(outputFolder("examples/lamp"), join(libraryFolder, "build", "moddable"));
	t.is(
		outputFolder(join(libraryFolder, "..", "dynreg-app")),
		join(libraryFolder, "..", "dynreg-app", ".dynreg", "build"),
	);
});

test("a folder with a space in its name is refused before anything is built", async (t) => {
	const application = join(await newFolder(t), "my lamp");
	await mkdir(application);
	const sdk: Sdk = { folder: "", tools: "", simulator: "", simulators: "", environment: {} };
	await t.throwsAsync(buildApplication(sdk, { folder: application, platform: "sim", debug: true }), {
		message: /whose path has a space\. Move .*my lamp/,
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
	["of a process whose id another process has got", async () => `${process.pid} another-start`],
	["of a process whose parent does not wait for it", zombie],
] as const)
	test(`a lock ${what} is taken over`, async (t) => {
		const folder = await newFolder(t);
		const file = join(folder, ".lock");
		await writeFile(file, await contents());
		t.is(typeof tryLock(file), "function");
		t.regex(await readFile(file, "utf8"), new RegExp(`^${process.pid}( |$)`));
		t.deepEqual(await readdir(folder), [".lock"]);
	});

test("waiting processes get the lock one after another", async (t) => {
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
		import { tryLock } from ${JSON.stringify(import.meta.resolve("@dynreg/cloud/internal/server/lock"))};
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

/** The lock of a process that has ended, and that is still in the system's table. */
async function zombie(): Promise<string> {
	// The shell starts a child, becomes another program, and that one does not ask for the child's exit code.
	const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
	const text = await new Promise((resolve) => parent.stdout.once("data", (line) => resolve(`${line}`.trim())));
	// An unread exit code: it ends with this process.
	process.once("exit", () => parent.kill("SIGKILL"));
	parent.unref();
	parent.stdout.destroy();
	return String(text);
}

test("a private file is private whatever was there before, and a link stays", async (t) => {
	const folder = await newFolder(t);
	const file = join(folder, "secret");
	const link = join(folder, "link");
	await writeFile(file, "old", { mode: 0o644 });
	// Left by a process that was killed, or made by another user.
	await writeFile(`${file}.new`, "", { mode: 0o666 });
	await symlink("secret", link);
	replacePrivateFile(link, "new");
	t.true((await lstat(link)).isSymbolicLink());
	t.is(await readFile(file, "utf8"), "new");
	t.is(mode(file), "600");
	t.deepEqual((await readdir(folder)).toSorted(), ["link", "secret"]);

	await symlink("later", join(folder, "dangling"));
	replacePrivateFile(join(folder, "dangling"), "made");
	t.is(await readFile(join(folder, "later"), "utf8"), "made");
});

test("a folder that the system does not allow is an error, and not a loop", async (t) => {
	const folder = await newFolder(t);
	makeFolder(join(folder, "a", "b"), 0o700);
	t.is(mode(join(folder, "a")), "700");
	makeFolder(join(folder, "a", "b"));
	await writeFile(join(folder, "file"), "");
	t.throws(() => makeFolder(join(folder, "file", "x")), { code: "ENOTDIR" });
	t.throws(() => makeFolder(join(folder, "file")), { code: "EEXIST" });
	if (existsSync("/proc/self")) t.throws(() => makeFolder("/proc/dynreg/x"), { code: "ENOENT" });
});

test("a simulated board's files are private, also those of before", async (t) => {
	const folder = await newFolder(t);
	await chmod(folder, 0o755);
	for (const name of ["dynreg.json", "modpreferences.json"]) await writeFile(join(folder, name), "{}", { mode: 0o644 });
	prepareFlash(folder, { productSecret: "a-secret-of-16-characters" });
	t.is(mode(join(folder, "dynreg.json")), "600");
	t.is(mode(join(folder, "modpreferences.json")), "600");
	t.is(mode(join(folder, "simulator")), "700");
	await chmod(folder, 0o777);
	t.throws(() => prepareFlash(folder, {}), { message: /Every user .*chmod o-w/ });
});

test("a simulated board's flash that cannot be written is storage-failed at the start", async (t) => {
	const folder = await newFolder(t);
	await mkdir(join(folder, "flash", "modpreferences.json"), { recursive: true });
	await writeFile(join(folder, "file"), "");
	for (const store of [join(folder, "flash"), join(folder, "file"), join(folder, "file", "x"), "/proc/dynreg"])
		t.like(
			t.throws(() => prepareFlash(store, {})),
			{ code: "storage-failed", phase: "store" },
			store,
		);
});
