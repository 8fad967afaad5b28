import { Device } from "dynreg/boot";
import { hello } from "dynreg/hello";
import { createHost, readConfiguration } from "dynreg/host";
import { withLocalControl } from "dynreg/local-control";
import { withSetup } from "dynreg/setup";
import type { CommandSink } from "../../../modules/contracts/event.js";

const main = (): void => {
	const configuration = readConfiguration();
	const commands: CommandSink = { post: (command) => device.post(command) };
	const host = withLocalControl(withSetup(createHost(), configuration), configuration, commands);
	const device = new Device({ host, onOnline: hello });
};

main();
