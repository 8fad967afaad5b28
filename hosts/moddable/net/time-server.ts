import { random } from "dynreg/platform/sources";
import { answer, isAnswer, query, type TimeServer } from "dynreg/time/sntp";
import { Socket } from "socket";
import Timer from "timer";
import type { Clock, Milliseconds } from "../../../modules/contracts/host.js";
import { resolve } from "./endpoint.js";

/**
 * UTC in milliseconds since 1970, or undefined if the server does not tell it in time.
 *
 * Instead of the SDK's `sntp`, which knows port 123 only, and takes whatever comes for the answer.
 *
 * @param clock for its ticks
 */
export async function ask(
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
