import { crypto } from "@dynreg/node/internal/crypto";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { accessPassword } from "dynreg/setup/access-password";
import { accessPointConfiguration } from "dynreg/setup/setup-options";
import { UsageError } from "../command-line/usage-error.js";
import { fits, type LabelText } from "./labels.js";
import type { OwnValue } from "./partition.js";

/** A board's access point in set-up mode. */
export interface SetupAccess {
	readonly name: string;
	readonly password: Secret;
	readonly address: string;
}

/**
 * The access point of a board, by its device name.
 *
 * @param hasAddresses device names are MAC addresses, from which the board derives name and password itself; otherwise both
 *   are in its partition
 * @throws UsageError without a password; Failure `bad-configuration`
 */
export function setupAccess(configuration: RawConfiguration, hasAddresses: boolean, deviceName: string): SetupAccess {
	const { setupName, setupPassword, setupSecret } = configuration;
	if (!setupPassword && !setupSecret)
		throw new UsageError(
			"--setup-labels is invalid without a password. Set setupPassword in the configuration, or setupSecret for another password on each board.",
		);
	const mac = hasAddresses ? (deviceName.toLowerCase().match(/../g) ?? []).join(":") : undefined;
	const own = hasAddresses
		? {}
		: {
				setupName: setupName ?? deviceName.slice(0, 32),
				setupPassword: setupPassword || accessPassword(crypto, new Secret(String(setupSecret)), deviceName).reveal(),
			};
	const { name, password, address } = accessPointConfiguration(crypto, { ...configuration, ...own }, mac);
	return { name, password: password as Secret, address };
}

/** What of it each board's partition holds. */
export function setupValues(access: (deviceName: string) => SetupAccess): OwnValue[] {
	return [
		{ name: "setupName", of: (deviceName) => access(deviceName).name },
		{ name: "setupPassword", of: (deviceName) => access(deviceName).password },
	];
}

/** The label for the customer, unlike the other one with a secret. A phone's camera joins the network of the code. */
export function setupLabel({ name, password, address }: SetupAccess): LabelText {
	const texts = [name, password.reveal(), address];
	if (!texts.every((text) => /^[\x20-\x7e]+$/.test(text)) || !fits(texts))
		throw new UsageError(
			"setupName or setupPassword does not fit on a label. Use printable ASCII characters, at most 60 in both together.",
		);
	return { code: `WIFI:S:${escaped(name)};T:WPA;P:${escaped(password.reveal())};;`, texts };
}

function escaped(text: string): string {
	return text.replace(/[\\;,":]/g, "\\$&");
}
