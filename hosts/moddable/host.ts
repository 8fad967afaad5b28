/** The ports over the Moddable SDK: a board, or the simulator. */

import { Failure } from "dynreg/core/errors";
import { createMqtt } from "dynreg/platform/mqtt";
import { network } from "dynreg/platform/network";
import { createStorage } from "dynreg/platform/storage";
import { random } from "dynreg/platform/system";
import type { BoardEvent } from "../../modules/contracts/event.js";
import type { Host } from "../../modules/contracts/host.js";
import { SystemClock, timers } from "./device/clock.js";
import { crypto } from "./device/crypto.js";
import { createHttp } from "./net/http.js";

export { readConfiguration } from "dynreg/platform/configuration";
export type { Host, Storage } from "../../modules/contracts/host.js";

export const createHost = (): Host => {
	(globalThis as Record<string, unknown>).abort = report;
	const clock = new SystemClock();
	return {
		crypto,
		random,
		http: createHttp(clock),
		mqtt: createMqtt(clock),
		storage: createStorage(),
		clock,
		timers,
		network: network(),
		log,
	};
};

/**
 * Where every exception of a callback, and every rejection, ends up that nothing has caught. XS calls a function of this
 * name before it aborts (SDK xs/platforms/esp/xsPlatform.c, `fxAbort`, compiled with the manifest's `abortHook`), which
 * restarts a chip.
 *
 * @param reason "unhandled exception", "unhandled rejection", "memory full" and others
 * @returns false to go on; the machine is in order then, which without memory it is not
 */
const report = (reason: string, error: unknown): boolean => {
	const goesOn = reason.indexOf("unhandled") === 0;
	if (goesOn) log({ event: "failed", ...Failure.from(error) });
	return !goesOn;
};

/** One line of JSON on the serial line, or in the debugger of a debug build. */
const log = (event: BoardEvent): void => {
	trace(`${JSON.stringify(event)}\n`);
};
