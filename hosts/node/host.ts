import { setMaxListeners } from "node:events";
import type { Host, Milliseconds } from "dynreg/contracts/host";
import { createClock } from "./clock.js";
import { crypto, random } from "./crypto.js";
import { createHttp } from "./http.js";
import { createMqtt } from "./mqtt.js";
import { network } from "./network.js";
import { createStorage } from "./storage.js";
import { boardTime, type TimeSource } from "./time-source.js";
import { createTimers } from "./timers.js";
import { TlsSessions } from "./tls-sessions.js";

export interface HostOptions {
	/** The file that simulates the board's flash. Default: in memory. */
	readonly store?: string | undefined;
	/** The board's time at power-up: UTC in milliseconds since 1970. Default: the computer's. */
	readonly now?: Milliseconds | undefined;
	/** Time servers instead of the computer's clock: `host` or `host:port`, several in a list or separated by commas. */
	readonly sntp?: string | readonly string[] | undefined;
	/**
	 * Folders searched in this order for `ca` names without path and extension (`.pem`, `.crt`, `.cer`, `.der`).
	 */
	readonly certs?: readonly string[] | undefined;
	/** Abort it to cut the power: connections are destroyed, timers stop, no promise settles any more. */
	readonly power?: AbortSignal;
	/**
	 * Seconds of board time in one real second, for tests: shortens deadlines, sleeps and keep-alive, and scales `ticks`. Or
	 * a shared time, for several boards and the local cloud. Default: 1.
	 */
	readonly timeScale?: number | TimeSource | undefined;
	readonly log: Host["log"];
}

/**
 * The ports over Node.
 *
 * @throws Failure `storage-failed` if `store` cannot be read
 */
export function createHost(options: HostOptions): Host {
	const { store, now, sntp, certs, power = new AbortController().signal, timeScale, log } = options;
	const time = boardTime(timeScale);
	// Each open connection and each timer adds a listener.
	setMaxListeners(0, power);
	const clock = createClock({ start: now, sntp, power, time });
	const sessions = new TlsSessions(clock);
	return {
		crypto,
		random,
		http: createHttp(power, certs, clock, time, sessions),
		mqtt: createMqtt(power, certs, clock, time, sessions),
		storage: createStorage(store),
		clock,
		timers: createTimers(power, time),
		network,
		log,
	};
}
