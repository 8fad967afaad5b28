import { choice, configurationError } from "dynreg/configuration/readers";
import { preferences } from "dynreg/device/preferences";
import config from "mc/config";
import type { Storage } from "../../../../modules/contracts/host.js";

/**
 * The SDK's preferences.
 *
 * @throws Failure `bad-configuration` for any value of `storage`: `flash-log` takes `manifest_flash_log.json` (docs/internals/reliability.md)
 */
export const createStorage = (): Storage => {
	// `vault: "flash"` is the former name.
	if (choice(config, "storage" in config ? "storage" : "vault", " flash-log flash"))
		throw configurationError("storage", "conflict");
	return preferences;
};
