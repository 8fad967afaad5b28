/** Checks a state file that may have been edited by hand: each error is reported with its place, without values. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { FormatRule, Platform } from "../platforms/platform.js";
import { deviceStates } from "../products/product.js";
import { orList } from "./or-list.js";

/** A mistake in the state file: `message` begins with its place, such as `products[0].devices[3].state`. */
export class InvalidState extends Error {}

type Json = Readonly<Record<string, unknown>>;

/** @throws InvalidState */
export function checkSavedState(state: unknown, platforms: readonly Platform[]): void {
	const whole = readObject(state, "the file");
	const certificate = readObject(whole.certificate, "certificate");
	checkAuthority(certificate.authority, "certificate.authority");
	const names = readArray(certificate.names, "certificate.names");
	for (const [index, name] of names.entries()) readString(name, `certificate.names[${index}]`);
	const { chain, key } = readObject(certificate.certificate, "certificate.certificate");
	checkPair(chain, key, "certificate.certificate", "chain");
	if (whole.deviceAuthority !== undefined) checkAuthority(whole.deviceAuthority, "deviceAuthority");
	const products = readArray(whole.products, "products");
	const ids = products.map((product, index) => checkProduct(product, `products[${index}]`, platforms));
	refuseTwice(ids, (index) => `products[${index}].id`);
}

function checkProduct(value: unknown, place: string, platforms: readonly Platform[]): string {
	const product = readObject(value, place);
	const platform = platforms.find(({ name }) => name === product.platform);
	if (!platform)
		throw mistake(`${place}.platform`, `is invalid. Expected ${orList(platforms.map(({ name }) => name))}.`);
	const { rules, auths, registration } = platform;
	const id = readRule(product.id, `${place}.id`, rules.productId);
	readRule(product.secret, `${place}.secret`, rules.productSecret);
	readChoice(product.auth, `${place}.auth`, auths);
	if (product.auth === "private-ca") readCertificate(product.authority, `${place}.authority`);
	readChoice(product.registration, `${place}.registration`, registration.modes);
	if (!Number.isSafeInteger(product.limit) || Number(product.limit) < 0)
		throw mistake(`${place}.limit`, "is invalid. Expected a whole number of at least 0.");
	if (product.instanceId !== undefined) readString(product.instanceId, `${place}.instanceId`);
	if (product.thingPrefix !== undefined) readString(product.thingPrefix, `${place}.thingPrefix`);
	if (platform.claims?.isKey(String(product.secret)) === false)
		throw mistake(`${place}.secret`, `is invalid. ${rules.productSecret.violation}`);
	checkStrings(product.revoked, `${place}.revoked`);
	const devices = readArray(product.devices, `${place}.devices`);
	const names = devices.map((device, index) => checkDevice(device, `${place}.devices[${index}]`, platform));
	refuseTwice(names, (index) => `${place}.devices[${index}].name`);
	return `${platform.name}/${id}`;
}

function checkDevice(value: unknown, place: string, { rules }: Platform): string {
	const device = readObject(value, place);
	const name = readRule(device.name, `${place}.name`, rules.deviceName);
	if (typeof device.automatic !== "boolean") throw mistake(`${place}.automatic`, "is invalid. Expected true or false.");
	readChoice(device.state, `${place}.state`, deviceStates);
	for (const key of ["secret", "nextSecret"] as const)
		if (device[key] !== undefined) readRule(device[key], `${place}.${key}`, rules.deviceSecret);
	if (device.certificate !== undefined) readPem(device.certificate, `${place}.certificate`);
	if (device.earlierCertificates !== undefined)
		for (const [index, pem] of readArray(device.earlierCertificates, `${place}.earlierCertificates`).entries())
			readPem(pem, `${place}.earlierCertificates[${index}]`);
	if (device.boards === undefined) return name;
	for (const [index, board] of readArray(device.boards, `${place}.boards`).entries()) {
		const { clientId, token } = readObject(board, `${place}.boards[${index}]`);
		readString(clientId, `${place}.boards[${index}].clientId`);
		readRule(token, `${place}.boards[${index}].token`, rules.deviceSecret);
	}
	return name;
}

function checkAuthority(value: unknown, place: string): void {
	const { certificate, key } = readObject(value, place);
	checkPair(certificate, key, place, "certificate");
}

/** A certificate and its private key, both in PEM. */
function checkPair(certificate: unknown, key: unknown, place: string, name: string): void {
	const read = readCertificate(certificate, `${place}.${name}`);
	const pem = readString(key, `${place}.key`);
	try {
		if (read.checkPrivateKey(createPrivateKey(pem))) return;
	} catch {
		throw mistake(`${place}.key`, "is invalid. Expected a private key in PEM.");
	}
	throw mistake(`${place}.key`, `is not the private key of ${place}.${name}.`);
}

function readCertificate(value: unknown, place: string): X509Certificate {
	const pem = readString(value, place);
	try {
		return new X509Certificate(pem);
	} catch {
		throw mistake(place, "is invalid. Expected a certificate in PEM.");
	}
}

/** Without reading the certificate: a product may have 200,000 of them. */
function readPem(value: unknown, place: string): void {
	const pem = readString(value, place);
	if (!/^\s*-----BEGIN CERTIFICATE-----[\s\w+/=]+-----END CERTIFICATE-----\s*$/.test(pem))
		throw mistake(place, "is invalid. Expected a certificate in PEM.");
}

function checkStrings(value: unknown, place: string): void {
	if (value === undefined) return;
	for (const [index, text] of readArray(value, place).entries()) readString(text, `${place}[${index}]`);
}

function readObject(value: unknown, place: string): Json {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
	throw mistake(place, value === undefined ? "is missing. Expected an object." : "is invalid. Expected an object.");
}

function readArray(value: unknown, place: string): readonly unknown[] {
	if (Array.isArray(value)) return value;
	throw mistake(place, value === undefined ? "is missing. Expected a list." : "is invalid. Expected a list.");
}

function readString(value: unknown, place: string): string {
	if (typeof value === "string") return value;
	throw mistake(place, value === undefined ? "is missing. Expected a string." : "is invalid. Expected a string.");
}

function readRule(value: unknown, place: string, rule: FormatRule): string {
	const text = readString(value, place);
	if (rule.pattern.test(text)) return text;
	throw mistake(place, `is invalid. ${rule.violation}`);
}

function readChoice(value: unknown, place: string, choices: readonly string[]): void {
	if (choices.includes(readString(value, place))) return;
	throw mistake(place, `is invalid. Expected ${orList(choices)}.`);
}

function refuseTwice(names: readonly string[], place: (index: number) => string): void {
	const seen = new Set<string>();
	for (const [index, name] of names.entries()) {
		if (seen.has(name)) throw mistake(place(index), "is there twice. Remove one of the entries.");
		seen.add(name);
	}
}

function mistake(place: string, what: string): InvalidState {
	return new InvalidState(`${place} ${what}`);
}
