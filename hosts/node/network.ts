import { networkInterfaces } from "node:os";
import type { Network } from "dynreg/contracts/host";

/** The computer's network, which is assumed to be up. */
export const network: Network = {
	async up() {},
	mac() {
		// Skip tunnels, whose MAC address is zero.
		for (const addresses of Object.values(networkInterfaces()))
			for (const { internal, mac } of addresses ?? []) if (!internal && mac !== "00:00:00:00:00:00") return mac;
		return undefined;
	},
};
