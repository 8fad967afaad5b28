import { crypto } from "@dynreg/node/internal/crypto";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { cloudNamed, defaultCloud } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { CloudProfile, DerivedKey } from "dynreg/contracts/cloud-profile";
import { Secret } from "dynreg/core/secret";

/** How this cloud's devices get their keys, if those are derived from the product's secret. */
export function derivedKeyOf({ cloud }: RawConfiguration): DerivedKey | undefined {
	const { derivedKey }: CloudProfile = cloudProfiles[cloudNamed(cloud) ?? defaultCloud];
	return derivedKey;
}

/** Whether the product's secret is to go onto the device all the same. */
export function usesProductSecret({ dangerousSwitch }: DerivedKey, configuration: RawConfiguration): boolean {
	return String(configuration[dangerousSwitch]) === "true";
}

/**
 * What one device gets of a configuration: its own key, derived here, in place of the product's secret. Without a device name
 * it gets neither, since the key depends on the name.
 *
 * @returns the same where devices have the product's secret, or where that is invalid
 */
export function withOwnKey(configuration: RawConfiguration): RawConfiguration {
	const derivedKey = derivedKeyOf(configuration);
	if (derivedKey === undefined || usesProductSecret(derivedKey, configuration)) return configuration;
	const { productSecret, ...others } = configuration;
	const { [derivedKey.key]: own, deviceName } = others;
	if (typeof productSecret !== "string" || productSecret === "") return configuration;
	if (typeof deviceName !== "string" || deviceName === "" || (own ?? "") !== "") return others;
	try {
		const key = derivedKey.derive(crypto, new Secret(productSecret), deviceName);
		return { ...others, [derivedKey.key]: key.reveal() };
	} catch {
		// The firmware's reader explains it.
		return configuration;
	}
}
