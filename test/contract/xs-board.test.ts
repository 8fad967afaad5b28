import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Board } from "@dynreg/node/internal/board";
import { startBoard } from "@dynreg/xs/internal/board";
import { decode, encode } from "@dynreg/xs/internal/frame";
import { NetstringReader, netstring } from "@dynreg/xs/internal/netstring";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";

let folder: string;

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-xs-"));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Switches on a board with this program. */
async function program(name: string, source: string, onEvent: (event: BoardEvent) => void = () => {}) {
	const entry = join(folder, `${name}.js`);
	await writeFile(entry, source);
	return startBoard({ configuration: { deviceName: name }, entry, onEvent });
}

/** The program's log, in which each `message` carries a topic. */
function told(board: Promise<Board>, topics: string[], last: string): Promise<string[]> {
	return new Promise((resolve, reject) => {
		board.then(({ exited }) => exited.then(({ message }) => reject(new Error(message))), reject);
		const look = setInterval(() => {
			if (!topics.includes(last)) return;
			clearInterval(look);
			resolve(topics);
		}, 5);
	});
}

const hello = `
	import { createHost, readConfiguration } from "dynreg/host";
	const host = createHost();
	const say = (topic) => host.log({ event: "message", topic, payload: "" });
`;

test("a program reads its configuration, and jobs run side by side", async (t) => {
	const topics: string[] = [];
	const board = program(
		"jobs",
		`${hello}
		say(readConfiguration().deviceName);
		host.timers.sleep(60).then(() => say("late"));
		host.timers.sleep(10).then(() => say("early"));
		say("first");`,
		(event) => "topic" in event && topics.push(event.topic),
	);
	t.deepEqual(await told(board, topics, "late"), ["jobs", "first", "early", "late"]);
	(await board).kill();
	t.deepEqual(await (await board).exited, { killed: true, message: "" });
});

test("meters grow with the work that the engine does", async (t) => {
	const idle = await program("idle", hello);
	const busy = await program("busy", `${hello} let sum = 0; for (let i = 0; i < 100000; i++) sum += i;`);
	const [little, much] = await Promise.all([idle.meters(), busy.meters()]);
	t.true(little.compute > 0 && little.heapCount > 0 && little.allocated > 0);
	t.true(much.compute - little.compute > 100_000, `${little.compute} and ${much.compute} steps`);
	idle.kill();
	busy.kill();
});

test("a program that throws ends the board with its words", async (t) => {
	const board = await program("thrower", `throw new Error("out of order")`);
	t.deepEqual(await board.exited, { killed: false, message: "The firmware threw: Error: out of order" });
});

test("power off ends a program that never comes to rest", async (t) => {
	const board = await program("endless", "for (;;);");
	board.kill();
	t.true((await board.exited).killed);
	t.deepEqual(await board.meters(), { compute: 0, heapCount: 0, allocated: 0 });
});

test("a program with a missing part is not started", async (t) => {
	await t.throwsAsync(program("incomplete", `import { nothing } from "./empty.js"; nothing();`), {
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
