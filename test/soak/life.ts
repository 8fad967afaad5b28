import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host } from "dynreg/contracts/host";
import { type Configuration, start } from "dynreg/start";

/**
 * A board that looks at its heap whenever it gets a message.
 *
 * @param look collects the garbage first
 */
export function live(host: Host, configuration: RawConfiguration, look: () => void): Promise<void> {
	return start(host, configuration as Configuration, async (session) => {
		for (let message = await session.receive(); message; message = await session.receive()) look();
	});
}
