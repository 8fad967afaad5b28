import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventLog } from "@dynreg/node";
import { startBoard } from "@dynreg/xs/internal/board";
import { decode, encode } from "@dynreg/xs/internal/frame";
import { NetstringReader, netstring } from "@dynreg/xs/internal/netstring";
import test, { type ExecutionContext } from "ava";

let folder: string;

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-xs-"));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Switches on a board with this program, until the end of the test. Its seconds are hundredths. */
async function program(t: ExecutionContext, name: string, source: string, log = new EventLog()) {
	const entry = join(folder, `${name}.js`);
	await writeFile(entry, source);
	const configuration = { deviceName: name };
	const board = await startBoard({ configuration, entry, timeScale: 100, onEvent: log.append });
	t.teardown(() => board.kill());
	board.exited.then(({ message }) => log.end(message));
	return board;
}

const hello = `
	import { createHost, readConfiguration } from "dynreg/host";
	const host = createHost();
	const say = (topic) => host.log({ event: "message", topic, payload: "" });
`;

test("a program reads its configuration, and jobs run side by side", async (t) => {
	const log = new EventLog();
	const board = await program(
		t,
		"jobs",
		`${hello}
		say(readConfiguration().deviceName);
		host.timers.after(200_000, () => say("late"));
		host.timers.after(1000, () => say("early"));
		say("first");`,
		log,
	);
	await log.waitFor((event) => "topic" in event && event.topic === "late");
	const topics = log.entries.map(({ event }) => "topic" in event && event.topic);
	t.deepEqual(topics, ["jobs", "first", "early", "late"]);
	board.kill();
	t.deepEqual(await board.exited, { killed: true, message: "" });
});

test("meters grow with the work that the engine does", async (t) => {
	const idle = await program(t, "idle", hello);
	const busy = await program(t, "busy", `${hello} let sum = 0; for (let i = 0; i < 100000; i++) sum += i;`);
	const [little, much] = await Promise.all([idle.meters(), busy.meters()]);
	t.true(little.compute > 0 && little.heapCount > 0 && little.allocated > 0);
	t.true(much.compute - little.compute > 100_000, `${little.compute} and ${much.compute} steps`);
	idle.kill();
	busy.kill();
});

test("a program that throws ends the board with its words", async (t) => {
	const board = await program(t, "thrower", `throw new Error("out of order")`);
	t.deepEqual(await board.exited, { killed: false, message: "The firmware threw an exception: Error: out of order" });
});

test("power off ends a program that never comes to rest", async (t) => {
	const board = await program(t, "endless", "for (;;);");
	board.kill();
	t.true((await board.exited).killed);
	t.deepEqual(await board.meters(), { compute: 0, heapCount: 0, allocated: 0 });
});

test("a program with a missing part is not started", async (t) => {
	await t.throwsAsync(program(t, "incomplete", `import { nothing } from "./empty.js"; nothing();`), {
		message: /empty\.js/,
	});
});

test("a frame carries values and bytes both ways", (t) => {
	const value = {
		text: "设备 \0",
		bytes: Uint8Array.of(1, 2),
		nested: [new Uint8Array(0), Uint8Array.of(3)],
		none: null,
	};
	t.deepEqual(decode(encode(value)), value);
	t.deepEqual(decode(encode({ value: undefined })), {});
});

test("netstrings are taken from a stream however it is cut", (t) => {
	const stream = Buffer.concat([
		netstring(Buffer.from("one")),
		netstring(),
		netstring(Buffer.from("3:,"), Buffer.from("4")),
	]);
	for (let size = 1; size <= stream.length; size++) {
		const reader = new NetstringReader();
		const found: string[] = [];
		for (let start = 0; start < stream.length; start += size)
			for (const body of reader.read(stream.subarray(start, start + size))) found.push(body.toString());
		t.deepEqual(found, ["one", "", "3:,4"]);
	}
	t.throws(() => [...new NetstringReader().read(Buffer.from("x:"))]);
});
