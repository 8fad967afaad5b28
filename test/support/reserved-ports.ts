import { randomInt } from "node:crypto";

/**
 * Ports for a cloud whose servers are stopped and started again: below those that systems hand out (from 32768 on
 * Linux, 49152 elsewhere), so that nobody else is given them meanwhile.
 */
export function reservedPorts() {
	const first = 10_000 + 5 * randomInt(4_400);
	return { mqtt: first, mqtts: first + 1, mtls: first + 2, http: first + 3, https: first + 4 };
}
