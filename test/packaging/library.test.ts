/** The project as a stranger uses it: from git, and from npm by `mcpack`, in an application that lives elsewhere. */

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project, type Sdk } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { createStandIns } from "@dynreg/tools/stand-ins";
import test, { type ExecutionContext } from "ava";
import { fileHashes, install, packAll } from "../packaging/installation.js";

const run = promisify(execFile);
const sdk = findSdk();
const serial = sdk === undefined ? test.skip : test.serial;
const titled = (title: string) =>
	sdk === undefined ? `sim: ${title}: skipped, ${missingSdkMessage}` : `sim: ${title}`;

const source = `
import { Device } from "dynreg/boot";
import { tencent } from "dynreg/clouds";

new Device({
	cloud: tencent,
	onOnline(session) {
		session.publish(session.topics.event, "hello");
		trace("a stranger is online\\n");
	},
});
`;

/** An empty folder, its name without links: the SDK compares paths as texts. */
async function elsewhere(t: ExecutionContext): Promise<string> {
	t.timeout(900_000);
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

/** What `mcpack` takes from the package, and by a manifest of its own: a public name of each kind. */
const packedSource = `
import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";
import { Failure } from "dynreg/core/errors";
import { thing } from "dynreg/clouds/aliyun/thing";

start(createHost(), { productId: "?" }, () => {}).catch((error) => {
	if (!(error instanceof Failure)) throw new Error("there are two classes Failure");
	return start(createHost(), readConfiguration(), () => {
		if (typeof thing === "function") trace("a stranger is online\\n");
	});
});
`;

serial(
	titled("installed from npm, built by mcpack, without TypeScript, for the simulator and both chips"),
	async (t) => {
		const { environment } = sdk as Sdk;
		const home = await elsewhere(t);
		const app = join(home, "app");
		const out = join(home, "out");
		for (const folder of [app, out]) await mkdir(folder);
		const packages = await packAll(home);
		await install(
			app,
			packages.filter(({ manifest }) => manifest.name === "dynreg"),
		);
		await writeFile(join(app, "package.json"), JSON.stringify({ name: "app", type: "module", main: "./main.js" }));
		const include = "./node_modules/dynreg/build/modules/clouds/aliyun/manifest_thing.json";
		await writeFile(join(app, "manifest.json"), JSON.stringify({ include }));
		await writeFile(join(app, "main.js"), packedSource);

		const moddable = await linkedSdk(sdk as Sdk, home);
		const standIn = createStandIns();
		// mcpack reads all manifests of the SDK's, one of which names folders of the ESP8266's toolchain.
		const arduino = join(home, "arduino");
		await mkdir(join(arduino, "libraries/Servo/src/esp8266"), { recursive: true });
		// Nothing of this project's, so no tsc.
		const path = [(sdk as Sdk).tools, standIn.PATH].join(delimiter);
		const env = { ...environment, ...standIn, MODDABLE: moddable, ARDUINO_ROOT: arduino, PATH: path };
		const build = (...parameters: string[]) =>
			run("mcpack", ["mcconfig", ...parameters, "-o", out], { cwd: app, env, maxBuffer: 1e8 });
		await build("-d", "-m", "-p", "sim", "-t", "build");
		// All modules are the manifest's; mcpack's own are beside them under the names of their files.
		const modules = join(out, "tmp/lin/mc/debug/app/modules/dynreg");
		t.deepEqual(
			(await readdir(join(modules, "build"), { recursive: true })).filter((name) => name.endsWith(".xsb")),
			["hosts/moddable/mcpack-stub.xsb"],
		);
		for (const name of ["host", "start", "core/errors", "clouds/aliyun/thing"])
			t.true((await stat(join(modules, `${name}.xsb`))).size > 200, name);
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

serial(titled("installed from npm: dynreg sim runs what dynreg init wrote, dynreg test the cases"), async (t) => {
	const home = await elsewhere(t);
	const app = join(home, "my-lamp");
	await mkdir(app);
	await install(app, await packAll(home), ["@moddable/typings", "typescript"]);
	const before = await fileHashes(app);
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	// The image that other tests share is none of an installed package.
	const { DYNREG_SIM_IMAGE: _, ...others } = process.env;
	const env = { ...others, XDG_CACHE_HOME: join(home, "cache"), DYNREG_ADMIN: cloud.urls.admin };
	const dynreg = (...parameters: string[]) =>
		run(join(app, "node_modules/.bin/dynreg"), parameters, { cwd: app, env, maxBuffer: 1e8 });

	await dynreg("init", "--app", "--local");
	const lamp = await dynreg("sim", "--until", "online", "--timeout", "60");
	t.regex(lamp.stdout, /registered .*online +tencent\/MYLAMP\/board-1\n$/s);
	// dynreg's own application, with the flash of the lamp.
	const config = ["--config", "board.json", "--store", ".dynreg/sim"];
	const board = await dynreg("board", "--host", "sim", ...config, "--until", "online", "--timeout", "60");
	t.notRegex(board.stdout, /registering/);
	const cases = await dynreg("test", "--platform", "sim", "--case", "^vault");
	t.regex(cases.stdout, /Done: 2 passed, 0 failed of 2\n$/);
	t.deepEqual(await fileHashes(app), before, "no installed package has been changed");
	t.deepEqual((await readdir(join(app, ".dynreg"))).toSorted(), [
		".gitignore",
		"build",
		"cloud.ca.pem",
		"product.secret",
		"sim",
	]);
	const [cache] = await readdir(join(home, "cache", "dynreg"));
	t.regex(cache ?? "", /^\d+\.\d+\.\d+-[0-9a-f]{8}$/);
});
