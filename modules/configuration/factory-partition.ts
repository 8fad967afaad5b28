/**
 * The contents of a factory partition, which override the image's configuration: one image then serves many products
 * and contains none of their secrets. `dynreg factory` writes such partitions (docs/guides/factory.md).
 *
 * test/unit/configuration-schema.test.ts proves that the names are those of the schemas.
 */

import type { RawConfiguration } from "../contracts/cloud.js";
import type { FailureValues } from "../contracts/error.js";
import { productNames } from "./factory-names.js";

/** The partition's label, unless the configuration's `factoryPartition` names another. */
export const defaultFactoryLabel = "fctry";
/** The namespace in the partition. NVS allows 15 characters. */
export const factoryNamespace = "dynreg";

/**
 * The names allowed in a partition: those of a product, any of which replaces all of them, and others, separated by spaces. NVS allows 15 characters. The former names `via`, `spread` and
 * `dateFrom` precede their successors, which override them.
 */
export const factoryNames = `${productNames} deviceName deviceKey register mqtt ca spread startupJitter sntp dateFrom httpTimeServer setupName setupPassword`;

/** The configuration key of a name in the partition. */
export const factoryKey = (name: string): string => {
	switch (name) {
		case "register":
		case "mqtt":
			return `endpoints.${name}`;
		case "via":
		case "transport":
			return "registrationTransport";
		case "claimCert":
			return "claimCertificate";
		case "parameters":
			return "templateParameters";
		case "spread":
			return "startupJitter";
		case "dateFrom":
			return "httpTimeServer";
		default:
			return name;
	}
};

/**
 * The result of reading the partition: the values by name, all text; or no partition, no values, or unreadable.
 */
export type FactoryContents =
	| { readonly state: "read"; readonly values: Readonly<Record<string, string>> }
	| { readonly state: "absent" | "empty" }
	| { readonly state: "unreadable"; readonly reason: string };

/** The configured label, or the default. `factory` is the former name of the key. */
export const factoryLabel = ({ factoryPartition, factory }: RawConfiguration): string => {
	const label = factoryPartition ?? factory;
	return typeof label === "string" && label !== "" ? label : defaultFactoryLabel;
};

/**
 * The image's configuration, overridden by the partition. The product's keys all come from the same source.
 *
 * The result has a function `factoryNote` for `start`, which no file can contain. For the values of a `bad-configuration`
 * it returns the partition's label and `value` if the value is from the partition, or its label and state if a missing
 * product key could have been there.
 */
export const applyFactoryPartition = (image: RawConfiguration, contents: FactoryContents): RawConfiguration => {
	const merged: Record<string, unknown> = { ...image };
	const keys: string[] = [];
	if (contents.state === "read") {
		const product = productNames.split(" ");
		const names = factoryNames.split(" ");
		let hasProduct = false;
		for (let i = 0; i < product.length; i++) if ((product[i] as string) in contents.values) hasProduct = true;
		for (let i = 0; hasProduct && i < product.length; i++) {
			const name = product[i] as string;
			delete merged[name];
			delete merged[factoryKey(name)];
		}
		for (let i = 0; i < names.length; i++) {
			const name = names[i] as string;
			if (!(name in contents.values)) continue;
			keys.push(factoryKey(name));
			merged[factoryKey(name)] = contents.values[name];
		}
	}
	const state = contents.state === "unreadable" ? `unreadable ${contents.reason}` : contents.state;
	const label = factoryLabel(image);
	merged.factoryNote = ({ key = "", reason }: FailureValues) => {
		if (keys.includes(key)) return { factory: `${label} value` };
		return reason === "missing" && productNames.includes(key) ? { factory: `${label} ${state}` } : {};
	};
	return merged;
};
