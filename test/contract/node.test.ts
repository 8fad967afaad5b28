import { contractCases } from "@dynreg/conformance/internal/contract/contract";
import { type RunningServers, startServers } from "@dynreg/conformance/internal/peers/servers";
import { createHost } from "@dynreg/node/internal/host";
import test from "ava";

let running: RunningServers;

test.before(async () => {
	running = await startServers();
});

test.after.always(() => running.close());

for (const { name, run } of contractCases)
	test.serial(`node: ${name}`, async (t) => {
		await t.notThrowsAsync(run(createHost({ sntp: running.servers.sntp, log: () => {} }), running.servers));
	});
