import { setMaxListeners } from "node:events";
import type { Host, Milliseconds } from "dynreg/contracts/host";
import { createClock } from "./clock.js";
import { crypto, random } from "./crypto.js";
import { createHttp } from "./http.js";
import { createMqtt } from "./mqtt.js";
import { network } from "./network.js";
import { createStorage } from "./storage.js";
import { boardTime, type Time } from "./time.js";
import { createTimers } from "./timers.js";

export interface HostOptions {
	/** The file that is this board's flash; without it, flash is forgotten with the process. */
	readonly store?: string | undefined;
	/** What the board's clock reads at first, instead of the computer's: UTC in milliseconds since 1970. */
	readonly now?: Milliseconds | undefined;
	/** Time servers to ask instead of the computer's clock: `host` or `host:port`, several in a list or between commas. */
	readonly sntp?: string | readonly string[] | undefined;
	/**
	 * Folders of certificates for authorities that are named without a path and an ending (`.pem`, `.crt`, `.cer`, `.der`),
	 * in the order in which they are searched.
	 */
	readonly certs?: readonly string[] | undefined;
	/** Aborted, it takes the board's power away: connections are cut, timers stop, nothing settles any more. */
	readonly power?: AbortSignal;
	/**
	 * How many seconds of board time pass in one real second, for tests: shortens deadlines, sleeps and keep-alive, and
	 * `ticks` counts board time. Or board time itself, to be shared with other boards and the local cloud. Default: 1.
	 */
	readonly timeScale?: number | Time | undefined;
	readonly log: Host["log"];
}

/**
 * A board that is this Node process.
 *
 * @throws Failure `storage-failed` when the store cannot be read
 */
export function createHost(options: HostOptions): Host {
	const { store, now, sntp, certs, power = new AbortController().signal, timeScale, log } = options;
	const time = boardTime(timeScale);
	// Each open connection and each sleep listens.
	setMaxListeners(0, power);
	const clock = createClock({ start: now, sntp, power, time });
	return {
		crypto,
		random,
		http: createHttp(power, certs, clock, time),
		mqtt: createMqtt(power, certs, clock, time),
		storage: createStorage(store),
		clock,
		timers: createTimers(power, time),
		network,
		log,
	};
}
