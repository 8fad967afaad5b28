/** Local control: commands over the debugger's connection, as over a board's cable, and the button. */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import { type Watched, withBoard } from "./watched-board.js";

const product: DemoProduct = { cloud: "tencent", id: "ATTENDED01", secret: "e2e-attended-secret-01" };
const name = "board-1";
const device = `tencent/${product.id}/${name}`;

const serial = findSdk() === undefined ? test.skip : test.serial;
const titled = (title: string) =>
	findSdk() === undefined ? `sim: ${title}: skipped, ${missingSdkMessage}` : `sim: ${title}`;

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

serial(titled("the console shows the state, and executes commands"), (t) =>
	withCloud(t, async (cloud, store) => {
		const { administration } = cloud;
		await withBoard(demoConfiguration(cloud, product, name), store, async (board) => {
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
			t.like(await board.next("command-received"), { command: "register" });
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
			t.like(await board.next("failed"), { action: "needs-attention" });
			board.send("state");
			const { next = 0, ...state } = await board.next("state");
			t.like(state, { doing: "waiting", failure: "registration-refused", credential: undefined });
			t.true(next > 200);
			administration.putProduct(product.cloud, product.id, { registration: "automatic" });
			board.send("now");
			await board.next("online");
		});
	}),
);

serial(titled("an application without a console is told nothing, and lives on"), (t) =>
	withCloud(t, async (cloud, store) => {
		const image = await buildSimulator("build/examples/tencent");
		const work = async (board: Watched) => {
			await board.next("online");
			t.false(board.send("state"));
			cloud.administration.disconnectDevice(product.cloud, product.id, name);
			await board.next("offline");
			await board.next("online");
		};
		await withBoard(demoConfiguration(cloud, product, name), store, work, image);
	}),
);

serial(titled("a button that is held for five seconds after power-up has the board start over"), (t) =>
	withCloud(t, async (cloud, store) => {
		const configuration = demoConfiguration(cloud, product, name);
		await withBoard(configuration, store, async (board) => void (await board.next("online")));
		cloud.administration.deleteDevice(product.cloud, product.id, name);

		await withBoard({ ...configuration, pressed: [500, 20_000] }, store, async (board) => {
			await board.next("command-received");
			t.like(await board.next("erased"), { device });
			await board.next("registered");
			await board.next("online");
			t.true(board.log.lines.filter((line) => line === "pin 2 is 1").length >= 5, String(board.log));
		});
	}),
);

serial(titled("without a button nothing is erased; a pin that is none is said, and the board goes on"), (t) =>
	withCloud(t, async (cloud, store) => {
		const configuration = demoConfiguration(cloud, product, name);
		await withBoard({ ...configuration, button: "none", pressed: [500, 20_000] }, store, async (board) => {
			await board.next("online");
			await new Promise((resolve) => setTimeout(resolve, 7000));
			t.false(board.log.events.some(({ event }) => event === "command-received"));
		});
		await withBoard({ ...configuration, button: "boot" }, store, async (board) => {
			t.like(await board.next("failed"), { code: "bad-configuration" });
			await board.next("online");
		});
	}),
);
