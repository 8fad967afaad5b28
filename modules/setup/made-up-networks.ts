/** Networks that do not exist, for the simulator and for tests: what a scan finds, and how joining one ends. */

import type { FoundNetwork, Joiner, JoinOutcome, WifiNetwork } from "../contracts/setup.js";

export interface MadeUpNetwork {
	readonly name: string;
	/** Absent: an open network. */
	readonly password?: string;
	/** dBm. Default: -50. */
	readonly signal?: number;
	/** Default: 6. */
	readonly channel?: number;
	/** Can be joined, and is not found by a scan. */
	readonly hidden?: boolean;
	/** WPA2-Enterprise. */
	readonly enterprise?: boolean;
	/** What a station that knows the password gets. `vanishes`: it is found by the scan, and gone afterwards. Default: accepts. */
	readonly outcome?: "accepts" | "refuses" | "vanishes" | "no-address";
}

export const foundNetworks = (networks: readonly MadeUpNetwork[]): readonly FoundNetwork[] => {
	const found: FoundNetwork[] = [];
	for (let i = 0; i < networks.length; i++) {
		const { name, password, signal = -50, channel = 6, hidden, enterprise } = networks[i] as MadeUpNetwork;
		const security = enterprise ? "unsupported" : password === undefined ? "open" : "password";
		if (!hidden) found.push({ name, signal, channel, security });
	}
	return found;
};

export const joinOutcome = (
	networks: readonly MadeUpNetwork[],
	{ name, password }: Pick<WifiNetwork, "name" | "password">,
): JoinOutcome => {
	for (let i = 0; i < networks.length; i++) {
		const network = networks[i] as MadeUpNetwork;
		if (network.name === name && network.outcome !== "vanishes") return outcomeAt(network, password?.reveal());
	}
	return "not-found";
};

const outcomeAt = ({ password, enterprise, outcome }: MadeUpNetwork, entered: string | undefined): JoinOutcome => {
	if (enterprise || outcome === "refuses") return "refused";
	if (entered !== password) return "wrong-password";
	return outcome === "no-address" ? outcome : "joined";
};

/**
 * A station among these networks.
 *
 * @param scanning called when a scan begins; resolves when it is over
 * @param joining the same for an attempt to join
 */
export const madeUpJoiner = (
	networks: readonly MadeUpNetwork[],
	scanning: () => Promise<void>,
	joining: () => Promise<void>,
): Joiner => {
	let joined: string | undefined;
	return {
		async scan() {
			await scanning();
			return foundNetworks(networks);
		},
		async join(network) {
			if (joined === network.name) return "joined";
			joined = undefined;
			await joining();
			const outcome = joinOutcome(networks, network);
			if (outcome === "joined") joined = network.name;
			return outcome;
		},
		leave() {
			joined = undefined;
		},
	};
};
