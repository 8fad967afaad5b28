import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InvalidJson, parseJsonText } from "@dynreg/node/internal/json-text";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { readTextFile, type TextFileOptions } from "../command-line/text-file.js";
import { platformRoots } from "../sdk/root-certificates.js";
import { printError } from "../terminal/print-error.js";
import { shownFile } from "../terminal/shown-value.js";
import { systemReason } from "../terminal/system-message.js";
import { certificateFileProblem } from "./certificate-contents.js";
import { keyOfMisplacedSecret, keyWarnings } from "./configuration-keys.js";
import { withOwnKey } from "./own-key.js";

/** @param sentence about a key that is read, but should be changed */
type Warn = (sentence: string) => void;

/** Certificates and their private keys. */
const pemKeys = ["clientCertificate", "clientKey", "claimCertificate", "claimKey"];

/**
 * A board's configuration from a JSON file. What `ca` and the keys for certificates and their private keys name are files beside it;
 * roots that the project knows by name lie in `certs/`. The product's secret may stand in a file of its own,
 * `productSecretFile`, so that the rest can be kept in a repository. Where devices have derived keys, the configuration has the
 * device's key in place of that secret.
 *
 * @param warn default: prints
 * @throws Failure `bad-configuration`
 */
export function readConfigurationFile(file: string, warn: Warn = printError): RawConfiguration {
	const configuration = parseConfigurationFile(file, warn);
	const folder = dirname(file);
	const { ca } = configuration;
	return { ...withPemFiles(folder, withOwnKey(configuration)), ...(ca == null ? {} : { ca: authorities(folder, ca) }) };
}

/** The configuration with the contents of its PEM files. @throws Failure `bad-configuration` */
export function withPemFiles(folder: string, configuration: RawConfiguration): RawConfiguration {
	const pems = pemKeys.filter((key) => configuration[key] != null);
	return { ...configuration, ...Object.fromEntries(pems.map((key) => [key, pem(folder, key, configuration[key])])) };
}

/**
 * The configuration with the product's secret, and without a look at the certificates that it names.
 *
 * @param warn default: prints
 * @throws Failure `bad-configuration`
 */
export function parseConfigurationFile(file: string, warn: Warn = printError): RawConfiguration {
	const { productSecretFile, ...rest } = parse(file);
	if (productSecretFile != null && rest.productSecret != null)
		throw badConfiguration("productSecret and productSecretFile are both set. Keep only one of them.");
	const configuration =
		productSecretFile == null ? rest : { ...rest, productSecret: secret(dirname(file), productSecretFile) };
	const misplaced = keyOfMisplacedSecret(configuration);
	if (misplaced !== undefined)
		throw badConfiguration(`${misplaced} has the value of productSecret. Correct ${misplaced}: its value is public.`);
	for (const { detail, fix, isCertain } of keyWarnings(rest)) if (isCertain) warn(`${file}: ${detail}. ${fix}`);
	return configuration;
}

/** A single line of text; the platform's rule applies to its content. */
function secret(folder: string, name: unknown): string {
	if (typeof name !== "string" || name === "")
		throw badConfiguration("productSecretFile is invalid. Expected the name of a file that holds the product secret.");
	const path = resolve(folder, name);
	const next = "Write the product's secret into the file, as the console shows it.";
	if (!existsSync(path)) throw badConfiguration(`productSecretFile is invalid: ${noFile(name, path)}. ${next}`);
	const text = readText(path, "productSecretFile", next).trim();
	if (text === "") throw badConfiguration(`productSecretFile ${path} is empty. ${next}`);
	return text;
}

/** @param options as for `readTextFile` @throws Failure */
function readText(path: string, what: string, next: string, options: TextFileOptions = { isSecret: true }): string {
	try {
		return readTextFile(path, what, next, options);
	} catch (error) {
		throw badConfiguration((error as Error).message);
	}
}

function noFile(name: string, path: string): string {
	return `there is no file ${shownFile(name, path)}`;
}

function authorities(folder: string, ca: unknown): unknown {
	const names: unknown = typeof ca === "string" && ca !== "" ? ca.split(",") : ca;
	if (!Array.isArray(names)) return names;
	const known = ["", "public", ...platformRoots.map(({ name }) => name)];
	return names.map((name) =>
		typeof name !== "string" || known.includes(name) ? name : authorityFile(fileBeside(folder, "ca", name)),
	);
}

/** @returns the same @throws Failure unless it is a file of certificates, which boards would find out later */
function authorityFile(path: string): string {
	let problem: string | undefined;
	try {
		problem = certificateFileProblem(path);
	} catch (error) {
		const reason = systemReason(error as NodeJS.ErrnoException);
		throw badConfiguration(`ca is invalid: ${path} cannot be read: ${reason}. Check the file's permissions.`);
	}
	if (problem !== undefined) throw badConfiguration(`ca is invalid: ${problem}`);
	return path;
}

/** The text itself, or the name of a file that holds it. */
function pem(folder: string, key: string, value: unknown): unknown {
	if (typeof value !== "string" || value === "" || value.includes("-----BEGIN ")) return value;
	return readText(fileBeside(folder, key, value), key, `Expected ${expectedFile(key)}.`);
}

/** The file that holds the product's secret, if the configuration names one. */
export function productSecretFile(file: string): string | undefined {
	const { productSecretFile: name } = parse(file);
	return typeof name === "string" ? resolve(dirname(file), name) : undefined;
}

function fileBeside(folder: string, key: string, name: string): string {
	const path = resolve(folder, name);
	// A text that is no name may be too long for one.
	const isThere = existsSync(path);
	if (isThere && statSync(path).isFile()) return path;
	const problem = isThere ? `${path} is a folder` : noFile(name, path);
	throw badConfiguration(`${key} is invalid: ${problem}. Expected ${expectedFile(key)}.`);
}

function expectedFile(key: string): string {
	if (key === "ca") return "the name of a certificate file";
	return `the ${key.endsWith("Key") ? "key" : "certificate"} in PEM, or the name of its file`;
}

function parse(file: string): RawConfiguration {
	if (!existsSync(file))
		throw badConfiguration(
			`The configuration ${file} cannot be read: no such file or folder. Make a configuration with dynreg init, or name another file.`,
		);
	const text = readText(file, "The configuration", "Save the file as text in UTF-8.", {});
	let value: unknown;
	try {
		value = parseJsonText(text);
	} catch (error) {
		if (error instanceof InvalidJson) throw badConfiguration(`The configuration ${file} ${error.message}`);
		throw error;
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw badConfiguration(`The configuration ${file} is invalid. Expected a JSON object.`);
	return value as RawConfiguration;
}

function badConfiguration(message: string): Failure {
	return new Failure("configuration", "bad-configuration", "needs-attention", { said: message });
}
