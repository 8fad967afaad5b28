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
 * @param phase in which the problem occurs
 * @param value the actual value, in a form that may be shown
 */
export const configurationError = (key: string, reason: Problem, phase: Phase = "configuration", value?: string) =>
	new Failure(
		phase,
		"bad-configuration",
		"needs-attention",
		value === undefined ? { key, reason } : { key, reason, value },
	);

/** @param phase in which the problem occurs */
export const invalidValue = (key: string, value: unknown, phase?: Phase): Failure =>
	value === undefined || value === ""
		? configurationError(key, "missing", phase)
		: configurationError(key, "invalid", phase, describe(value));

/**
 * A value as JSON, but without what may be a misplaced secret: a long text, and one with a user's password, as its length
 * (`#24`), a list or object as its kind (`[]`, `{}`). An address is shown, since it has no user name and no path.
 */
const describe = (value: unknown): string => {
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
	const text = String(value);
	const scheme = text.slice(0, text.indexOf("://"));
	if ((text.length > 15 || text.includes("@")) && (scheme.length > 5 || !address(text, scheme, 1)))
		return `#${text.length}`;
	return typeof value === "string" ? JSON.stringify(value) : text;
};

const consistsOf = (text: string, characters: string): boolean => {
	let left = text.length;
	while (left && characters.includes(text[left - 1] as string)) left--;
	return left === 0;
};

/**
 * @param min length in characters
 * @param max length in characters
 * @param extra valid characters besides letters and digits
 * @param fallback the default
 */
export const text = (
	configuration: RawConfiguration,
	key: string,
	min: number,
	max: number,
	extra: string = "",
	fallback?: string,
): string => {
	const value = configuration[key] ?? fallback;
	if (typeof value === "string" && value.length >= min && value.length <= max)
		if (consistsOf(value, lettersAndDigits + extra)) return value;
	throw invalidValue(key, value);
};

/** Whether a text is printable ASCII without spaces. */
export const isPrintable = (text: string): boolean => {
	let left = text.length;
	while (left && (text[left - 1] as string) > " " && (text[left - 1] as string) < "\x7f") left--;
	return left === 0;
};

/**
 * The product's secret: printable ASCII without spaces. Absent in firmware for registered devices.
 *
 * @param min length in characters of the shortest secret that the platform's console shows
 */
export const productSecret = (configuration: RawConfiguration, min: number): Secret | undefined => {
	const value = configuration.productSecret ?? "";
	if (value === "") return undefined;
	if (typeof value !== "string") throw configurationError("productSecret", "invalid");
	if (isPrintable(value) && value.length >= min && value.length <= 64) return new Secret(value);
	throw configurationError("productSecret", "invalid", undefined, `#${value.length}`);
};

/** @throws Failure `bad-configuration` in phase `register` if there is none */
export const requireProductSecret = (secret: Secret | undefined): Secret => {
	if (secret) return secret;
	throw configurationError("productSecret", "missing", "register");
};

/** The union of the words in a text. */
type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;

/** @param words the choices, separated by spaces; the first is the default */
export const choice = <const T extends string>(configuration: RawConfiguration, key: string, words: T): Words<T> => {
	const options = words.split(" ");
	const value = configuration[key] ?? options[0];
	if (options.includes(value as string)) return value as Words<T>;
	throw invalidValue(key, value);
};

/** A whole number from `min` to `max`. */
export const number = (
	configuration: RawConfiguration,
	key: string,
	min: number,
	max: number,
	fallback: number,
): number => {
	const configured = configuration[key] ?? fallback;
	const value = typeof configured === "string" ? Number(configured) : configured;
	if (typeof value === "number" && value % 1 === 0 && value >= min && value <= max)
		if (`${value}` === `${configured}`)
			// Of a text, only the canonical form: no blanks, no exponent.
			return value;
	throw invalidValue(key, configured);
};

/** `host` or `host:port`; undefined for any other text. */
export const server = (text: string, defaultPort: number): { host: string; port: number } | undefined => {
	const parts = text.split(":");
	const host = parts[0] as string;
	const port = +(parts[1] ?? defaultPort);
	if (parts.length > 2 || !host || !consistsOf(host, `${lettersAndDigits}_.-`)) return undefined;
	// The mask accepts only the canonical text of a number below 65536.
	return port && String(port & 65535) === (parts[1] ?? String(port)) ? { host, port } : undefined;
};

/** The server in an address with this scheme, with or without a final slash; undefined for any other value. */
const address = (value: unknown, scheme: string, defaultPort: number) =>
	typeof value === "string" && value.indexOf(`${scheme}://`) === 0
		? server(value.slice(scheme.length + 3, value.endsWith("/") ? -1 : undefined), defaultPort)
		: undefined;

/** The configured address: flat, as on the mcconfig command line, or nested, as in a file. */
export const configuredAddress = (configuration: RawConfiguration, purpose: "register" | "mqtt"): unknown => {
	const endpoints = configuration.endpoints ?? {};
	if (typeof endpoints !== "object" || Array.isArray(endpoints)) throw invalidValue("endpoints", endpoints);
	for (const name in endpoints)
		if (name !== "register" && name !== "mqtt") throw configurationError("endpoints", "unknown");
	return configuration[`endpoints.${purpose}`] ?? (endpoints as RawConfiguration)[purpose];
};

/**
 * The server for registration or for MQTT.
 *
 * @param fallback the default with scheme and port: `mqtts://host:8883`. A configured address must have the same scheme;
 *   its default port is the same too
 * @param trust the default trust anchors, unless `ca` names others
 */
export const endpoint = (
	configuration: RawConfiguration,
	purpose: "register" | "mqtt",
	fallback: `${"https" | "mqtts"}://${string}:${number}`,
	trust: readonly string[] = ["public"],
): Endpoint => {
	const configured = configuredAddress(configuration, purpose) ?? fallback;
	const scheme = fallback.slice(0, 5);
	const plainScheme = scheme.slice(0, -1);
	const secure = address(configured, scheme, address(fallback, scheme, 0)?.port ?? 0);
	const found = secure ?? address(configured, plainScheme, plainScheme === "http" ? 80 : 1883);
	if (!found) throw invalidValue(`endpoints.${purpose}`, configured);
	const { dangerouslyAllowPlain: plain } = configuration;
	if (!secure && plain !== true && plain !== "true") throw configurationError(`endpoints.${purpose}`, "plain");
	return { secure: secure !== undefined, host: found.host, port: found.port, trust: authorities(configuration, trust) };
};

/** A web server without TLS, to which no secret is sent; undefined if none is configured. */
export const webServer = (configuration: RawConfiguration, key: string): Endpoint | undefined => {
	const configured = configuration[key] ?? "";
	if (configured === "") return undefined;
	const found = address(configured, "http", 80);
	if (!found) throw invalidValue(key, configured);
	return { secure: false, host: found.host, port: found.port, trust: [] };
};

/** The entries of a list, or of a text separated by commas. */
export const list = (value: unknown): readonly unknown[] =>
	typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];

/** The configured `ca`, or the default. */
const authorities = ({ ca }: RawConfiguration, fallback: readonly string[]): readonly string[] => {
	if (ca == null) return fallback;
	const names = list(ca);
	let valid = names.length > 0;
	for (let i = 0; i < names.length; i++) if (typeof names[i] !== "string" || !names[i]) valid = false;
	if (valid) return names as string[];
	throw invalidValue("ca", ca);
};

/**
 * Reads the keys of a device's lifecycle.
 *
 * @throws Failure `bad-configuration`
 */
export const lifecycleOptions = (
	configuration: RawConfiguration,
): { readonly startupJitter: number; readonly httpTimeServer: Endpoint | undefined } => ({
	// `spread` and `dateFrom` are former names.
	startupJitter: number(configuration, "startupJitter" in configuration ? "startupJitter" : "spread", 0, 3600, 3),
	httpTimeServer: webServer(configuration, "httpTimeServer") ?? webServer(configuration, "dateFrom"),
});
