import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU time of a process group: Linux only, and to the nanosecond (`/proc/PID/task/TID/schedstat`).
 *
 * @param group the id of its first process
 * @returns milliseconds; undefined elsewhere
 */
export function cpuTime(group: number): number | undefined {
	let sum: number | undefined;
	for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
		try {
			// Behind the name, which may contain blanks: state, parent, group.
			const [, , found] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
			if (Number(found) !== group) continue;
			for (const thread of readdirSync(`/proc/${pid}/task`)) {
				const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
				sum = (sum ?? 0) + Number(ran) / 1e6;
			}
		} catch {
			// It has ended meanwhile.
		}
	}
	return sum;
}
