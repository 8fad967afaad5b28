import { randomInt } from "node:crypto";

/**
 * Ports for a cloud whose broker is stopped and started again: below those that systems hand out (from 32768 on Linux,
 * 49152 elsewhere), so that nobody else is given them meanwhile.
 */
export function keptPorts() {
	const mqtt = 10_000 + 3 * randomInt(7_000);
	return { mqtt, mqtts: mqtt + 1, mutual: mqtt + 2 };
}
