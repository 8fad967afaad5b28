/** Likely causes of a mistake in a configuration, and what to do. Desktop only: no image links this. */

import { cloudProfiles } from "../clouds/profiles.js";
import {
	type CloudName,
	cloudNamed,
	cloudNames,
	defaultCloud,
	everyKey,
	formerNames,
	keysOf,
} from "../clouds/schemas.js";
import { type Key, type Rule, type Schema, satisfies } from "../configuration/schema.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import { closest, letters } from "./closest.js";

/**
 * "productKey is a key for Alibaba Cloud: set cloud to aliyun."
 *
 * @param name of a key that is missing
 */
export function missingHint(name: string, configuration: RawConfiguration): string | undefined {
	const [other, clouds] = (everyKey[name]?.required && keyOfOtherClouds(configuration)) || [];
	if (other !== undefined && clouds !== undefined) {
		const titles = clouds.map((cloud) => cloudProfiles[cloud].title);
		return `${other} is a key for ${titles.join(" and ")}: set cloud to ${clouds.join(" or ")}.`;
	}
	const unknown = Object.keys(configuration).filter(
		(key) => !Object.hasOwn(everyKey, key) && !Object.hasOwn(formerNames, key),
	);
	const meant = closest(name, unknown);
	return meant === undefined ? undefined : `Rename ${meant} to ${name}.`;
}

/** A key that others than the configured cloud require, and which. */
function keyOfOtherClouds(configuration: RawConfiguration): readonly [key: string, clouds: CloudName[]] | undefined {
	const configured: Schema = keysOf(cloudNamed(configuration.cloud) ?? defaultCloud);
	const isRequired = (cloud: CloudName, key: string) => (cloudProfiles[cloud].keys as Schema)[key]?.required;
	for (const key of Object.keys(configuration)) {
		const clouds = cloudNames.filter((cloud) => configuration[key] != null && isRequired(cloud, key));
		if (clouds.length > 0 && !Object.hasOwn(configured, key)) return [key, clouds];
	}
	return undefined;
}

/** The value of a key as the configuration has it; undefined if it is not known. */
export function actualValue(name: string, shown: string | undefined, configuration?: RawConfiguration): unknown {
	if (configuration === undefined) return shown?.startsWith('"') ? JSON.parse(shown) : Number(shown ?? Number.NaN);
	const [, purpose] = name.split("endpoints.");
	return configuration[name] ?? (purpose && (configuration.endpoints as RawConfiguration | undefined)?.[purpose]);
}

/**
 * "Put the value between quotes."
 *
 * @param value which breaks the key's rule
 */
export function invalidHint({ rule }: Key, value: unknown): string | undefined {
	const isBare = (typeof value === "number" && !Number.isNaN(value)) || typeof value === "boolean";
	if (isBare && rule.kind !== "number" && rule.kind !== "switch" && rule.kind !== "endpoints")
		return "Put the value between quotes.";
	if (rule.kind === "servers") return serversHint(value);
	if (rule.kind === "endpoints") return endpointsHint(value);
	if (typeof value !== "string") return undefined;
	if (value !== value.trim() && satisfies(rule, value.trim())) return "Remove the blanks around the value.";
	switch (rule.kind) {
		case "choice":
			return choiceHint(rule, value);
		case "endpoint":
			return addressHint(value, [rule.scheme, ...(rule.or === undefined ? [] : [rule.or.scheme])]);
		case "web-server":
			return addressHint(value, ["http"]);
		case "number":
			return /^-?\d+\s*[a-z]+$/i.test(value) ? "Leave out the unit." : undefined;
		default:
			return undefined;
	}
}

function choiceHint({ of, aliases = {} }: Extract<Rule, { kind: "choice" }>, value: string): string | undefined {
	const [, alias] = Object.entries(aliases).find(([name]) => letters(name) === letters(value)) ?? [];
	const meant = alias ?? closest(value, of);
	return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function endpointsHint(value: unknown): string | undefined {
	const purposes = ["register", "mqtt"];
	for (const name of Object.keys(Object(value))) {
		const meant = purposes.includes(name) ? undefined : closest(name, purposes);
		if (meant !== undefined) return `Did you mean ${meant}?`;
	}
	return undefined;
}

/** @param schemes that the key allows */
function addressHint(value: string, schemes: readonly string[]): string | undefined {
	const begin = `Begin with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}.`;
	const [, scheme = "", rest = ""] = /^([a-z0-9+.-]*):\/\/(.*)$/is.exec(value) ?? [];
	if (value.includes("@")) return "Leave out user name and password.";
	if (/\s/.test(value)) return "Remove the blanks.";
	// Without TLS is another mistake.
	if (!schemes.some((each) => each === scheme || each.slice(0, -1) === scheme))
		return schemes.includes(scheme.toLowerCase()) ? `${begin} Use small letters.` : begin;
	return serverHint(rest.replace(/\/$/, ""));
}

function serversHint(value: unknown): string | undefined {
	const servers: readonly unknown[] = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
	for (const server of servers) {
		if (satisfies({ kind: "servers" }, [server])) continue;
		const text = typeof server === "string" ? server.trim() : undefined;
		if (text === undefined) return "Put each server between quotes.";
		if (text === "") return "Remove the comma too many.";
		if (/\s/.test(text)) return "Separate servers with commas.";
		if (text.includes("://")) return "Leave out the scheme.";
		return serverHint(text);
	}
	return undefined;
}

/** @param text what should be host and port */
function serverHint(text: string): string | undefined {
	if (/^\[|:.*:/.test(text)) return "IPv6 addresses are not supported: use a host name or an IPv4 address.";
	if (/[/?#]/.test(text)) return "Leave out the path: only host and port are used.";
	const [host = "", port] = text.split(":");
	if (host === "") return "Name the host.";
	if (/[^\x20-\x7e]/.test(host)) return "Write the host name in its ASCII form, which begins with xn--.";
	return port === undefined ? undefined : "Expected a port from 1 to 65535.";
}
