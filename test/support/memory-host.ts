import { createHash } from "node:crypto";
import type { Host } from "dynreg/contracts/host";
import { crypto } from "./node-crypto.js";
import { skippedSleeps, type VirtualTime, virtualClock } from "./virtual-time.js";

/** When boards in memory are switched on: UTC in milliseconds since 1970. */
export const startTime = Date.UTC(2026, 6, 1);

/**
 * A host all of whose ports are in memory: the real cryptography, a network that is up, a clock that is right, sleeps
 * that are skipped, and the same chance in each life.
 *
 * @param ports what the board has a storage and servers in, and what is to be otherwise
 */
export function inMemoryHost(time: VirtualTime, ports: Pick<Host, "storage" | "http" | "mqtt"> & Partial<Host>): Host {
	return {
		crypto,
		random: sameChance(),
		network: { async up() {}, mac: () => undefined },
		clock: virtualClock(time, startTime),
		timers: skippedSleeps(time),
		log() {},
		...ports,
	};
}

function sameChance(): Host["random"] {
	let count = 0;
	return (length) => {
		const digest = createHash("sha512").update(`${count++}`).digest();
		return new Uint8Array(digest.subarray(0, length));
	};
}
