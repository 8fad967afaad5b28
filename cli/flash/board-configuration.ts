import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { isOfProductOrDevice, isSecret } from "../configuration/configuration-keys.js";
import { checkedDevice, checkKeys } from "../configuration/configured-device.js";
import { firmwareFolder } from "../state/folders.js";

/**
 * The configuration in the image.
 *
 * @throws Failure when the application is dynreg's own and could do nothing with it
 */
export function imageConfiguration(file: string | undefined, factory: boolean, application: string): RawConfiguration {
	const given = file === undefined ? {} : readConfigurationFile(file);
	if (factory) {
		checkKeys(given);
		return Object.fromEntries(Object.entries(given).filter(([key]) => !isOfProductOrDevice(key)));
	}
	if (file === undefined && application !== firmwareFolder) return given;
	if (file === undefined)
		throw new UsageError(
			"--config is missing. Expected the file of the board's configuration, or --factory for boards with a factory partition.",
		);
	// The MAC address stands for the board's: it decides the name only.
	const { endpoints } = checkedDevice(given, "00:00:5e:00:53:01");
	for (const { host } of [endpoints.register, ...(endpoints.mqtt ? [endpoints.mqtt] : [])])
		if (host === "localhost" || host.startsWith("127."))
			throw new UsageError(
				`${file} has an endpoint at ${host}, but on a board that is the board itself. Use this computer's address in its network, and start the cloud with dynreg cloud --host ADDRESS.`,
			);
	return given;
}

export function secretValues(configuration: RawConfiguration): readonly string[] {
	return Object.entries(configuration).flatMap(([key, value]) =>
		isSecret(key) && typeof value === "string" ? [value] : [],
	);
}
