import {
	choice,
	configurationError,
	configuredAddress,
	endpoint,
	invalidValue,
	isPrintable,
	number,
	text,
} from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Crypto, Endpoint } from "../../contracts/host.js";
import { Secret } from "../../core/secret.js";
import { derivedKey } from "./token.js";

/** A configured provisioning service and one device of it, validated by `readProduct`. */
export interface Product {
	readonly idScope: string;
	/** In small letters, since the service does not distinguish. */
	readonly registrationId: string;
	/** Absent in firmware for registered boards. */
	readonly deviceKey: Secret | undefined;
	/** The enrollment group's, for the log to redact. */
	readonly groupKey: Secret | undefined;
	readonly registrationTransport: "https" | "mqtt";
	readonly register: Endpoint;
	/** Where its host is the assigned hub's, unless `isFixed`. */
	readonly broker: Endpoint;
	readonly isFixed: boolean;
	/** Seconds, for each token. */
	readonly tokenLifetime: number;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/**
 * Limits: a registration id has up to 128 letters, digits and `- . _ :`, the last one a letter, a digit or a dash; a key has
 * 16 to 64 bytes (vendor documentation, "Symmetric key attestation" and "Terminology"). No limit is published for an id scope.
 */
export const readProduct = (configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Product => {
	const idScope = text(configuration, "idScope", 1, 32);
	const name = text(configuration, "deviceName", 1, 128, "-._:", mac?.split(":").join(""));
	if ("._:".includes(name[name.length - 1] as string)) throw invalidValue("deviceName", name);
	const registrationId = name.toLowerCase();
	// `via` is the former name.
	const transportKey = "registrationTransport" in configuration ? "registrationTransport" : "via";
	const registrationTransport = choice(configuration, transportKey, "https mqtt");
	const groupKey = symmetricKey(configuration, crypto, "productSecret");
	const { dangerouslyUseGroupKey: allowed } = configuration;
	const service = "global.azure-devices-provisioning.net";
	return {
		idScope,
		registrationId,
		deviceKey:
			symmetricKey(configuration, crypto, "deviceKey") ??
			(groupKey && (allowed === true || allowed === "true") ? derivedKey(crypto, groupKey, registrationId) : undefined),
		groupKey,
		registrationTransport,
		register: endpoint(
			configuration,
			"register",
			registrationTransport === "https" ? `https://${service}:443` : `mqtts://${service}:8883`,
		),
		broker: endpoint(configuration, "mqtt", "mqtts://azure-devices.net:8883"),
		isFixed: configuredAddress(configuration, "mqtt") != null,
		// Three quarters of it are a minute, the least for a session.
		tokenLifetime: number(configuration, "tokenLifetime", 80, 31_536_000, 3600),
		// The longest that a hub accepts is not established; this is believed to be its limit.
		keepAlive: number(configuration, "keepAlive", 30, 1177, 240),
	};
};

const symmetricKey = (configuration: RawConfiguration, crypto: Crypto, name: string): Secret | undefined => {
	const value = configuration[name] ?? "";
	if (value === "") return undefined;
	if (typeof value !== "string") throw configurationError(name, "invalid");
	let bytes = 0;
	try {
		bytes = crypto.fromBase64(value).length;
	} catch {}
	if (bytes > 15 && bytes < 65 && isPrintable(value)) return new Secret(value);
	throw configurationError(name, "invalid", undefined, `#${value.length}`);
};
