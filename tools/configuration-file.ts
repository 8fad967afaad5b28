import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "dynreg/errors";
import type { Configuration } from "../modules/contracts/cloud.js";

/**
 * A board's configuration from a JSON file. What `ca` names are files beside it.
 *
 * @throws Failure `bad-configuration`
 */
export function readConfigurationFile(file: string): Configuration {
	const configuration = parse(file);
	const { ca } = configuration;
	if (typeof ca === "string" && ca !== "") return { ...configuration, ca: ca.split(",").map(beside) };
	return Array.isArray(ca) ? { ...configuration, ca: ca.map(beside) } : configuration;

	function beside(name: unknown): unknown {
		if (typeof name !== "string" || name === "" || name === "public") return name;
		const path = resolve(dirname(file), name);
		if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
		throw wrong(`ca must be the name of a certificate file; there is no file ${path}.`);
	}
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
