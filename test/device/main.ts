/**
 * The host contract on the Moddable SDK: in the simulator, or on a board in the same
 * network as the servers. Their ports come with the configuration, as `servers`
 * (`test/host/servers.ts`). Each case is a line of JSON in the trace: `{"case":…}` with an
 * `error` if it failed; `{"ended":…}` with their number comes last.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { cases, type Servers } from "dynreg-test/contract";

async function run(servers: Servers): Promise<void> {
	for (const each of cases) {
		let result: object;
		try {
			await each.run(createHost(), servers);
			result = { case: each.name };
		} catch (error) {
			result = { case: each.name, error: String(error) };
		}
		trace(`${JSON.stringify(result)}\n`);
	}
	trace(`${JSON.stringify({ ended: cases.length })}\n`);
}

run(readConfiguration()["servers"] as Servers);
