/**
 * What a factory partition holds, and how it stands over what the image was built with: one image then serves many
 * products, and holds none of their secrets. `dynreg factory` writes such partitions (docs/factory.md).
 */

import type { RawConfiguration } from "../contracts/cloud.js";
import { Failure } from "../core/errors.js";

/** The partition's label, where the configuration's `factory` names no other. */
export const factoryPartition = "fctry";
/** The namespace in it; NVS takes 15 characters at most. */
export const factoryNamespace = "dynreg";

/** What of a product is said: a partition that says any of it says all of it. */
const ofProduct = Object.freeze([
	"cloud",
	"productId",
	"productKey",
	"productSecret",
	"region",
	"instanceId",
	"service",
	"auth",
	"protocol",
	"authType",
	"via",
	"signMethod",
]);

/** All that a partition may say, by its names there, of which NVS takes 15 characters at most. */
export const factoryNames: readonly string[] = Object.freeze([
	...ofProduct,
	"deviceName",
	"register",
	"mqtt",
	"ca",
	"spread",
	"sntp",
	"dateFrom",
]);

/** The key of the configuration that such a name stands for. */
export function factoryKey(name: string): string {
	return name === "register" || name === "mqtt" ? `endpoints.${name}` : name;
}

/**
 * What came of reading the partition: the values by their names in it, all of them text; or why there are none: the
 * flash has no such partition, or it holds nothing for us, or it cannot be read.
 */
export type FactoryContents =
	| { readonly state: "read"; readonly values: Readonly<Record<string, string>> }
	| { readonly state: "absent" | "empty" }
	| { readonly state: "unreadable"; readonly reason: string };

/** Where a configuration notes what came from the partition, for `explained` only. No key of a file can say the same. */
const origin = Symbol("factory");

interface Merged extends RawConfiguration {
	readonly [origin]?: Origin;
}

interface Origin {
	readonly partition: string;
	readonly state: FactoryContents["state"];
	readonly reason?: string;
	/** Keys of the configuration whose values come from the partition. */
	readonly keys: readonly string[];
}

/** The label that `factory` in the configuration gives, else the default one. */
export function factoryLabel({ factory }: RawConfiguration): string {
	return typeof factory === "string" && factory !== "" ? factory : factoryPartition;
}

/** The image's configuration, and over it what the partition says. A product is not mixed of both. */
export function withFactory(image: RawConfiguration, contents: FactoryContents): RawConfiguration {
	const partition = factoryLabel(image);
	const noted = (config: RawConfiguration, keys: readonly string[]): Merged => ({
		...config,
		[origin]: {
			partition,
			state: contents.state,
			...(contents.state === "unreadable" && { reason: contents.reason }),
			keys,
		},
	});
	if (contents.state !== "read") return noted(image, []);
	const { values } = contents;
	const merged: Record<string, unknown> = { ...image };
	const names = factoryNames.filter((name) => Object.hasOwn(values, name));
	if (names.some((name) => ofProduct.includes(name))) for (const name of ofProduct) delete merged[name];
	for (const name of names) merged[factoryKey(name)] = values[name];
	return noted(merged, names.map(factoryKey));
}

/**
 * The same failure to read a configuration, with what the factory partition has to do with it: that the value came
 * from there, or that the product should have come from there.
 */
export function explained(configuration: RawConfiguration, failure: Failure): Failure {
	const from = (configuration as Merged)[origin];
	if (failure.code !== "bad-configuration" || from === undefined) return failure;
	const added = addition(configuration, from, failure.message);
	if (added === "") return failure;
	const { phase, code, action, message } = failure;
	return new Failure(phase, code, action, `${message} ${added}`, { cause: failure });
}

function addition(
	configuration: RawConfiguration,
	{ partition, state, reason, keys }: Origin,
	message: string,
): string {
	const again = "write it anew as docs/factory.md says";
	// Such a message begins with the key.
	if (keys.some((key) => message.startsWith(`${key} `)))
		return `That value came from the factory partition "${partition}": ${again}.`;
	if (configuration.productId || configuration.productKey) return "";
	if (state === "absent")
		return `There is no factory partition "${partition}" either: build the image with the product's keys, or see docs/factory.md.`;
	if (state === "empty")
		return `The factory partition "${partition}" is empty: flash one of dynreg factory's, as docs/factory.md says.`;
	if (state === "unreadable") return `The factory partition "${partition}" cannot be read (${reason}): ${again}.`;
	return `The factory partition "${partition}" says nothing of it: ${again}.`;
}
