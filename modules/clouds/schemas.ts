/** The keys of every configuration. For the desk: no image links this. */

import type { Key, Schema } from "../configuration/schema.js";
import { aliyunSchema } from "./aliyun/schema.js";
import { tencentSchema } from "./tencent/schema.js";

/** What each cloud adds, by the name that the key `cloud` has for it. The first is the default. */
export const cloudSchemas = { tencent: tencentSchema, aliyun: aliyunSchema } as const;

export type CloudName = keyof typeof cloudSchemas;

export const cloudNames = Object.keys(cloudSchemas) as CloudName[];

/** What is the same for every cloud. */
export const sharedKeys: Schema = {
	cloud: {
		rule: { kind: "choice", of: cloudNames },
		text: "The cloud that the product is in.",
		default: "tencent",
		of: "product",
		question: { text: "Cloud", option: "cloud" },
	},
	productSecretFile: {
		rule: { kind: "any", words: "the name of a file that holds the product's secret" },
		text: "Instead of `productSecret`: the name of a file, relative to the configuration, that holds the secret and nothing else.",
		only: "Desktop commands",
		host: true,
	},
	endpoints: {
		rule: { kind: "any", words: '{"register": …, "mqtt": …}' },
		text: 'Another way to write the addresses of servers in a file: `{"register": …, "mqtt": …}`.',
	},
	ca: {
		rule: { kind: "authorities" },
		text: "Certificate authorities to trust instead of the platform's: files on a desktop, names of resources on a board ([how](trust.md)). A list may also be written between commas. `public` is the host's own store.",
		defaultText: "[the platform's](trust.md#roots)",
		factory: "ca",
	},
	dangerouslyAllowPlain: {
		rule: { kind: "switch" },
		text: "Allows `http://` and `mqtt://` endpoints, which send everything in the clear. For tests.",
		default: false,
	},
	spread: {
		rule: { kind: "number", least: 0, most: 3600 },
		text: "Seconds. The first request, and the first after a lost session (at least 5 s, at most 5 min later), come at a random moment within them. Raise it for a [large fleet](reliability.md#fleet).",
		default: 3,
		factory: "spread",
	},
	sntp: {
		rule: { kind: "servers" },
		text: "Time servers to ask before the public ones; a list may also be written between commas. A desktop has the computer's clock, and asks only these.",
		blank: true,
		factory: "sntp",
	},
	dateFrom: {
		rule: { kind: "web-server" },
		text: "A web server whose `Date` may be used where no time server responds ([what that means](trust.md#time)).",
		blank: true,
		factory: "dateFrom",
	},
	ssid: {
		rule: { kind: "any", words: "the name of a Wi-Fi network" },
		text: "The Wi-Fi network.",
		only: "Boards",
		host: true,
		needed: "Build the image with ssid=… and password=…",
	},
	password: {
		rule: { kind: "any", words: "the password of the Wi-Fi network" },
		text: "Its password; none for an open network.",
		secret: true,
		only: "Boards",
		host: true,
	},
	button: {
		rule: { kind: "number", least: 0, most: 48, none: true },
		text: "The pin of a button that [erases the credential](on-the-board.md#the-button).",
		default: 0,
		only: "Boards",
		host: true,
	},
	led: {
		rule: { kind: "number", least: 0, most: 48, none: true },
		text: "The pin of the light that goes with `button`.",
		default: 2,
		only: "Boards",
		host: true,
	},
	vault: {
		rule: { kind: "choice", of: ["flash"] },
		text: "`flash` keeps the credential where no power cut can lose it; it takes 4 MB of flash and no file system ([why](reliability.md#power-cuts)).",
		defaultText: "the SDK's preferences",
		only: "ESP8266",
		host: true,
		conflict: "is flash, and this image has no log for it. Include manifest_flash_log.json",
	},
	factory: {
		rule: { kind: "any", words: "1 to 16 letters, digits, _ and -, and not nvs" },
		text: "The label of the [factory partition](factory.md), whose product overrides the image's.",
		default: "fctry",
		only: "ESP32",
		host: true,
	},
};

/** All keys of a configuration for this cloud. */
export function keysOf(cloud: CloudName): Schema {
	return { ...sharedKeys, ...cloudSchemas[cloud].keys };
}

/** Every key of every cloud, once by name. */
export const everyKey: Schema = Object.assign({}, ...cloudNames.map(keysOf));

/** A cloud by the name in a configuration; undefined for one that there is not. */
export function cloudNamed(name: unknown = "tencent"): CloudName | undefined {
	return cloudNames.find((each) => each === name);
}

/** The key of this name, by cloud: where all have the same, as the key of all. */
export function keyNamed(name: string, cloud?: CloudName): readonly { readonly title: string; readonly key: Key }[] {
	const shared = sharedKeys[name];
	if (shared !== undefined) return [{ title: "", key: shared }];
	return (cloud === undefined ? cloudNames : [cloud]).flatMap((each) => {
		const { title, keys } = cloudSchemas[each];
		const key = (keys as Schema)[name];
		return key === undefined ? [] : [{ title, key }];
	});
}
