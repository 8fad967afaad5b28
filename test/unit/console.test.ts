import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import { logged, read, report, type Status, unknown } from "dynreg/local-control/console";

const device = "tencent/PRODUCT001/board-1";
const endpoint = "cloud.test:443";
const failure = { phase: "connect", code: "connect-failed", action: "retry", message: "…" } as const;

/** What is known after these events, each a second after the one before. */
function after(...events: readonly BoardEvent[]): { readonly status: Status; readonly ticks: number } {
	const status = events.reduce((before, event, index) => logged(before, event, 1000 * (index + 1)), unknown);
	return { status, ticks: 1000 * events.length };
}
const reported = ({ status, ticks }: ReturnType<typeof after>, later = 0) => report(status, ticks + later, {});

test("what the board does is told from what it logs", (t) => {
	t.deepEqual(reported(after()), { doing: "starting", since: 0 });
	const boot = { event: "boot", device } as const;
	t.deepEqual(reported(after(boot), 2500), { device, doing: "starting", since: 2 });
	t.like(reported(after(boot, { event: "registering", device, endpoint })), { doing: "registering" });
	t.like(reported(after(boot, { event: "connecting", device, endpoint })), { doing: "connecting" });
	const online = after(boot, { event: "online", device });
	t.deepEqual(reported(online, 61_000), { device, doing: "online", since: 61 });
	t.deepEqual(report(online.status, online.ticks, { credential: "key", active: true }), {
		...{ device, doing: "online", since: 0 },
		...{ credential: "key", active: true },
	});
});

test("a board that waits says why, and how long", (t) => {
	const waiting = after({ event: "boot", device }, { event: "failed", ...failure, retryIn: 12.3 });
	t.deepEqual(reported(waiting, 4000), { device, doing: "waiting", since: 4, next: 9, trouble: "connect-failed" });
	t.like(reported(waiting, 20_000), { next: 0 });
	t.like(reported(after({ event: "offline", ...failure, retryIn: 5 })), { doing: "waiting", next: 5 });
	// The last trouble stands until it is overcome.
	const again = [
		{ event: "failed", ...failure, retryIn: 5 },
		{ event: "connecting", device, endpoint },
	] as const;
	t.deepEqual(reported(after(...again)), { doing: "connecting", since: 0, trouble: "connect-failed" });
	t.deepEqual(reported(after(...again, { event: "online", device })), { doing: "online", since: 0 });
});

test("what happens beside it changes nothing of what the board does", (t) => {
	const online = after({ event: "boot", device }, { event: "online", device });
	for (const event of [
		{ event: "failed", ...failure },
		{ event: "clock", now: 0 },
		{ event: "message", topic: "t", payload: "p" },
	] as const)
		t.is(logged(online.status, event, 9000), online.status);
	t.like(logged(online.status, { event: "ordered", order: "register" }, 9000), { doing: "waiting", began: 9000 });
});

test("a line is a command, however it is written", (t) => {
	const { status } = after({ event: "failed", ...failure, retryIn: 100 });
	t.deepEqual(read("state", status), { state: true });
	for (const order of ["now", "register", "erase"] as const) {
		t.is(read(order, status).order, order);
		t.is(read(` ${order.toUpperCase()}\r\n`, status).order, order);
		t.regex(read(order, status).say ?? "", /\.$/);
	}
	t.regex(read("erase", status).say ?? "", /platform may refuse/);
	t.regex(read("register", status).say ?? "", /kept until/);
});

test("what is no command is answered with those there are, and not repeated", (t) => {
	for (const line of ["", "help", "state now", "registered", "a-secret-by-mistake"]) {
		const { order, state, say } = read(line, unknown);
		t.is(order, undefined);
		t.is(state, undefined);
		t.is(say, "There are four commands: state, register, erase, now.");
	}
});

test("a board that is online has nothing to wait for", (t) => {
	const { status } = after({ event: "online", device });
	t.deepEqual(read("now", status), { say: "There is nothing to wait for: the board is online." });
	t.is(read("register", status).order, "register");
});
