import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "dynreg/errors";
import type { Configuration } from "../modules/contracts/cloud.js";

/**
 * A board's configuration from a JSON file. `ca` is taken as a file beside it.
 *
 * @throws Failure `bad-configuration`
 */
export function readConfigurationFile(file: string): Configuration {
	const configuration = parse(file);
	const { ca } = configuration;
	if (typeof ca !== "string" || ca === "") return configuration;
	const path = resolve(dirname(file), ca);
	if (!statSync(path, { throwIfNoEntry: false })?.isFile())
		throw wrong(`ca must be the name of a certificate file; there is no file ${path}.`);
	return { ...configuration, ca: path };
}

function parse(file: string): Configuration {
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		// What V8 says about JSON quotes some of it, and there are secrets in it.
		if (error instanceof SyntaxError) throw wrong(`The configuration ${file} is not JSON.`);
		throw wrong(`The configuration cannot be read: ${error instanceof Error ? error.message : error}.`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw wrong(`The configuration ${file} must be a JSON object.`);
	return value as Configuration;
}

function wrong(message: string): Failure {
	return new Failure("configuration", "bad-configuration", "stop", message);
}
