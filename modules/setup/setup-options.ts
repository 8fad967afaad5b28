/** The configuration of set-up mode. */

import { configurationError, invalidValue } from "../configuration/readers.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { Crypto } from "../contracts/host.js";
import { Secret } from "../core/secret.js";
import { accessPassword } from "./access-password.js";
import { enteredNetwork } from "./networks.js";

export interface AccessPointConfiguration {
	readonly name: string;
	/** Absent only with `dangerouslyOpenSetup`. */
	readonly password: Secret | undefined;
	readonly dangerouslyOpenSetup: boolean;
	/** IPv4. */
	readonly address: string;
}

/**
 * Reads `setupName`, `setupPassword` or `setupSecret`, `setupAddress` and `dangerouslyOpenSetup`.
 *
 * @param mac "a4:d1:8c:db:c0:20"; without one, a secret is of no use
 * @throws Failure `bad-configuration`
 */
export const accessPointConfiguration = (
	crypto: Crypto,
	configuration: RawConfiguration,
	mac: string | undefined,
): AccessPointConfiguration => {
	/** "192.168.4.1", without leading zeros. */
	const isAddress = (text: unknown): text is string => {
		if (typeof text !== "string") return false;
		const parts = text.split(".");
		for (let i = 0; i < parts.length; i++) {
			const value = Number(parts[i]);
			if (String(value) !== parts[i] || !(value >= 0 && value < 256) || value !== Math.floor(value)) return false;
		}
		return parts.length === 4;
	};

	const { setupName, setupPassword, setupSecret, setupAddress = "192.168.4.1" } = configuration;
	const name = setupName ?? (mac === undefined ? "dynreg" : `dynreg-${mac.split(":").join("").slice(-4)}`);
	if (typeof name !== "string" || typeof enteredNetwork(crypto, name, "") === "string")
		throw invalidValue("setupName", name);
	if (!isAddress(setupAddress)) throw invalidValue("setupAddress", setupAddress);
	// `mcconfig key=value` knows only text.
	const dangerouslyOpenSetup = `${configuration.dangerouslyOpenSetup}` === "true";
	let password: Secret | undefined;
	if (setupPassword) {
		const network = typeof setupPassword === "string" && enteredNetwork(crypto, "name", setupPassword);
		// Not the value: it is a secret.
		if (typeof network !== "object") throw configurationError("setupPassword", "invalid");
		password = network.password;
	}
	if (!password && setupSecret && mac !== undefined) {
		if (typeof setupSecret !== "string") throw configurationError("setupSecret", "invalid");
		password = accessPassword(crypto, new Secret(setupSecret), mac);
	}
	if (!password && !dangerouslyOpenSetup) throw configurationError("setupPassword", "missing", "network");
	return { name, password, dangerouslyOpenSetup, address: setupAddress };
};
