import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { performance } from "node:perf_hooks";
import type { Milliseconds } from "dynreg/contracts/host";
import { answer, isAnswer, query, type TimeServer } from "dynreg/time/sntp";
import { realTime, type Time } from "./time.js";

/** Milliseconds until a query is taken for lost, and sent again. */
const patience = 2000;

/**
 * UTC in milliseconds since 1970, or undefined if the server does not tell it in time.
 *
 * @param power aborted when the board loses its power: nothing is sent and nothing settles any more
 * @param time what the deadline is measured in; how long the answer takes is measured in real time, as the server's is
 */
export function ask(
	{ host, port }: TimeServer,
	deadline: Milliseconds,
	power: AbortSignal,
	time: Time = realTime,
): Promise<Milliseconds | undefined> {
	return new Promise((resolve) => {
		if (power.aborted) return;
		const socket = createSocket("udp4");
		let random = randomBytes(8);
		let sent = 0;
		let cancelAgain = () => {};
		const cancel = time.after(deadline, finish);
		power.addEventListener("abort", stop);

		// Connected, it hears of a port where nobody listens, and of nobody else's packets.
		socket.on("error", () => finish());
		socket.on("message", (bytes) => {
			if (isAnswer(bytes, random)) finish(answer(bytes, random, performance.now() - sent));
		});
		socket.on("connect", () => {
			send();
		});
		socket.connect(port, host);

		function send(): void {
			random = randomBytes(8);
			sent = performance.now();
			cancelAgain = time.after(patience, send);
			// What goes wrong is told as an error of the socket, or is silence.
			socket.send(query(random), () => {});
		}

		function finish(time?: Milliseconds): void {
			stop();
			resolve(time);
		}

		function stop(): void {
			cancel();
			cancelAgain();
			power.removeEventListener("abort", stop);
			socket.removeAllListeners().on("error", () => {});
			socket.close();
		}
	});
}
