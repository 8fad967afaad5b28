/**
 * What a configuration consists of: the one description of each key, from which come the types in
 * `contracts/configuration.ts`, the tables in docs/configuration.md, the sentences about mistakes, the keys that
 * `dynreg doctor` knows, the questions of `dynreg init`, and what `dynreg flash` keeps secret.
 *
 * For the desk: no image links a schema. A device reads with `./configuration`, and
 * test/unit/configuration-schema.test.ts proves that readers and schemas agree.
 */

/** What a value must be. */
export type Rule =
	/** Letters, digits and `others`; lengths in characters. */
	| { readonly kind: "text"; readonly least: number; readonly most: number; readonly others?: string }
	/** A product's secret: up to 64 printable ASCII characters without spaces. */
	| { readonly kind: "secret"; readonly least: number }
	| { readonly kind: "choice"; readonly of: readonly string[] }
	/** A whole number; with `none`, that word too. */
	| { readonly kind: "number"; readonly least: number; readonly most: number; readonly none?: true }
	| { readonly kind: "switch" }
	/** The address of a server with TLS; another scheme where another key has a certain value. */
	| { readonly kind: "endpoint"; readonly scheme: Scheme; readonly or?: OtherScheme }
	/** The address of a web server without TLS. */
	| { readonly kind: "web-server" }
	/** Time servers, one or several. */
	| { readonly kind: "servers" }
	/** Names of certificate authorities, one or several. */
	| { readonly kind: "authorities" }
	/** Anything that is not empty. */
	| { readonly kind: "any"; readonly words: string };

type Scheme = "https" | "mqtts";

interface OtherScheme {
	readonly scheme: Scheme;
	readonly key: string;
	readonly value: string;
}

export interface Key {
	readonly rule: Rule;
	/** What it means: sentences in Markdown, links relative to `docs/`. */
	readonly text: string;
	/** There is no default, and no device without it. */
	readonly required?: true;
	/** An empty value is as good as none: `mcconfig key=`. */
	readonly blank?: true;
	readonly default?: string | number | boolean;
	/** The default in words, where it is not a single value. Markdown. */
	readonly defaultText?: string;
	/**
	 * Whose it is: of the `product` what makes it one, which a factory partition replaces as a whole; of a `device` what
	 * no two may share.
	 */
	readonly of?: "product" | "device";
	/** Its name in the factory partition, where that may hold it. What is the product's may be there under its own name. */
	readonly factory?: string;
	/** Never shown, and never on a command line. */
	readonly secret?: true;
	/** Where it has a meaning, unless everywhere. */
	readonly only?: "Desktop commands" | "Boards" | "ESP32" | "ESP8266";
	/** Read by a host or a command, not by the library. */
	readonly host?: true;
	readonly question?: Question;
	/** What the problem `conflict` is, after "key …". */
	readonly conflict?: string;
	/** What the problem `missing` means in a phase after `configuration`. */
	readonly needed?: string;
}

/** What `dynreg init` asks. */
export interface Question {
	readonly text: string;
	/** The option of `dynreg init` that answers it. */
	readonly option: string;
	/** The key whose answer makes this question pointless. */
	readonly unless?: string;
}

/** Keys by name, in the order of documents and questions. */
export type Schema = Readonly<Record<string, Key>>;

/** What one cloud adds to the keys of all. */
export interface CloudSchema {
	readonly title: string;
	readonly keys: Schema;
}

/** A rule in words, as the end of the sentence "Expected …". */
export function words(rule: Rule): string {
	switch (rule.kind) {
		case "text":
			return rule.others === undefined
				? `${rule.least} to ${rule.most} letters and digits`
				: `${rule.least} to ${rule.most} characters from a-z A-Z 0-9 ${[...rule.others].join(" ")}`;
		case "secret":
			return `${rule.least} to 64 characters without spaces, as the console shows it`;
		case "choice":
			return rule.of.length === 1 ? String(rule.of[0]) : `one of ${rule.of.join(", ")}`;
		case "number":
			return `a whole number from ${rule.least} to ${rule.most}${rule.none ? ", or none" : ""}`;
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
			return "the name of a certificate file, or a list of them";
		case "any":
			return rule.words;
	}
}

/**
 * Whether a value satisfies a rule.
 *
 * @param given neither undefined nor null, which stand for a key that is not configured
 */
export function satisfies(rule: Rule, given: unknown): boolean {
	const matches = (pattern: RegExp) => typeof given === "string" && pattern.test(given);
	switch (rule.kind) {
		case "text":
			return matches(
				new RegExp(`^[A-Za-z0-9${(rule.others ?? "").replace(/[\]\\^-]/g, "\\$&")}]{${rule.least},${rule.most}}$`),
			);
		case "secret":
			return matches(new RegExp(`^[\\x21-\\x7e]{${rule.least},64}$`));
		case "choice":
			return rule.of.some((each) => each === given);
		case "number": {
			if (rule.none && given === "none") return true;
			const value = matches(/./s) ? Number(given) : given;
			return Number.isInteger(value) && (value as number) >= rule.least && (value as number) <= rule.most;
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
		case "any":
			return given !== "";
	}
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

/** The name of a key in the factory partition, where that may hold it. */
export function factoryName(name: string, { of, factory }: Key): string | undefined {
	return of === "product" ? name : factory;
}

/** Keys whose rules differ from cloud to cloud, and that mean the same in each. */

export function productSecret(least: number): Key {
	return {
		rule: { kind: "secret", least },
		text: "The product's secret, as the console shows it. A device that is registered already needs none.",
		of: "product",
		blank: true,
		secret: true,
		needed: "A device without a credential needs it to register",
	};
}

/** @param others characters that are valid besides letters and digits */
export function deviceName(least: number, most: number, others: string): Key {
	return {
		rule: { kind: "text", least, most, others },
		text: "The device's name within its product.",
		defaultText: "the MAC address, 12 hexadecimal digits; on a desktop the computer's",
		of: "device",
		factory: "deviceName",
		question: { text: "Device name (empty: each board's own MAC address)", option: "device-name" },
	};
}

/** @param names the first is the default */
export function region(names: readonly [string, ...string[]], question: Omit<Question, "text" | "option"> = {}): Key {
	return {
		rule: { kind: "choice", of: names },
		text: "Where the product is.",
		default: names[0],
		of: "product",
		question: { text: "Region", option: "region", ...question },
	};
}

/** Seconds. */
export function keepAlive(least: number, most: number): Key {
	return {
		rule: { kind: "number", least, most },
		text: "Seconds without traffic after which the device pings the broker. A dead connection is noticed after one and a half times as long.",
		default: 240,
	};
}
