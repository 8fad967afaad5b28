/** Set-up mode for an application: a board without a network asks a person for it. */

import { Failure } from "dynreg/core/errors";
import { runSetup } from "dynreg/setup";
import { openNetworkStore } from "dynreg/setup/network-record";
import { createSetupPorts } from "dynreg/setup/ports";
import { accessPointConfiguration } from "dynreg/setup/setup-options";
import type { RawConfiguration } from "../../../modules/contracts/cloud.js";
import type { Host } from "../../../modules/contracts/host.js";

/**
 * Resolves when the board has a network: at once, if one is configured or stored, or after set-up mode.
 *
 * @throws Failure `bad-configuration`, `storage-too-small`, `storage-failed`, already logged; there is no retry
 * @example
 * await ensureNetwork(host, readConfiguration());
 * new Device({ host });
 */
export const ensureNetwork = async (host: Host, configuration: RawConfiguration): Promise<void> => {
	try {
		if (configuration.ssid || openNetworkStore(host.storage, host.crypto).load()) return;
		const options = accessPointConfiguration(host.crypto, configuration, host.network.mac());
		await runSetup({ ...options, ...createSetupPorts(configuration), host });
	} catch (error) {
		host.log({ event: "failed", ...Failure.from(error) });
		throw error;
	}
};
