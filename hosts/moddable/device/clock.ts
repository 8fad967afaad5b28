import { readConfiguration } from "dynreg/platform/configuration";
import { clockAtPowerUp } from "dynreg/platform/power-up";
import { noAnswer, timeServers } from "dynreg/time/sntp";
import Time from "time";
import type { Clock, Milliseconds } from "../../../modules/contracts/host.js";
import { ask } from "../net/time-server.js";
import { buildDate } from "./build-date.js";

/** Asked in this order after the configuration's `sntp`; for boards in China and elsewhere. */
const publicServers = Object.freeze(["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"]);

/** The system's clock, which `Date` reads too, made right by SNTP. */
export class SystemClock implements Clock {
	readonly #earliest = buildDate();
	/** What `Date.now` lacks: fractions of a second on a board, everything in the simulator, whose clock cannot be set. */
	#offset: Milliseconds;
	#lastTicks = Time.ticks;
	#elapsed: Milliseconds = 0;

	constructor() {
		this.#offset = (clockAtPowerUp() ?? Date.now()) - Date.now();
	}

	now(): Milliseconds | undefined {
		const time = Date.now() + this.#offset;
		return time < this.#earliest ? undefined : time;
	}

	set(now: Milliseconds): void {
		Time.set(Math.floor(now / 1000));
		this.#offset = now - Date.now();
	}

	async sync(deadline: Milliseconds, doubted = false): Promise<void> {
		if (!doubted && this.now() !== undefined) return;
		const servers = [...timeServers(readConfiguration().sntp), ...timeServers(publicServers)];
		const end = this.ticks() + deadline;
		for (const [index, server] of servers.entries()) {
			const time = await ask(server, (end - this.ticks()) / (servers.length - index), this);
			if (time === undefined || time < this.#earliest) continue;
			this.set(time);
			return;
		}
		if (this.now() === undefined) throw noAnswer(servers);
	}

	/** `Time.ticks` counts in 32 bits on a board, so it is read as differences. */
	ticks(): Milliseconds {
		const ticks = Time.ticks;
		this.#elapsed += Time.delta(this.#lastTicks, ticks);
		this.#lastTicks = ticks;
		return this.#elapsed;
	}
}
