import test from "ava";
import { createHost } from "../../hosts/node/host.js";
import { cases } from "./contract.js";
import { type RunningServers, startServers } from "./servers.js";

let running: RunningServers;

test.before(async () => {
	running = await startServers();
});

test.after.always(() => running.close());

for (const { name, run } of cases)
	test.serial(`node: ${name}`, async (t) => {
		await t.notThrowsAsync(run(createHost({ sntp: running.servers.sntp, log: () => {} }), running.servers));
	});
