import { networkInterfaces } from "node:os";
import type { Network } from "dynreg/contracts/host";

/** The computer's own network, which is up or is nobody's business here. */
export const network: Network = {
	async up() {},
	mac() {
		// A tunnel has an address of zeros.
		for (const addresses of Object.values(networkInterfaces()))
			for (const { internal, mac } of addresses ?? []) if (!internal && mac !== "00:00:00:00:00:00") return mac;
		return undefined;
	},
};
