import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, relative } from "node:path";
import { readCertificates } from "@dynreg/node/internal/certificate-file";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { cloudNamed, defaultCloud, isPlatformHost, keysOf } from "dynreg/clouds/schemas";
import type { CloudDevice, RawConfiguration } from "dynreg/contracts/cloud";
import type { CloudProfile, DerivedKey, RootCertificate } from "dynreg/contracts/cloud-profile";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { productSecretFile, readConfigurationFile } from "../configuration/configuration-file.js";
import { invalidKeys, keysOfOtherClouds, keyWarnings } from "../configuration/configuration-keys.js";
import { checkedDevice } from "../configuration/configured-device.js";
import { derivedKeyOf, usesProductSecret } from "../configuration/own-key.js";
import { type RootLocation, rootInstructions } from "../sdk/root-certificates.js";
import { type Check, missing, ok, warning } from "./check.js";

/** A parsed configuration and its checks. */
export interface ConfigurationDiagnosis {
	readonly checks: readonly Check[];
	/** Absent if it is invalid. */
	readonly device?: CloudDevice;
	readonly configuration?: RawConfiguration;
}

/**
 * Without sending anything.
 *
 * @param roots what of them is here
 * @param forBoard it is to go onto a real board, to which `localhost` is the board itself
 */
export function diagnoseConfiguration(
	file: string,
	roots: readonly (RootLocation & { readonly root: RootCertificate })[],
	forBoard: boolean,
): ConfigurationDiagnosis {
	let configuration: RawConfiguration = {};
	try {
		configuration = readConfigurationFile(file, () => {});
		// The computer's MAC address replaces a board's: it affects only the name.
		const device = checkedDevice(configuration, "00:00:5e:00:53:01");
		return {
			configuration,
			device,
			checks: [
				check("configuration", "Configuration", ok(`${file} is valid`)),
				checkDeviceName(configuration, device),
				...(Object.hasOwn(keysOf(cloudNamed(configuration.cloud) ?? defaultCloud), "productSecret")
					? [checkProductSecret(configuration, device), ...checkSecretFile(file, configuration)]
					: [checkClaim(configuration)]),
				...checkNames(configuration),
				...checkSetup(configuration),
				...checkEndpoints(device, forBoard),
				...checkRootCertificates(device, roots),
			],
		};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const next = existsSync(file) ? `Correct ${file}.` : "npx dynreg init";
		const found = check("configuration", "Configuration", missing(sentence(error), next));
		return { checks: [found, ...checkNames(configuration), ...checkValues(configuration, found.detail)] };
	}
}

function check(id: string, title: string, found: Pick<Check, "state" | "detail" | "fix">): Check {
	return { id, title, for: [], ...found };
}

/** One for each key that is not read, or not by this name in every version. */
function checkNames(configuration: RawConfiguration): Check[] {
	const others = keysOfOtherClouds(configuration).map(({ key, clouds }) =>
		warning(`"${key}" is a key for ${clouds}, which is not the configured cloud`, `Remove ${key}, or correct cloud.`),
	);
	return [
		...keyWarnings(configuration).map(({ id, detail, fix }) => check(id, "Key", warning(detail, fix))),
		...others.map((found) => check("other-cloud-key", "Key", found)),
	];
}

/** Of an application with set-up mode, which a key of it gives away. */
function checkSetup(configuration: RawConfiguration): Check[] {
	const { setupPassword, setupSecret, dangerouslyOpenSetup } = configuration;
	const keys = ["setup", "setupName", "setupPassword", "setupSecret", "setupAddress", "dangerouslyOpenSetup"];
	if (!keys.some((key) => Object.hasOwn(configuration, key))) return [];
	const isOpen = `${dangerouslyOpenSetup}` === "true";
	const found = () => {
		if (setupPassword) return ok("the access point's password is the same on all boards of this configuration");
		if (setupSecret) return ok("each board's password is derived from setupSecret and its MAC address");
		return isOpen
			? warning(
					"the access point has no password: anyone near can read the customer's password",
					"Set setupPassword or setupSecret, and remove dangerouslyOpenSetup.",
				)
			: missing("the access point has no password", "Set setupPassword, or setupSecret for another one on each board.");
	};
	return [check("setup", "Set-up mode", found())];
}

/** One for each key with an invalid value, besides the one that has been reported. */
function checkValues(configuration: RawConfiguration, reported: string): Check[] {
	return invalidKeys(configuration)
		.filter(({ message }) => message !== reported)
		.map(({ key, message }) => check("invalid-key", "Key", missing(message, `Correct ${key}.`)));
}

function checkDeviceName({ deviceName }: RawConfiguration, { product }: CloudDevice): Check {
	const whose = deviceName === undefined ? "each board's MAC address" : `${deviceName}, for one board only`;
	return check("device-name", "Device", ok(`${whose}; product ${product}`));
}

/** The firmware's rule has been kept by now; this is about secrets that are none of the console's. */
function checkProductSecret(configuration: RawConfiguration, { endpoints }: CloudDevice): Check {
	const derivedKey = derivedKeyOf(configuration);
	if (derivedKey !== undefined) return checkOwnKey(derivedKey, configuration);
	const { cloud, productSecret } = configuration;
	const found = (): Pick<Check, "state" | "detail" | "fix"> => {
		if (typeof productSecret !== "string" || productSecret === "")
			return warning(
				"missing: only boards that have registered already can connect",
				"Set productSecretFile to a file with the secret from the product's page in the console.",
			);
		const { productSecretLength: usual, deviceSecret }: CloudProfile = cloudProfiles[cloudNamed(cloud) ?? defaultCloud];
		const copy = "Copy the secret again from the product's page in the console.";
		if (deviceSecret && new RegExp(deviceSecret.pattern).test(productSecret))
			return warning(`the value looks like ${deviceSecret.description}, not like a product secret`, copy);
		// A local cloud takes others, too.
		if (usual === undefined || !isPlatformHost(endpoints.register.host))
			return ok(`${productSecret.length} characters`);
		if (productSecret.length !== usual || !/^[A-Za-z0-9]+$/.test(productSecret))
			return warning(
				`${productSecret.length} characters; a secret from the console has ${usual} letters and digits`,
				copy,
			);
		return ok(`${usual} letters and digits, as in the console`);
	};
	return check("product-secret", "Product secret", found());
}

/** For clouds whose devices have keys that are derived from the product's secret. */
function checkOwnKey(derivedKey: DerivedKey, configuration: RawConfiguration): Check {
	const { key, dangerousSwitch } = derivedKey;
	const found = usesProductSecret(derivedKey, configuration)
		? warning(
				"the product's secret goes onto the board, where an attacker who reads it can impersonate every device",
				`Leave out ${dangerousSwitch}, except for tests. dynreg factory derives each board's ${key}.`,
			)
		: configuration[key]
			? ok(`the board's own key (${key})`)
			: warning(
					"missing: only boards that have registered already can connect",
					`Set ${key}. Or set productSecretFile and deviceName, from which these commands derive ${key}.`,
				);
	return check("product-secret", "Device key", found);
}

/** Certificate and key are a pair by now. */
function checkClaim({ claimCertificate }: RawConfiguration): Check {
	const found = (): Pick<Check, "state" | "detail" | "fix"> => {
		if (!claimCertificate)
			return warning(
				"missing: only boards that have registered already can connect",
				"Set claimCertificate and claimKey to the files from the console.",
			);
		const { validTo } = new X509Certificate(String(claimCertificate));
		const isOver = Date.parse(validTo) < Date.now();
		return isOver
			? missing(`expired at ${new Date(validTo).toISOString()}`, "Create another claim certificate in the console.")
			: ok(`with its key, valid until ${new Date(validTo).toISOString().slice(0, 10)}`);
	};
	return check("claim-certificate", "Claim certificate", found());
}

/** Who else may read the file that has it, and whether git would take it. */
function checkSecretFile(file: string, { productSecret, deviceKey }: RawConfiguration): Check[] {
	if (!productSecret && !deviceKey) return [];
	const holder = productSecretFile(file) ?? file;
	const shown = relative(process.cwd(), holder) || holder;
	const found = (): Pick<Check, "state" | "detail" | "fix"> => {
		// Windows has other permissions than these.
		if (process.platform !== "win32" && (statSync(holder).mode & 0o077) !== 0)
			return warning(`other users of this computer can read ${shown}`, `chmod 600 ${shown}`);
		if (wouldBeCommitted(holder))
			return warning(
				`git would add ${shown} to the repository`,
				holder === file
					? "Set productSecretFile to a file that git ignores, and remove the secret from this file."
					: `echo ${basename(holder)} >> ${relative(process.cwd(), dirname(holder)) || "."}/.gitignore`,
			);
		return ok(`${shown}, for its owner only`);
	};
	return [check("product-secret-file", "Secret's file", found())];
}

/** Whether a file is in a repository, or would be added to it. */
function wouldBeCommitted(file: string): boolean {
	const git = (...parameters: string[]) =>
		spawnSync("git", parameters, { cwd: dirname(file), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	const inside = git("rev-parse", "--is-inside-work-tree");
	if (inside.status !== 0 || inside.stdout.trim() !== "true") return false;
	return (
		git("ls-files", "--error-unmatch", basename(file)).status === 0 || git("check-ignore", "-q", file).status !== 0
	);
}

function checkEndpoints({ endpoints }: CloudDevice, forBoard: boolean): Check[] {
	return (["register", "mqtt"] as const).map((purpose) => {
		const endpoint = endpoints[purpose];
		if (endpoint === undefined) return check("endpoint-mqtt", "Broker", ok("the one that registration assigns"));
		const { secure, host, port } = endpoint;
		const isHere = host === "localhost" || host.startsWith("127.");
		const found =
			isHere && forBoard
				? missing(
						`${host}:${port} is this computer, but on a board the address is the board itself`,
						"Start the local cloud with dynreg cloud --host 0.0.0.0, and use this computer's address in its network.",
					)
				: secure
					? ok(`${host}:${port}`)
					: warning(`${host}:${port} without TLS, so the network can read everything`, "Use TLS, except for tests.");
		return check(`endpoint-${purpose}`, purpose === "register" ? "Registration" : "Broker", found);
	});
}

/** Private roots of the vendors that this configuration's servers need. */
function checkRootCertificates(
	{ endpoints }: CloudDevice,
	roots: readonly (RootLocation & { readonly root: RootCertificate })[],
): Check[] {
	const wanted = new Set(
		[endpoints.register, endpoints.mqtt].flatMap((endpoint) => (endpoint?.secure ? endpoint.trust : [])),
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
						? missing(`${root.name} is missing`, rootInstructions(root))
						: ok(`${root.name} at ${isAbsolute(place) ? relative(process.cwd(), place) : place}`),
				);
			}),
		...(others.length === 0 ? [] : [check("roots", "Root certificates", checkAuthorities(others))]),
	];
}

/** Whether the files of `ca` hold certificates. */
function checkAuthorities(authorities: readonly string[]): Pick<Check, "state" | "detail" | "fix"> {
	const invalid = authorities.filter((each) => each !== "public" && !isCertificateFile(each));
	if (invalid.length === 0) return ok(authorities.map(authorityName).join(", "));
	return missing(
		`${invalid.map(authorityName).join(", ")}: no certificate in the file`,
		"Expected a certificate in PEM or DER. Correct the file, or name another in ca.",
	);
}

function isCertificateFile(file: string): boolean {
	try {
		return readCertificates(file).length > 0;
	} catch {
		return false;
	}
}

function authorityName(authority: string): string {
	return authority === "public" ? "the public authorities" : relative(process.cwd(), authority) || authority;
}
