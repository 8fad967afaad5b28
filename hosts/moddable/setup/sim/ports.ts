import { datagrams } from "dynreg/setup/datagrams";
import { foundNetworks, joinOutcome, type MadeUpNetwork } from "dynreg/setup/made-up-networks";
import { tcpServer } from "dynreg/setup/tcp-server";
import Timer from "timer";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Milliseconds } from "../../../../modules/contracts/host.js";
import type { Joiner, SetupPorts } from "../../../../modules/contracts/setup.js";

/** One of each kind. */
const defaultNetworks: readonly MadeUpNetwork[] = Object.freeze([
	{ name: "Made-up home", password: "made-up-password", signal: -45 },
	{ name: "Made-up café", signal: -55 },
	{ name: "Made-up full", password: "made-up-password", signal: -65, outcome: "refuses" },
	{ name: "Made-up gone", password: "made-up-password", signal: -70, outcome: "vanishes" },
	{ name: "Made-up silent", password: "made-up-password", signal: -75, outcome: "no-address" },
	{ name: "Made-up hidden", password: "made-up-password", hidden: true },
] satisfies readonly MadeUpNetwork[]);

/** Milliseconds that a made-up scan and a made-up association take. */
const scanMs = 500;
const joinMs = 2000;

export interface SimulatedSetup {
	readonly ports: SetupPorts;
	readonly urlHost: string;
	readonly httpPort: number;
	readonly dnsPort: number;
}

/**
 * The ports of set-up mode in the simulator: the page on a high port of the computer, made-up networks, no access point.
 *
 * @param configuration `setupPort`, default 8880; `setupDnsPort`, default 8853; `setupNetworks`, a list of made-up networks
 */
export const createSetupPorts = (configuration: RawConfiguration): SimulatedSetup => {
	const { setupPort = 8880, setupDnsPort = 8853, setupNetworks = defaultNetworks } = configuration;
	return {
		urlHost: `localhost:${setupPort}`,
		httpPort: Number(setupPort),
		dnsPort: Number(setupDnsPort),
		ports: {
			accessPoint: { async open() {}, close() {}, guests: () => 0 },
			joiner: madeUpJoiner(setupNetworks as readonly MadeUpNetwork[]),
			server: tcpServer,
			datagrams,
			// The board goes on with its normal life; only a chip has memory to win back.
			restart() {},
		},
	};
};

const madeUpJoiner = (networks: readonly MadeUpNetwork[]): Joiner => ({
	async scan() {
		await after(scanMs);
		return foundNetworks(networks);
	},
	async join(network) {
		await after(joinMs);
		return joinOutcome(networks, network);
	},
	leave() {},
});

const after = (duration: Milliseconds) => new Promise<void>((resolve) => Timer.set(() => resolve(), duration));
