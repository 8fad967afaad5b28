/** Commands given at the board, executed by the firmware itself. */

import test from "ava";
import { CommandQueue } from "dynreg/command-queue";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { sentence } from "dynreg/messages/sentence";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { closeSession, cloudWithProduct, device, product, startTestBoard } from "./board-with-real-cloud.js";

const identity = `tencent/${product}/${device}`;
const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);
const kept = (flash: InMemoryFlash) => openVault(flash, crypto, identity).load();
/** Online for the nth time. */
const times = (count: number) => {
	let seen = 0;
	return () => ++seen === count;
};

test("erase: the session ends, flash is emptied, and the board registers again", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new InMemoryFlash(63);
	const isSecond = times(2);
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				// As a person does who deletes the device in the console first.
				cloud.administration.deleteDevice("tencent", product, device);
				board.commands.post("erase");
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
	await cloud.close();
});

test("register: another credential is got and used, and then the one before is let go", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new InMemoryFlash(4000);
	const isSecond = times(2);
	let first: string | undefined;
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				first = kept(flash)?.credential.secret.reveal();
				cloud.administration.resetDevice("tencent", product, device);
				board.commands.post("register");
			}
		},
	});
	await board.ended;
	t.deepEqual(cloud.requests().slice(-2), ["register/v2 accepted", "connect accepted"]);
	t.not(kept(flash)?.credential.secret.reveal(), first);
	t.like(kept(flash), { active: true, previous: undefined });
	await cloud.close();
});

test("register: after a refusal the board reconnects with its old credential", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new InMemoryFlash(4000);
	const isSecond = times(2);
	let first: string | undefined;
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				first = kept(flash)?.credential.secret.reveal();
				board.commands.post("register");
			}
		},
	});
	await board.ended;
	t.deepEqual(cloud.requests(), [
		...["register/v2 accepted", "connect accepted"],
		...["register/v2 refused", "connect accepted"],
	]);
	t.is(kept(flash)?.credential.secret.reveal(), first);
	const refused = board.events.find((event) => "code" in event && event.code === "already-activated");
	t.like(refused, { action: "retry" });
	t.true((refused as { retryIn: number }).retryIn <= 10);
	await cloud.close();
});

test("invariant 7: now: a waiting board retries after five seconds at the earliest", async (t) => {
	const cloud = await cloudWithProduct("off");
	const sleeps: number[] = [];
	const board = startTestBoard(cloud.configuration, {
		application: closeSession,
		ports: ({ clock }) => ({
			clock,
			timers: {
				after(duration, action) {
					sleeps.push(duration);
					// Five seconds pass at once; minutes never do.
					if (duration < 60_000) setImmediate(action);
					else {
						cloud.administration.putProduct("tencent", product, { registration: "automatic" });
						for (let again = 0; again < 3; again++) board.commands.post("now");
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
	t.true(floor > 4000 && floor <= 5000, `${floor}`);
	t.is(board.timersLeft, 0, "the interrupted wait is cancelled");
	await cloud.close();
});

test("an order that comes while the board is on its way is done as soon as it is there", async (t) => {
	const cloud = await cloudWithProduct();
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
					board.commands.post("register");
			},
		}),
	});
	await board.ended;
	t.is(names(board.events).filter((event) => event === "command-received").length, 1);
	await cloud.close();
});

test("a failed erase is reported and the credential is still used", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new InMemoryFlash(4000);
	flash.delete = () => {
		throw new Failure("store", "storage-failed", "retry", { said: "worn out" });
	};
	const isSecond = times(2);
	const board = startTestBoard(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else board.commands.post("erase");
		},
	});
	await board.ended;
	t.true(board.events.some((event) => "code" in event && event.code === "storage-failed"));
	t.false(names(board.events).includes("erased"));
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted", "connect accepted"]);
	await cloud.close();
});

test("after the application closes its session, commands are rejected", async (t) => {
	const cloud = await cloudWithProduct();
	const board = startTestBoard(cloud.configuration, { application: closeSession });
	t.true(board.commands.post("now"));
	await board.ended;
	t.false(board.commands.post("erase"));
	await cloud.close();
});

test("of several commands the last counts, except that what is to be erased stays so", (t) => {
	const commands = new CommandQueue();
	let heard = 0;
	commands.post("now");
	commands.post("register");
	commands.onCommand(() => heard++);
	t.is(heard, 1, "what was asked for before is heard at once");
	t.is(commands.next(), "register");
	t.is(commands.next(), undefined);
	commands.post("erase");
	commands.post("now");
	t.is(heard, 3);
	t.is(commands.next(), "erase");
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
