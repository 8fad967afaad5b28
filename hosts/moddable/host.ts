/** The ports over the Moddable SDK: a board, or the simulator. */

import { network } from "dynreg/platform/network";
import { random } from "dynreg/platform/random";
import { createStorage } from "dynreg/platform/storage";
import type { Host } from "../../modules/contracts/host.js";
import { SystemClock } from "./ports/clock.js";
import { crypto } from "./ports/crypto.js";
import { SdkHttp } from "./ports/http.js";
import { log } from "./ports/log.js";
import { SdkMqtt } from "./ports/mqtt.js";
import { timers } from "./ports/timers.js";

export { readConfiguration } from "dynreg/platform/configuration";
export type { Host, Storage } from "../../modules/contracts/host.js";

export function createHost(): Host {
	const clock = new SystemClock();
	return {
		crypto,
		random,
		http: new SdkHttp(clock),
		mqtt: new SdkMqtt(clock),
		storage: createStorage(),
		clock,
		timers,
		network: network(),
		log,
	};
}
