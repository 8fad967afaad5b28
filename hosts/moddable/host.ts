/** The ports over the Moddable SDK: a board, or the simulator. */

import { network } from "dynreg/platform/network";
import { random } from "dynreg/platform/random";
import { createStorage } from "dynreg/platform/storage";
import type { Host } from "../../modules/contracts/host.js";
import { SystemClock } from "./device/clock.js";
import { crypto } from "./device/crypto.js";
import { log } from "./device/log.js";
import { timers } from "./device/timers.js";
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
