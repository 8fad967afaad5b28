import { Device } from "dynreg/boot";
import { hello } from "dynreg/hello";
import { createHost, readConfiguration } from "dynreg/host";
import { ensureNetwork } from "dynreg/setup-mode";

const main = async (): Promise<void> => {
	const host = createHost();
	await ensureNetwork(host, readConfiguration());
	new Device({ host, onOnline: hello });
};

main();
