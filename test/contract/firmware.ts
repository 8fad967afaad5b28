/**
 * The contract as a firmware: runs every case on the host it is bundled with, and
 * reports each as a `message` event: its name, and "ok" or what went wrong.
 * The configuration is the servers.
 */

import { contractCases, type Servers } from "@dynreg/conformance/internal/contract/contract";
import { createHost, readConfiguration } from "dynreg/host";

async function main(): Promise<void> {
	const host = createHost();
	const servers = readConfiguration() as unknown as Servers;
	for (const { name, run } of contractCases) {
		let verdict = "ok";
		try {
			await run(host, servers);
		} catch (error) {
			verdict = String(error);
		}
		host.log({ event: "message", topic: name, payload: verdict });
	}
}

main();
