import { readConfiguration } from "dynreg/platform/configuration";
import { clockAtPowerUp } from "dynreg/platform/sources";
import { noAnswer, timeServers } from "dynreg/time/sntp";
import Time from "time";
import Timer from "timer";
import type { Clock, Milliseconds, Timers } from "../../../modules/contracts/host.js";
import { ask } from "../net/time-server.js";

/** The system's clock, which `Date` reads too, made right by SNTP. */
export class SystemClock implements Clock {
	private readonly earliest = buildDate();
	/** What `Date.now` lacks: fractions of a second on a board, everything in the simulator, whose clock cannot be set. */
	private offset: Milliseconds;
	private lastTicks = Time.ticks;
	private elapsed: Milliseconds = 0;

	constructor() {
		this.offset = (clockAtPowerUp() ?? Date.now()) - Date.now();
	}

	now(): Milliseconds | undefined {
		const time = Date.now() + this.offset;
		return time < this.earliest ? undefined : time;
	}

	set(now: Milliseconds): void {
		Time.set(Math.floor(now / 1000));
		this.offset = now - Date.now();
	}

	async sync(deadline: Milliseconds, doubted = false): Promise<void> {
		if (!doubted && this.now() !== undefined) return;
		// For boards in China and elsewhere; asked in this order.
		const publicServers = ["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"];
		const servers = [...timeServers(readConfiguration().sntp), ...timeServers(publicServers)];
		const end = this.ticks() + deadline;
		for (let i = 0; i < servers.length; i++) {
			const server = servers[i] as (typeof servers)[number];
			const time = await ask(server, (end - this.ticks()) / (servers.length - i), this);
			if (time === undefined || time < this.earliest) continue;
			this.set(time);
			return;
		}
		if (this.now() === undefined) throw noAnswer(servers);
	}

	/** `Time.ticks` counts in 32 bits on a board, so it is read as differences. */
	ticks(): Milliseconds {
		const ticks = Time.ticks;
		this.elapsed += Time.delta(this.lastTicks, ticks);
		this.lastTicks = ticks;
		return this.elapsed;
	}
}

export const timers: Timers = Object.freeze({
	sleep: (duration) =>
		new Promise((done) => {
			Timer.set(() => done(), duration);
		}),
} satisfies Timers);

/** No clock is right that reads less. UTC in milliseconds since 1970: a day before, wherever the image was built. */
const buildDate = (): Milliseconds => {
	const text = compiled();
	const month = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(text.slice(0, 3)) / 3;
	return Date.UTC(Number(text.slice(7)), month, Number(text.slice(4, 6)) - 1);
};

/** In build-date.c: "Mmm dd yyyy", the day with a space or two digits. This shape, and no other, is what xsc makes a call of C. */
function compiled(this: unknown): string {
	return native("xs_dynreg_build_date").call(this) as string;
}
