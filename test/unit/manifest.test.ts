/** That manifests, which are what users include, hold by themselves: each with all that its modules import. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { cloudNames } from "dynreg/clouds/schemas";

interface Manifest {
	readonly include?: string | readonly string[];
	readonly modules?: Readonly<Record<string, string | readonly string[]>>;
	readonly preload?: string | readonly string[];
	readonly platforms?: Readonly<Record<string, Manifest>>;
	/** Of a platform: `mcconfig` stops with it. */
	readonly error?: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const listed = (given: string | readonly string[] = []): readonly string[] =>
	typeof given === "string" ? [given] : given;

const manifests = execFileSync(
	"git",
	["ls-files", "--cached", "--others", "--exclude-standard", "*manifest.json", "manifest_*.json"],
	{
		cwd: root,
		encoding: "utf8",
	},
)
	.trim()
	.split("\n")
	.filter((path) => existsSync(join(root, path)));

const everyPlatform = ["esp32", "esp", "lin", "mac"] as const;
type Platform = (typeof everyPlatform)[number];

/** Those that a manifest, with all that it includes, is for. */
function platformsOf(path: string, among: readonly Platform[] = everyPlatform): readonly Platform[] {
	return among.filter((platform) =>
		[...closure(path, platform).values()].every(({ platforms: all = {} }) => {
			const chosen = all[platform] ?? all["..."];
			return chosen?.error === undefined;
		}),
	);
}

/** Of the project's own: this one and all that it includes, on this platform. */
function closure(path: string, platform: Platform, found = new Map<string, Manifest>()): Map<string, Manifest> {
	if (found.has(path)) return found;
	const manifest = JSON.parse(read(path)) as Manifest;
	const chosen = manifest.platforms?.[platform] ?? manifest.platforms?.["..."] ?? {};
	const here: Manifest = {
		...manifest,
		modules: { ...manifest.modules, ...chosen.modules },
		preload: [...listed(manifest.preload), ...listed(chosen.preload)],
	};
	found.set(path, here);
	for (const include of [...listed(manifest.include), ...listed(chosen.include)])
		if (!include.startsWith("$(")) closure(normalize(join(dirname(path), include)), platform, found);
	return found;
}

/** Sources of the project's own by the name that they are imported by. @throws Error for a file that is not there */
function modulesOf(path: string, { modules = {} }: Manifest): Map<string, string> {
	const found = new Map<string, string>();
	for (const [name, given] of Object.entries(modules))
		for (const source of listed(given)) {
			if (name === "~" || source.startsWith("$(")) continue;
			const folder = normalize(join(dirname(path), dirname(source)));
			const pattern = basename(source);
			const files = readdirSync(join(root, folder)).filter((file) => {
				const stem = file.replace(/\.(d\.ts|ts|c)$/, "");
				return stem !== file && (pattern === "*" || stem === pattern);
			});
			if (files.length === 0) throw new Error(`${path} names ${source}, which is not there`);
			for (const file of files.filter((each) => /(?<!\.d)\.ts$/.test(each))) {
				const stem = file.slice(0, -3);
				found.set(name.endsWith("*") ? name.slice(0, -1) + stem : name, `${folder}/${file}`);
			}
		}
	return found;
}

/** What it imports when it runs: by the public name, or what a relative path is among public names. */
function imports(name: string, source: string): string[] {
	const found = read(source).matchAll(/^(?:import|export)\b(?<clause>[^;]*?)from "(?<from>[^"]+)"/gms);
	return [...found]
		.filter(({ groups }) => !/^\s*(type\b|\{\s*(type\s+\w+\s*,?\s*)+\}\s*$)/.test(groups?.clause ?? ""))
		.map(({ groups }) => groups?.from ?? "")
		.filter((from) => /^(\.|dynreg)/.test(from))
		.map((from) => (from.startsWith(".") ? normalize(join(dirname(name), from)).replace(/\.js$/, "") : from));
}

/** A chip's own is included by the host's, which knows for which chip; it is part of that. */
const whole = manifests.filter((path) => !/\/(esp-common|esp32|esp8266|sim)\/manifest\.json$/.test(path));

test("there are manifests", (t) => {
	t.true(manifests.length > 20);
	for (const path of manifests) t.notThrows(() => JSON.parse(read(path)), path);
});

test("each module that a manifest names is there", (t) => {
	for (const path of manifests) t.notThrows(() => modulesOf(path, JSON.parse(read(path))), path);
});

const host = "hosts/moddable/manifest.json";
/**
 * The command puts manifests of two packages together (`cli/conformance/image.ts`). The lifecycle's come with a host:
 * the manifests at the root include both.
 */
const besides: Readonly<Record<string, readonly string[]>> = {
	"src/manifest.json": [host],
	"src/manifest_core.json": [host],
	...Object.fromEntries(cloudNames.map((name) => [`src/manifest_${name}.json`, [host]])),
	"conformance/device/manifest.json": [
		"hosts/moddable/manifest.json",
		"src/manifest.json",
		"src/manifest_outbox.json",
		"modules/setup/manifest.json",
	],
};

for (const path of whole)
	test(`${path}: all that its modules import comes with it`, (t) => {
		for (const platform of platformsOf(path)) {
			const all = closure(path, platform);
			for (const other of besides[path] ?? []) closure(other, platform, all);
			const known = new Map([...all].flatMap(([each, manifest]) => [...modulesOf(each, manifest)]));
			for (const [name, source] of known)
				for (const from of imports(name, source)) t.true(known.has(from), `${platform}: ${source} imports ${from}`);
		}
		t.pass();
	});

test("what a manifest preloads comes with it", (t) => {
	for (const path of whole)
		for (const platform of platformsOf(path)) {
			const all = closure(path, platform);
			const names = [...all].flatMap(([each, manifest]) => [...modulesOf(each, manifest).keys()]);
			for (const [each, { preload }] of all)
				for (const name of listed(preload).filter((one) => one.startsWith("dynreg/")))
					t.true(names.includes(name), `${platform}: ${each}: ${name}`);
		}
});

// A pattern in `preload` finds no TypeScript, and what is not preloaded takes more flash.
test("what a manifest brings to a chip is preloaded", (t) => {
	for (const path of whole)
		for (const platform of platformsOf(path, ["esp32", "esp"])) {
			const all = closure(path, platform);
			const preloaded = [...all.values()].flatMap(({ preload }) => listed(preload));
			for (const name of [...all].flatMap(([each, manifest]) => [...modulesOf(each, manifest).keys()]))
				if (name.startsWith("dynreg/")) t.true(preloaded.includes(name), `${platform}: ${path}: ${name}`);
		}
});

test("public modules are built, packed and documented in docs/guides/library.md", (t) => {
	const { exports, files } = JSON.parse(read("package.json")) as {
		exports: Record<string, string | Record<string, string>>;
		files: string[];
	};
	const document = read("docs/guides/library.md");
	for (const [name, target] of Object.entries(exports).filter(([each]) => !each.includes("*"))) {
		const paths = typeof target === "string" ? [target] : Object.values(target);
		for (const path of paths) {
			t.true(existsSync(join(root, path)), `${path} has not been built`);
			if (name !== "./package.json")
				t.true(
					files.some((each) => path.startsWith(`./${each}/`)),
					`${path} is not packed`,
				);
		}
		if (name !== "./package.json") t.true(document.includes(`\`${name.replace(".", "dynreg")}\``), name);
	}
});
