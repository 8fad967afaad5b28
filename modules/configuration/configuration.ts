/**
 * Reads a configuration: each reader returns a value that satisfies the rule of its key, or throws a `Failure`
 * `bad-configuration` with the `key` and a `Problem` as its `reason`. The rules in words are in the schemas (`./schema` and `schema` beside
 * each cloud), which no image links; test/unit/configuration-schema.test.ts proves that readers and schemas agree.
 *
 * Numbers and switches may be text: `mcconfig key=value` knows only text.
 */

import type { RawConfiguration } from "../contracts/cloud.js";
import type { Phase, Problem } from "../contracts/error.js";
import type { Endpoint } from "../contracts/host.js";
import { Failure } from "../core/errors.js";
import { Secret } from "../core/secret.js";

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * @param phase in which the mistake shows
 * @param value what is there instead, in a form that may be shown
 */
export const configurationError = (key: string, reason: Problem, phase: Phase = "configuration", value?: string) =>
	new Failure(phase, "bad-configuration", "stop", value === undefined ? { key, reason } : { key, reason, value });

/** @param phase in which the mistake shows */
export const invalidValue = (key: string, value: unknown, phase?: Phase): Failure =>
	value === undefined || value === ""
		? configurationError(key, "missing", phase)
		: configurationError(key, "invalid", phase, shown(value));

/**
 * A value as JSON, unless it may hold a secret that is in the wrong place: of a long text its length (`#24`), of a list
 * or an object its kind (`[]`, `{}`). An address has no place for a secret: it is without user name and path.
 */
const shown = (value: unknown): string => {
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
	const text = String(value);
	const scheme = text.slice(0, text.indexOf("://"));
	if (text.length > 15 && (scheme.length > 5 || !address(text, scheme, 1))) return `#${text.length}`;
	return typeof value === "string" ? JSON.stringify(value) : text;
};

const consistsOf = (text: string, characters: string): boolean => {
	let rest = text.length;
	while (rest && characters.includes(text[rest - 1] as string)) rest--;
	return rest === 0;
};

/**
 * @param least characters
 * @param most characters
 * @param others characters that are valid besides letters and digits
 * @param otherwise the default
 */
export const text = (
	configuration: RawConfiguration,
	key: string,
	least: number,
	most: number,
	others: string = "",
	otherwise?: string,
): string => {
	const value = configuration[key] ?? otherwise;
	if (typeof value === "string" && value.length >= least && value.length <= most)
		if (consistsOf(value, lettersAndDigits + others)) return value;
	throw invalidValue(key, value);
};

/** Printable ASCII without spaces. */
export const isPrintable = (text: string): boolean => {
	let rest = text.length;
	while (rest && (text[rest - 1] as string) > " " && (text[rest - 1] as string) < "\x7f") rest--;
	return rest === 0;
};

/**
 * The product's secret: printable ASCII without spaces. Absent in a firmware for devices that are registered already.
 *
 * @param least characters; the platform's console shows no shorter one
 */
export const productSecret = (configuration: RawConfiguration, least: number): Secret | undefined => {
	const value = configuration.productSecret;
	if (!value) return undefined;
	if (typeof value !== "string") throw configurationError("productSecret", "invalid");
	if (isPrintable(value) && value.length >= least && value.length <= 64) return new Secret(value);
	throw configurationError("productSecret", "invalid", undefined, `#${value.length}`);
};

/** @throws Failure in phase `register` if there is none */
export const requireProductSecret = (secret: Secret | undefined): Secret => {
	if (secret) return secret;
	throw configurationError("productSecret", "missing", "register");
};

/** The words of a text. */
type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;

/** @param words the choices, between spaces; the first is the default */
export const choice = <const T extends string>(configuration: RawConfiguration, key: string, words: T): Words<T> => {
	const choices = words.split(" ");
	const value = configuration[key] ?? choices[0];
	if (choices.includes(value as string)) return value as Words<T>;
	throw invalidValue(key, value);
};

/** A whole number from `least` to `most`. */
export const number = (
	configuration: RawConfiguration,
	key: string,
	least: number,
	most: number,
	otherwise: number,
): number => {
	const given = configuration[key] ?? otherwise;
	const value = typeof given === "string" && given !== "" ? Number(given) : given;
	if (typeof value === "number" && value % 1 === 0 && value >= least && value <= most) return value;
	throw invalidValue(key, given);
};

/** `host` or `host:port`; undefined for any other text. */
export const server = (text: string, defaultPort: number): { host: string; port: number } | undefined => {
	const parts = text.split(":");
	const host = parts[0] as string;
	const port = +(parts[1] ?? defaultPort);
	if (parts.length > 2 || !host || !consistsOf(host, `${lettersAndDigits}_.-`)) return undefined;
	// Only the canonical text of a number below 65536 survives the mask.
	return port && String(port & 65535) === (parts[1] ?? String(port)) ? { host, port } : undefined;
};

/** The server in an address with this scheme, with or without a slash behind; undefined for any other value. */
const address = (value: unknown, scheme: string, defaultPort: number) =>
	typeof value === "string" && value.indexOf(`${scheme}://`) === 0
		? server(value.slice(scheme.length + 3, value.endsWith("/") ? -1 : undefined), defaultPort)
		: undefined;

/** What is configured for a purpose: flat, as on the mcconfig command line, or nested, as in a file. */
export const configuredAddress = (configuration: RawConfiguration, purpose: "register" | "mqtt"): unknown => {
	const { endpoints = {} } = configuration;
	if (typeof endpoints !== "object" || endpoints === null) throw invalidValue("endpoints", endpoints);
	for (const name in endpoints)
		if (name !== "register" && name !== "mqtt") throw configurationError("endpoints", "unknown");
	return configuration[`endpoints.${purpose}`] ?? (endpoints as RawConfiguration)[purpose];
};

/**
 * The server for a purpose.
 *
 * @param otherwise the default, with scheme and port: `mqtts://host:8883`; it also says which scheme an address that is
 *   configured must have, and the port of one without
 * @param trust names of the authorities that may vouch for the server unless `ca` names others
 */
export const endpoint = (
	configuration: RawConfiguration,
	purpose: "register" | "mqtt",
	otherwise: `${"https" | "mqtts"}://${string}:${number}`,
	trust: readonly string[] = ["public"],
): Endpoint => {
	const given = configuredAddress(configuration, purpose) ?? otherwise;
	const scheme = otherwise.slice(0, 5);
	const plainScheme = scheme.slice(0, -1);
	const secure = address(given, scheme, address(otherwise, scheme, 0)?.port ?? 0);
	const found = secure ?? address(given, plainScheme, plainScheme === "http" ? 80 : 1883);
	if (!found) throw invalidValue(`endpoints.${purpose}`, given);
	const { dangerouslyAllowPlain: plain } = configuration;
	if (!secure && plain !== true && plain !== "true") throw configurationError(`endpoints.${purpose}`, "plain");
	return { secure: secure !== undefined, host: found.host, port: found.port, trust: authorities(configuration, trust) };
};

/** A plain web server, or undefined if none is configured: nothing secret is sent there. */
export const webServer = (configuration: RawConfiguration, key: string): Endpoint | undefined => {
	const given = configuration[key];
	if (!given) return undefined;
	const found = address(given, "http", 80);
	if (!found) throw invalidValue(key, given);
	return { secure: false, host: found.host, port: found.port, trust: [] };
};

/** One or several, in a list or between commas. */
export const list = (value: unknown): readonly unknown[] =>
	typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];

/** `ca`, else the given default. */
const authorities = ({ ca }: RawConfiguration, otherwise: readonly string[]): readonly string[] => {
	if (ca === undefined) return otherwise;
	const names = list(ca);
	let valid = names.length > 0;
	for (let i = 0; i < names.length; i++) if (typeof names[i] !== "string" || !names[i]) valid = false;
	if (valid) return names as string[];
	throw invalidValue("ca", ca);
};
