import type { Network } from "../../../../modules/contracts/host.js";

/** The computer's network. The SDK provides neither its state nor its MAC address. */
const computers: Network = Object.freeze({
	async up() {},
	mac: () => undefined,
} satisfies Network);

export const network = (): Network => computers;
