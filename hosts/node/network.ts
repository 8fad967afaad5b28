import { networkInterfaces } from "node:os";
import type { Network } from "../../modules/contracts/host.js";

/** The computer's own network, which is up or is nobody's business here. */
export const network: Network = {
	async up() {},
	mac() {
		for (const addresses of Object.values(networkInterfaces()))
			for (const { internal, mac } of addresses ?? []) if (!internal) return mac;
		return undefined;
	},
};
