/**
 * What a factory partition holds, and how it overrides what the image was built with: one image then serves many
 * products, and holds none of their secrets. `dynreg factory` writes such partitions (docs/factory.md).
 *
 * test/unit/configuration-schema.test.ts proves that the names are those of the schemas.
 */

import type { RawConfiguration } from "../contracts/cloud.js";

/** The partition's label, where the configuration's `factory` names no other. */
export const factoryPartition = "fctry";
/** The namespace in it; NVS takes 15 characters at most. */
export const factoryNamespace = "dynreg";

/** What a product consists of: a partition that has any of these replaces all of them. */
const ofProduct =
	"cloud productId productKey productSecret region instanceId service auth protocol authType via signMethod";

/** Names of all values that a partition may have, between spaces; NVS takes 15 characters at most. */
export const factoryNames = `${ofProduct} deviceName register mqtt ca spread sntp dateFrom`;

/** The key of the configuration that such a name stands for. */
export const factoryKey = (name: string): string =>
	name === "register" || name === "mqtt" ? `endpoints.${name}` : name;

/**
 * What came of reading the partition: the values by their names in it, all of them text; or why there are none: the
 * flash has no such partition, or it holds nothing for us, or it cannot be read.
 */
export type FactoryContents =
	| { readonly state: "read"; readonly values: Readonly<Record<string, string>> }
	| { readonly state: "absent" | "empty" }
	| { readonly state: "unreadable"; readonly reason: string };

/** Where a configuration notes what came from the partition, for `factoryNote` only. No key of a file can be the same. */
const origin = Symbol("factory");

interface Merged extends RawConfiguration {
	readonly [origin]?: Origin;
}

interface Origin {
	/** Keys of the configuration whose values come from the partition. */
	readonly keys: readonly string[];
	readonly state: string;
}

/** The label that `factory` in the configuration gives, else the default one. */
export const factoryLabel = ({ factory }: RawConfiguration): string =>
	typeof factory === "string" && factory !== "" ? factory : factoryPartition;

/** The image's configuration, overridden by the partition. A product is not mixed of both. */
export const withFactory = (image: RawConfiguration, contents: FactoryContents): RawConfiguration => {
	const merged: Record<string | symbol, unknown> = { ...image };
	const values: Readonly<Record<string, string>> = contents.state === "read" ? contents.values : {};
	const names = factoryNames.split(" ").filter((name) => Object.hasOwn(values, name));
	if (names.some((name) => ofProduct.includes(name)))
		ofProduct.split(" ").forEach((name) => {
			delete merged[name];
		});
	names.forEach((name) => {
		merged[factoryKey(name)] = values[name];
	});
	const state = contents.state === "unreadable" ? `unreadable ${contents.reason}` : contents.state;
	merged[origin] = { keys: names.map(factoryKey), state };
	return merged;
};

/**
 * What the factory partition has to do with a mistake: its label and `value`, if the value came from there; its label and
 * state, if a key of the product is missing that could have come from there.
 *
 * @param mistake message of a `bad-configuration`
 */
export const factoryNote = (configuration: RawConfiguration, mistake: string): { factory: string } | undefined => {
	const from = (configuration as Merged)[origin];
	const key = mistake.slice(0, mistake.indexOf(" "));
	const isValue = from?.keys.includes(key);
	if (!from || !(isValue || (mistake === `${key} missing` && ofProduct.includes(key)))) return undefined;
	return { factory: `${factoryLabel(configuration)} ${isValue ? "value" : from.state}` };
};
