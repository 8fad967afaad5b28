import { cloudProfiles } from "dynreg/clouds/profiles";
import {
	type CloudName,
	cloudNamed,
	cloudNames,
	currentName,
	everyKey,
	formerNames,
	formerNamesEnd,
	keysOf,
	withCurrentNames,
} from "dynreg/clouds/schemas";
import { configurationError, invalidValue } from "dynreg/configuration/readers";
import { type Key, satisfies } from "dynreg/configuration/schema";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Failure } from "dynreg/core/errors";
import { closest } from "dynreg/messages/closest";
import { sentence } from "dynreg/messages/sentence";

/** All keys that the firmware and these tools read: those of docs/reference/configuration.md. */
export const configurationKeys: readonly string[] = Object.keys(everyKey);

/**
 * Unknown keys: an application's own, or misspelled.
 *
 * @returns each with the key that it is closest to, if it is close
 */
export function unknownKeys(configuration: RawConfiguration): { readonly key: string; readonly suggestion?: string }[] {
	return Object.keys(configuration)
		.filter((key) => !configurationKeys.includes(key) && !Object.hasOwn(formerNames, key))
		.map((key) => {
			const suggestion = closest(key, configurationKeys);
			return suggestion === undefined ? { key } : { key, suggestion };
		});
}

/** Keys that have no meaning for the configured cloud, each with the clouds that have it. */
export function keysOfOtherClouds(
	configuration: RawConfiguration,
): { readonly key: string; readonly clouds: string }[] {
	const cloud = cloudNamed(configuration.cloud);
	if (cloud === undefined) return [];
	return Object.keys(configuration)
		.filter((key) => keyOf(key) !== undefined && !Object.hasOwn(keysOf(cloud), currentName(key)))
		.map((key) => ({
			key,
			clouds: Object.values(cloudProfiles)
				.filter(({ keys }) => Object.hasOwn(keys, currentName(key)))
				.map(({ title }) => title)
				.join(", "),
		}));
}

/**
 * Keys with values that break the schema's rules, also those that the library does not read, or not in every case. The
 * firmware reads endpoints by itself, and their rules depend on other keys.
 *
 * @returns each with a sentence, by the name that the configuration has
 */
export function invalidKeys(configuration: RawConfiguration): { readonly key: string; readonly message: string }[] {
	const cloud = cloudNamed(configuration.cloud) ?? (cloudNames[0] as CloudName);
	const keys = keysOf(cloud);
	return Object.entries(withCurrentNames(configuration)).flatMap(([name, value]) => {
		const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
		if (key === undefined || value == null || (key.blank && value === "")) return [];
		if (key.rule.kind === "endpoint" || satisfies(key.rule, value)) return [];
		// Where both names of a key are set, the current one applies.
		const given = Object.hasOwn(configuration, name) ? name : (key.former ?? name);
		return { key: given, message: sentence(invalidKey(given, value, key), configuration) };
	});
}

function invalidKey(name: string, value: unknown, { secret, rule }: Key): Failure {
	const isHidden = secret || name === "productSecretFile" || rule.kind === "authorities";
	if (!isHidden || value === "") return invalidValue(name, value);
	return configurationError(name, "invalid", undefined, typeof value === "string" ? `#${value.length}` : undefined);
}

/** A key that is read, but that should be changed. */
export interface KeyWarning {
	readonly id: "former-key" | "unknown-key";
	readonly detail: string;
	/** A sentence. */
	readonly fix: string;
	/** Not a key that may be an application's own. */
	readonly isCertain: boolean;
}

/** Keys by their former names, and unknown ones. */
export function keyWarnings(configuration: RawConfiguration): KeyWarning[] {
	const former = formerKeys(configuration).map(({ key, name, isIgnored }): KeyWarning => {
		const id = "former-key";
		if (isIgnored)
			return {
				id,
				detail: `"${key}" and "${name}" are both set: "${name}" applies`,
				fix: `Remove ${key}, the former name.`,
				isCertain: true,
			};
		const detail = `"${key}" is the former name of "${name}", and is not read from version ${formerNamesEnd} on`;
		return { id, detail, fix: renaming(key, name, configuration), isCertain: true };
	});
	const unknown = unknownKeys(configuration).map(
		({ key, suggestion }): KeyWarning => ({
			id: "unknown-key",
			detail: `dynreg does not know the key "${key}"`,
			fix: suggestion === undefined ? "Keep the key if your application reads it." : `Did you mean ${suggestion}?`,
			// Short names are like many words.
			isCertain: suggestion !== undefined && suggestion.length > 3,
		}),
	);
	return [...former, ...unknown];
}

function renaming(key: string, name: string, configuration: RawConfiguration): string {
	const value = everyKey[name]?.formerValues?.[String(configuration[key])];
	return value === undefined ? `Rename ${key} to ${name}.` : `Replace ${key} with "${name}": "${value}".`;
}

/**
 * Keys that are given by their former names.
 *
 * @returns each with the name of today, and whether that is given, too
 */
export function formerKeys(
	configuration: RawConfiguration,
): { readonly key: string; readonly name: string; readonly isIgnored: boolean }[] {
	return Object.entries(formerNames)
		.filter(([key]) => Object.hasOwn(configuration, key))
		.map(([key, name]) => ({ key, name, isIgnored: Object.hasOwn(configuration, name) }));
}

/** A shorter one may be part of another value by chance. */
const minSecretLength = 8;

/** A key whose value is public, and is or contains the product's secret; undefined if there is none. */
export function keyOfMisplacedSecret(configuration: RawConfiguration): string | undefined {
	const { productSecret } = configuration;
	if (typeof productSecret !== "string" || productSecret.length < minSecretLength) return undefined;
	const holdsSecret = (value: unknown): boolean =>
		typeof value === "object" && value !== null
			? Object.values(value).some(holdsSecret)
			: String(value).includes(productSecret);
	return Object.keys(configuration).find((key) => !isSecret(key) && holdsSecret(configuration[key]));
}

/** A key's definition, by its current or former name. */
function keyOf(name: string): Key | undefined {
	const current = currentName(name);
	return Object.hasOwn(everyKey, current) ? everyKey[current] : undefined;
}

/** Whether no command may show the value of this key, also where it is an application's own. */
export function isSecret(key: string): boolean {
	return keyOf(key)?.secret ?? /secret|passw|token|private|clientKey|clientCert/i.test(key);
}

/** Whether a board reads this from its factory partition, if its image leaves the product out: the product's or its own. */
export function isOfProductOrDevice(key: string): boolean {
	return keyOf(key)?.of !== undefined;
}
