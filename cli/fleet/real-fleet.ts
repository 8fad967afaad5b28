/** A fleet of real boards in one process: the firmware on Node against a local cloud, over TLS, on loopback. */

import { performance } from "node:perf_hooks";
import { type JournalEntry, startCloud } from "@dynreg/cloud";
import { type Board, startBoard } from "@dynreg/node/internal/board";
import { colour } from "../terminal/colour.js";

const product = "FLEET00001";
const secret = "a-product-secret-for-fleets";
/** Milliseconds until all have to be online, for each of the two times. */
const timeout = 240_000;
/** Milliseconds that the broker is gone for. */
const brokerDowntime = 2000;

/** How the fleet came online, once. */
export interface OnlineWave {
	/** Seconds until all were. */
	readonly seconds: number;
	/** Most sessions that were accepted within a second. */
	readonly peak: number;
}

export interface RealFleetResult {
	readonly cold: OnlineWave;
	readonly recovery: OnlineWave;
	/** Registrations accepted, over all boards. */
	readonly registrations: number;
	/** Boards that registered more than once. */
	readonly registeredTwice: number;
	/** Bytes; cloud and boards together. */
	readonly memory: number;
}

/** @returns the exit code */
export async function runRealFleet(boards: number, startupJitter: number): Promise<number> {
	const real = await measureRealFleet(boards, startupJitter, (line) => process.stdout.write(`${line}\n`));
	const { cold, recovery, registrations, registeredTwice, memory } = real;
	const well = registrations === boards && registeredTwice === 0;
	process.stdout.write(
		`\n${colour(process.stdout, well ? "green" : "red", well ? "Done:" : "Failed:")} ${boards} boards online after ${cold.seconds.toFixed(1)} s (at most ${cold.peak} a second), ` +
			`back ${recovery.seconds.toFixed(1)} s after the broker (at most ${recovery.peak} a second); ` +
			`${registrations} registrations, ${registeredTwice} boards registered twice; ${Math.round(memory / 1e6)} MB in all\n`,
	);
	return well ? 0 : 1;
}

/**
 * Switches the boards on, restarts the broker, and waits for all of them both times.
 *
 * @param startupJitter seconds, the boards' option
 * @throws Error if some are not online in time
 */
export async function measureRealFleet(
	boards: number,
	startupJitter: number,
	print: (line: string) => void,
): Promise<RealFleetResult> {
	const registered = new Map<string, number>();
	const accepted: number[] = [];
	const cloud = await startCloud({
		onRequest({ operation, verdict, device = "" }: JournalEntry) {
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
						startupJitter,
					},
					onEvent({ event }) {
						if (event === "online") online.add(deviceName);
						if (event === "offline") online.delete(deviceName);
					},
				}),
			);
		}
		const cold = await waitForAll("cold start", began);
		await cloud.administration.stopBroker();
		await new Promise((resolve) => setTimeout(resolve, brokerDowntime));
		await cloud.administration.startBroker();
		const recovery = await waitForAll("after the restart", performance.now());
		const counts = [...registered.values()];
		return {
			cold,
			recovery,
			registrations: counts.reduce((sum, count) => sum + count, 0),
			registeredTwice: counts.filter((count) => count > 1).length,
			memory: process.memoryUsage.rss(),
		};
	} finally {
		for (const board of running) board.kill();
		await cloud.close();
	}

	/** Waits until all boards are online. */
	async function waitForAll(when: string, began: number): Promise<OnlineWave> {
		let nextReport = 0;
		for (;;) {
			const seconds = (performance.now() - began) / 1000;
			if (online.size === boards) return { seconds, peak: mostWithinASecond(accepted.splice(0)) };
			if (seconds * 1000 > timeout)
				throw new Error(
					`${when}: ${boards - online.size} of ${boards} boards are not online after ${seconds.toFixed(0)} s. This computer may be overloaded: run fewer boards.`,
				);
			if (seconds >= nextReport) {
				print(`${when}: ${online.size} of ${boards} online after ${nextReport} s`);
				nextReport += 2;
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
