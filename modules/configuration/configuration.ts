/**
 * Reading a configuration: each reader returns a value that cannot be wrong, or
 * throws one sentence that names the key and the rule.
 *
 * Values may come as text even where they are numbers or switches, since
 * `mcconfig key=value` knows only text.
 */

import { Failure } from "dynreg/errors";
import { Secret } from "dynreg/secret";
import type { Configuration } from "../contracts/cloud.js";
import type { Endpoint } from "../contracts/host.js";

/** @param rule what the value must be, as the end of the sentence "productId must be …" */
export function text(configuration: Configuration, key: string, pattern: RegExp, rule: string): string {
	const value = configuration[key];
	if (typeof value !== "string" || !pattern.test(value)) throw wrong(key, rule, value);
	return value;
}

/** Like `text`, but no error ever shows the value. */
export function secret(configuration: Configuration, key: string, pattern: RegExp, rule: string): Secret {
	const value = configuration[key];
	if (typeof value !== "string" || value === "") throw wrong(key, rule, undefined);
	if (!pattern.test(value)) throw bad(`${key} must be ${rule}; the one given has ${value.length} characters`);
	return new Secret(value);
}

/** One of `choices`; the first is the default. */
export function choice<T extends string>(configuration: Configuration, key: string, choices: readonly [T, ...T[]]): T {
	const value = configuration[key] ?? choices[0];
	const found = choices.find((each) => each === value);
	if (found === undefined) throw wrong(key, `one of ${choices.join(", ")}`, value);
	return found;
}

/** A whole number from `least` to `most`. */
export function number(configuration: Configuration, key: string, least: number, most: number, otherwise: number) {
	const given = configuration[key] ?? otherwise;
	const value = typeof given === "string" && given !== "" ? Number(given) : given;
	if (typeof value !== "number" || value % 1 !== 0 || value < least || value > most)
		throw wrong(key, `a whole number from ${least} to ${most}`, given);
	return value;
}

/**
 * The server for one purpose: `endpoints.register` or `endpoints.mqtt`, else the given default.
 *
 * @param schemes the secure scheme and its port, then the plain one and its port
 */
export function endpoint(
	configuration: Configuration,
	purpose: "register" | "mqtt",
	schemes: readonly [secure: string, securePort: number, plain: string, plainPort: number],
	otherwise: string,
): Endpoint {
	const key = `endpoints.${purpose}`;
	const given = (configuration.endpoints as Configuration | undefined)?.[purpose] ?? otherwise;
	const [secure, securePort, plain, plainPort] = schemes;
	const rule = `${secure}://host or ${secure}://host:port`;
	const [, scheme, host, port] = /^(\w+):\/\/([\w.-]+)(?::(\d{1,5}))?\/?$/.exec(String(given)) ?? [];
	if (host === undefined || (scheme !== secure && scheme !== plain) || Number(port) > 65535)
		throw wrong(key, rule, given);
	if (scheme === plain && String(configuration.dangerouslyAllowPlain) !== "true")
		throw bad(
			`${key} must be ${rule}; ${plain}:// sends everything in the clear, for tests only, and needs dangerouslyAllowPlain: true`,
		);
	const ca = configuration.ca;
	return {
		secure: scheme === secure,
		host,
		port: port === undefined ? (scheme === secure ? securePort : plainPort) : Number(port),
		...(ca === undefined ? {} : { ca: text(configuration, "ca", /./, "the name of a certificate file") }),
	};
}

function wrong(key: string, rule: string, value: unknown): Failure {
	const given = value === undefined || value === "" ? "it is missing" : `it is ${JSON.stringify(value)}`;
	return bad(`${key} must be ${rule}; ${given}`);
}

function bad(sentence: string): Failure {
	return new Failure("configuration", "bad-configuration", "stop", `${sentence}.`);
}
