/** A fleet of real boards in one process: the firmware on Node against a local cloud, over TLS, on loopback. */

import { performance } from "node:perf_hooks";
import { type Entry, startCloud } from "@dynreg/cloud";
import { type Board, startBoard } from "@dynreg/node/internal/board";
import { colour } from "../terminal/colour.js";

const product = "FLEET00001";
const secret = "a-product-secret-for-fleets";
/** Milliseconds until all have to be online, for each of the two times. */
const patience = 240_000;
/** Milliseconds that the broker is gone for. */
const restart = 2000;

/** How the fleet came online, once. */
export interface Wave {
	/** Seconds until all were. */
	readonly seconds: number;
	/** Most sessions that were accepted within a second. */
	readonly peak: number;
}

export interface Real {
	readonly cold: Wave;
	readonly recovery: Wave;
	/** Registrations accepted, over all boards. */
	readonly registrations: number;
	/** Boards that registered more than once. */
	readonly twice: number;
	/** Bytes; cloud and boards together. */
	readonly memory: number;
}

/** @returns the exit code */
export async function runReal(boards: number, spread: number): Promise<number> {
	const real = await fleet(boards, spread, (line) => process.stdout.write(`${line}\n`));
	const { cold, recovery, registrations, twice, memory } = real;
	const well = registrations === boards && twice === 0;
	process.stdout.write(
		`\n${colour(process.stdout, well ? "green" : "red", well ? "Done:" : "Failed:")} ${boards} boards online after ${cold.seconds.toFixed(1)} s (at most ${cold.peak} a second), ` +
			`back ${recovery.seconds.toFixed(1)} s after the broker (at most ${recovery.peak} a second); ` +
			`${registrations} registrations, ${twice} boards registered twice; ${Math.round(memory / 1e6)} MB in all\n`,
	);
	return well ? 0 : 1;
}

/**
 * Switches the boards on, restarts the broker, and waits for all of them both times.
 *
 * @param spread seconds, the boards' option
 * @throws Error if some are not online in time
 */
export async function fleet(boards: number, spread: number, print: (line: string) => void): Promise<Real> {
	const registered = new Map<string, number>();
	const accepted: number[] = [];
	const cloud = await startCloud({
		onRequest({ operation, verdict, device = "" }: Entry) {
			if (verdict !== "accepted") return;
			if (operation.startsWith("register")) registered.set(device, (registered.get(device) ?? 0) + 1);
			if (operation === "connect") accepted.push(performance.now());
		},
	});
	cloud.administration.putProduct("tencent", product, { secret, limit: boards });
	const running: Board[] = [];
	const online = new Set<string>();
	try {
		const began = performance.now();
		for (let number = 1; number <= boards; number++) {
			const deviceName = `board-${number}`;
			running.push(
				startBoard({
					configuration: {
						productId: product,
						productSecret: secret,
						deviceName,
						endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
						ca: cloud.ca,
						spread,
					},
					onEvent({ event }) {
						if (event === "online") online.add(deviceName);
						if (event === "offline") online.delete(deviceName);
					},
				}),
			);
		}
		const cold = await everybody("cold start", began);
		await cloud.administration.stopBroker();
		await new Promise((resolve) => setTimeout(resolve, restart));
		await cloud.administration.startBroker();
		const recovery = await everybody("after the restart", performance.now());
		const counts = [...registered.values()];
		return {
			cold,
			recovery,
			registrations: counts.reduce((sum, count) => sum + count, 0),
			twice: counts.filter((count) => count > 1).length,
			memory: process.memoryUsage.rss(),
		};
	} finally {
		for (const board of running) board.kill();
		await cloud.close();
	}

	/** Waits until all boards are online. */
	async function everybody(when: string, began: number): Promise<Wave> {
		let told = 0;
		for (;;) {
			const seconds = (performance.now() - began) / 1000;
			if (online.size === boards) return { seconds, peak: mostWithinASecond(accepted.splice(0)) };
			if (seconds * 1000 > patience)
				throw new Error(
					`${when}: ${boards - online.size} of ${boards} boards were not online after ${seconds.toFixed(0)} s`,
				);
			if (seconds >= told) {
				print(`${when}: ${online.size} of ${boards} online after ${told} s`);
				told += 2;
			}
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

/** @param times milliseconds, in order */
function mostWithinASecond(times: readonly number[]): number {
	let first = 0;
	let most = 0;
	for (const [index, time] of times.entries()) {
		while ((times[first] ?? time) <= time - 1000) first++;
		most = Math.max(most, index - first + 1);
	}
	return most;
}
