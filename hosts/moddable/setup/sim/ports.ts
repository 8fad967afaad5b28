import UDP from "embedded:io/socket/udp";
import { Listener, Socket } from "dynreg/platform/socket";
import { type MadeUpNetwork, madeUpJoiner } from "dynreg/setup/made-up-networks";
import { connect } from "dynreg/setup/tcp-server";
import Timer from "timer";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Milliseconds } from "../../../../modules/contracts/host.js";
import type { Datagrams, Server, SetupHost } from "../../../../modules/contracts/setup.js";

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

/**
 * The ports of set-up mode in the simulator: the page on a high port of the computer, made-up networks, no access point.
 *
 * @param configuration `setupPort`, default 8880; `setupDnsPort`, default 8853; `setupNetworks`, a list of made-up networks.
 *   A network in `ssid` that is none of these can be joined
 */
export const createSetupPorts = (configuration: RawConfiguration): SetupHost => {
	const { setupPort = 8880, setupDnsPort = 8853, setupNetworks = defaultNetworks, ssid, password } = configuration;
	const networks = (setupNetworks as readonly MadeUpNetwork[]).slice();
	if (ssid && !networks.some(({ name }) => name === ssid))
		networks.push({ name: String(ssid), ...(password ? { password: String(password) } : {}) });
	return {
		urlHost: `localhost:${setupPort}`,
		httpPort: Number(setupPort),
		dnsPort: Number(setupDnsPort),
		accessPoint: { async open() {}, close() {}, guests: () => 0 },
		joiner: madeUpJoiner(
			networks,
			() => after(scanMs),
			() => after(joinMs),
		),
		server,
		datagrams,
		async restart() {},
	};
};

const server: Server = Object.freeze({
	async listen(port, accept) {
		const listener = new Listener({ port });
		listener.callback = () => connect(new Socket({ listener }), accept);
		return { close: () => listener.close() };
	},
} satisfies Server);

/**
 * Datagrams in the simulator, over the SDK's ECMA-419 socket: the classic one of modules/network/socket/lin does not use its
 * port.
 */
const datagrams: Datagrams = Object.freeze({
	async listen(port, respond) {
		const socket = new UDP({
			port,
			onReadable(count) {
				while (count-- > 0) {
					const bytes = socket.read();
					const response = bytes && respond(new Uint8Array(bytes));
					if (response) socket.write(response, bytes.address, bytes.port);
				}
			},
		});
		return { close: () => socket.close() };
	},
} satisfies Datagrams);

const after = (duration: Milliseconds) => new Promise<void>((resolve) => Timer.set(() => resolve(), duration));
