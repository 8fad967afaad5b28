/** The firmware: the host that this image is built for, its configuration, somebody at the board, and off it goes. */

import { Orders } from "dynreg/command-queue";
import { hello } from "dynreg/hello";
import { createHost, readConfiguration } from "dynreg/host";
import { attended } from "dynreg/local-control";
import { start } from "dynreg/start";

/** Not the module's own variables: those would stay in memory. */
const main = (): Promise<void> => {
	const configuration = readConfiguration();
	const orders = new Orders();
	return start(attended(createHost(), configuration, orders), configuration, hello, orders);
};

// A configuration that cannot be read has been logged by then, and there is nothing left to try.
main().catch(() => {});
