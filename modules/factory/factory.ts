/**
 * What a factory partition holds, and how it stands over what the image was built with: one image then serves many
 * products, and holds none of their secrets. `dynreg factory` writes such partitions (docs/factory.md).
 */

import { Failure } from "dynreg/errors";
import type { Configuration } from "../contracts/cloud.js";

/** The partition's label, where the configuration's `factory` names no other. */
export const factoryPartition = "fctry";
/** The namespace in it; NVS takes 15 characters at most. */
export const factoryNamespace = "dynreg";

/** What of a product is said: a partition that says any of it says all of it. */
const ofProduct = Object.freeze({
	cloud: "cloud",
	productId: "productId",
	productKey: "productKey",
	productSecret: "productSecret",
	deviceName: "deviceName",
	region: "region",
	instanceId: "instanceId",
	service: "service",
	auth: "auth",
	protocol: "protocol",
	authType: "authType",
	via: "via",
	signMethod: "signMethod",
} as const);

/** What the partition may say besides. */
const besides = Object.freeze({
	register: "endpoints.register",
	mqtt: "endpoints.mqtt",
	ca: "ca",
	spread: "spread",
	sntp: "sntp",
	dateFrom: "dateFrom",
} as const);

/** Keys of the configuration by their names in the partition, of which NVS takes 15 characters at most. */
export const factoryKeys: Readonly<Record<string, string>> = Object.freeze({ ...ofProduct, ...besides });

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

interface Merged extends Configuration {
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
export function factoryLabel({ factory }: Configuration): string {
	return typeof factory === "string" && factory !== "" ? factory : factoryPartition;
}

/** The image's configuration, and over it what the partition says. A product is not mixed of both. */
export function withFactory(image: Configuration, contents: FactoryContents): Configuration {
	const partition = factoryLabel(image);
	const noted = (config: Configuration, keys: readonly string[]): Merged => ({
		...config,
		[origin]: {
			partition,
			state: contents.state,
			...(contents.state === "unreadable" && { reason: contents.reason }),
			keys,
		},
	});
	if (contents.state !== "read") return noted(image, []);
	const merged: Record<string, unknown> = { ...image };
	const names = Object.keys(contents.values).filter((name) => Object.hasOwn(factoryKeys, name));
	if (names.some((name) => Object.hasOwn(ofProduct, name)))
		for (const key of Object.values(ofProduct)) delete merged[key];
	const keys = names.map((name) => factoryKeys[name] as string);
	for (const name of names) merged[factoryKeys[name] as string] = contents.values[name];
	return noted(merged, keys);
}

/**
 * The same failure to read a configuration, with what the factory partition has to do with it: that the value came
 * from there, or that the product should have come from there.
 */
export function explained(configuration: Configuration, failure: Failure): Failure {
	const from = (configuration as Merged)[origin];
	if (failure.code !== "bad-configuration" || from === undefined) return failure;
	const added = addition(configuration, from, failure.message);
	if (added === "") return failure;
	const { phase, code, action, message } = failure;
	return new Failure(phase, code, action, `${message} ${added}`, { cause: failure });
}

function addition(configuration: Configuration, { partition, state, reason, keys }: Origin, message: string): string {
	// Such a message begins with the key.
	const key = message.split(" ", 1)[0] ?? "";
	const again = `write it anew as docs/factory.md says`;
	if (keys.includes(key)) return `That value came from the factory partition "${partition}": ${again}.`;
	if (configuration.productId || configuration.productKey) return "";
	if (state === "absent")
		return `There is no factory partition "${partition}" in this flash either: build the image with the product's keys, or with a partition table that has one, as docs/factory.md says.`;
	if (state === "empty")
		return `The factory partition "${partition}" is empty: flash the one that dynreg factory describes, as docs/factory.md says.`;
	if (state === "unreadable") return `The factory partition "${partition}" cannot be read (${reason}): ${again}.`;
	return `The factory partition "${partition}" says nothing of it: ${again}.`;
}
