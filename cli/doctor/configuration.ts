import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, relative } from "node:path";
import type { Device, RawConfiguration } from "dynreg/contracts/cloud";
import type { Endpoint } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { productSecretFile, readConfigurationFile } from "../configuration/configuration-file.js";
import { invalidHostKeys, keysOfOtherClouds, unknownKeys } from "../configuration/configuration-keys.js";
import { configuredDevice } from "../configuration/configured-device.js";
import { howToGet, type Presence, type Root } from "../sdk/roots.js";
import { type Check, missing, ok, warning } from "./check.js";

/** A board's configuration that has been read, and what there is to say about it. */
export interface Examined {
	readonly checks: readonly Check[];
	/** Absent when it will not do. */
	readonly device?: Device;
	readonly configuration?: RawConfiguration;
}

/**
 * Without sending anything.
 *
 * @param roots what of them is here
 * @param forBoard it is to go onto a real board, to which `localhost` is the board itself
 */
export function examine(
	file: string,
	roots: readonly (Presence & { readonly root: Root })[],
	forBoard: boolean,
): Examined {
	let configuration: RawConfiguration = {};
	try {
		configuration = readConfigurationFile(file);
		// The MAC address stands for a board's: it decides the name only.
		const device = configuredDevice(configuration, "00:00:5e:00:53:01");
		return {
			configuration,
			device,
			checks: [
				check("configuration", "Configuration", ok(`${file} is what the firmware takes`)),
				name(configuration, device),
				secretShape(configuration, device),
				...secretKept(file, configuration),
				...keys(configuration),
				...servers(device, forBoard),
				...rootsFor(device, roots),
			],
		};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const next = existsSync(file) ? `correct ${file}` : "npx dynreg init";
		const found = check("configuration", "Configuration", missing(sentence(error), next));
		return { checks: [found, ...keys(configuration)] };
	}
}

function check(id: string, title: string, found: Pick<Check, "state" | "detail" | "mend">): Check {
	return { id, title, for: [], ...found };
}

/** One for each key that is not read, or that only a board reads and would not take. */
function keys(configuration: RawConfiguration): Check[] {
	const unknown = unknownKeys(configuration).map(({ key, meant }) =>
		warning(
			`"${key}" is none of dynreg's`,
			meant === undefined ? "leave it if it is your application's own" : `did you mean ${meant}?`,
		),
	);
	const others = keysOfOtherClouds(configuration).map(({ key, of }) =>
		warning(`"${key}" is a key for ${of}, which is not the configured cloud`, `remove it, or check cloud`),
	);
	const invalid = invalidHostKeys(configuration).map(({ key, expected }) =>
		warning(`the value of "${key}" is invalid`, `expected ${expected}`),
	);
	return [
		...unknown.map((found) => check("unknown-key", "Key", found)),
		...others.map((found) => check("other-cloud-key", "Key", found)),
		...invalid.map((found) => check("invalid-key", "Key", found)),
	];
}

function name({ deviceName }: RawConfiguration, { product }: Device): Check {
	const whose = deviceName === undefined ? "each board's MAC address" : `${deviceName}, for one board only`;
	return check("device-name", "Device", ok(`${whose}; product ${product}`));
}

/**
 * What the consoles show: Tencent's product secrets have 24 letters and digits (vendor's samples), Alibaba's 16. Its
 * devices' secrets have other shapes: base64 of 16 bytes, and 32 letters and digits.
 */
const shapes = {
	tencent: { usual: 24, ofDevice: /^[A-Za-z0-9+/]{22}==$/, deviceHas: "a device's psk, which ends in ==" },
	aliyun: { usual: 16, ofDevice: /^[A-Za-z0-9]{32}$/, deviceHas: "a DeviceSecret, which has 32 characters" },
} as const;

/** The firmware's rule has been kept by now; this is about secrets that are none of the console's. */
function secretShape({ productSecret }: RawConfiguration, { identity, endpoints }: Device): Check {
	const found = (): Pick<Check, "state" | "detail" | "mend"> => {
		if (typeof productSecret !== "string" || productSecret === "")
			return warning(
				"there is none: only boards that are registered already can connect",
				"set productSecretFile to a file with the secret that the console shows on the product's page",
			);
		const { usual, ofDevice, deviceHas } = shapes[identity.startsWith("aliyun/") ? "aliyun" : "tencent"];
		const copy = "copy it again from the product's page in the console";
		if (ofDevice.test(productSecret)) return warning(`it looks like ${deviceHas}, not like a product's`, copy);
		// A local cloud takes others, too.
		if (!isPlatform(endpoints.register)) return ok(`${productSecret.length} characters`);
		if (productSecret.length !== usual || !/^[A-Za-z0-9]+$/.test(productSecret))
			return warning(
				`${productSecret.length} characters; those that the console shows are ${usual} letters and digits`,
				copy,
			);
		return ok(`${usual} letters and digits, as the console's`);
	};
	return check("product-secret", "Product secret", found());
}

function isPlatform({ host }: Endpoint): boolean {
	return /(^|\.)(tencentdevices|aliyuncs)\.com$/.test(host);
}

/** Who else may read the file that has it, and whether git would take it. */
function secretKept(file: string, { productSecret }: RawConfiguration): Check[] {
	if (!productSecret) return [];
	const holder = productSecretFile(file) ?? file;
	const shown = relative(process.cwd(), holder) || holder;
	const found = (): Pick<Check, "state" | "detail" | "mend"> => {
		// Windows has other permissions than these.
		if (process.platform !== "win32" && (statSync(holder).mode & 0o077) !== 0)
			return warning(`others on this computer may read ${shown}`, `chmod 600 ${shown}`);
		if (gitTakes(holder))
			return warning(
				`git would take ${shown} into the repository`,
				holder === file
					? "set productSecretFile to a file that git ignores, and take the secret out of this one"
					: `echo ${basename(holder)} >> ${relative(process.cwd(), dirname(holder)) || "."}/.gitignore`,
			);
		return ok(`${shown}, for its owner only`);
	};
	return [check("product-secret-file", "Where it is kept", found())];
}

/** Whether a file is in a repository, or would be added to it. */
function gitTakes(file: string): boolean {
	const git = (...parameters: string[]) =>
		spawnSync("git", parameters, { cwd: dirname(file), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	const inside = git("rev-parse", "--is-inside-work-tree");
	if (inside.status !== 0 || inside.stdout.trim() !== "true") return false;
	return (
		git("ls-files", "--error-unmatch", basename(file)).status === 0 || git("check-ignore", "-q", file).status !== 0
	);
}

function servers({ endpoints }: Device, forBoard: boolean): Check[] {
	return (["register", "mqtt"] as const).map((purpose) => {
		const { secure, host, port } = endpoints[purpose];
		const isHere = host === "localhost" || host.startsWith("127.");
		const found =
			isHere && forBoard
				? missing(
						`${host}:${port} is this computer; for a board it is the board itself`,
						"start the local cloud with dynreg cloud --host 0.0.0.0, and give its address in this computer's network",
					)
				: secure
					? ok(`${host}:${port}`)
					: warning(`${host}:${port} in the clear: whoever is on the way reads everything`, "for tests only: take TLS");
		return check(`endpoint-${purpose}`, purpose === "register" ? "Registration" : "Broker", found);
	});
}

/** Roots that nobody has but the vendor, and that this configuration's servers need. */
function rootsFor({ endpoints }: Device, roots: readonly (Presence & { readonly root: Root })[]): Check[] {
	const wanted = new Set(
		[endpoints.register, endpoints.mqtt].filter(({ secure }) => secure).flatMap(({ trust }) => trust),
	);
	const others = [...wanted].filter((each) => !roots.some(({ root }) => root.name === each));
	return [
		...roots
			.filter(({ root }) => wanted.has(root.name))
			.map(({ root, found }) => {
				const [place] = found;
				return check(
					`root-${root.name}`,
					"Root certificate",
					place === undefined
						? missing(`${root.name} is not here`, howToGet(root))
						: ok(`${root.name} at ${isAbsolute(place) ? relative(process.cwd(), place) : place}`),
				);
			}),
		...(others.length === 0 ? [] : [check("roots", "Root certificates", ok(others.map(named).join(", ")))]),
	];
}

function named(authority: string): string {
	return authority === "public" ? "the public ones" : relative(process.cwd(), authority) || authority;
}
