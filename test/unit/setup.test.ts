/** Set-up mode over ports in memory, in virtual time. */

import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type {
	AccessPointOptions,
	Connection,
	ConnectionEvents,
	FoundNetwork,
	JoinOutcome,
	SetupPorts,
	WifiNetwork,
} from "dynreg/contracts/setup";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openNetworkStore } from "dynreg/setup/network-record";
import { runSetup, type SetupOptions } from "dynreg/setup-run";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";

const entered = "an invented password";
const found: FoundNetwork = { name: "home", signal: -50, channel: 11, security: "password" };

/** A connection of a phone to the board. */
class Phone {
	text = "";
	isClosed = false;
	/** Writes wait for it. */
	room: Promise<void> | undefined;
	readonly events: ConnectionEvents;

	constructor(accept: (connection: Connection) => ConnectionEvents) {
		this.events = accept({
			write: async (bytes) => {
				await this.room;
				if (this.isClosed) throw new Error("closed");
				this.text += Buffer.from(bytes).toString();
			},
			close: () => {
				this.isClosed = true;
			},
		});
	}

	send(text: string): void {
		this.events.received(Buffer.from(text));
	}
}

class Board {
	readonly time = new VirtualTime();
	readonly events: BoardEvent[] = [];
	readonly flash = new InMemoryFlash(4000);
	/** What has been asked of the ports, in order. */
	readonly calls: string[] = [];
	/** Errors for the calls of these names, the first first. */
	readonly errors: Record<string, unknown[]> = {};
	/** How many calls of these names never end. */
	readonly pending: Record<string, number> = {};
	outcome: JoinOutcome | Promise<JoinOutcome> = "joined";
	opened: AccessPointOptions | undefined;
	tried: WifiNetwork | undefined;
	guests = 0;
	accept!: (connection: Connection) => ConnectionEvents;
	query!: (bytes: Uint8Array) => Uint8Array | undefined;
	finished: Promise<void> | undefined;

	start(options: Partial<SetupOptions> = {}): this {
		const { time, flash, events } = this;
		this.finished = runSetup({
			host: {
				crypto,
				random: (count) => new Uint8Array(count).fill(7),
				storage: flash,
				timers: { after: (duration, action) => time.after(duration, action) },
				clock: virtualClock(time, 0),
				log: (event) => events.push(event),
			},
			...this.ports(),
			reason: "no-network",
			name: "LAMP-c020",
			password: new Secret("access-point-pass"),
			...options,
		});
		return this;
	}

	/** Until all that can happen without time has happened. */
	async settle(): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
	}

	/** Until the next timer, and what follows. */
	async wait(): Promise<void> {
		this.time.runNext();
		await this.settle();
	}

	async ask(text: string): Promise<Phone> {
		const phone = new Phone(this.accept);
		phone.send(text);
		await this.settle();
		return phone;
	}

	get states(): string[] {
		return this.events.flatMap((event) => (event.event === "setup" ? [event.state] : []));
	}

	private call(name: string, ...parts: readonly unknown[]): void {
		this.calls.push([name, ...parts].join(" "));
		const error = this.errors[name]?.shift();
		if (error) throw error;
	}

	private ports(): SetupPorts {
		const listener = (name: string) => ({ close: () => this.call("close", name) });
		return {
			accessPoint: {
				open: async (options) => {
					this.opened = options;
					this.call("open", options.channel);
					if (this.pending.open) {
						this.pending.open--;
						await new Promise(() => {});
					}
				},
				close: () => this.call("close", "access point"),
				guests: () => this.guests,
			},
			joiner: {
				scan: async (deadline) => {
					this.call("scan", deadline);
					return [found];
				},
				join: async (network, deadline) => {
					this.tried = network;
					this.call("join", deadline);
					return this.outcome;
				},
				leave: () => this.call("leave"),
			},
			server: {
				listen: async (port, accept) => {
					this.call("tcp", port);
					this.accept = accept;
					return listener("tcp");
				},
			},
			datagrams: {
				listen: async (port, respond) => {
					this.call("udp", port);
					this.query = respond;
					return listener("udp");
				},
			},
			restart: async () => this.call("restart"),
		};
	}
}

const token = "07".repeat(8);
const get = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";
const form = (name = "home", host = "192.168.4.1") => {
	const body = new URLSearchParams({ t: token, n: name, p: entered }).toString();
	return `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

test("from the scan to the restart: a network is tried, stored and told", async (t) => {
	const board = new Board().start();
	await board.settle();
	t.deepEqual(board.calls, ["scan 10000", "udp 53", "tcp 80", "open 11"]);
	t.like(board.opened, { name: "LAMP-c020", address: "192.168.4.1", channel: 11 });
	t.is(board.opened?.password?.reveal(), "access-point-pass");
	const phone = await board.ask(form());
	t.true(phone.isClosed);
	t.regex(phone.text, /^HTTP\/1\.1 200 [\s\S]*Connecting\.[\s\S]*<\/script>$/);
	// The response has left; the join comes a second later.
	t.is(board.tried, undefined);
	t.is(openNetworkStore(board.flash, crypto).load(), undefined);
	await board.wait();
	t.is(board.time.now(), 1000);
	t.is(board.tried?.name, "home");
	t.is(openNetworkStore(board.flash, crypto).load()?.password?.reveal(), entered);
	t.regex((await board.ask(get)).text, /Connected\./);
	t.deepEqual(board.states, ["open", "joining", "stored"]);
	await board.wait();
	t.is(board.time.now(), 31_000);
	t.deepEqual(board.calls.slice(4), ["join 20000", "close udp", "close tcp", "close access point", "restart"]);
	t.deepEqual(board.states, ["open", "joining", "stored", "closed"]);
	await board.finished;
	const log = JSON.stringify(board.events);
	t.false(log.includes(entered) || log.includes("home"));
});

test("a guest's DNS query has the configured address", async (t) => {
	const board = new Board().start({ address: "4.3.2.1", httpPort: 8080, dnsPort: 5353 });
	await board.settle();
	t.deepEqual(board.calls.slice(1, 3), ["udp 5353", "tcp 8080"]);
	const query = Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1]);
	t.deepEqual([...(board.query(query) ?? [])].slice(-4), [4, 3, 2, 1]);
	t.regex((await board.ask(get)).text, /^HTTP\/1\.1 302 [\s\S]*Location: http:\/\/4\.3\.2\.1\//);
});

test("the portal's address in URLs may be another one, as behind a forwarded port", async (t) => {
	const board = new Board().start({ urlHost: "localhost:8080" });
	await board.settle();
	t.regex((await board.ask("GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n")).text, /^HTTP\/1\.1 200 /);
});

test("why joining has failed is on the page and in the log, and the old network stays", async (t) => {
	const board = new Board();
	openNetworkStore(board.flash, crypto).commit({ name: "old" });
	board.outcome = "wrong-password";
	board.start();
	await board.settle();
	await board.ask(form());
	await board.wait();
	t.regex((await board.ask(get)).text, /role=alert class=e>The network refused the password/);
	t.deepEqual(board.events.at(-1), { event: "setup", state: "failed", reason: "wrong-password" });
	t.is(openNetworkStore(board.flash, crypto).load()?.name, "old");
	board.outcome = "joined";
	await board.ask(form());
	await board.wait();
	t.is(openNetworkStore(board.flash, crypto).load()?.name, "home");
});

test("an error of the station is reported, and the page says that the network refused", async (t) => {
	const board = new Board().start();
	await board.settle();
	board.errors.join = [new Failure("network", "timeout", "retry")];
	await board.ask(form());
	await board.wait();
	t.like(board.events.at(-2), { event: "failed", code: "timeout" });
	t.deepEqual(board.events.at(-1), { event: "setup", state: "failed", reason: "refused" });
	t.regex((await board.ask(get)).text, /The network refused the device/);
});

test("a network that cannot be stored is left, and the page says so", async (t) => {
	const board = new Board().start();
	await board.settle();
	const { set } = board.flash;
	board.flash.set = () => {};
	await board.ask(form());
	await board.wait();
	t.is(board.calls.at(-1), "leave");
	t.like(board.events.at(-1), { event: "failed", code: "storage-mismatch" });
	t.regex((await board.ask(get)).text, /could not save/);
	board.flash.set = set;
	await board.ask(form());
	await board.wait();
	t.is(board.states.at(-1), "stored");
});

test("a scan that fails leaves a page on which a name can be entered", async (t) => {
	const board = new Board();
	board.errors.scan = [new Failure("network", "timeout", "retry")];
	board.start();
	await board.settle();
	t.like(board.events[0], { event: "failed", code: "timeout" });
	t.is(board.calls.at(-1), "open 1");
	t.regex((await board.ask(get)).text, /id=o type=radio name=n required value="" checked>/);
});

for (const [call, closed] of [
	["udp", []],
	["tcp", ["close udp"]],
	["open", ["close udp", "close tcp"]],
] as const)
	test(`${call} that fails leaves nothing open and is tried again`, async (t) => {
		const board = new Board();
		board.errors[call] = [new Error("not now")];
		board.start();
		await board.settle();
		t.deepEqual(
			board.calls.filter((each) => each.startsWith("close")),
			[...closed],
		);
		t.like(board.events[0], { event: "failed", code: "unexpected" });
		await board.wait();
		t.is(board.time.now(), 5000);
		t.deepEqual(board.calls.slice(-3), ["udp 53", "tcp 80", "open 11"]);
		t.deepEqual(board.states, ["open"]);
	});

test("without a phone, and without a network, it scans again", async (t) => {
	const board = new Board().start();
	await board.settle();
	const first = board.calls.length;
	board.guests = 1;
	await board.wait();
	t.is(board.calls.length, first);
	board.guests = 0;
	await board.wait();
	t.is(board.time.now(), 600_000);
	t.deepEqual(board.calls.slice(first), [
		"close udp",
		"close tcp",
		"close access point",
		"scan 10000",
		"udp 53",
		"tcp 80",
		"open 11",
	]);
});

test("with a network, stored or configured, it ends without a request, and each request makes it longer", async (t) => {
	const stored = new Board();
	openNetworkStore(stored.flash, crypto).commit({ name: "old" });
	for (const board of [stored.start(), new Board().start({ isConfigured: true })]) {
		await board.settle();
		board.time.advance(300_000);
		await board.ask(get);
		// The connection's own timers are cancelled with it.
		await board.wait();
		t.is(board.time.now(), 900_000);
		t.is(board.calls.at(-1), "restart");
		await board.finished;
	}
});

test("a probe makes it no longer", async (t) => {
	const board = new Board().start({ isConfigured: true });
	await board.settle();
	board.time.advance(300_000);
	t.regex((await board.ask("GET /generate_204 HTTP/1.1\r\nHost: a.example\r\n\r\n")).text, /^HTTP\/1\.1 302 /);
	await board.wait();
	t.is(board.time.now(), 600_000);
	t.is(board.calls.at(-1), "restart");
});

test("a request that is invalid is refused, and the connection is closed", async (t) => {
	const board = new Board().start();
	await board.settle();
	const phone = await board.ask("\n\nhello\n");
	t.regex(phone.text, /^HTTP\/1\.1 400 /);
	t.true(phone.isClosed);
	// Late bytes change nothing.
	phone.send(form());
	await board.settle();
	t.is(phone.text.match(/HTTP/g)?.length, 1);
	t.is(board.tried, undefined);
});

test("a slow request is ended after five seconds, and so is a slow reader", async (t) => {
	const board = new Board().start();
	await board.settle();
	const slow = await board.ask("GET / HT");
	board.time.advance(1000);
	await board.wait();
	t.is(board.time.now(), 5000);
	t.true(slow.isClosed);
	const reader = new Phone(board.accept);
	let letGo: (() => void) | undefined;
	reader.room = new Promise((resolve) => {
		letGo = resolve;
	});
	reader.send(get);
	await board.settle();
	t.false(reader.isClosed);
	await board.wait();
	t.is(board.time.now(), 10_000);
	t.true(reader.isClosed);
	letGo?.();
	await board.settle();
	t.is(reader.text, "");
	// Both places are free again.
	t.regex((await board.ask(get)).text, /^HTTP\/1\.1 200 /);
});

test("two connections: a third one takes the place of one in reserve, and is refused if both are in use", async (t) => {
	const board = new Board().start();
	await board.settle();
	const reserve = new Phone(board.accept);
	const busy = await board.ask("GET / HT");
	const third = await board.ask("GET / HT");
	t.deepEqual([reserve.isClosed, busy.isClosed, third.isClosed], [true, false, false]);
	const fourth = new Phone(board.accept);
	t.true(fourth.isClosed);
	// A phone that goes makes room.
	busy.events.closed();
	const fifth = await board.ask(get);
	t.regex(fifth.text, /^HTTP\/1\.1 200 /);
	t.false(third.isClosed);
});

test("open connections end with the access point", async (t) => {
	const board = new Board().start();
	await board.settle();
	await board.ask(form());
	await board.wait();
	board.time.advance(28_000);
	const phone = await board.ask("GET / HT");
	await board.wait();
	t.is(board.calls.at(-1), "restart");
	t.true(phone.isClosed);
});

test("a form of an earlier access point has no effect", async (t) => {
	const board = new Board().start();
	await board.settle();
	const phone = await board.ask(form().replaceAll(token, "06".repeat(8)));
	t.regex(phone.text, /This page was outdated/);
	t.deepEqual(board.states, ["open"]);
});

test("one attempt at a time: another form changes nothing", async (t) => {
	const board = new Board();
	let end: ((outcome: JoinOutcome) => void) | undefined;
	board.outcome = new Promise((resolve) => {
		end = resolve;
	});
	board.start();
	await board.settle();
	await board.ask(form());
	await board.ask(form("other"));
	await board.wait();
	await board.ask(form("other"));
	t.is(board.tried?.name, "home");
	end?.("not-found");
	await board.settle();
	t.deepEqual(board.states, ["open", "joining", "failed"]);
	t.is(board.calls.filter((call) => call.startsWith("join")).length, 1);
});

test("a station that breaks its deadline is left, and the page says that the network refused", async (t) => {
	const board = new Board();
	board.outcome = new Promise(() => {});
	board.start();
	await board.settle();
	await board.ask(form());
	await board.wait();
	t.is(board.calls.at(-1), "join 20000");
	await board.wait();
	t.is(board.time.now(), 26_000);
	t.is(board.calls.at(-1), "leave");
	t.like(board.events.at(-2), { event: "failed", code: "unexpected" });
	t.deepEqual(board.events.at(-1), { event: "setup", state: "failed", reason: "refused" });
	t.regex((await board.ask(get)).text, /The network refused the device/);
	// Another attempt is possible.
	board.outcome = "joined";
	await board.ask(form());
	await board.wait();
	t.is(board.states.at(-1), "stored");
});

test("an access point that does not open within its deadline is opened again", async (t) => {
	const board = new Board();
	board.pending.open = 1;
	board.start();
	await board.settle();
	await board.wait();
	t.is(board.time.now(), 15_000);
	await board.wait();
	t.is(board.time.now(), 20_000);
	t.deepEqual(board.states, ["open"]);
});

test("an access point without a password", async (t) => {
	const board = new Board().start({ password: undefined });
	await board.settle();
	t.is(board.opened?.password, undefined);
	t.deepEqual(board.states, ["open"]);
});

test("flash that cannot hold a network is refused at once", (t) => {
	const failure = t.throws(
		() => {
			const board = new Board();
			Object.assign(board, { flash: new InMemoryFlash(61) });
			board.start();
		},
		{ instanceOf: Failure },
	);
	t.like(failure, { code: "bad-configuration", key: "storage", reason: "missing" });
});
