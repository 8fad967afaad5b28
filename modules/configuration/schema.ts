/**
 * The schema of a configuration: the single definition of each key. It generates the types in
 * `contracts/configuration.ts`, the tables in docs/reference/configuration.md, the sentences about invalid values, the keys
 * of `dynreg doctor`, the questions of `dynreg init`, and the secrets of `dynreg flash`.
 *
 * Desktop only: no image links a schema. A device reads with `./configuration`, and
 * test/unit/configuration-schema.test.ts proves that readers and schemas agree.
 */

/** The rule for a value. */
export type Rule =
	/** Letters, digits and `others`, but not `except`, and none of `notLast` at the end; lengths in characters. */
	| {
			readonly kind: "text";
			readonly min: number;
			readonly max: number;
			readonly others?: string;
			readonly notLast?: string;
			readonly except?: string;
	  }
	/** A symmetric key in base64; lengths in bytes. */
	| { readonly kind: "base64"; readonly min: number; readonly max: number }
	/** A product's secret: up to 64 printable ASCII characters without spaces. */
	| { readonly kind: "secret"; readonly min: number }
	/** `aliases`: what a person may write instead, each with the choice; only for hints. */
	| { readonly kind: "choice"; readonly of: readonly string[]; readonly aliases?: Readonly<Record<string, string>> }
	/** A whole number; with `none`, that word too. */
	| { readonly kind: "number"; readonly min: number; readonly max: number; readonly none?: true }
	| { readonly kind: "switch" }
	/** The address of a server with TLS. `or`: another scheme, depending on another key's value. */
	| { readonly kind: "endpoint"; readonly scheme: Scheme; readonly or?: OtherScheme }
	/** The address of a web server without TLS. */
	| { readonly kind: "web-server" }
	/** Time servers, one or several. */
	| { readonly kind: "servers" }
	/** Names of certificate authorities, one or several. */
	| { readonly kind: "authorities" }
	/** The addresses of both servers as one object. */
	| { readonly kind: "endpoints" }
	/** An IPv4 address. */
	| { readonly kind: "ipv4" }
	/** Any text that is not empty. `min`, `max`: bytes in UTF-8. */
	| { readonly kind: "words"; readonly words: string; readonly min?: number; readonly max?: number };

type Scheme = "https" | "mqtts";

interface OtherScheme {
	readonly scheme: Scheme;
	readonly key: string;
	readonly value: string;
}

export interface Key {
	readonly rule: Rule;
	/** The meaning: sentences in Markdown, links relative to `docs/reference/`. */
	readonly text: string;
	/** The key has no default, and every device needs it. */
	readonly required?: true;
	/** The key that replaces a required one. */
	readonly unless?: string;
	/** An empty value counts as absent: `mcconfig key=`. */
	readonly blank?: true;
	readonly default?: string | number | boolean;
	/** The default in words, if it is not a single value. Markdown. */
	readonly defaultText?: string;
	/**
	 * `product`: a factory partition replaces all of these together. `device`: no two devices may share the value.
	 */
	readonly of?: "product" | "device";
	/** Its name in the factory partition, where that may hold it. What is the product's may be there under its own name unless this is another. */
	readonly factory?: string;
	/** The former name, which is still accepted. */
	readonly former?: string;
	/** Former values, each with the current value. */
	readonly formerValues?: Readonly<Record<string, string>>;
	/** Not shown, and not on a command line. */
	readonly secret?: true;
	/** The only place where the key has an effect. */
	readonly only?: "Desktop commands" | "Boards" | "ESP32" | "ESP8266";
	/** Read by a host or a command, not by the library. */
	readonly host?: true;
	readonly question?: Question;
	/** The sentence for the problem `conflict`, after the key's name. */
	readonly conflict?: string;
	/** The reason for the problem `missing` in a phase after `configuration`. */
	readonly needed?: string;
}

/** A question of `dynreg init`. */
export interface Question {
	readonly text: string;
	/** The option of `dynreg init` that answers it. */
	readonly option: string;
	/** The key whose answer makes this question unnecessary. */
	readonly unless?: string;
}

/** Keys by name, in the order of documents and questions. */
export type Schema = Readonly<Record<string, Key>>;

/** The keys of one cloud, besides the shared ones. */
export interface CloudSchema {
	readonly title: string;
	readonly keys: Schema;
}

/** A rule in words, to complete the sentence "Expected …". */
export function ruleInWords(rule: Rule): string {
	switch (rule.kind) {
		case "text": {
			const { min, max, others, notLast, except } = rule;
			const end = notLast === undefined ? "" : `, none of ${[...notLast].join(" ")} at the end`;
			const not = except === undefined ? "" : `, but not ${except}`;
			return others === undefined
				? `${min} to ${max} letters and digits${not}`
				: `${min} to ${max} characters from a-z A-Z 0-9 ${[...others].join(" ")}${end}${not}`;
		}
		case "base64":
			return `base64 of ${rule.min} to ${rule.max} bytes, as the console shows it`;
		case "secret":
			return `${rule.min} to 64 characters without spaces, as the console shows it`;
		case "choice":
			return rule.of.length === 1 ? String(rule.of[0]) : `one of ${rule.of.join(", ")}`;
		case "number":
			return `a whole number from ${rule.min} to ${rule.max}${rule.none ? ", or none" : ""}`;
		case "switch":
			return "true or false";
		case "endpoint": {
			const { scheme, or } = rule;
			const other =
				or === undefined ? "" : `; with ${or.key} ${or.value}, ${or.scheme}://host or ${or.scheme}://host:port`;
			return `${scheme}://host or ${scheme}://host:port${other}`;
		}
		case "web-server":
			return "http://host or http://host:port";
		case "servers":
			return "host or host:port, one or several";
		case "authorities":
			return "the name of a certificate file, or a list of names";
		case "endpoints":
			return '{"register": …, "mqtt": …}';
		case "ipv4":
			return "an IPv4 address, such as 192.168.4.1";
		case "words": {
			const { words, min, max } = rule;
			if (min !== undefined)
				return `${words}, ${max === undefined ? `${min} bytes or more` : `${min} to ${max} bytes`}`;
			return max === undefined ? words : `${words}, up to ${max} bytes`;
		}
	}
}

/**
 * Whether a value satisfies a rule.
 *
 * @param given not undefined or null, which mean that the key is not configured
 */
export function satisfies(rule: Rule, given: unknown): boolean {
	const matches = (pattern: RegExp) => typeof given === "string" && pattern.test(given);
	switch (rule.kind) {
		case "text":
			return (
				given !== rule.except &&
				!(typeof given === "string" && rule.notLast?.includes(given.at(-1) ?? " ")) &&
				matches(new RegExp(`^[A-Za-z0-9${(rule.others ?? "").replace(/[\]\\^-]/g, "\\$&")}]{${rule.min},${rule.max}}$`))
			);
		case "base64": {
			if (!matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)) return false;
			const bytes = ((given as string).replace(/=+$/, "").length * 3) >> 2;
			return bytes >= rule.min && bytes <= rule.max;
		}
		case "secret":
			return matches(new RegExp(`^[\\x21-\\x7e]{${rule.min},64}$`));
		case "choice":
			return rule.of.some((each) => each === given);
		case "number": {
			if (rule.none && given === "none") return true;
			const value = matches(/^-?\d+$/) && String(Number(given)) === given ? Number(given) : given;
			return Number.isInteger(value) && (value as number) >= rule.min && (value as number) <= rule.max;
		}
		case "switch":
			return [true, false, "true", "false"].includes(given as never);
		case "endpoint":
			return isAddress(given, rule.scheme);
		case "web-server":
			return isAddress(given, "http");
		case "servers":
			return eachOf(given).every((each) => typeof each === "string" && isServer(each.trim())) && isList(given, true);
		case "authorities":
			return eachOf(given).every((each) => typeof each === "string" && each !== "") && isList(given, false);
		case "endpoints":
			return isEndpoints(given);
		case "ipv4":
			return matches(/^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/);
		case "words": {
			if (!matches(/./s)) return false;
			const bytes = utf8Length(given as string);
			return bytes >= (rule.min ?? 1) && bytes <= (rule.max ?? Number.POSITIVE_INFINITY);
		}
	}
}

function isEndpoints(given: unknown): boolean {
	if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
	return Object.keys(given).every((name) => name === "register" || name === "mqtt");
}

/** A lone surrogate counts as the replacement character. */
function utf8Length(text: string): number {
	let bytes = 0;
	for (const character of text) {
		const code = character.codePointAt(0) as number;
		bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	}
	return bytes;
}

function isAddress(given: unknown, scheme: string): boolean {
	const [, server = ""] = (typeof given === "string" && /^(?:\w+):\/\/(.*?)\/?$/s.exec(given)) || [];
	return isServer(server) && (given as string).startsWith(`${scheme}://`);
}

function isServer(text: string): boolean {
	const [, port = "1"] = /^[\w.-]+(?::([1-9]\d{0,4}))?$/.exec(text) ?? ["", "0"];
	return Number(port) >= 1 && Number(port) <= 65535;
}

function eachOf(given: unknown): readonly unknown[] {
	return typeof given === "string" ? given.split(",") : Array.isArray(given) ? given : [];
}

function isList(given: unknown, mayBeEmpty: boolean): boolean {
	return typeof given === "string" || (Array.isArray(given) && (mayBeEmpty || given.length > 0));
}

/** The name of a key in the factory partition; undefined if it is not allowed there. */
export function factoryName(name: string, { of, factory }: Key): string | undefined {
	return factory ?? (of === "product" ? name : undefined);
}

/** Keys with the same meaning in each cloud but different rules. */

export function productSecret(min: number): Key {
	return {
		rule: { kind: "secret", min },
		text: "The product's secret, as the console shows it. A device with a credential does not need it.",
		of: "product",
		blank: true,
		secret: true,
		needed: "A device without a credential registers with the secret",
	};
}

/** @param others valid characters besides letters and digits */
export function deviceName(min: number, max: number, others: string): Key {
	return {
		rule: { kind: "text", min, max, others },
		text: "The device's name within its product.",
		defaultText: "the MAC address, 12 hexadecimal digits; on a desktop the computer's",
		of: "device",
		factory: "deviceName",
		question: { text: "Device name (empty: the board's MAC address)", option: "device-name" },
	};
}

/**
 * @param names the first is the default
 * @param aliases names of the same regions elsewhere
 */
export function region(
	names: readonly [string, ...string[]],
	aliases: Readonly<Record<string, string>>,
	question: Omit<Question, "text" | "option"> = {},
): Key {
	return {
		rule: { kind: "choice", of: names, aliases },
		text: "The product's region.",
		default: names[0],
		of: "product",
		question: { text: "Region", option: "region", ...question },
	};
}

/** Seconds. */
export function keepAlive(min: number, max: number): Key {
	return {
		rule: { kind: "number", min, max },
		text: "Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period.",
		default: 240,
	};
}
