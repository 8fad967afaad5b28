import type { Host, Milliseconds } from "dynreg/contracts/host";

/** What is waited for on a real server takes as long as it takes: no deadline is shorter. */
const shortestDeadline: Milliseconds = 2000;

/**
 * The same host in a time that runs faster: sleeps and deadlines are shorter, and ticks count more. It runs with the
 * firmware, wherever that is; for boards on Node and XS alone there is `timeScale`. The wall clock stays as it is,
 * and so does the keep-alive: a server reads it in the CONNECT, and Alibaba's takes none below 30 s.
 *
 * @param scale how many seconds of board time pass in a real one
 * @param longestSleep in real milliseconds: the rest of a longer one is skipped, and ticks count it as slept
 */
export function scaledHost(host: Host, scale: number, longestSleep: Milliseconds = Infinity): Host {
	const { http, mqtt, clock, timers, network } = host;
	const real = (deadline: Milliseconds): Milliseconds =>
		Math.max(deadline / scale, Math.min(deadline, shortestDeadline));
	let skipped = 0;
	return {
		...host,
		http: { request: (request, deadline) => http.request(request, real(deadline)) },
		mqtt: {
			connect: (options, events, deadline) => mqtt.connect(options, events, real(deadline)),
			...(mqtt.open && { open: (endpoint, deadline) => mqtt.open?.(endpoint, real(deadline)) ?? (() => {}) }),
		},
		clock: {
			now: () => clock.now(),
			set: (now) => clock.set(now),
			sync: (deadline, force) => clock.sync(real(deadline), force),
			ticks: () => clock.ticks() * scale + skipped,
		},
		timers: {
			after(duration, action) {
				const waited = Math.min(duration / scale, longestSleep);
				return timers.after(waited, () => {
					skipped += duration - waited * scale;
					action();
				});
			},
		},
		network: { mac: () => network.mac(), up: (deadline) => network.up(real(deadline)) },
	};
}
