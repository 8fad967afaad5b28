import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { roots } from "../sdk/roots.js";
import { reasonOf } from "../terminal/system-message.js";

/**
 * A board's configuration from a JSON file. What `ca`, `clientCertificate` and `clientKey` name are files beside it;
 * roots that the project knows by name lie in `certs/`. The product's secret may stand in a file of its own,
 * `productSecretFile`, so that the rest can be kept in a repository.
 *
 * @throws Failure `bad-configuration`
 */
export function readConfigurationFile(file: string): RawConfiguration {
	const configuration = parseConfigurationFile(file);
	const folder = dirname(file);
	const { ca, clientCertificate, clientKey } = configuration;
	return {
		...configuration,
		...(ca === undefined ? {} : { ca: authorities(folder, ca) }),
		...(clientCertificate === undefined
			? {}
			: { clientCertificate: pem(folder, "clientCertificate", clientCertificate) }),
		...(clientKey === undefined ? {} : { clientKey: pem(folder, "clientKey", clientKey) }),
	};
}

/**
 * The configuration with the product's secret, and without a look at the certificates that it names.
 *
 * @throws Failure `bad-configuration`
 */
export function parseConfigurationFile(file: string): RawConfiguration {
	const { productSecretFile, ...configuration } = parse(file);
	if (productSecretFile === undefined) return configuration;
	if (configuration.productSecret !== undefined)
		throw wrong("There must be either productSecret or productSecretFile, not both.");
	return { ...configuration, productSecret: secret(dirname(file), productSecretFile) };
}

/** A line of text and nothing else; what it must be otherwise is the platform's rule. */
function secret(folder: string, name: unknown): string {
	if (typeof name !== "string" || name === "")
		throw wrong("productSecretFile must be the name of a file that holds the product's secret.");
	const path = resolve(folder, name);
	let text: string;
	try {
		text = readFileSync(path, "utf8").trim();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw wrong(
			`productSecretFile cannot be read: ${path} (${code === "ENOENT" ? "no such file" : code}). Write the product's secret into it, as the console shows it.`,
		);
	}
	if (text === "") throw wrong(`productSecretFile ${path} is empty: write the product's secret into it.`);
	return text;
}

function authorities(folder: string, ca: unknown): unknown {
	const names: unknown = typeof ca === "string" && ca !== "" ? ca.split(",") : ca;
	if (!Array.isArray(names)) return names;
	const known = ["", "public", ...roots.map(({ name }) => name)];
	return names.map((name) => (typeof name !== "string" || known.includes(name) ? name : beside(folder, "ca", name)));
}

/** The text itself, or the name of a file that holds it. */
function pem(folder: string, key: string, value: unknown): unknown {
	if (typeof value !== "string" || value === "" || value.includes("-----BEGIN ")) return value;
	const path = beside(folder, key, value);
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		throw wrong(`${key} ${path} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`);
	}
}

/** The file that holds the product's secret, if the configuration names one. */
export function productSecretFile(file: string): string | undefined {
	const { productSecretFile: name } = parse(file);
	return typeof name === "string" ? resolve(dirname(file), name) : undefined;
}

function beside(folder: string, key: string, name: string): string {
	const path = resolve(folder, name);
	if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
	const expected = key === "clientKey" ? "its key in PEM, or the name of a file" : "the name of a certificate file";
	throw wrong(`${key} must be ${expected}; there is no file ${path}.`);
}

function parse(file: string): RawConfiguration {
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		// What V8 says about JSON quotes some of it, and there are secrets in it.
		if (error instanceof SyntaxError) throw wrong(`The configuration ${file} is not JSON.`);
		const next = existsSync(file) ? "" : " Make one with dynreg init, or name another.";
		throw wrong(`The configuration ${file} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.${next}`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw wrong(`The configuration ${file} must be a JSON object.`);
	return value as RawConfiguration;
}

function wrong(message: string): Failure {
	return new Failure("configuration", "bad-configuration", "stop", { said: message });
}
