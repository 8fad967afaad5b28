/**
 * The files that list the clouds: written by `npm run docs` from the folders of `modules/clouds/`, so that another cloud is
 * two folders. A folder's name is the value of `cloud`, and what `cloud.ts` and the local cloud's platform export.
 */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";

const written = "Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit.";

/** The cloud of a configuration that names none. */
const defaultName = "tencent";

/** The firmware's debug image for an ESP8266 has no room for all clouds. These have images of their own there. */
const beyondEsp8266 = ["aws", "azure"];

/** All clouds, the default first. */
export function cloudFolders(): readonly string[] {
	const names = readdirSync(join(project, "modules/clouds")).filter((name) =>
		existsSync(join(project, "modules/clouds", name, "cloud.ts")),
	);
	return [defaultName, ...names.filter((name) => name !== defaultName).toSorted()];
}

/** The text of each file, by its path in the project. */
export function cloudLists(names: readonly string[] = cloudFolders()): ReadonlyMap<string, string> {
	const ofEsp8266 = names.filter((name) => !beyondEsp8266.includes(name));
	const files: (readonly [path: string, text: string])[] = [
		["modules/clouds/profiles.ts", profiles(names)],
		["cloud/platforms/platforms.ts", platforms(names)],
		["src/clouds.ts", allClouds(names)],
		["src/manifest.json", sourceManifest(names, "./clouds")],
		["src/clouds-esp8266.ts", allClouds(ofEsp8266)],
		["src/manifest_esp8266.json", sourceManifest(ofEsp8266, "./clouds-esp8266")],
		["manifest_esp8266.json", libraryManifest("esp8266")],
		["package.json", packageFile(names)],
		...names.flatMap((name) => [
			[`src/clouds-${name}.ts`, oneCloud(name)] as const,
			[`src/manifest_${name}.json`, sourceManifest([name], `./clouds-${name}`)] as const,
			[`manifest_${name}.json`, libraryManifest(name)] as const,
		]),
	];
	return new Map(files.map(([path, text]) => [path, formatted(path, text)]));
}

function profiles(names: readonly string[]): string {
	return `/** ${written} Desktop only: no image links this. */

${imports(names, (name) => `{ profile as ${name} } from "./${name}/profile.js"`)}

/** The clouds by the value of the key \`cloud\`. The first is the default. */
export const cloudProfiles: {
	${names.map((name) => `readonly ${name}: typeof ${name};`).join("\n\t")}
} = { ${names.join(", ")} };
`;
}

function platforms(names: readonly string[]): string {
	return `/** ${written} */

import type { Platform } from "./platform.js";
${imports(names, (name) => `{ ${name} } from "./${name}/${name}.js"`)}

/** The platforms that the local cloud imitates. */
export const platforms: readonly Platform[] = [${names.join(", ")}];
`;
}

function allClouds(names: readonly string[]): string {
	return `/** ${written} */

${imports(names, (name) => `{ ${name} } from "dynreg/clouds/${name}/cloud"`)}
import { choice } from "dynreg/configuration/readers";
import type { Cloud, CloudDevice, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Crypto } from "../modules/contracts/host.js";

export { ${names.toSorted().join(", ")} };

/** The clouds in the image, by the configuration's \`cloud\`. The first is the default. */
export const clouds = Object.freeze({ ${names.join(", ")} } satisfies Record<string, Cloud>);

/**
 * The device of a configuration.
 *
 * @param mac the board's MAC address, for the default device name
 * @throws Failure \`bad-configuration\`
 */
export const configuredDevice = (
	configuration: RawConfiguration,
	crypto: Crypto,
	mac: string | undefined,
): CloudDevice => {
	const name = choice(configuration, "cloud", Object.keys(clouds).join(" ") as keyof typeof clouds);
	return clouds[name].device(configuration, crypto, mac);
};
`;
}

function oneCloud(name: string): string {
	return `/** ${written} */

import { ${name} } from "dynreg/clouds/${name}/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { ${name} };

/** Replaces \`clouds.ts\` in an image with this cloud only. */
export const clouds = Object.freeze({ ${name} } satisfies Record<string, Cloud>);

/** @throws Failure \`bad-configuration\`, also if another cloud is configured */
export const configuredDevice = ${name}.device;
`;
}

function sourceManifest(names: readonly string[], module: string): string {
	const modules = { "dynreg/clouds": module, ...registrationModules(names) };
	return JSON.stringify({
		include: ["./manifest_core.json", ...names.map((name) => `../modules/clouds/${name}/manifest.json`)],
		modules,
		preload: Object.keys(modules),
	});
}

/** An image that registers over one transport only has that transport's module in place of both. */
function registrationModules(names: readonly string[]): Readonly<Record<string, string>> {
	const transports = new Set(names.flatMap(transportsOf));
	const [transport] = transports;
	if (transports.size === 1) return { "dynreg/registration": `./registration-${transport}` };
	const both = ["registration", "registration-http", "registration-mqtt"];
	return Object.fromEntries(both.map((name) => [`dynreg/${name}`, `./${name}`]));
}

/** By the kinds of exchange that its `registration.ts` names. */
function transportsOf(name: string): readonly ("http" | "mqtt")[] {
	const path = join(project, "modules/clouds", name, "registration.ts");
	const source = existsSync(path) ? readFileSync(path, "utf8") : "";
	const found = (["http", "mqtt"] as const).filter((transport) =>
		source.includes(transport === "http" ? "HttpExchange" : "MqttExchange"),
	);
	return found.length > 0 ? found : ["http", "mqtt"];
}

function libraryManifest(name: string): string {
	return JSON.stringify({
		include: [
			"./hosts/moddable/manifest.json",
			`./src/manifest_${name}.json`,
			"./hosts/moddable/sdk/manifest_no_websocket.json",
			"./hosts/moddable/sdk/left-out/manifest.json",
		],
	});
}

/** \`package.json\` with an export for each cloud's \`thing\`, since the SDK's \`mcpack\` does not read patterns. */
function packageFile(names: readonly string[]): string {
	const file = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
	const isThing = (path: string) => /^\.\/clouds\/\w+\/thing$/.test(path);
	const things = names
		.filter((name) => existsSync(join(project, "modules/clouds", name, "thing.ts")))
		.toSorted()
		.map((name) => [`./clouds/${name}/thing`, thingExport(name)]);
	const others = Object.entries(file.exports).filter(([path]) => !isThing(path));
	const at = others.findIndex(([path]) => path === "./clouds") + 1;
	const exports = Object.fromEntries([...others.slice(0, at), ...things, ...others.slice(at)]);
	return `${JSON.stringify({ ...file, exports }, undefined, "\t")}\n`;
}

function thingExport(name: string): Readonly<Record<string, string>> {
	return {
		types: `./build/modules/clouds/${name}/thing.d.ts`,
		moddable: "./build/hosts/moddable/mcpack-stub.js",
		default: `./build/modules/clouds/${name}/thing.js`,
	};
}

function imports(names: readonly string[], of: (name: string) => string): string {
	return names
		.toSorted()
		.map((name) => `import ${of(name)};`)
		.join("\n");
}

/** As `npm run lint` wants it. */
function formatted(path: string, text: string): string {
	const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
	const parameters = [biome, "check", "--write", `--stdin-file-path=${path}`];
	return execFileSync(process.execPath, parameters, { cwd: project, input: text, encoding: "utf8" });
}
