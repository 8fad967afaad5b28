/** Set-up mode in an application, over ports in memory, in virtual time. */

import test from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import type { Connection, ConnectionEvents, JoinOutcome, SetupPorts, WifiNetwork } from "dynreg/contracts/setup";
import { crc32, writeNumber } from "dynreg/core/bytes";
import { Failure } from "dynreg/core/errors";
import { withSetup } from "dynreg/setup";
import { openNetworkStore } from "dynreg/setup/network-record";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";

const minute = 60_000;
const setupPassword = "access-point-pass";
const entered = "an invented password";

class Board {
	readonly time: VirtualTime;
	readonly flash: InMemoryFlash;
	readonly events: BoardEvent[] = [];
	/** What has been asked of the ports, in order. */
	readonly calls: string[] = [];
	readonly host: Host;
	outcome: JoinOutcome = "joined";
	/** As on a chip: nothing follows. */
	endsAtRestart = false;
	accept!: (connection: Connection) => ConnectionEvents;

	constructor(configuration: RawConfiguration = { setupPassword }, flash = new InMemoryFlash(4000)) {
		this.time = new VirtualTime();
		this.flash = flash;
		const host = {
			crypto,
			random: (count: number) => new Uint8Array(count).fill(7),
			storage: flash,
			timers: { after: (duration: number, action: () => void) => this.time.after(duration, action) },
			clock: virtualClock(this.time, 0),
			network: { mac: () => "a4:d1:8c:db:c0:20" },
			log: (event: BoardEvent) => this.events.push(event),
		} as unknown as Host;
		this.host = withSetup(host, configuration, this.ports());
	}

	get setup() {
		return this.host.setup as NonNullable<Host["setup"]>;
	}

	/** As the console's `state` shows it. */
	network() {
		return this.setup.state();
	}

	get store() {
		return openNetworkStore(this.flash, crypto);
	}

	/** Until all that can happen without time has happened. @returns the result of `up` so far */
	async up(): Promise<() => string> {
		let result = "waiting";
		this.host.network.up(minute).then(
			() => {
				result = "up";
			},
			(error: unknown) => {
				result = error instanceof Failure ? error.message : String(error);
			},
		);
		await settle();
		return () => result;
	}

	async wait(): Promise<void> {
		this.time.runNext();
		await settle();
	}

	/** A person enters a network. */
	async enter(name: string): Promise<void> {
		const body = new URLSearchParams({ t: "07".repeat(8), o: name, p: entered }).toString();
		const events = this.accept({ write: async () => {}, close: () => {} });
		events.received(
			Buffer.from(`POST / HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
		);
		await settle();
	}

	get states(): string[] {
		return this.events.flatMap((event) =>
			event.event === "setup" ? [event.state === "open" ? `open ${event.reason}` : event.state] : [],
		);
	}

	private ports(): SetupPorts {
		const listener = { close: () => {} };
		return {
			accessPoint: { open: async ({ name }) => void this.calls.push(`open ${name}`), close: () => {}, guests: () => 0 },
			joiner: {
				scan: async () => [],
				join: async ({ name, password }: WifiNetwork) => {
					this.calls.push(`join ${name} ${password?.reveal()}`);
					return this.outcome;
				},
				leave: () => {},
			},
			server: {
				listen: async (_port, accept) => {
					this.accept = accept;
					return listener;
				},
			},
			datagrams: { listen: async () => listener },
			restart: () => {
				this.calls.push("restart");
				return this.endsAtRestart ? new Promise(() => {}) : Promise.resolve();
			},
		};
	}
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("without a network, set-up mode opens; then the entered network is joined", async (t) => {
	const board = new Board();
	t.is(board.network(), "none");
	const result = await board.up();
	t.deepEqual(board.states, ["open no-network"]);
	t.is(result(), "waiting");
	await board.enter("home");
	await board.wait();
	await board.wait();
	t.is(result(), "up");
	t.deepEqual(board.calls, [`open dynreg-c020`, `join home ${entered}`, "restart", `join home ${entered}`]);
	t.is(board.network(), "stored");
	t.is(board.host.network.mac(), "a4:d1:8c:db:c0:20");
});

test("on a chip, nothing follows the restart after set-up mode", async (t) => {
	const board = new Board();
	board.endsAtRestart = true;
	const result = await board.up();
	await board.enter("home");
	await board.wait();
	await board.wait();
	t.is(result(), "waiting");
	t.is(board.calls.at(-1), "restart");
});

test("a known network is joined or tried again, and never leads to set-up mode", async (t) => {
	for (const [configuration, name] of [
		[{ ssid: "built in", password: "an-invented-pass" }, "built in an-invented-pass"],
		[{ ssid: "open network" }, "open network undefined"],
		[{}, "stored undefined"],
	] as const) {
		const board = new Board({ setupPassword, ...configuration });
		if (name.startsWith("stored")) board.store.commit({ name: "stored" });
		t.is(board.network(), name.startsWith("stored") ? "stored" : "configured");
		for (const outcome of ["wrong-password", "not-found", "no-address", "refused"] as const) {
			board.outcome = outcome;
			board.time.advance(20 * minute);
			t.is((await board.up())(), `no-network ${outcome}`);
		}
		board.outcome = "joined";
		t.is((await board.up())(), "up");
		t.deepEqual(new Set(board.calls), new Set([`join ${name}`]));
		t.deepEqual(board.states, []);
	}
});

test("a stored network precedes the configured one", async (t) => {
	const board = new Board({ setupPassword, ssid: "built in" });
	board.store.commit({ name: "stored" });
	await board.up();
	t.deepEqual(board.calls, ["join stored undefined"]);
});

test("an order opens set-up mode once, after a restart if the board was online", async (t) => {
	const board = new Board({ setupPassword, ssid: "built in" });
	await board.up();
	const posted: string[] = [];
	board.setup.open({ post: (command) => posted.push(command) > 0 });
	t.deepEqual(posted, ["now"]);
	board.endsAtRestart = true;
	await board.up();
	t.deepEqual(board.calls.slice(1), ["restart"]);
	t.deepEqual(board.states, []);

	const next = new Board({ setupPassword, ssid: "built in" }, board.flash.copy());
	const result = await next.up();
	t.deepEqual(next.states, ["open ordered"]);
	// An order while it is open is no second one.
	next.setup.open({ post: (command) => posted.push(command) > 0 });
	t.is(posted.length, 1);
	// Nobody comes.
	await next.wait();
	t.is(next.time.now(), 10 * minute);
	t.is(result(), "up");
	t.deepEqual(next.calls.slice(1), ["restart", "join built in undefined"]);
	t.is((await next.up())(), "up");
	t.is(next.states.filter((state) => state.startsWith("open")).length, 1);

	// Power was cut while set-up mode was open: the board returns to its network.
	const cut = new Board({ setupPassword, ssid: "built in" }, next.flash.copy());
	t.is((await cut.up())(), "up");
	t.deepEqual(cut.states, []);
});

test("lost: set-up mode opens after ten minutes without the network, once until it was joined", async (t) => {
	const configuration = { setupPassword, setup: "lost", ssid: "built in" };
	const board = new Board(configuration);
	board.outcome = "not-found";
	board.time.advance(10 * minute - 1);
	t.is((await board.up())(), "no-network not-found");
	board.time.advance(1);
	const result = await board.up();
	t.deepEqual(board.states, ["open lost"]);
	await board.wait();
	t.is(result(), "no-network not-found");
	const again = new Board(configuration, board.flash.copy());
	again.outcome = "not-found";
	again.time.advance(20 * minute);
	t.is((await again.up())(), "no-network not-found");
	t.deepEqual(again.states, []);
	// Joined: the next loss counts, after the next power-up.
	again.outcome = "joined";
	t.is((await again.up())(), "up");
	again.outcome = "not-found";
	t.is((await again.up())(), "no-network not-found");
	t.deepEqual(again.states, []);
	const later = new Board(configuration, again.flash.copy());
	later.time.advance(10 * minute);
	await later.up();
	t.deepEqual(later.states, ["open lost"]);
});

test("a mistake is logged at once; a board with a network goes on, one without reports it with each attempt", async (t) => {
	for (const [configuration, key] of [
		[{}, "setupPassword missing"],
		[{ setupPassword, setup: "always" }, 'setup invalid "always"'],
	] as const) {
		const board = new Board({ ...configuration, ssid: "built in" });
		t.like(board.events[0], { event: "failed", code: "bad-configuration" });
		t.is((await board.up())(), "up");
		board.setup.open();
		t.is((await board.up())(), "up");
		// The order is not forgotten silently.
		t.like(board.events[1], { event: "failed", code: "bad-configuration" });
		t.is((await board.up())(), "up");
		t.is(board.events.length, 2);
		t.is((await new Board(configuration).up())(), `bad-configuration ${key}`);
	}
	const lost = new Board({ ssid: "built in", setup: "lost" });
	lost.time.advance(20 * minute);
	lost.outcome = "not-found";
	for (let attempt = 0; attempt < 3; attempt++) t.is((await lost.up())(), "no-network not-found");
	t.is(lost.events.length, 1);
});

test("in an ESP8266's preferences a configured network is joined, and set-up mode needs storage", async (t) => {
	const flash = () => new InMemoryFlash(61);
	const board = new Board({ setupPassword, ssid: "built in" }, flash());
	t.like(board.events[0], { event: "failed", code: "bad-configuration", key: "storage", reason: "missing" });
	t.is(board.network(), "configured");
	t.is((await board.up())(), "up");
	t.is((await new Board({ setupPassword }, flash()).up())(), "bad-configuration storage missing");
});

test("the console: state of the network, set-up mode by order, and networks that are forgotten", async (t) => {
	const board = new Board();
	for (const line of ["state", " NOW ", "register", "erase"]) t.is(board.setup.execute(line), undefined);
	board.store.commit({ name: "home" });
	t.regex(board.setup.execute(" WiFi\n")?.response ?? "", /^Wi-Fi network: stored\. Also: wifi setup, wifi forget\.$/);
	t.regex(board.setup.execute("what?")?.response ?? "", /five commands: .*wifi\.$/);
	t.like(board.setup.execute("wifi setup"), { command: "now" });
	await board.up();
	t.deepEqual(board.states, ["open ordered"]);
	t.is(board.network(), "stored");
	t.like(board.setup.execute("wifi forget"), { command: "now" });
	t.is(board.network(), "none");
	t.deepEqual(board.states, ["open ordered", "forgotten"]);
	const next = new Board(undefined, board.flash.copy());
	await next.up();
	t.deepEqual(next.states, ["open no-network"]);
});

test("a stored network that cannot be read is forgotten, too", async (t) => {
	for (const newerSlot of ["w0", "w1"]) {
		const board = new Board();
		for (const name of ["one", "two"]) board.store.commit({ name });
		const record = board.flash.values.get(newerSlot) as Uint8Array;
		record[2] = 2;
		writeNumber(record, record.length - 4, 4, crc32(record.subarray(0, -4)));
		t.is(board.network(), undefined);
		t.like(board.setup.execute("wifi forget"), { command: "now" });
		t.is(board.network(), "none");
		t.deepEqual([...board.flash.values.keys()], []);
		t.deepEqual(board.events, [{ event: "setup", state: "forgotten" }]);
	}
});

test("flash that fails is reported, and does not end the console", (t) => {
	const board = new Board();
	board.flash.get = () => {
		throw new Failure("store", "storage-failed", "retry");
	};
	t.is(board.network(), undefined);
	t.regex(board.setup.execute("wifi")?.response ?? "", /unreadable/);
	t.regex(board.setup.execute("wifi forget")?.response ?? "", /not executed/);
	t.like(board.events[0], { event: "failed", code: "storage-failed" });
});

test("neither names nor passwords of networks are in the log", async (t) => {
	const board = new Board({ setupPassword, ssid: "built in", password: "an-invented-pass" });
	board.outcome = "wrong-password";
	await board.up();
	board.setup.open();
	await board.up();
	await board.enter("home");
	await board.wait();
	board.outcome = "joined";
	await board.enter("home");
	await board.wait();
	t.deepEqual(board.states, ["open ordered", "joining", "failed", "joining", "stored"]);
	const log = JSON.stringify(board.events);
	for (const secret of ["built in", "an-invented-pass", "home", entered, setupPassword]) t.false(log.includes(secret));
});

test("the log passes other events on as they are", (t) => {
	const board = new Board();
	const event: BoardEvent = { event: "boot", device: "tencent/PRODUCT001/board-1" };
	board.host.log(event);
	t.deepEqual(board.events, [event]);
});

test("Node has no ports of its own", (t) => {
	t.throws(() => withSetup({ clock: { ticks: () => 0 } } as Host, {}), { message: /Pass ports to withSetup/ });
});
