/** The packages as a stranger gets them from npm: what is in them, and that they work where they are installed. */

import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test from "ava";
import { dependenciesOf, fileHashes, install, type Packed, packAll, readManifest } from "./installation.js";

const run = promisify(execFile);

let home: string;
/** An application's folder, with all packages installed. */
let application: string;
let packages: readonly Packed[];
let before: Readonly<Record<string, string>>;

test.before(async (t) => {
	t.timeout(120_000);
	// The SDK's tools compare paths as texts: no links.
	home = await realpath(await mkdtemp(join(tmpdir(), "dynreg-packages-")));
	application = join(home, "application");
	await mkdir(application);
	packages = await packAll(home);
	await install(application, packages, ["@moddable/typings", "typescript"]);
	before = await fileHashes(application);
});
test.after.always(() => rm(home, { recursive: true, force: true }));

interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** Runs the installed command in the application's folder. */
function dynreg(...args: string[]): Promise<Ended> {
	return ended(join(application, "node_modules", ".bin", "dynreg"), args);
}

function ended(program: string, args: readonly string[], input = ""): Promise<Ended> {
	const cache = join(home, "cache");
	const child = spawn(program, args, { cwd: application, env: { ...process.env, XDG_CACHE_HOME: cache } });
	child.stdin.end(input);
	const said = { out: "", err: "" };
	child.stdout.on("data", (text: Buffer) => {
		said.out += text;
	});
	child.stderr.on("data", (text: Buffer) => {
		said.err += text;
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code) => resolve({ code, ...said }));
	});
}

test.serial("six packages have one version and depend on exactly that version", (t) => {
	const names = packages.map(({ manifest }) => manifest.name);
	const desk = ["cli", "cloud", "conformance", "node", "xs"].map((name) => `@dynreg/${name}`);
	t.deepEqual(names.toSorted(), [...desk, "dynreg"]);
	const version = packages[0]?.manifest.version ?? "";
	for (const { manifest, size, unpackedSize, files } of packages) {
		t.log(`${manifest.name}: ${size} bytes packed, ${unpackedSize} unpacked, ${files.length} files`);
		t.is(manifest.version, version);
		for (const [name, wanted] of Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
			if (names.includes(name)) t.is(wanted, version, `${manifest.name}: ${name}`);
			t.regex(wanted, /^\d+\.\d+\.\d+$/, `${manifest.name}: ${name} has one version`);
		}
	}
});

test.serial("packages have no tests, tools, images, source maps or secrets", (t) => {
	for (const { manifest, files } of packages) {
		for (const path of files) {
			t.notRegex(path, /\.map$|\.tsbuildinfo$|\.tgz$|\.log$/, `${manifest.name}: ${path}`);
			t.notRegex(path, /(^|\/)(test|tools|moddable\/(bin|tmp)|coverage|\.dynreg)\//, `${manifest.name}: ${path}`);
			t.notRegex(path, /\.pem$|\.der$|secret\.json$|(^|\/)board\.json$/, `${manifest.name}: ${path}`);
		}
		for (const name of ["README.md", "LICENSE"]) t.true(files.includes(name), `${manifest.name}: ${name}`);
	}
	const [library] = packages.filter(({ manifest }) => manifest.name === "dynreg");
	t.true(library !== undefined && library.size < 600_000, `${library?.size} bytes`);
});

test.serial("npm install dynreg brings no other package, and runs no script", async (t) => {
	t.timeout(120_000);
	const [library] = packages.filter(({ manifest }) => manifest.name === "dynreg") as [Packed];
	for (const script of ["preinstall", "install", "postinstall"]) t.false(script in (library.manifest.scripts ?? {}));
	const folder = join(home, "library");
	await mkdir(folder);
	await writeFile(join(folder, "package.json"), '{ "name": "library", "private": true }');
	// A cache of its own is empty: what is not in the tarball is not there.
	const options = ["--offline", "--cache", join(home, "npm"), "--no-audit", "--no-fund"];
	await run("npm", ["install", ...options, library.file], { cwd: folder });
	t.deepEqual(
		(await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith(".")),
		["dynreg"],
	);
	const { stdout } = await run("npm", ["ls", "--all", "--omit=dev", "--json"], { cwd: folder });
	t.deepEqual(Object.keys(JSON.parse(stdout).dependencies), ["dynreg"]);
	t.is(JSON.parse(stdout).dependencies.dynreg.dependencies, undefined);
});

/** What is compiled for a board imports the SDK's modules, which come with no package. */
const forBoards =
	/^(hosts|examples)\/|^(build\/)?(hosts\/moddable\/|src\/main\.|device\/(main|runner|sdk-alone|esp8266\/))/;

test.serial("what a package imports is in it, or in what it depends on", async (t) => {
	let count = 0;
	for (const { manifest, files } of packages) {
		const allowed = [manifest.name, ...dependenciesOf(manifest)];
		const folder = join(application, "node_modules", manifest.name);
		for (const path of files.filter((each) => /(?<!\.d)\.js$|\.d\.ts$/.test(each))) {
			const text = await readFile(join(folder, path), "utf8");
			const found = [
				...text.matchAll(/^(?:import|export)\b[^;"']*?\bfrom "([^"]+)"/gm),
				...text.matchAll(/\bimport(?:\.meta\.resolve)?\("([^"]+)"\)/g),
				...text.matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g),
			].map(([, from]) => from as string);
			count += found.length;
			for (const from of found) {
				const place = `${manifest.name}/${path}: ${from}`;
				if (from.startsWith(".")) {
					const target = normalize(join(dirname(path), from));
					const declared = target.replace(/\.js$/, ".d.ts");
					t.true(files.includes(target) || (path.endsWith(".d.ts") && files.includes(declared)), place);
				} else if (!from.startsWith("node:") && !forBoards.test(path)) {
					t.false(builtinModules.includes(from), `${place} lacks node:`);
					const name = from.split("/", from.startsWith("@") ? 2 : 1).join("/");
					t.true(allowed.includes(name), place);
				}
			}
		}
	}
	t.true(count > 1000, `${count} imports`);
});

test.serial("what a manifest names by a relative path is packed", async (t) => {
	let count = 0;
	for (const { manifest, files } of packages)
		for (const path of files.filter((each) => /\bmanifest\w*\.json$/.test(each))) {
			const text = await readFile(join(application, "node_modules", manifest.name, path), "utf8");
			for (const [, name = ""] of text.matchAll(/"(\.\.?\/[^"]+)"/g)) {
				const target = normalize(join(dirname(path), name));
				// "./host" is host.js or host.ts, "./sdkconfig" a folder, "../certs/*" whatever is in one.
				const beginnings = target.endsWith("*") ? [target.slice(0, -1)] : [`${target}.`, `${target}/`];
				const isPacked = files.some((each) => each === target || beginnings.some((some) => each.startsWith(some)));
				t.true(isPacked, `${manifest.name}/${path}: ${name}`);
				count++;
			}
		}
	t.true(count > 200, `${count} paths`);
});

test.serial("dynreg, dynreg --help and each command's --help work where they are installed", async (t) => {
	t.timeout(120_000);
	t.is((await dynreg()).code, 1);
	const help = await dynreg("--help");
	t.is(help.code, 0, help.err);
	const commands = [...help.out.matchAll(/^ {2}([a-z]+) +\S/gm)].map(([, name]) => name as string);
	t.true(commands.length >= 12, help.out);
	for (const name of commands) {
		const { code, out, err } = await dynreg(name, "--help");
		t.is(code, 0, `${name}: ${err}`);
		t.true(out.includes(`dynreg ${name}`), name);
		t.is(err, "");
	}
});

test.serial("the installed command runs board, test --list and doctor", async (t) => {
	t.timeout(120_000);
	const demo = await dynreg("demo");
	t.is(demo.code, 0, demo.err);
	const list = await dynreg("test", "--list");
	t.is(list.code, 0, list.err);
	t.true(list.out.split("\n").length > 100);
	const doctor = await dynreg("doctor", "--for", "try", "--json");
	t.is(doctor.err, "");
	t.notThrows(() => JSON.parse(doctor.out));
});

test.serial("the installed cloud has the console with it, script and style sheet too", async (t) => {
	const program = `
		import { startCloud } from "@dynreg/cloud";
		const cloud = await startCloud();
		const get = (path, accept) => fetch(cloud.urls.admin + path, { headers: { Accept: accept } });
		const page = await (await get("/", "text/html")).text();
		const paths = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
		const types = await Promise.all(paths.map(async (path) => (await get(path, "*/*")).headers.get("content-type")));
		console.log(JSON.stringify(Object.fromEntries(paths.map((path, index) => [path, types[index]]))));
		await cloud.close();
	`;
	const { out, err } = await ended(process.execPath, ["--input-type=module", "--eval", program]);
	t.is(err, "");
	t.deepEqual(JSON.parse(out), {
		"/console/icon.svg": "image/svg+xml",
		"/console/console.css": "text/css; charset=utf-8",
		"/console/console.js": "text/javascript; charset=utf-8",
	});
});

test.serial("dynreg's own applications are built in the cache folder, others beside themselves", async (t) => {
	const program = `
		import { buildFolder, firmwareFolder, outputFolder } from "@dynreg/cli/internal/state/folders";
		import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
		const places = [firmwareFolder, conformanceApplication(), "/lamp", "/lamp/.dynreg/flash/flash-lamp"].map(outputFolder);
		console.log(JSON.stringify({ cache: buildFolder(), firmware: firmwareFolder, places, bare: buildFolder({ HOME: "/home/a" }),
			relative: buildFolder({ HOME: "/home/a", XDG_CACHE_HOME: "cache" }) }));
	`;
	const { out, err } = await ended(process.execPath, ["--input-type=module", "--eval", program]);
	t.is(err, "");
	const { cache, firmware, places, bare, relative } = JSON.parse(out);
	t.is(firmware, join(application, "node_modules/dynreg/build"));
	t.true(existsSync(join(firmware, "manifest.json")));
	t.regex(cache, /\/cache\/dynreg\/\d+\.\d+\.\d+-[0-9a-f]{8}\/build$/);
	t.true(cache.startsWith(home));
	t.deepEqual(places, [cache, cache, "/lamp/.dynreg/build", "/lamp/.dynreg/build"]);
	const made = JSON.parse(await readFile(join(cache, "applications/conformance/manifest.json"), "utf8"));
	for (const path of made.include) t.true(existsSync(path), path);
	t.is(bare, cache.replace(join(home, "cache"), "/home/a/.cache"));
	t.is(relative, bare);
});

test.serial("without the optional XS engine the other hosts work", async (t) => {
	const engine = join(application, "node_modules", "@dynreg", "xs");
	await rename(engine, join(home, "xs"));
	const config = join(home, "board.json");
	await writeFile(
		config,
		'{ "productId": "PRODUCT001", "productSecret": "aMadeUpProductSecret0123", "deviceName": "a" }',
	);
	const board = await dynreg("board", "--config", config);
	t.is(board.code, 1);
	t.regex(board.err, /The XS engine is not installed.*npm install @dynreg\/xs.*--host node/);
	const doctor = JSON.parse((await dynreg("doctor", "--for", "try", "--json")).out) as { checks: { id: string }[] };
	t.like(
		doctor.checks.find(({ id }) => id === "engine"),
		{ state: "missing", fix: "npm install @dynreg/xs" },
	);
	t.is((await dynreg("test", "--list")).code, 0);
	await rename(join(home, "xs"), engine);
});

test.serial("init --app writes an application that stands alone and passes the compiler", async (t) => {
	t.timeout(120_000);
	const program = join(application, "node_modules", ".bin", "dynreg");
	const args = ["init", "--app", "--product", "PRODUCT001", "--product-secret-file", "-"];
	const made = await ended(program, args, "aMadeUpProductSecret0123");
	t.is(made.code, 0, made.err);
	t.is((await stat(join(application, ".dynreg"))).mode & 0o777, 0o700);
	t.is((await stat(join(application, ".dynreg", "product.secret"))).mode & 0o777, 0o600);

	const { include } = JSON.parse(await readFile(join(application, "manifest.json"), "utf8"));
	t.is(include, "./node_modules/dynreg/build/manifest_dynreg.json");
	t.true(existsSync(join(application, include)));
	const { devDependencies } = await readManifest(application);
	const { version, devDependencies: wanted = {} } = await readManifest(project);
	t.deepEqual(devDependencies, {
		"@dynreg/cli": version,
		"@moddable/typings": wanted["@moddable/typings"],
		dynreg: version,
		typescript: wanted.typescript,
	});

	const { extends: base, compilerOptions } = JSON.parse(await readFile(join(application, "tsconfig.json"), "utf8"));
	t.is(base, undefined);
	t.true(compilerOptions.strict);
	const compiler = await ended(join(project, "node_modules", ".bin", "tsc"), ["-p", application]);
	t.is(compiler.code, 0, compiler.out);
	await writeFile(join(application, "main.ts"), 'import { start } from "dynreg/start";\n\nstart(1);\n');
	t.regex((await ended(join(project, "node_modules", ".bin", "tsc"), ["-p", application])).out, /error TS2554/);
});

// The last one: by now all commands have run.
test.serial("no installed package has been changed", async (t) => {
	t.deepEqual(await fileHashes(application), before);
	t.false(existsSync(join(application, "node_modules", "dynreg", ".dynreg")));
});
