/** The firmware application: the image's host and configuration, with button and console. */

import { Device } from "dynreg/boot";
import { hello } from "dynreg/hello";
import { createHost, readConfiguration } from "dynreg/host";
import { withLocalControl } from "dynreg/local-control";
import type { CommandSink } from "../modules/contracts/event.js";

/** A function, since module variables would stay in memory. */
const main = (): void => {
	const commands: CommandSink = { post: (command) => device.post(command) };
	const host = withLocalControl(createHost(), readConfiguration(), commands);
	const device = new Device({ host, onOnline: hello });
};

main();
