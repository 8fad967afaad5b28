import { Failure } from "dynreg/errors";
import config from "mc/config";
import SNTP from "sntp";
import Time from "time";
import Timer from "timer";
import type { Clock, Milliseconds } from "../../../modules/contracts/host.js";

/** No image is older than this, so no clock is right that reads less. */
const buildDate = Date.UTC(2026, 0, 1);

/** Asked in this order after the configuration's `sntp`; for boards in China and elsewhere. */
const publicServers = Object.freeze(["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"]);

/** The system's clock, which `Date` reads too, made right by SNTP. */
export class SystemClock implements Clock {
	/** What `Date.now` lacks: fractions of a second on a board, everything in the simulator, whose clock cannot be set. */
	#offset: Milliseconds = 0;
	#lastTicks = Time.ticks;
	#elapsed: Milliseconds = 0;

	now(): Milliseconds | undefined {
		const time = Date.now() + this.#offset;
		return time < buildDate ? undefined : time;
	}

	set(now: Milliseconds): void {
		Time.set(Math.floor(now / 1000));
		this.#offset = now - Date.now();
	}

	async sync(deadline: Milliseconds, doubted = false): Promise<void> {
		if (!doubted && this.now() !== undefined) return;
		const servers = [config.sntp, ...publicServers].filter((server) => typeof server === "string");
		for (const server of servers) {
			const time = await ask(server, deadline / servers.length);
			if (time === undefined) continue;
			this.set(time);
			if (this.now() !== undefined) return;
		}
		if (this.now() !== undefined) return;
		throw new Failure(
			"clock",
			"clock-unknown",
			"retry",
			`No time server answers (${servers.join(", ")}), and without the time no certificate can be checked. ` +
				"Check that this network lets UDP port 123 through, or name a time server of its own in sntp.",
		);
	}

	/** `Time.ticks` counts in 32 bits on a board, so it is read as differences. */
	ticks(): Milliseconds {
		const ticks = Time.ticks;
		this.#elapsed += Time.delta(this.#lastTicks, ticks);
		this.#lastTicks = ticks;
		return this.#elapsed;
	}
}

/** UTC in milliseconds since 1970, or undefined if the server does not answer in time. */
function ask(host: string, deadline: Milliseconds): Promise<Milliseconds | undefined> {
	return new Promise((done) => {
		const timer = Timer.set(() => {
			sntp.close();
			done(undefined);
		}, deadline);
		// With an answer or an error the SDK closes it itself; doing so twice throws where nobody catches.
		const sntp = new SNTP({ host }, (message, value) => {
			if (message !== SNTP.time && message !== SNTP.error) return;
			Timer.clear(timer);
			done(message === SNTP.time && value !== undefined ? value * 1000 : undefined);
		});
	});
}
