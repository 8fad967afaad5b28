import type { Network } from "../../../../modules/contracts/host.js";

/** The computer's own network, which the SDK tells neither the state nor the MAC address of. */
const computers: Network = Object.freeze({
	async up() {},
	mac: () => undefined,
} satisfies Network);

export const network = (): Network => computers;
