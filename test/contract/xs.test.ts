import { fileURLToPath } from "node:url";
import { contractCases } from "@dynreg/conformance/internal/contract/contract";
import { type RunningServers, startServers } from "@dynreg/conformance/internal/peers/servers";
import { startBoard, type XsBoard } from "@dynreg/xs/internal/board";
import test from "ava";

const verdicts = new Map<string, (verdict: string) => void>();
const results = new Map(
	contractCases.map(({ name }) => [name, new Promise<string>((resolve) => verdicts.set(name, resolve))] as const),
);
let running: RunningServers;
let board: XsBoard;

test.before(async () => {
	running = await startServers();
	board = await startBoard({
		configuration: { ...running.servers },
		entry: fileURLToPath(new URL("./firmware.js", import.meta.url)),
		onEvent(event) {
			if (event.event === "message") verdicts.get(event.topic)?.(event.payload);
		},
	});
	board.exited.then(({ message }) => {
		for (const resolve of verdicts.values()) resolve(message);
	});
});

test.after.always(async () => {
	board.kill();
	await running.close();
});

for (const [name, result] of results)
	test.serial(`xs: ${name}`, async (t) => {
		t.is(await result, "ok");
	});
