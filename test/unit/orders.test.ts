/** What somebody at the board asks for, done by the firmware itself. */

import test from "ava";
import { Orders } from "dynreg/command-queue";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { sentence } from "dynreg/messages/sentence";
import { Flash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { closeAtOnce, cloudWithProduct, device, product, switchOn } from "./bench.js";

const identity = `tencent/${product}/${device}`;
const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);
const kept = (flash: Flash) => openVault(flash, crypto, identity).load();
/** Online for the nth time. */
const times = (count: number) => {
	let seen = 0;
	return () => ++seen === count;
};

test("erase: the session ends, flash is emptied, and the board registers again", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new Flash(63);
	const isSecond = times(2);
	const board = switchOn(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				// As a person does who deletes the device in the console first.
				cloud.administration.deleteDevice("tencent", product, device);
				board.orders.give("erase");
			}
		},
	});
	await board.ended;
	t.deepEqual(names(board.events), [
		...["boot", "registering", "registered", "stored", "connecting", "online"],
		...["offline", "ordered", "erased"],
		...["registering", "registered", "stored", "connecting", "online"],
	]);
	t.like(board.events[6], { code: "ordered", action: "retry" });
	t.like(kept(flash), { generation: 2, active: true, previous: undefined });
	await cloud.close();
});

test("register: another credential is got and used, and then the one before is let go", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new Flash(4000);
	const isSecond = times(2);
	let first: string | undefined;
	const board = switchOn(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				first = kept(flash)?.credential.secret.reveal();
				cloud.administration.resetDevice("tencent", product, device);
				board.orders.give("register");
			}
		},
	});
	await board.ended;
	t.deepEqual(cloud.requests().slice(-2), ["register/v2 accepted", "connect accepted"]);
	t.not(kept(flash)?.credential.secret.reveal(), first);
	t.like(kept(flash), { active: true, previous: undefined });
	await cloud.close();
});

test("register: where the platform refuses, the board is online again with the credential it had", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new Flash(4000);
	const isSecond = times(2);
	let first: string | undefined;
	const board = switchOn(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else {
				first = kept(flash)?.credential.secret.reveal();
				board.orders.give("register");
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

test("invariant 7: now: a board that waits for minutes tries after five seconds, however often it is told", async (t) => {
	const cloud = await cloudWithProduct("off");
	const sleeps: number[] = [];
	const board = switchOn(cloud.configuration, {
		application: closeAtOnce,
		ports: ({ clock }) => ({
			clock,
			timers: {
				sleep(duration) {
					sleeps.push(duration);
					// Five seconds pass at once; minutes never do.
					if (duration < 60_000) return Promise.resolve();
					cloud.administration.putProduct("tencent", product, { registration: "automatic" });
					for (let again = 0; again < 3; again++) board.orders.give("now");
					return new Promise(() => {});
				},
			},
		}),
	});
	await board.ended;
	t.deepEqual(names(board.events).slice(2, 5), ["failed", "ordered", "registering"]);
	const [spread, wait = 0, floor = 0] = sleeps;
	t.is(spread, 0);
	t.true(wait >= 270_000);
	t.true(floor > 4000 && floor <= 5000, `${floor}`);
	await cloud.close();
});

test("an order that comes while the board is on its way is done as soon as it is there", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new Flash(4000);
	const isSecond = times(2);
	const board = switchOn(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
		},
		ports: (host) => ({
			log(event) {
				host.log(event);
				if (event.event === "connecting" && !names(board.events).includes("ordered")) board.orders.give("register");
			},
		}),
	});
	await board.ended;
	t.is(names(board.events).filter((event) => event === "ordered").length, 1);
	await cloud.close();
});

test("a flash that cannot be erased is reported, and the board goes on with what is there", async (t) => {
	const cloud = await cloudWithProduct();
	const flash = new Flash(4000);
	flash.delete = () => {
		throw new Failure("store", "storage-failed", "retry", { said: "worn out" });
	};
	const isSecond = times(2);
	const board = switchOn(cloud.configuration, {
		flash,
		application(session) {
			if (isSecond()) session.close();
			else board.orders.give("erase");
		},
	});
	await board.ended;
	t.true(board.events.some((event) => "code" in event && event.code === "storage-failed"));
	t.false(names(board.events).includes("erased"));
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted", "connect accepted"]);
	await cloud.close();
});

test("once the application has closed its session, nobody does anything any more, and says so", async (t) => {
	const cloud = await cloudWithProduct();
	const board = switchOn(cloud.configuration, { application: closeAtOnce });
	t.true(board.orders.give("now"));
	await board.ended;
	t.false(board.orders.give("erase"));
	await cloud.close();
});

test("of several orders the last counts, except that what is to be erased stays so", (t) => {
	const orders = new Orders();
	let heard = 0;
	orders.give("now");
	orders.give("register");
	orders.listen(() => heard++);
	t.is(heard, 1, "what was asked for before is heard at once");
	t.is(orders.takeOrder(), "register");
	t.is(orders.takeOrder(), undefined);
	orders.give("erase");
	orders.give("now");
	t.is(heard, 3);
	t.is(orders.takeOrder(), "erase");
});

test("erasing one device's credential leaves another's, and what is left of a write is cleared away", (t) => {
	const flash = new Flash(63);
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
