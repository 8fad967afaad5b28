import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import { initialStatus, nextStatus, parseLine, type Status, stateReport } from "dynreg/local-control/console-state";

const device = "tencent/PRODUCT001/board-1";
const endpoint = "cloud.test:443";
const failure = { phase: "connect", code: "connect-failed", action: "retry", message: "…" } as const;

/** What is known after these events, each a second after the one before. */
function after(...events: readonly BoardEvent[]): { readonly status: Status; readonly ticks: number } {
	const status = events.reduce((before, event, index) => nextStatus(before, event, 1000 * (index + 1)), initialStatus);
	return { status, ticks: 1000 * events.length };
}
const reported = ({ status, ticks }: ReturnType<typeof after>, later = 0) => stateReport(status, ticks + later, {});

test("the state is derived from the log", (t) => {
	t.deepEqual(reported(after()), { doing: "starting", since: 0 });
	const boot = { event: "boot", device } as const;
	t.deepEqual(reported(after(boot), 2500), { device, doing: "starting", since: 2 });
	t.like(reported(after(boot, { event: "registering", device, endpoint })), { doing: "registering" });
	t.like(reported(after(boot, { event: "connecting", device, endpoint })), { doing: "connecting" });
	const online = after(boot, { event: "online", device });
	t.deepEqual(reported(online, 61_000), { device, doing: "online", since: 61 });
	t.deepEqual(stateReport(online.status, online.ticks, { credential: "key", active: true }), {
		...{ device, doing: "online", since: 0 },
		...{ credential: "key", active: true },
	});
});

test("a board that waits says why, and how long", (t) => {
	const waiting = after({ event: "boot", device }, { event: "failed", ...failure, retryIn: 12.3 });
	t.deepEqual(reported(waiting, 4000), { device, doing: "waiting", since: 4, next: 9, failure: "connect-failed" });
	t.like(reported(waiting, 20_000), { next: 0 });
	t.like(reported(after({ event: "offline", ...failure, retryIn: 5 })), { doing: "waiting", next: 5 });
	// The last failure stands until it is overcome.
	const again = [
		{ event: "failed", ...failure, retryIn: 5 },
		{ event: "connecting", device, endpoint },
	] as const;
	t.deepEqual(reported(after(...again)), { doing: "connecting", since: 0, failure: "connect-failed" });
	t.deepEqual(reported(after(...again, { event: "online", device })), { doing: "online", since: 0 });
});

test("what happens beside it changes nothing of what the board does", (t) => {
	const online = after({ event: "boot", device }, { event: "online", device });
	for (const event of [
		{ event: "failed", ...failure },
		{ event: "clock", now: 0 },
		{ event: "message", topic: "t", payload: "p" },
	] as const)
		t.is(nextStatus(online.status, event, 9000), online.status);
	t.like(nextStatus(online.status, { event: "command-received", command: "register" }, 9000), {
		doing: "waiting",
		startedAt: 9000,
	});
});

test("a line is a command, however it is written", (t) => {
	const { status } = after({ event: "failed", ...failure, retryIn: 100 });
	t.deepEqual(parseLine("state", status), { state: true });
	for (const order of ["now", "register", "erase"] as const) {
		t.is(parseLine(order, status).command, order);
		t.is(parseLine(` ${order.toUpperCase()}\r\n`, status).command, order);
		t.regex(parseLine(order, status).response ?? "", /\.$/);
	}
	t.regex(parseLine("erase", status).response ?? "", /platform may refuse/);
	t.regex(parseLine("register", status).response ?? "", /kept until/);
});

test("an unknown command gets the list of commands and is not repeated", (t) => {
	for (const line of ["", "help", "state now", "registered", "a-secret-by-mistake"]) {
		const { command, state, response } = parseLine(line, initialStatus);
		t.is(command, undefined);
		t.is(state, undefined);
		t.is(response, "There are four commands: state, register, erase, now.");
	}
});

test("a board that is online has nothing to wait for", (t) => {
	const { status } = after({ event: "online", device });
	t.deepEqual(parseLine("now", status), { response: "There is nothing to wait for: the board is online." });
	t.is(parseLine("register", status).command, "register");
});
