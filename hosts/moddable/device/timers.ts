import Timer from "timer";
import type { Timers } from "../../../modules/contracts/host.js";

export const timers: Timers = Object.freeze({
	sleep: (duration) =>
		new Promise((done) => {
			Timer.set(() => done(), duration);
		}),
} satisfies Timers);
