import { cloudNamed, cloudSchemas, everyKey, keysOf } from "dynreg/clouds/schemas";
import { satisfies, words } from "dynreg/configuration/schema";
import type { RawConfiguration } from "dynreg/contracts/cloud";

/** All keys that the firmware and these tools read: those of docs/configuration.md. */
export const configurationKeys: readonly string[] = Object.keys(everyKey);

/**
 * Keys that nobody reads: an application's own, or slips.
 *
 * @returns each with the key that it is closest to, if it is close
 */
export function unknownKeys(configuration: RawConfiguration): { readonly key: string; readonly meant?: string }[] {
	return Object.keys(configuration)
		.filter((key) => !configurationKeys.includes(key))
		.map((key) => {
			const [meant] = configurationKeys
				.map((known) => ({ known, slips: distance(key.toLowerCase(), known.toLowerCase()) }))
				.filter(({ slips }) => slips <= 2)
				.toSorted((a, b) => a.slips - b.slips);
			return meant === undefined ? { key } : { key, meant: meant.known };
		});
}

/** Keys that have no meaning for the configured cloud, each with the clouds that have it. */
export function keysOfOtherClouds(configuration: RawConfiguration): { readonly key: string; readonly of: string }[] {
	const cloud = cloudNamed(configuration.cloud);
	if (cloud === undefined) return [];
	return Object.keys(configuration)
		.filter((key) => Object.hasOwn(everyKey, key) && !Object.hasOwn(keysOf(cloud), key))
		.map((key) => ({
			key,
			of: Object.values(cloudSchemas)
				.filter(({ keys }) => Object.hasOwn(keys, key))
				.map(({ title }) => title)
				.join(", "),
		}));
}

/**
 * Keys that a board's host reads, with values that it does not take: the library does not look at those.
 *
 * @returns each with its rule in words
 */
export function invalidHostKeys(
	configuration: RawConfiguration,
): { readonly key: string; readonly expected: string }[] {
	return Object.entries(everyKey)
		.filter(([key, { host, rule }]) => host && configuration[key] != null && !satisfies(rule, configuration[key]))
		.map(([key, { rule }]) => ({ key, expected: words(rule) }));
}

/** Whether no command may show the value of this key, also where it is an application's own. */
export function isSecret(key: string): boolean {
	return everyKey[key]?.secret ?? /secret|passw|token|private|clientKey|clientCert/i.test(key);
}

/** Whether a board reads this from its factory partition, if its image leaves the product out: the product's or its own. */
export function isOfProductOrDevice(key: string): boolean {
	return everyKey[key]?.of !== undefined;
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (const [index, letter] of [...one].entries()) {
		const next = [index + 1];
		for (const [column, another] of [...other].entries())
			next.push(
				Math.min(
					(next[column] ?? 0) + 1,
					(row[column + 1] ?? 0) + 1,
					(row[column] ?? 0) + (letter === another ? 0 : 1),
				),
			);
		row = next;
	}
	return row.at(-1) ?? 0;
}
