import { configurationError } from "dynreg/configuration/configuration";
import { preferences } from "dynreg/device/preferences";
import config from "mc/config";
import type { Storage } from "../../../../modules/contracts/host.js";

/**
 * The SDK's preferences.
 *
 * @throws Failure `bad-configuration` for `vault: "flash"`, which takes `manifest_flash_log.json` (docs/reliability.md)
 */
export const createStorage = (): Storage => {
	if (config.vault === "flash") throw configurationError("vault", "conflict");
	return preferences;
};
