import type { Network } from "../../../../modules/contracts/host.js";

/** The computer's own network, which the SDK tells neither the state nor the MAC address of. */
export const network = (): Network => {
	return {
		async up() {},
		mac: () => undefined,
	};
};
