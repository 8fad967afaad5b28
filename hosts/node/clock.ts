import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { noAnswer, timeServers } from "dynreg/time/sntp";
import { realTime, type Time } from "./time.js";
import { ask } from "./time-server.js";

const day = 24 * 60 * 60 * 1000;
/** When this was compiled: no clock is right that reads less. A day before, for the clocks of build machines. */
const buildDate = statSync(fileURLToPath(import.meta.url)).mtimeMs - day;

export interface ClockOptions {
	/** What it reads at first instead of the computer's, as after a power-up without a real-time clock. */
	readonly start?: Milliseconds | undefined;
	/** Time servers; without any, the computer's own clock is what is asked. */
	readonly sntp?: string | readonly string[] | undefined;
	/** Aborted when the board loses its power. */
	readonly power: AbortSignal;
	/** What deadlines and `ticks` are measured in. Default: real time. */
	readonly time?: Time | undefined;
}

/** A clock that reads the computer's until it is set. */
export function createClock({ start, sntp, power, time = realTime }: ClockOptions): Clock {
	let offset = start === undefined ? 0 : start - Date.now();

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
		async sync(deadline, doubted) {
			if (!doubted && now() !== undefined) return;
			const servers = timeServers(sntp);
			const end = time.now() + deadline;
			for (const [index, server] of servers.entries()) {
				const told = await ask(server, (end - time.now()) / (servers.length - index), power, time);
				if (told === undefined || told < buildDate) continue;
				set(told);
				return;
			}
			if (servers.length === 0) offset = 0;
			if (now() !== undefined) return;
			if (servers.length > 0) throw noAnswer(servers);
			throw new Failure("clock", "clock-unknown", "retry", { reason: "computer" });
		},
		ticks: () => time.now(),
	};
}
