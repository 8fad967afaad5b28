/** Somebody at the board: commands over the debugger's connection, as over a board's cable, and the button. */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator, type SimulatedBoard, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";

const product: DemoProduct = { cloud: "tencent", id: "ATTENDED01", secret: "e2e-attended-secret-01" };
const name = "board-1";
const device = `tencent/${product.id}/${name}`;

interface Watched extends SimulatedBoard {
	readonly events: readonly BoardEvent[];
	readonly traced: readonly string[];
	/** The next event of this name that nobody has waited for yet. */
	next<Name extends BoardEvent["event"]>(name: Name): Promise<Extract<BoardEvent, { event: Name }>>;
}

async function switchOn(configuration: RawConfiguration, store: string, image?: string): Promise<Watched> {
	const events: BoardEvent[] = [];
	const traced: string[] = [];
	let heard = 0;
	let look = () => {};
	const board = await startBoard({
		store,
		configuration,
		...(image === undefined ? {} : { image }),
		onEvent(event) {
			events.push(event);
			look();
		},
		onTrace: (line) => traced.push(line),
	});
	return {
		...board,
		events,
		traced,
		next: (wanted) =>
			new Promise((resolve, reject) => {
				look = () => {
					const index = events.findIndex(({ event }, place) => place >= heard && event === wanted);
					if (index < 0) return;
					heard = index + 1;
					resolve(events[index] as never);
				};
				board.exited.then(({ message }) => reject(new Error(`no ${wanted}: ${message}`)));
				look();
			}),
	};
}

const serial = findSdk() === undefined ? test.skip : test.serial;
const titled = (title: string) => (findSdk() === undefined ? `sim: ${title}: skipped, ${noSdk}` : `sim: ${title}`);

async function withCloud(t: ExecutionContext, play: (cloud: Cloud, store: string) => Promise<void>): Promise<void> {
	t.timeout(400_000);
	const home = await mkdtemp(join(tmpdir(), "dynreg-attended-"));
	const store = join(home, "flash");
	await mkdir(store);
	const cloud = await startCloud();
	try {
		await play(cloud, store);
	} finally {
		await cloud.close();
		await rm(home, { recursive: true, force: true });
	}
}

serial(titled("the console tells the state, and does what it is told"), (t) =>
	withCloud(t, async (cloud, store) => {
		const { administration } = cloud;
		const board = await switchOn(demoConfiguration(cloud, product, name), store);
		await board.next("online");

		t.true(board.send("state"));
		t.like(await board.next("state"), { device, doing: "online", credential: "key", active: true });
		board.send("now");
		t.regex((await board.next("answer")).message, /nothing to wait for/);
		board.send("what?");
		t.regex((await board.next("answer")).message, /four commands/);

		// The platform refuses: nothing is lost.
		board.send("register");
		t.regex((await board.next("answer")).message, /kept until the broker/);
		t.like(await board.next("ordered"), { order: "register" });
		t.like(await board.next("failed"), { code: "already-activated" });
		await board.next("online");

		administration.deleteDevice(product.cloud, product.id, name);
		board.send("erase");
		await board.next("erased");
		await board.next("registered");
		await board.next("online");

		// A wait of minutes is cut short.
		administration.putProduct(product.cloud, product.id, { registration: "off" });
		administration.deleteDevice(product.cloud, product.id, name);
		board.send("erase");
		t.like(await board.next("failed"), { action: "stop" });
		board.send("state");
		const { next = 0, ...state } = await board.next("state");
		t.like(state, { doing: "waiting", trouble: "registration-refused", credential: undefined });
		t.true(next > 200);
		administration.putProduct(product.cloud, product.id, { registration: "automatic" });
		board.send("now");
		await board.next("online");
		board.kill();
		await board.exited;
	}),
);

serial(titled("an application without a console is told nothing, and lives on"), (t) =>
	withCloud(t, async (cloud, store) => {
		const image = await buildSimulator("build/examples/tencent");
		const board = await switchOn(demoConfiguration(cloud, product, name), store, image);
		await board.next("online");
		t.false(board.send("state"));
		cloud.administration.disconnectDevice(product.cloud, product.id, name);
		await board.next("offline");
		await board.next("online");
		board.kill();
		await board.exited;
	}),
);

serial(titled("a button that is held for five seconds after power-up has the board start over"), (t) =>
	withCloud(t, async (cloud, store) => {
		const configuration = demoConfiguration(cloud, product, name);
		const first = await switchOn(configuration, store);
		await first.next("online");
		first.kill();
		await first.exited;
		cloud.administration.deleteDevice(product.cloud, product.id, name);

		const second = await switchOn({ ...configuration, pressed: [500, 20_000] }, store);
		await second.next("ordered");
		t.like(await second.next("erased"), { device });
		await second.next("registered");
		await second.next("online");
		t.true(second.traced.filter((line) => line === "pin 2 is 1").length >= 5, second.traced.join("\n"));
		second.kill();
		await second.exited;
	}),
);

serial(titled("without a button nothing is erased; a pin that is none is said, and the board goes on"), (t) =>
	withCloud(t, async (cloud, store) => {
		const configuration = demoConfiguration(cloud, product, name);
		const without = await switchOn({ ...configuration, button: "none", pressed: [500, 20_000] }, store);
		await without.next("online");
		await new Promise((resolve) => setTimeout(resolve, 7000));
		t.false(without.events.some(({ event }) => event === "ordered"));
		without.kill();
		await without.exited;

		const wrong = await switchOn({ ...configuration, button: "boot" }, store);
		t.like(await wrong.next("failed"), { code: "bad-configuration" });
		await wrong.next("online");
		wrong.kill();
		await wrong.exited;
	}),
);
