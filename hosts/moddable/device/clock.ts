import { readConfiguration } from "dynreg/platform/configuration";
import { clockAtPowerUp, random } from "dynreg/platform/system";
import { isResponse, noResponse, query, readResponse, type TimeServer, timeServers } from "dynreg/time/sntp";
import { Socket } from "socket";
import Time from "time";
import Timer from "timer";
import type { Clock, Milliseconds, Timers } from "../../../modules/contracts/host.js";
import { resolve } from "../net/endpoint.js";

/** The system clock, which `Date` reads too, set by SNTP. */
export class SystemClock implements Clock {
	private readonly earliest = buildDate();
	/** Added to `Date.now`: fractions of a second on a board; the whole difference in the simulator, whose clock cannot be set. */
	private offset: Milliseconds;
	private lastTicks = Time.ticks;
	private elapsed: Milliseconds = 0;
	/** The time server to begin with: after the last one that responded, whose time is suspect if it is needed again. */
	private first = 0;

	constructor() {
		this.offset = (clockAtPowerUp() ?? Date.now()) - Date.now();
		// During a session of months, nothing else may call it.
		Timer.repeat(() => this.ticks(), 86_400_000);
	}

	now(): Milliseconds | undefined {
		const time = Date.now() + this.offset;
		return time < this.earliest ? undefined : time;
	}

	set(now: Milliseconds): void {
		Time.set(Math.floor(now / 1000));
		this.offset = now - Date.now();
	}

	async sync(deadline: Milliseconds, force = false): Promise<void> {
		if (!force && this.now() !== undefined) return;
		// In China and elsewhere, in the order of queries.
		const publicServers = ["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"];
		const servers = [...timeServers(readConfiguration().sntp), ...timeServers(publicServers)];
		const times: (Milliseconds | undefined)[] = [];
		const queries: Queries = [];
		const end = this.ticks() + deadline;
		const count = servers.length;
		let left = count;
		let next = 0;
		let wake = () => {};
		for (let i = 0; left > 0 && !next; i++) {
			const index = (this.first + i) % count;
			const settle = (time?: Milliseconds) => {
				left--;
				times[index] = time;
				if ((time as number) >= this.earliest && !next) {
					next = index + 1;
					this.set(time as number);
				}
				wake();
			};
			if (i < count)
				queryTimeServer(servers[index] as TimeServer, end - this.ticks(), this, queries).then(settle, () => settle());
			await new Promise<void>((done) => {
				wake = done;
				// Then the next one is asked beside those that have not responded.
				if (i + 1 < count) Timer.set(() => done(), 500);
			});
		}
		queries.isOver = true;
		for (let i = 0; i < queries.length; i++) queries[i]?.();
		if (!next) throw noResponse(servers, times);
		this.first = next;
	}

	/**
	 * Sums differences, since `Time.ticks` wraps around after 2^32 ms (49.7 days) on a board. Up to 46.6 days may pass
	 * between two calls: a larger difference is a step back of the simulator's clock, the computer's. `Time.delta` is
	 * negative after 24.8 days.
	 */
	ticks(): Milliseconds {
		const ticks = Time.ticks;
		const passed = (ticks - this.lastTicks) >>> 0;
		if (passed < 0xf000_0000) this.elapsed += passed;
		this.lastTicks = ticks;
		return this.elapsed;
	}
}

export const timers: Timers = Object.freeze({
	// In steps of a day, since the SDK's timers have 32 bits: one of 24.9 days would fire at once.
	after: (duration, action) => {
		let timer: Timer;
		const wait = () => {
			const step = Math.min(duration, 86_400_000);
			duration -= step;
			timer = Timer.set(duration > 0 ? wait : () => action(), step);
		};
		wait();
		return () => Timer.clear(timer);
	},
} satisfies Timers);

/** The earliest valid time: a day before the build date, for any time zone. UTC in milliseconds since 1970. */
const buildDate = (): Milliseconds => {
	const text = compiled();
	const month = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(text.slice(0, 3)) / 3;
	return Date.UTC(Number(text.slice(7)), month, Number(text.slice(4, 6)) - 1);
};

/** In build-date.c: "Mmm dd yyyy", the day with a space or two digits. xsc compiles exactly this form to a call of C. */
function compiled(this: unknown): string {
	return native("xs_dynreg_build_date").call(this) as string;
}

/** Functions that end those under way. */
interface Queries extends Array<() => void> {
	isOver?: boolean;
}

/**
 * Queries a time server. Replaces the SDK's `sntp`, which supports port 123 only and accepts any datagram as the response.
 *
 * @returns UTC in milliseconds since 1970; undefined without a response in time
 *
 * @param clock for its ticks
 * @param queries gets a function that ends the query
 */
async function queryTimeServer(
	{ host, port }: TimeServer,
	deadline: Milliseconds,
	clock: Clock,
	queries: Queries,
): Promise<Milliseconds | undefined> {
	const started = clock.ticks();
	const address = await resolve(host, deadline);
	if (address === undefined || queries.isOver) return undefined;
	return new Promise((done) => {
		const socket = new Socket({ kind: "UDP" });
		let nonce = random(8);
		let sent = 0;
		// A query without a response after this time counts as lost.
		let wait = 2000;
		let retry: Timer;
		const send = () => {
			retry = Timer.set(send, wait);
			wait *= 2;
			nonce = random(8);
			sent = clock.ticks();
			try {
				socket.write(address ?? "", port, query(nonce).slice().buffer);
			} catch {
				// The network refuses it now; the next query may succeed.
			}
		};

		let isOver = false;
		const finish = (time?: Milliseconds) => {
			if (isOver) return;
			isOver = true;
			Timer.clear(timer);
			Timer.clear(retry);
			socket.callback = () => {};
			// Not before the simulator has delivered what it has seen: it would use the socket after freeing it.
			Timer.set(() => {
				try {
					socket.close();
				} catch {
					// An empty datagram has closed it.
				}
			}, 50);
			done(time);
		};

		const left = deadline - (clock.ticks() - started);
		const timer = Timer.set(() => finish(), left > 0 ? left : 0);
		queries.push(() => finish());
		socket.callback = (message, count) => {
			if (message < 0) finish();
			// Of an empty datagram there is nothing to read, and a chip's socket throws then.
			if (message !== 2 || !count) return;
			const bytes = new Uint8Array(socket.read(ArrayBuffer) ?? new ArrayBuffer(0));
			if (isResponse(bytes, nonce)) finish(readResponse(bytes, nonce, clock.ticks() - sent));
		};
		send();
	});
}
