import { join } from "node:path";
import { startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import { startServers } from "@dynreg/conformance/internal/peers/servers";
import { withBoard } from "@dynreg/node";
import test from "ava";
import { TraceLog } from "../support/trace-log.js";
import { buildChipLike } from "./chip-image.js";
import { inSimulator } from "./in-simulator.js";

/** Those that a chip's socket, resolver and clock make a difference to. */
const chosen =
	/^sync: (a clock|an empty)|^http: (a response in single|a reply in single|an address|a chunked)|^https: a genuine|^mqtt: (messages that come|over TLS|300|the next message)|^hostile: |^attack: a key|^memory: |^online: tencent/;

const cases = groups()
	.flatMap((group) => group.cases)
	.filter(({ name }) => chosen.test(name));

if (findSdk() === undefined) {
	test.skip(`chip: skipped, ${missingSdkMessage}`, () => {});
} else {
	test.serial("chip: a selection of the cases on a socket, a resolver and a clock like a chip's", async (t) => {
		t.timeout(400_000);
		t.true(cases.length > 20);
		const image = await buildChipLike(conformanceApplication());
		await inSimulator(image, {}, async (attempt) => {
			for (const { name, outcome, reason } of (await attempt(cases, 60_000)).values())
				t.is(outcome, "passed", `${name}: ${reason}`);
		});
	});

	test.serial("chip: whatever a callback throws is reported, and the firmware goes on", async (t) => {
		t.timeout(400_000);
		const image = await buildChipLike(join(project, "test/chip/throwing"));
		const running = await startServers();
		const { http, mqtt, sntp } = running.servers;
		const log = new TraceLog();
		const configuration = { http, mqtt, time: String(sntp[0]).split(":")[1] ?? "" };
		const start = () => startBoard({ image, configuration, onEvent: log.event, onTrace: log.trace });
		try {
			await withBoard(log, start, () => log.waitForLine((line) => line === "still here"));
		} finally {
			await running.close();
		}
		const said = log.entries.flatMap(({ event }) => (event.event === "failed" ? [`${event.code}: ${event.said}`] : []));
		for (const where of [
			"a timer",
			"a timer of the host",
			"a repeated timer, round 1",
			"a repeated timer, round 2",
			"a lookup",
			"a TCP socket, message 1",
			"a TCP socket, message 2",
			"a TCP socket, message -1",
			"a UDP socket",
			"a promise job",
			"a rejection",
			"an MQTT message",
		])
			t.true(said.includes(`unexpected: Error: planted in ${where}`), `${where}: ${JSON.stringify(said)}`);
	});
}
