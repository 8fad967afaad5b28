/** The keys of every configuration. Desktop only: no image links this. */

import type { CloudSchema, Key, Schema } from "../configuration/schema.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { CloudProfile } from "../contracts/cloud-profile.js";
import { cloudProfiles } from "./profiles.js";

export type CloudName = keyof typeof cloudProfiles;

export const cloudNames = Object.keys(cloudProfiles) as CloudName[];

/** The cloud where a configuration names none. */
export const defaultCloud = cloudNames[0] as CloudName;

/** Keys of every cloud. */
export const sharedKeys: Schema = {
	cloud: {
		rule: {
			kind: "choice",
			of: cloudNames,
			aliases: Object.fromEntries(
				cloudNames.flatMap((name) => cloudProfiles[name].aliases.map((alias) => [alias, name])),
			),
		},
		text: "The product's cloud.",
		default: defaultCloud,
		of: "product",
		question: { text: "Cloud", option: "cloud" },
	},
	productSecretFile: {
		rule: { kind: "words", words: "the name of a file that holds the product secret" },
		text: "Instead of `productSecret`: the name of a file that holds only the secret, relative to the configuration.",
		only: "Desktop commands",
		host: true,
	},
	endpoints: {
		rule: { kind: "endpoints" },
		text: 'The addresses of both servers as one object in a file: `{"register": …, "mqtt": …}`.',
	},
	ca: {
		rule: { kind: "authorities" },
		text: "Certificate authorities to trust instead of the platform's: files on a desktop, resource names on a board ([details](../guides/trust.md)). One name, or several in a list or separated by commas. `public` is the host's own store.",
		defaultText: "[the platform's](../guides/trust.md#roots)",
		factory: "ca",
	},
	dangerouslyAllowPlain: {
		rule: { kind: "switch" },
		text: "Allows `http://` and `mqtt://` endpoints, which send everything in plain text. For tests only.",
		default: false,
	},
	startupJitter: {
		rule: { kind: "number", min: 0, max: 3600 },
		text: "Seconds. The first request is delayed by a random time up to this value. So is the first reconnect after a lost session, by 5 s to 5 min. Raise the value for a [large fleet](../internals/reliability.md#fleet).",
		default: 3,
		factory: "startupJitter",
		former: "spread",
	},
	sntp: {
		rule: { kind: "servers" },
		text: "Time servers to ask before the public ones, in a list or separated by commas. A desktop uses the computer's clock instead of public servers.",
		blank: true,
		factory: "sntp",
	},
	httpTimeServer: {
		rule: { kind: "web-server" },
		text: "A web server whose `Date` header sets the clock if no time server responds ([details](../guides/trust.md#time)).",
		blank: true,
		factory: "httpTimeServer",
		former: "dateFrom",
	},
	ssid: {
		rule: { kind: "words", words: "the name of a Wi-Fi network", max: 32 },
		text: "The Wi-Fi network.",
		blank: true,
		only: "Boards",
		host: true,
		needed: "The image has no Wi-Fi network: build the image with ssid=… and password=…, or include set-up mode",
	},
	password: {
		rule: { kind: "words", words: "the password of the Wi-Fi network", max: 64 },
		text: "The network's password; none for an open network.",
		blank: true,
		secret: true,
		only: "Boards",
		host: true,
	},
	button: {
		rule: { kind: "number", min: 0, max: 48, none: true },
		text: "The pin of a button that [erases the credential](../guides/on-the-board.md#the-button).",
		default: 0,
		only: "Boards",
		host: true,
	},
	led: {
		rule: { kind: "number", min: 0, max: 48, none: true },
		text: "The pin of the light for `button`.",
		default: 2,
		only: "Boards",
		host: true,
	},
	storage: {
		rule: { kind: "choice", of: ["flash-log"], aliases: { flash: "flash-log" } },
		text: "`flash-log` keeps the credential safe from power cuts. It needs 4 MB of flash and no file system ([details](../internals/reliability.md#power-cuts)).",
		defaultText: "the SDK's preferences",
		blank: true,
		only: "ESP8266",
		host: true,
		former: "vault",
		formerValues: { flash: "flash-log" },
		needed:
			"Set-up mode writes a network to flash, and with the SDK's preferences a power cut meanwhile could lose the credential: include manifest_flash_log.json and set storage=flash-log",
		conflict: "is flash-log, but this image has no flash log. Include manifest_flash_log.json",
	},
	setup: {
		rule: { kind: "choice", of: ["button", "lost"] },
		text: "When [set-up mode](../guides/set-up-mode.md) opens again on a board with a network. `button`: by the button or the console. `lost`: also ten minutes after power-up without the network, once.",
		default: "button",
		only: "Boards",
		host: true,
		needed:
			"The image includes set-up mode, which alone joins a network there, but its application does not use it: pass the result of withSetup to Device",
	},
	setupName: {
		rule: { kind: "words", words: "the name of an access point", max: 32 },
		text: "The name of the set-up mode's access point.",
		defaultText: "`dynreg-` and the last four digits of the MAC address",
		factory: "setupName",
		only: "Boards",
		host: true,
	},
	setupPassword: {
		rule: { kind: "words", words: "a Wi-Fi password", min: 8, max: 64 },
		text: "The access point's WPA2 password, printed on a label of the product.",
		factory: "setupPassword",
		blank: true,
		secret: true,
		only: "Boards",
		host: true,
		needed:
			"Set-up mode's access point needs a password, since anyone near could read the customer's password or choose the network: set setupPassword, or setupSecret for another password on each board",
	},
	setupSecret: {
		rule: { kind: "words", words: "a random text", min: 22 },
		text: "Instead of `setupPassword`: each board has a password of its own, derived from this secret and its MAC address. For this purpose only, never the product's secret. A reader of the image knows the password of each board.",
		blank: true,
		secret: true,
		only: "Boards",
		host: true,
	},
	setupAddress: {
		rule: { kind: "ipv4" },
		text: "The address of the set-up page. A chip has no other than the default.",
		default: "192.168.4.1",
		conflict: "is another than 192.168.4.1, but the SDK cannot change a chip's address. Remove the key",
		only: "Boards",
		host: true,
	},
	dangerouslyOpenSetup: {
		rule: { kind: "switch" },
		text: "Opens set-up mode's access point without a password: anyone near can read the customer's password and choose the network. For tests only.",
		default: false,
		only: "Boards",
		host: true,
	},
	factoryPartition: {
		rule: { kind: "text", min: 1, max: 16, others: "_-", except: "nvs" },
		text: "The label of the [factory partition](../guides/factory.md), whose product overrides the image's.",
		default: "fctry",
		blank: true,
		only: "ESP32",
		host: true,
		former: "factory",
	},
};

/** Shared keys and those of this cloud. */
export function keysOf(cloud: CloudName): Schema {
	return { ...sharedKeys, ...cloudProfiles[cloud].keys };
}

/** All keys of all clouds. A name in several clouds occurs once. */
export const everyKey: Schema = Object.assign({}, ...cloudNames.map(keysOf));

/** Former names of keys, each with the current name. */
export const formerNames: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries(everyKey).flatMap(([name, { former }]) => (former === undefined ? [] : [[former, name]])),
);

/** The name of a key that may be given by its former one. */
export function currentName(name: string): string {
	return Object.hasOwn(formerNames, name) ? (formerNames[name] as string) : name;
}

function keyIn(keys: Schema, name: string): Key | undefined {
	return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

/** The first version that does not accept former names. */
export const formerNamesEnd = "0.2.0";

/** The configuration with current names. If a key has both of its names, the current one applies. */
export function withCurrentNames(configuration: RawConfiguration): RawConfiguration {
	const entries = Object.entries(configuration);
	return Object.fromEntries([
		...entries
			.filter(([key]) => Object.hasOwn(formerNames, key))
			.map(([key, value]) => {
				const name = formerNames[key] as string;
				return [name, everyKey[name]?.formerValues?.[String(value)] ?? value];
			}),
		...entries.filter(([key]) => !Object.hasOwn(formerNames, key)),
	]);
}

/** The cloud for a configuration's `cloud`; undefined if unknown. */
export function cloudNamed(name: unknown = defaultCloud): CloudName | undefined {
	return cloudNames.find((each) => each === name);
}

/**
 * The key of this name in each cloud; a single entry if it is the same in all.
 *
 * @param given the name, which may be a former one
 */
export function keyNamed(given: string, cloud?: CloudName): readonly { readonly title: string; readonly key: Key }[] {
	const name = currentName(given);
	const shared = keyIn(sharedKeys, name);
	if (shared !== undefined) return [{ title: "", key: shared }];
	return (cloud === undefined ? cloudNames : [cloud]).flatMap((each) => {
		const { title, keys } = cloudProfiles[each];
		const key = keyIn(keys, name);
		return key === undefined ? [] : [{ title, key }];
	});
}

/** The key that names the product. */
export function productIdKey(cloud: CloudName): string {
	const keys: Schema = cloudProfiles[cloud].keys;
	return Object.keys(keys).find((name) => keys[name]?.required) as string;
}

/** The scheme of the server at which a device of this configuration registers. */
export function registrationScheme(configuration: RawConfiguration): "https" | "mqtts" {
	const { keys }: CloudSchema = cloudProfiles[cloudNamed(configuration.cloud) ?? defaultCloud];
	const rule = keys["endpoints.register"]?.rule;
	// Without a server of its own, the cloud registers at the broker.
	if (rule?.kind !== "endpoint") return "mqtts";
	const { scheme, or } = rule;
	return or !== undefined && withCurrentNames(configuration)[or.key] === or.value ? or.scheme : scheme;
}

/** Whether a session of this cloud sets the clock. */
export function hasTimeService(cloud: CloudName): boolean {
	const profile: CloudProfile = cloudProfiles[cloud];
	return profile.timeService !== false;
}

/** Whether a host is one of a platform's own. */
export function isPlatformHost(host: string): boolean {
	return cloudNames.some((name) =>
		cloudProfiles[name].domains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
	);
}
