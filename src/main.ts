/** The firmware application: the image's host and configuration, with button and console. */

import { CommandQueue } from "dynreg/command-queue";
import { hello } from "dynreg/hello";
import { createHost, readConfiguration } from "dynreg/host";
import { withLocalControl } from "dynreg/local-control";
import { start } from "dynreg/start";

/** A function, since module variables would stay in memory. */
const main = (): Promise<void> => {
	const configuration = readConfiguration();
	const commands = new CommandQueue();
	return start(withLocalControl(createHost(), configuration, commands), configuration, hello, commands);
};

// An invalid configuration has been logged.
main().catch(() => {});
