/**
 * What a factory partition holds, and how it overrides what the image was built with: one image then serves many
 * products, and holds none of their secrets. `dynreg factory` writes such partitions (docs/factory.md).
 *
 * test/unit/configuration-schema.test.ts proves that the names are those of the schemas.
 */

import type { RawConfiguration } from "../contracts/cloud.js";
import type { FailureValues } from "../contracts/error.js";

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

/** The label that `factory` in the configuration gives, else the default one. */
export const factoryLabel = ({ factory }: RawConfiguration): string =>
	typeof factory === "string" && factory !== "" ? factory : factoryPartition;

/**
 * The image's configuration, overridden by the partition. A product is not mixed of both.
 *
 * It gets a function `factoryNote`, which no file can have, for `start`: from the values of a `bad-configuration` to what
 * the partition has to do with it. That is its label and `value`, if the value came from there; its label and state, if a
 * key of the product is missing that could have come from there.
 */
export const withFactory = (image: RawConfiguration, contents: FactoryContents): RawConfiguration => {
	const merged: Record<string, unknown> = { ...image };
	const keys: string[] = [];
	if (contents.state === "read") {
		const product = ofProduct.split(" ");
		const names = factoryNames.split(" ");
		let hasProduct = false;
		for (let i = 0; i < product.length; i++) if ((product[i] as string) in contents.values) hasProduct = true;
		for (let i = 0; i < names.length; i++) {
			const name = names[i] as string;
			if (hasProduct && i < product.length) delete merged[name];
			if (!(name in contents.values)) continue;
			keys.push(factoryKey(name));
			merged[factoryKey(name)] = contents.values[name];
		}
	}
	const state = contents.state === "unreadable" ? `unreadable ${contents.reason}` : contents.state;
	const label = factoryLabel(image);
	merged.factoryNote = ({ key = "", reason }: FailureValues) => {
		if (keys.includes(key)) return { factory: `${label} value` };
		return reason === "missing" && ofProduct.includes(key) ? { factory: `${label} ${state}` } : {};
	};
	return merged;
};
