import { configurationError } from "dynreg/configuration/readers";
import { Station } from "dynreg/setup/station";
import { connect } from "dynreg/setup/tcp-server";
import { Listener, Socket } from "socket";
import Radio from "wifi";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { AccessPoint, Datagrams, Server, SetupHost } from "../../../../modules/contracts/setup.js";

/** Preloaded, so that it stays in flash. */
const accessPoint: AccessPoint = Object.freeze({
	async open({ name, password, channel, address }) {
		// What a chip gives its access point; the SDK cannot change it.
		if (address !== "192.168.4.1") throw configurationError("setupAddress", "conflict", "network");
		Radio.accessPoint({
			ssid: name,
			...(password && { password: password.reveal() }),
			channel,
			max: 2,
			station: true,
		});
	},
	close() {
		Radio.mode = 1;
	},
	guests,
} satisfies AccessPoint);

/** Datagrams over a chip's socket. */
const datagrams: Datagrams = Object.freeze({
	async listen(port, respond) {
		const socket = new Socket({ kind: "UDP", port });
		socket.callback = (message, count, address, from) => {
			if (message !== 2 || address === undefined || from === undefined) return;
			const bytes = socket.read(ArrayBuffer, count);
			const response = bytes && respond(new Uint8Array(bytes));
			if (response) socket.write(address, from, response);
		};
		return { close: () => socket.close() };
	},
} satisfies Datagrams);

const server: Server = Object.freeze({
	async listen(port, accept) {
		const listener = new Listener({ port });
		listener.callback = () => connect(new Socket({ listener }), accept);
		return { close: () => listener.close() };
	},
} satisfies Server);

const restartBoard = () => new Promise<void>(restart);

/** The ports of set-up mode on a chip. No board has run them. */
export const createSetupPorts = (_configuration: RawConfiguration): SetupHost => ({
	accessPoint,
	joiner: new Station(),
	server,
	datagrams,
	restart: restartBoard,
});

/** In chip.c. xsc compiles exactly these forms to calls of C. */
function restart(this: unknown): void {
	native("xs_dynreg_setup_restart").call(this);
}

function guests(this: unknown): number {
	return native("xs_dynreg_setup_guests").call(this) as number;
}
