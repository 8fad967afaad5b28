import type { Board, Exit } from "@dynreg/node/internal/board";
import { EventLog, WaitError } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import test from "ava";

const boot = { event: "boot", device: "d" } as const;
const online = { event: "online", device: "d" } as const;

test("an event that has come already is found, and one that comes later is waited for", async (t) => {
	const log = new EventLog(() => 7);
	log.append(boot);
	t.deepEqual(await log.waitFor("boot"), { index: 0, event: boot, at: 7 });
	const later = log.waitFor("online", { timeout: 10_000 });
	log.append(online);
	t.is((await later).index, 1);
});

test("after so many events, the same event counts again", async (t) => {
	const log = new EventLog();
	log.append(online);
	const { index } = await log.waitFor("online");
	const again = log.waitFor("online", { after: index + 1 });
	log.append(boot);
	log.append(online);
	t.is((await again).index, 2);
});

test("a predicate sees each event once, at once, and the first that fits is the one", async (t) => {
	const log = new EventLog();
	const seen: string[] = [];
	const found = log.waitFor(({ event }) => {
		seen.push(event);
		return event === "online";
	});
	for (const event of [boot, online, boot]) log.append(event);
	t.deepEqual(seen, ["boot", "online"]);
	t.is((await found).index, 1);
});

test("a timeout names the event, the time and what came instead", async (t) => {
	const log = new EventLog(() => 1500);
	log.append(boot);
	const error = await t.throwsAsync(log.waitFor("online", { timeout: 20 }), { instanceOf: WaitError });
	t.is(error.reason, "timeout");
	t.is(error.message, 'no "online" within 0.02 s; the board reported:\n1.5 {"event":"boot","device":"d"}');
});

test("the end of a log rejects all waits, and entries stay searchable", async (t) => {
	const log = new EventLog();
	const before = t.throwsAsync(log.waitFor("online"), { message: /before the end \(out of power\)/ });
	log.append(boot);
	log.end("out of power");
	log.end("another reason");
	await before;
	t.is((await t.throwsAsync(log.waitFor("clock"), { instanceOf: WaitError })).reason, "ended");
	t.is((await log.waitFor("boot")).index, 0);
});

/** A board that ends by itself when this is called, and otherwise when it is switched off. */
function fakeBoard(): { readonly board: Board; readonly ended: () => boolean; fail(message: string): void } {
	let end: (exit: Exit) => void = () => {};
	let isOff = false;
	const exited = new Promise<Exit>((resolve) => {
		end = resolve;
	});
	const kill = () => {
		isOff = true;
		end({ killed: true, message: "" });
	};
	return { board: { exited, kill }, ended: () => isOff, fail: (message) => end({ killed: false, message }) };
}

test("a board is on while the work lasts, and off afterwards, also when the work fails", async (t) => {
	for (const fails of [false, true]) {
		const { board, ended } = fakeBoard();
		const work = withBoard(
			new EventLog(),
			() => board,
			(given) => {
				t.is(given, board);
				t.false(ended());
				if (fails) throw new Error("the work");
				return 3;
			},
		);
		if (fails) await t.throwsAsync(work, { message: "the work" });
		else t.is(await work, 3);
		t.true(ended());
	}
});

test("a wait ends when the board has ended by itself", async (t) => {
	const log = new EventLog();
	const { board, fail } = fakeBoard();
	const work = withBoard(
		log,
		async () => board,
		() => {
			fail("it crashed");
			return log.waitFor("online");
		},
	);
	await t.throwsAsync(work, { message: /no "online" before the end \(it crashed\)/ });
});
