import { statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { noAnswer, timeServers } from "dynreg/time/sntp";
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
}

/** A clock that reads the computer's until it is set. */
export function createClock({ start, sntp, power }: ClockOptions): Clock {
	let offset = start === undefined ? 0 : start - Date.now();

	function now(): Milliseconds | undefined {
		const time = Date.now() + offset;
		return time < buildDate ? undefined : time;
	}

	function set(time: Milliseconds): void {
		offset = time - Date.now();
	}

	return {
		now,
		set,
		async sync(deadline, doubted) {
			if (!doubted && now() !== undefined) return;
			const servers = timeServers(sntp);
			const end = performance.now() + deadline;
			for (const [index, server] of servers.entries()) {
				const time = await ask(server, (end - performance.now()) / (servers.length - index), power);
				if (time === undefined || time < buildDate) continue;
				set(time);
				return;
			}
			if (servers.length === 0) offset = 0;
			if (now() !== undefined) return;
			if (servers.length > 0) throw noAnswer(servers);
			throw new Failure(
				"clock",
				"clock-unknown",
				"retry",
				"This computer's clock is years behind, so no certificate can be checked. Set its date.",
			);
		},
		ticks: () => performance.now(),
	};
}
