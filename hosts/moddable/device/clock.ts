import { readConfiguration } from "dynreg/platform/configuration";
import { clockAtPowerUp, random } from "dynreg/platform/sources";
import { answer, isAnswer, noAnswer, query, type TimeServer, timeServers } from "dynreg/time/sntp";
import { Socket } from "socket";
import Time from "time";
import Timer from "timer";
import type { Clock, Milliseconds, Timers } from "../../../modules/contracts/host.js";
import { resolve } from "../net/endpoint.js";

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

/**
 * UTC in milliseconds since 1970, or undefined if the server does not tell it in time.
 *
 * Instead of the SDK's `sntp`, which knows port 123 only, and takes whatever comes for the answer.
 *
 * @param clock for its ticks
 */
async function ask(
	{ host, port }: TimeServer,
	deadline: Milliseconds,
	clock: Clock,
): Promise<Milliseconds | undefined> {
	const started = clock.ticks();
	const address = await resolve(host, deadline);
	if (address === undefined) return undefined;
	return new Promise((done) => {
		const socket = new Socket({ kind: "UDP" });
		let nonce = random(8);
		let sent = 0;
		const send = () => {
			nonce = random(8);
			sent = clock.ticks();
			try {
				socket.write(address ?? "", port, query(nonce).slice().buffer);
			} catch {
				// The network does not take it now; the next one, perhaps.
			}
		};

		const finish = (time?: Milliseconds) => {
			Timer.clear(timer);
			Timer.clear(again);
			socket.callback = () => {};
			// Not while it calls back: the simulator frees it at once, and goes on using it.
			Timer.set(() => {
				try {
					socket.close();
				} catch {
					// An empty datagram has ended it.
				}
			});
			done(time);
		};

		const left = deadline - (clock.ticks() - started);
		const timer = Timer.set(() => finish(), left > 0 ? left : 0);
		// By then a query is taken for lost.
		const again = Timer.repeat(send, 2000);
		socket.callback = (message) => {
			if (message < 0) finish();
			if (message !== 2) return;
			const bytes = new Uint8Array(socket.read(ArrayBuffer) ?? new ArrayBuffer(0));
			if (isAnswer(bytes, nonce)) finish(answer(bytes, nonce, clock.ticks() - sent));
		};
		send();
	});
}
