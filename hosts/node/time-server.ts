import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { performance } from "node:perf_hooks";
import type { Milliseconds } from "dynreg/contracts/host";
import { isResponse, query, readResponse, type TimeServer } from "dynreg/time/sntp";
import { realTime, type TimeSource } from "./time-source.js";

/** Milliseconds until a query is sent again; then twice as long, and so on. */
const firstRetry = 2000;

/**
 * Queries a time server.
 *
 * @param power aborted when the power is cut: nothing is sent, and the promise does not settle any more
 * @param time of the deadline; the round trip is measured in real time, as the server's
 * @param over aborted when the response is needed no more: the promise does not settle either
 * @returns UTC in milliseconds since 1970; undefined without a response in time
 */
export function queryTimeServer(
	{ host, port }: TimeServer,
	deadline: Milliseconds,
	power: AbortSignal,
	time: TimeSource = realTime,
	over?: AbortSignal,
): Promise<Milliseconds | undefined> {
	return new Promise((resolve) => {
		if (power.aborted || over?.aborted) return;
		const socket = createSocket("udp4");
		let random = randomBytes(8);
		let sent = 0;
		let cancelRetry = () => {};
		let wait = firstRetry;
		const cancel = time.after(deadline, finish);
		power.addEventListener("abort", stop);
		over?.addEventListener("abort", stop);

		// Connected, the socket reports a closed port and receives only this server's packets.
		socket.on("error", () => finish());
		socket.on("message", (bytes) => {
			if (isResponse(bytes, random)) finish(readResponse(bytes, random, performance.now() - sent));
		});
		socket.on("connect", () => {
			send();
		});
		socket.connect(port, host);

		function send(): void {
			random = randomBytes(8);
			sent = performance.now();
			cancelRetry = time.after(wait, send);
			wait *= 2;
			// Errors are socket errors, or no response.
			socket.send(query(random), () => {});
		}

		function finish(time?: Milliseconds): void {
			stop();
			resolve(time);
		}

		function stop(): void {
			cancel();
			cancelRetry();
			power.removeEventListener("abort", stop);
			over?.removeEventListener("abort", stop);
			socket.removeAllListeners().on("error", () => {});
			socket.close();
		}
	});
}
