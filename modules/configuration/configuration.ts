/**
 * Reading a configuration: each reader returns a value that cannot be wrong, or
 * throws one sentence that names the key and the rule.
 *
 * Values may come as text even where they are numbers or switches, since
 * `mcconfig key=value` knows only text.
 */

import type { RawConfiguration } from "../contracts/cloud.js";
import type { Phase } from "../contracts/error.js";
import type { Endpoint } from "../contracts/host.js";
import { Failure } from "../core/errors.js";
import { Secret } from "../core/secret.js";

/** @param rule what the value must be, as the end of the sentence "productId must be …" */
export function text(configuration: RawConfiguration, key: string, pattern: RegExp, rule: string): string {
	const value = configuration[key];
	if (typeof value === "string" && pattern.test(value)) return value;
	throw wrong(key, rule, value);
}

/** Like `text`, but no error ever shows the value. */
export function secret(configuration: RawConfiguration, key: string, pattern: RegExp, rule: string): Secret {
	const value = configuration[key];
	if (typeof value !== "string" || value === "") throw wrong(key, rule, undefined);
	if (!pattern.test(value)) throw bad(`${key} must be ${rule}; the one given has ${value.length} characters`);
	return new Secret(value);
}

/**
 * The product's secret; absent in a firmware for boards that are registered already.
 *
 * @param least characters; the platform's console shows no shorter one
 */
export function productSecret(configuration: RawConfiguration, least: number): Secret | undefined {
	if (!configuration.productSecret) return undefined;
	const pattern = new RegExp(`^[\\x21-\\x7e]{${least},64}$`);
	return secret(
		configuration,
		"productSecret",
		pattern,
		`${least} to 64 characters without spaces, as the console shows it`,
	);
}

/** What registering takes. @throws Failure in phase `register` if it is not configured */
export function needed(productSecret: Secret | undefined): Secret {
	if (productSecret !== undefined) return productSecret;
	throw bad(
		"productSecret is missing, and this board has no credential yet: configure the product's secret",
		"register",
	);
}

/** The configured device name, else the MAC address: 12 hexadecimal digits. */
export function deviceName(configuration: RawConfiguration, mac: string | undefined, pattern: RegExp, rule: string) {
	const name = configuration.deviceName ?? mac?.replaceAll(":", "").toLowerCase();
	return text({ deviceName: name }, "deviceName", pattern, rule);
}

/** One of `choices`; the first is the default. */
export function choice<T extends string>(
	configuration: RawConfiguration,
	key: string,
	choices: readonly [T, ...T[]],
): T {
	const value = configuration[key] ?? choices[0];
	const found = choices.find((each) => each === value);
	if (found === undefined) throw wrong(key, `one of ${choices.join(", ")}`, value);
	return found;
}

/** A whole number from `least` to `most`. */
export function number(configuration: RawConfiguration, key: string, least: number, most: number, otherwise: number) {
	const given = configuration[key] ?? otherwise;
	const value = typeof given === "string" && given !== "" ? Number(given) : given;
	if (typeof value !== "number" || value % 1 !== 0 || value < least || value > most)
		throw wrong(key, `a whole number from ${least} to ${most}`, given);
	return value;
}

/**
 * The server for one purpose: `endpoints.register` or `endpoints.mqtt`, else the given default.
 *
 * @param scheme the secure one; the plain one is the same without its "s"
 * @param port of the secure scheme
 * @param plainPort of the plain scheme
 * @param trust who vouches for the server unless the configuration's `ca` says otherwise
 */
export function endpoint(
	configuration: RawConfiguration,
	purpose: "register" | "mqtt",
	scheme: "https" | "mqtts",
	port: number,
	plainPort: number,
	otherwise: string,
	trust: readonly string[] = ["public"],
): Endpoint {
	const key = `endpoints.${purpose}`;
	const { endpoints = {} } = configuration;
	if (
		typeof endpoints !== "object" ||
		endpoints === null ||
		Object.keys(endpoints as object).some((each) => !/^(register|mqtt)$/.test(each))
	)
		throw wrong("endpoints", '{"register": …, "mqtt": …}', endpoints);
	// Flat, as it comes from the mcconfig command line, or nested, as in a file.
	const given = configuration[key] ?? (endpoints as RawConfiguration)[purpose] ?? otherwise;
	const parts = /^(\w+):\/\/([\w.-]+)(?::(\d{1,5}))?\/?$/.exec(typeof given === "string" ? given : "");
	const plain = scheme.slice(0, -1);
	const secure = parts?.[1] === scheme;
	const rule = `${scheme}://host or ${scheme}://host:port`;
	const server = {
		secure,
		host: parts?.[2] ?? "",
		port: Number(parts?.[3] ?? (secure ? port : plainPort)),
		trust: authorities(configuration, trust),
	};
	if (!parts || (!secure && parts[1] !== plain) || server.port < 1 || server.port > 65535)
		throw wrong(key, rule, given);
	if (!secure && ![true, "true"].includes(configuration.dangerouslyAllowPlain as string | boolean))
		throw bad(
			`${key} must be ${rule}; ${plain}:// sends everything in the clear, for tests only, and needs dangerouslyAllowPlain: true`,
		);
	return server;
}

/** A plain web server, or undefined if none is given: nothing secret is sent there. */
export function webServer(configuration: RawConfiguration, key: string): Endpoint | undefined {
	const given = configuration[key];
	if (!given) return undefined;
	const [, host, port = "80"] =
		/^http:\/\/([\w.-]+)(?::(\d{1,5}))?\/?$/.exec(typeof given === "string" ? given : "") ?? [];
	if (host === undefined) throw wrong(key, "http://host or http://host:port", given);
	return { secure: false, host, port: Number(port), trust: [] };
}

/** `ca`: one name, several in a list or between commas; else the given default. */
function authorities({ ca }: RawConfiguration, otherwise: readonly string[]): readonly string[] {
	if (ca === undefined) return otherwise;
	const names: unknown[] = Array.isArray(ca) ? ca : typeof ca === "string" ? ca.split(",") : [];
	if (names.length > 0 && names.every((name) => typeof name === "string" && name !== "")) return names as string[];
	throw wrong("ca", "the name of a certificate file, or a list of them", ca);
}

/** @param phase in which it shows that the configuration will not do */
export function wrong(key: string, rule: string, value: unknown, phase?: Phase): Failure {
	return bad(`${key} must be ${rule}; ${described(value)}`, phase);
}

/** What was given, unless it may be a secret that stands in the wrong place: any long text, and whatever holds others. */
function described(value: unknown): string {
	if (value === undefined || value === "") return "it is missing";
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "it is a list" : "it is an object";
	const text = String(value);
	// Not a server's address without user and path: a secret could stand in those.
	if (text.length > 15 && !/^\w+:\/\/[\w.:-]+\/?$/.test(text)) return `the one given has ${text.length} characters`;
	return `it is ${typeof value === "string" ? JSON.stringify(value) : text}`;
}

/** @param phase in which it shows that the configuration will not do */
export function bad(sentence: string, phase: Phase = "configuration"): Failure {
	return new Failure(phase, "bad-configuration", "stop", `${sentence}.`);
}
