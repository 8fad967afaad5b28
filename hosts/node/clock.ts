import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { noResponse, timeServers } from "dynreg/time/sntp";
import { queryTimeServer } from "./time-server.js";
import { realTime, type TimeSource } from "./time-source.js";

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

	return {
		now,
		set,
		async sync(deadline, force) {
			if (!force && now() !== undefined) return;
			const servers = timeServers(sntp);
			const times: (Milliseconds | undefined)[] = [];
			const silent = new Set<number>();
			const end = time.now() + deadline;
			const count = servers.length;
			for (let i = 0; i < 2 * count; i++) {
				const index = (first + i) % count;
				// At first a short turn for each, so that one that is gone delays the others little; then the rest for the silent ones.
				const isFirst = i < count;
				if (!isFirst && !silent.has(index)) continue;
				const asked = time.now();
				const share = (end - asked) / ((isFirst ? count : 2 * count) - i);
				const turn = isFirst ? Math.min(share, 5000) : share;
				const serverTime = await queryTimeServer(servers[index] as (typeof servers)[number], turn, power, time);
				if (time.now() - asked >= turn) silent.add(index);
				times[index] = serverTime;
				if (serverTime === undefined || serverTime < buildDate) continue;
				first = index + 1;
				set(serverTime);
				return;
			}
			if (servers.length > 0) throw noResponse(servers, times);
			offset = 0;
			if (now() !== undefined) return;
			throw new Failure("clock", "clock-unknown", "retry", { reason: "computer" });
		},
		ticks: () => time.now(),
	};
}
