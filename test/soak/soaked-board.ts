import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host } from "dynreg/contracts/host";
import { type Configuration, start } from "dynreg/start";
import { scaledHost } from "../support/scaled-host.js";

/** Real milliseconds. */
const longestSleep = 100;

/**
 * A board that looks at its heap whenever it gets a message. What a reconnection costs does not depend on how long it
 * was waited for: with `timeScale` in its configuration, its time is scaled, and no sleep is long.
 *
 * @param look collects the garbage first
 */
export function startSoakedBoard(host: Host, configuration: RawConfiguration, look: () => void): Promise<void> {
	const { timeScale } = configuration;
	const scaled = timeScale === undefined ? host : scaledHost(host, Number(timeScale), longestSleep);
	return start(scaled, configuration as Configuration, async (session) => {
		for (let message = await session.receive(); message; message = await session.receive()) look();
	});
}
