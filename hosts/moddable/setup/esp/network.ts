import WiFi from "embedded:network/interface/wifi";
import { configurationError } from "dynreg/configuration/readers";
import Radio from "wifi";
import type { Network } from "../../../../modules/contracts/host.js";

/**
 * In the place of `dynreg/platform/network`: the MAC address only, since set-up mode's `Station` joins the network.
 *
 * First the SDK's older Wi-Fi module: on an ESP32 it creates the station's interface, which the newer one then finds; in the
 * other order both would create it.
 */
export const network = (): Network => {
	Radio.mode = 1;
	const wifi = new WiFi({ onChanged() {} });
	return {
		up: () => Promise.reject(configurationError("setup", "missing", "network")),
		mac: () => wifi.MAC?.toLowerCase(),
	};
};
