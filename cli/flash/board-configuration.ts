import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { isOfProductOrDevice, isSecret } from "../configuration/configuration-keys.js";
import { configuredDevice } from "../configuration/configured-device.js";
import { firmware } from "../state/folders.js";

/**
 * What goes into the image.
 *
 * @throws Failure when the application is dynreg's own and could do nothing with it
 */
export function configurationFor(file: string | undefined, factory: boolean, application: string): RawConfiguration {
	const given = file === undefined ? {} : readConfigurationFile(file);
	if (factory) return Object.fromEntries(Object.entries(given).filter(([key]) => !isOfProductOrDevice(key)));
	if (file === undefined && application !== firmware) return given;
	if (file === undefined)
		throw new UsageError(
			"--config is missing: it names the board's configuration (or --factory leaves it to the board)",
		);
	// The MAC address stands for the board's: it decides the name only.
	const { endpoints } = configuredDevice(given, "00:00:5e:00:53:01");
	for (const { host } of [endpoints.register, endpoints.mqtt])
		if (host === "localhost" || host.startsWith("127."))
			throw new UsageError(
				`${file} has an endpoint at ${host}, which for a board is the board itself: give this computer's address in its network, and start the cloud with dynreg cloud --host ADDRESS`,
			);
	return given;
}

export function secretsIn(configuration: RawConfiguration): readonly string[] {
	return Object.entries(configuration).flatMap(([key, value]) =>
		isSecret(key) && typeof value === "string" ? [value] : [],
	);
}
