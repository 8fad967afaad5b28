/**
 * The host contract, what only the SDK has, and what it must not let through, on the Moddable SDK in the
 * simulator. The servers' ports come with the configuration, as `servers` (`test/host/servers.ts`)
 * and `attackers` (`test/host/attackers.ts`). Each case is a line of JSON in the trace:
 * `{"case":…}` with an `error` if it failed; `{"ended":…}` with their number comes last.
 * Without servers it is `{"clock":…}`, what the clock reads.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { attacks } from "dynreg-test/attacks";
import { cases, type Servers } from "dynreg-test/contract";
import { resources } from "dynreg-test/resources";
import type { Attackers } from "../host/cases/attackers.js";

async function run(servers: Servers, attackers: Attackers): Promise<void> {
	for (const { name, run } of [...cases, ...resources]) await judge(name, () => run(createHost(), servers));
	for (const { name, run } of attacks) await judge(name, () => run(createHost(), attackers));
	trace(`${JSON.stringify({ ended: cases.length + resources.length + attacks.length })}\n`);
}

async function judge(name: string, work: () => Promise<void>): Promise<void> {
	let result: object = { case: name };
	try {
		await work();
	} catch (error) {
		result = { case: name, error: String(error) };
	}
	trace(`${JSON.stringify(result)}\n`);
}

const { servers, attackers } = readConfiguration();
if (servers) run(servers as Servers, attackers as Attackers);
else trace(`${JSON.stringify({ clock: createHost().clock.now() ?? "unknown" })}\n`);
