/** The project as a stranger uses it: from git, and from npm by `mcpack`, in an application that lives elsewhere. */

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, noSdk, project, type Sdk } from "@dynreg/cli/internal/sdk/moddable";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { standIns } from "@dynreg/tools/stand-ins";
import test, { type ExecutionContext } from "ava";

const run = promisify(execFile);
const sdk = findSdk();
const serial = sdk === undefined ? test.skip : test.serial;
const titled = (title: string) => (sdk === undefined ? `sim: ${title}: skipped, ${noSdk}` : `sim: ${title}`);

const source = `
import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, "hello");
	trace("a stranger is online\\n");
}).catch(() => trace("see the configuration\\n"));
`;

/** An empty folder, its name without links: the SDK compares paths as texts. */
async function elsewhere(t: ExecutionContext): Promise<string> {
	t.timeout(300_000);
	const folder = await realpath(await mkdtemp(join(tmpdir(), "dynreg-stranger-")));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

async function comesOnline(t: ExecutionContext, image: string, store: string): Promise<void> {
	await mkdir(store);
	const cloud = await startCloud();
	const product = { cloud: "tencent", id: "STRANGER01", secret: "e2e-stranger-secret-01" } as const;
	let online = () => {};
	const done = new Promise<string>((resolve) => {
		online = () => resolve("online");
	});
	const board = await startBoard({
		image,
		store,
		configuration: demoConfiguration(cloud, product, "board-1"),
		onEvent() {},
		onTrace: (line) => line === "a stranger is online" && online(),
	});
	t.is(await Promise.race([done, board.exited.then(({ message }) => message)]), "online");
	board.kill();
	await board.exited;
	await cloud.close();
}

/** Links to the SDK, beside a folder of its own for what `mcpack` writes into the SDK's `build/tmp`. */
async function linkedSdk({ folder }: Sdk, home: string): Promise<string> {
	const linked = join(home, "moddable");
	await mkdir(join(linked, "build", "tmp"), { recursive: true });
	for (const [from, to] of [
		[folder, linked],
		[join(folder, "build"), join(linked, "build")],
	] as const)
		for (const name of await readdir(from))
			if (name !== "build" && name !== "tmp") await symlink(join(from, name), join(to, name));
	return linked;
}

serial(titled("included from git"), async (t) => {
	const { environment } = sdk as Sdk;
	const home = await elsewhere(t);
	const [repository, app, out] = ["dynreg", "app", "out"].map((name) => join(home, name)) as [string, string, string];
	// What is committed and what is about to be: as a clone of the next commit.
	const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
		cwd: project,
	});
	for (const path of stdout.split("\0").filter(Boolean)) {
		await mkdir(join(repository, path, ".."), { recursive: true });
		await copyFile(join(project, path), join(repository, path)).catch(() => {});
	}
	const git = (...parameters: string[]) => run("git", parameters, { cwd: repository });
	await git("init", "--quiet");
	await git("add", "--all");
	await git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--no-gpg-sign", "-m", "all");
	await git("tag", "v1");
	for (const folder of [app, out]) await mkdir(folder);
	const include = [{ git: pathToFileURL(repository).href, tag: "v1", manifest: "manifest_dynreg.json" }];
	await writeFile(join(app, "manifest.json"), JSON.stringify({ include, modules: { "*": "./main" } }));
	await writeFile(join(app, "main.ts"), source);
	await run("mcconfig", ["-d", "-m", "-p", "sim", "-t", "build", "-o", out], {
		cwd: app,
		env: environment,
		maxBuffer: 1e8,
	});
	await comesOnline(t, join(out, "bin/lin/mc/debug/app/mc.so"), join(home, "flash"));
});

serial(
	titled("installed from npm, built by mcpack, without TypeScript, for the simulator and both chips"),
	async (t) => {
		const { environment } = sdk as Sdk;
		const home = await elsewhere(t);
		const app = join(home, "app");
		const installed = join(app, "node_modules", "dynreg");
		const out = join(home, "out");
		for (const folder of [installed, out]) await mkdir(folder, { recursive: true });
		// What npm puts there; its dependencies are those of the command, and of no use to an image.
		const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", home], {
			cwd: project,
			maxBuffer: 1e8,
		});
		const [{ filename, files }] = JSON.parse(packed.stdout);
		await run("tar", ["xzf", join(home, filename), "--strip-components=1", "-C", installed]);
		const paths: string[] = files.map(({ path }: { path: string }) => path);
		for (const path of paths) t.notRegex(path, /(^|\/)test\/|\.pem$|\.der$|secret\.json|\.dynreg\//, path);
		await writeFile(join(app, "package.json"), JSON.stringify({ name: "app", type: "module", main: "./main.js" }));
		await writeFile(join(app, "main.js"), source);

		const moddable = await linkedSdk(sdk as Sdk, home);
		const standIn = standIns();
		// mcpack reads all manifests of the SDK's, one of which names folders of the ESP8266's toolchain.
		const arduino = join(home, "arduino");
		await mkdir(join(arduino, "libraries/Servo/src/esp8266"), { recursive: true });
		// Nothing of this project's, so no tsc.
		const path = [(sdk as Sdk).tools, standIn.PATH].join(delimiter);
		const env = { ...environment, ...standIn, MODDABLE: moddable, ARDUINO_ROOT: arduino, PATH: path };
		const build = (...parameters: string[]) =>
			run("mcpack", ["mcconfig", ...parameters, "-o", out], { cwd: app, env, maxBuffer: 1e8 });
		await build("-d", "-m", "-p", "sim", "-t", "build");
		await comesOnline(t, join(out, "bin/lin/mc/debug/app/mc.so"), join(home, "flash"));
		for (const [chip, folder] of [
			["esp32", "esp32"],
			["esp8266", "esp"],
		] as const) {
			const linked = await build("-m", "-p", chip, "-t", join(out, "tmp", folder, "release", "app", "mc.xs.c"));
			t.regex(linked.stdout, /# xsl modules/, chip);
			t.notRegex(linked.stdout, /warning:.*dynreg/, chip);
		}
	},
);
