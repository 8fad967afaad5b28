/** The device: its callbacks, and commands given at the board. */

import test from "ava";
import { Device } from "dynreg/boot";
import { aliyun } from "dynreg/clouds/aliyun/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { sentence } from "dynreg/messages/sentence";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime } from "../support/virtual-time.js";
import {
	closeSession,
	cloudWithProduct,
	device,
	product,
	productSecret,
	startTestBoard,
} from "./board-with-real-cloud.js";

const never = () => Promise.reject(new Error("unused"));
const storage = new InMemoryFlash(4000);
const http = { request: never };
const mqtt = { connect: never };
const identity = `tencent/${product}/${device}`;
const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);
const kept = (flash: InMemoryFlash) => openVault(flash, crypto, identity).load();
/** Online for the nth time. */
const times = (count: number) => {
	let seen = 0;
	return () => ++seen === count;
};

test("erase: the session ends, flash is emptied, and the board registers again", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(63);
	const isSecond = times(2);
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				// As a person does who deletes the device in the console first.
				cloud.administration.deleteDevice("tencent", product, device);
				board.device.post("erase");
			}
		},
	});
	await board.ended;
	t.deepEqual(names(board.events), [
		...["boot", "registering", "registered", "stored", "connecting", "online"],
		...["offline", "command-received", "erased"],
		...["registering", "registered", "stored", "connecting", "online"],
	]);
	t.like(board.events[6], { code: "ordered", action: "retry" });
	t.like(kept(flash), { generation: 2, active: true, previous: undefined });
});

/** A board that is told to register again in its first session, and closes the second. */
async function registerAgain(cloud: Awaited<ReturnType<typeof cloudWithProduct>>, before = () => {}) {
	const flash = new InMemoryFlash(4000);
	const isSecond = times(2);
	let first: string | undefined;
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				first = kept(flash)?.credential.secret.reveal();
				before();
				board.device.post("register");
			}
		},
	});
	await board.ended;
	return { board, flash, first };
}

test("register: another credential is got and used, and then the one before is let go", async (t) => {
	const cloud = await cloudWithProduct(t);
	const reset = () => cloud.administration.resetDevice("tencent", product, device);
	const { flash, first } = await registerAgain(cloud, reset);
	t.deepEqual(cloud.requests().slice(-2), ["register/v2 accepted", "connect accepted"]);
	t.not(kept(flash)?.credential.secret.reveal(), first);
	t.like(kept(flash), { active: true, previous: undefined });
});

test("register: after a refusal the board reconnects with its old credential", async (t) => {
	const cloud = await cloudWithProduct(t);
	const { board, flash, first } = await registerAgain(cloud);
	t.deepEqual(cloud.requests(), [
		...["register/v2 accepted", "connect accepted"],
		...["register/v2 refused", "connect accepted"],
	]);
	t.is(kept(flash)?.credential.secret.reveal(), first);
	const refused = board.events.find((event) => "code" in event && event.code === "already-activated");
	t.like(refused, { action: "retry" });
	t.true((refused as { retryIn: number }).retryIn <= 10);
});

for (const waited of [0, 3000, 10_000])
	test(`invariant 7: now: a board that has waited for ${waited} ms retries after five seconds at the earliest`, async (t) => {
		const cloud = await cloudWithProduct(t, "off");
		const sleeps: number[] = [];
		let passed = 0;
		const board = startTestBoard(cloud.configuration, {
			application: closeSession,
			ports: ({ clock }) => ({
				clock: { ...clock, ticks: () => clock.ticks() + passed },
				timers: {
					after(duration, action) {
						sleeps.push(duration);
						// Five seconds pass at once; minutes never do.
						if (duration < 60_000) setImmediate(action);
						else {
							passed = waited;
							cloud.administration.putProduct("tencent", product, { registration: "automatic" });
							for (let again = 0; again < 3; again++) board.device.post("now");
						}
						return () => {};
					},
				},
			}),
		});
		await board.ended;
		t.deepEqual(names(board.events).slice(2, 5), ["failed", "command-received", "registering"]);
		const [spread, wait = 0, floor = 0] = sleeps;
		t.is(spread, 0);
		t.true(wait >= 270_000);
		const rest = Math.max(0, 5000 - waited);
		t.true(floor >= Math.max(0, rest - 1000) && floor <= rest, `${floor}`);
		t.is(board.timersLeft, 0, "the interrupted wait is cancelled");
	});

test("an order that comes while the board is on its way is done as soon as it is there", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const isSecond = times(2);
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
		},
		ports: (host) => ({
			log(event) {
				host.log(event);
				if (event.event === "connecting" && !names(board.events).includes("command-received"))
					board.device.post("register");
			},
		}),
	});
	await board.ended;
	t.is(names(board.events).filter((event) => event === "command-received").length, 1);
});

test("a failed erase is reported and the credential is still used", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	flash.delete = () => {
		throw new Failure("store", "storage-failed", "retry", { said: "worn out" });
	};
	const isSecond = times(2);
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else board.device.post("erase");
		},
	});
	await board.ended;
	t.true(board.events.some((event) => "code" in event && event.code === "storage-failed"));
	t.false(names(board.events).includes("erased"));
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted", "connect accepted"]);
});

test("after the application closes its session, commands are rejected", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(cloud.configuration, { application: closeSession });
	await board.until(({ event }) => event === "boot");
	t.true(board.device.post("now"));
	await board.ended;
	t.false(board.device.post("erase"));
});

test("of several commands the last counts, except that what is to be erased stays so", async (t) => {
	const cloud = await cloudWithProduct(t);
	const commands = [
		["now", "register"],
		["erase", "now"],
		["register", "close", "erase"],
	] as const;
	let sessions = 0;
	const board = startTestBoard(cloud.configuration, {
		application() {
			for (const command of commands[sessions++] ?? [])
				if (command === "close") board.device.close();
				else t.is(board.device.post(command), sessions < 3 || command === "register");
			if (sessions === 1) cloud.administration.resetDevice("tencent", product, device);
			if (sessions === 2) cloud.administration.deleteDevice("tencent", product, device);
		},
	});
	await board.ended;
	t.deepEqual(
		board.events.flatMap((event) => (event.event === "command-received" ? [event.command] : [])),
		["register", "erase"],
	);
});

test("register and erase are commands", async (t) => {
	const cloud = await cloudWithProduct(t);
	let sessions = 0;
	const board = startTestBoard(cloud.configuration, {
		application() {
			cloud.administration.deleteDevice("tencent", product, device);
			if (++sessions === 1) t.true(board.device.register());
			else if (sessions === 2) t.true(board.device.erase());
			else board.device.close();
		},
	});
	await board.ended;
	t.deepEqual(
		board.events.flatMap((event) => (event.event === "command-received" ? [event.command] : [])),
		["register", "erase"],
	);
	t.false(board.device.register());
	t.false(board.device.erase());
});

test("close, by the device or the session: an erase is executed before, another command is not", async (t) => {
	for (const [command, closer] of [
		["erase", "device"],
		["erase", "session"],
		["register", "device"],
		["register", "session"],
	] as const) {
		const cloud = await cloudWithProduct(t);
		const flash = new InMemoryFlash(4000);
		const board = startTestBoard(cloud.configuration, {
			flash,
			application(session) {
				t.true(board.device.post(command));
				(closer === "device" ? board.device : session).close();
				t.false(board.device.post("now"));
			},
		});
		await board.ended;
		const erased = command === "erase";
		t.is(names(board.events).at(-1), erased ? "erased" : "online", `${command}, ${closer}`);
		t.is(kept(flash) === undefined, erased);
		t.is(board.timersLeft, 0);
	}
});

test("close: a device that is online ends, and one that waits, and one on its way", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	for (const moment of ["online", "boot", "connecting"] as const) {
		let isOffline = 0;
		const board = startTestBoard(cloud.configuration, {
			flash,
			onEvent({ event }) {
				// In the constructor, the device is not there yet.
				if (event === moment) setImmediate(() => board.device.close());
			},
			onOffline() {
				isOffline++;
			},
		});
		await board.ended;
		board.device.close();
		t.is(names(board.events).at(-1), moment === "connecting" ? "online" : moment);
		t.is(isOffline, moment === "boot" ? 0 : 1);
		t.is(board.timersLeft, 0, moment);
	}
	const refusing = await cloudWithProduct(t, "off");
	const board = startTestBoard(refusing.configuration, {
		onOffline: () => t.fail("it was never online"),
		// The second wait, minutes, does not end by itself.
		onSleep: (number) => number > 1 && new Promise(() => {}),
	});
	await board.until(({ event }) => event === "failed");
	await new Promise((resolve) => setImmediate(resolve));
	board.device.close();
	await board.ended;
	t.is(names(board.events).at(-1), "failed");
});

test("callbacks: called with the device as this; their errors are logged and change nothing else", async (t) => {
	const cloud = await cloudWithProduct(t);
	const seen: string[] = [];
	const thrown = (where: string) => {
		throw new Error(`thrown in ${where}`);
	};
	const board = startTestBoard(cloud.configuration, {
		application(this: Device, { topics }) {
			seen.push(`online ${this === board.device} ${topics.event}`);
			if (seen.length > 2) this.close();
			else cloud.administration.disconnectDevice("tencent", product, device);
			thrown("onOnline");
		},
		onOffline(this: Device, failure) {
			seen.push(`offline ${this === board.device} ${failure?.code}`);
			thrown("onOffline");
		},
		onEvent(event) {
			if (event.event === "registering") thrown(`onEvent ${productSecret}`);
		},
	});
	await board.ended;
	await new Promise((resolve) => setImmediate(resolve));
	t.deepEqual(seen, [
		`online true ${product}/${device}/event`,
		"offline true connection-lost",
		`online true ${product}/${device}/event`,
		"offline true undefined",
	]);
	const texts = board.events.map((event) => JSON.stringify(event));
	for (const where of ["onOnline", "onOffline", "onEvent"])
		t.true(
			texts.some((text) => text.includes('"unexpected"') && text.includes(`thrown in ${where}`)),
			where,
		);
	t.false(texts.join("").includes(productSecret));
});

test("onEvent hears what the log has, without secrets", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const heard: BoardEvent[] = [];
	const devices = new Set<Device>();
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			for (const secret of [productSecret, kept(flash)?.credential.secret.reveal()])
				session.log({ event: "message", topic: "t", payload: `a ${secret}` });
			session.close();
		},
		onEvent(this: Device, event) {
			t.deepEqual(board.events.at(-1), event, "it is in the log first");
			devices.add(this);
			heard.push(event);
		},
	});
	await board.ended;
	t.deepEqual(heard, board.events);
	t.is(devices.size, 1);
	t.true(devices.has(board.device));
	t.deepEqual(
		heard.flatMap((event) => (event.event === "message" ? [event.payload] : [])),
		["a [secret]", "a [secret]"],
	);
});

test("callbacks: a rejected promise is logged", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(cloud.configuration, {
		async application(session) {
			session.close();
			await session.receive();
			throw new Error("rejected in onOnline");
		},
	});
	await board.ended;
	await new Promise((resolve) => setImmediate(resolve));
	t.like(board.events.at(-1), { event: "failed", code: "unexpected", said: "Error: rejected in onOnline" });
});

test("an invalid configuration is logged, passed to onEvent, and rejects closed, which may be ignored", async (t) => {
	const events: BoardEvent[] = [];
	const heard: BoardEvent[] = [];
	const host = {
		...inMemoryHost(new VirtualTime(), { storage, http, mqtt }),
		log: (event: BoardEvent) => events.push(event),
	};
	const bad = new Device({ host, configuration: { productId: "?" }, onEvent: (event) => heard.push(event) });
	t.like(await t.throwsAsync<Failure>(bad.closed), { code: "bad-configuration", key: "productId" });
	t.is(events.length, 1);
	t.like(events, [{ event: "failed", code: "bad-configuration", key: "productId" }]);
	t.deepEqual(heard, events);
	t.false(bad.post("now"));
	// An ignored rejection would fail this file.
	new Device({ host, configuration: { productId: "?" } });
	await new Promise((resolve) => setImmediate(resolve));
	const other = new Device({ host, cloud: aliyun, configuration: { cloud: "tencent" } });
	t.like(await t.throwsAsync<Failure>(other.closed), { code: "bad-configuration", key: "cloud", reason: "invalid" });
	t.throws(() => new Device(), { message: /Pass a host to Device: createHost\(\) of @dynreg\/node/ });
});

test("erase leaves other devices' credentials and clears partial writes", (t) => {
	const flash = new InMemoryFlash(63);
	const mine = openVault(flash, crypto, identity);
	const other = openVault(flash, crypto, "tencent/PRODUCT001/board-2");
	mine.commit({ kind: "key", secret: new Secret("mine") });
	mine.accepted();
	other.commit({ kind: "key", secret: new Secret("another") });
	const before = flash.values.size;
	mine.erase();
	t.is(mine.load(), undefined);
	t.is(other.load()?.credential.secret.reveal(), "another");
	t.true(flash.values.size < before);
	other.erase();
	t.is(flash.values.size, 0);
	flash.delete = () => {};
	mine.commit({ kind: "key", secret: new Secret("mine") });
	t.regex(sentence(t.throws(() => mine.erase(), { instanceOf: Failure }) as Failure), /worn out/);
});
