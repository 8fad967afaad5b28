/** The ports over the Moddable SDK: a board, or the simulator. */

import { network } from "dynreg/platform/network";
import { random } from "dynreg/platform/sources";
import { createStorage } from "dynreg/platform/storage";
import type { BoardEvent } from "../../modules/contracts/event.js";
import type { Host } from "../../modules/contracts/host.js";
import { SystemClock, timers } from "./device/clock.js";
import { crypto } from "./device/crypto.js";
import { httpOver } from "./net/http.js";
import { mqttOver } from "./net/mqtt.js";

export { readConfiguration } from "dynreg/platform/configuration";
export type { Host, Storage } from "../../modules/contracts/host.js";

export const createHost = (): Host => {
	const clock = new SystemClock();
	return {
		crypto,
		random,
		http: httpOver(clock),
		mqtt: mqttOver(clock),
		storage: createStorage(),
		clock,
		timers,
		network: network(),
		log,
	};
};

/** One line of JSON on the serial line, or in the debugger of a debug build. */
const log = (event: BoardEvent): void => {
	trace(`${JSON.stringify(event)}\n`);
};
