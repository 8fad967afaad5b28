import { setMaxListeners } from "node:events";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { noResponse, type TimeServer, timeServers } from "dynreg/time/sntp";
import { queryTimeServer } from "./time-server.js";
import { realTime, type TimeSource } from "./time-source.js";

/** Milliseconds after which the next time server is asked beside the ones before. */
const stagger = 500;
const day = 24 * 60 * 60 * 1000;
/** The earliest valid time: a day before this was compiled, for the clocks of build machines. */
const buildDate = statSync(fileURLToPath(import.meta.url)).mtimeMs - day;

export interface ClockOptions {
	/** The time at power-up, instead of the computer's, as on a board without a real-time clock. */
	readonly start?: Milliseconds | undefined;
	/** Time servers. Default: the computer's clock. */
	readonly sntp?: string | readonly string[] | undefined;
	/** Aborted when the power is cut. */
	readonly power: AbortSignal;
	/** The time of deadlines and `ticks`. Default: real time. */
	readonly time?: TimeSource | undefined;
}

/** A clock with the computer's time until it is set. */
export function createClock({ start, sntp, power, time = realTime }: ClockOptions): Clock {
	let offset = start === undefined ? 0 : start - Date.now();
	/** The time server to begin with: after the last one that responded, whose time is suspect if it is needed again. */
	let first = 0;

	function now(): Milliseconds | undefined {
		const now = Date.now() + offset;
		return now < buildDate ? undefined : now;
	}

	function set(now: Milliseconds): void {
		offset = now - Date.now();
	}

	/**
	 * Asks the first server, and another one beside it each time that none has responded for a while, or that one has failed.
	 *
	 * @throws Failure `clock-unknown` if none responds with a valid time
	 */
	function ask(
		servers: readonly TimeServer[],
		deadline: Milliseconds,
	): Promise<{ readonly index: number; readonly time: Milliseconds }> {
		const times: (Milliseconds | undefined)[] = [];
		const end = time.now() + deadline;
		const found = new AbortController();
		const count = servers.length;
		// Each query under way has a listener.
		setMaxListeners(0, found.signal);
		let asked = 0;
		let failed = 0;
		let cancel = () => {};
		return new Promise((resolve, reject) => {
			const askNext = (): void => {
				cancel();
				if (asked === count) return;
				const index = (first + asked++) % count;
				cancel = time.after(stagger, askNext);
				const server = servers[index] as TimeServer;
				queryTimeServer(server, end - time.now(), power, time, found.signal).then((response) => {
					times[index] = response;
					if (response !== undefined && response >= buildDate) {
						cancel();
						found.abort();
						resolve({ index, time: response });
					} else if (++failed === count) reject(noResponse(servers, times));
					else askNext();
				});
			};
			askNext();
		});
	}

	return {
		now,
		set,
		async sync(deadline, force) {
			if (!force && now() !== undefined) return;
			const servers = timeServers(sntp);
			if (servers.length > 0) {
				const { index, time: serverTime } = await ask(servers, deadline);
				first = index + 1;
				set(serverTime);
				return;
			}
			offset = 0;
			if (now() !== undefined) return;
			throw new Failure("clock", "clock-unknown", "retry", { reason: "computer" });
		},
		ticks: () => time.now(),
	};
}
