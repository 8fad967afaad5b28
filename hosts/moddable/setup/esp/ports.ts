import { configurationError } from "dynreg/configuration/readers";
import { datagrams } from "dynreg/setup/datagrams";
import { Station } from "dynreg/setup/station";
import { tcpServer } from "dynreg/setup/tcp-server";
import Radio from "wifi";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { AccessPoint, SetupHost } from "../../../../modules/contracts/setup.js";

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
	guests() {
		return guests();
	},
} satisfies AccessPoint);

const restartBoard = () => new Promise<void>(restart);

/** The ports of set-up mode on a chip. No board has run them. */
export const createSetupPorts = (_configuration: RawConfiguration): SetupHost => ({
	accessPoint,
	joiner: new Station(),
	server: tcpServer,
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
