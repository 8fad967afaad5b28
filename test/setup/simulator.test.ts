/** Set-up mode in the simulator: the firmware's own page in a real browser, until the board is online. */

import { Resolver } from "node:dns/promises";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Page } from "playwright-core";
import { browserTest, launchBrowser } from "../console/browser.js";
import { type Watched, withBoard } from "../simulator/watched-board.js";
import { freePort, networks, password } from "./portal-in-browser.js";

const product: DemoProduct = { cloud: "tencent", id: "SETUP00001", secret: "e2e-setup-secret-0001" };
const name = "board-1";

const simulatorTest = findSdk() === undefined ? test.skip : browserTest;
const titled = (title: string) =>
	findSdk() === undefined ? `sim: ${title}: skipped, ${missingSdkMessage}` : `sim: ${title}`;

interface World {
	readonly configuration: RawConfiguration & { readonly setupPort: number; readonly setupDnsPort: number };
	/** Power on. @param configuration default: the one above */
	board(work: (board: Watched) => Promise<void>, configuration?: RawConfiguration): Promise<void>;
	phone(): Promise<Page>;
}

async function withWorld(t: ExecutionContext, play: (world: World) => Promise<void>): Promise<void> {
	t.timeout(300_000);
	const image = await buildSimulator("test/setup/moddable");
	const home = await mkdtemp(join(tmpdir(), "dynreg-setup-"));
	const store = join(home, "flash");
	await mkdir(store);
	const cloud = await startCloud();
	const configuration = {
		...demoConfiguration(cloud, product, name),
		setupName: "LAMP-c020",
		setupPassword: "access-point-pass",
		setupNetworks: networks,
		setupPort: await freePort(),
		setupDnsPort: await freePort(),
	};
	const browser = await launchBrowser(
		`--host-resolver-rules=MAP * 127.0.0.1:${configuration.setupPort}`,
		"--disable-features=HttpsUpgrades",
	);
	try {
		await play({
			configuration,
			board: (work, other = configuration) => withBoard(other, store, work, image),
			async phone() {
				const context = await browser.newContext({ viewport: { width: 390, height: 760 }, locale: "en-GB" });
				context.setDefaultTimeout(60_000);
				return context.newPage();
			},
		});
	} finally {
		await browser.close();
		await cloud.close();
		await rm(home, { recursive: true, force: true });
	}
}

async function enter(page: Page, network: string, entered: string): Promise<void> {
	await page.getByRole("radio", { name: network }).check();
	await page.getByLabel("Password", { exact: true }).fill(entered);
	await page.getByRole("button", { name: "Connect" }).click();
}

simulatorTest(titled("from a phone's probe to the board online, and after a power cut without set-up"), (t) =>
	withWorld(t, async ({ configuration, board, phone }) => {
		const page = await phone();
		await board(async (each) => {
			const portal = `http://localhost:${configuration.setupPort}/`;
			t.deepEqual(await each.next("setup"), {
				event: "setup",
				state: "open",
				reason: "no-network",
				network: "LAMP-c020",
				page: portal,
			});
			await page.goto("http://captive.apple.com/hotspot-detect.html");
			t.is(page.url(), portal);
			await enter(page, "Home & Garden", "another invented password");
			await page.getByRole("alert").getByText("The network refused the password.").waitFor();
			await enter(page, "Home & Garden", password);
			await page.getByText("Connected.").waitFor();
			await each.next("online");
			const states = each.log.events.flatMap((event) =>
				event.event === "setup" ? [event.state === "failed" ? event.reason : event.state] : [],
			);
			t.deepEqual(states, ["open", "joining", "wrong-password", "joining", "stored", "closed"]);
			// Nothing listens any more.
			await t.throwsAsync(fetch(portal));
			const printed = `${each.log}`;
			for (const network of networks) t.false(printed.includes(network.name), network.name);
			t.false(printed.includes(password));
		});
		await board(async (each) => {
			await each.next("online");
			t.false(each.log.events.some(({ event }) => event === "setup" || event === "registered"));
		});
	}),
);

simulatorTest(titled("networks that refuse, vanish or give no address, and the DNS"), (t) =>
	withWorld(t, ({ configuration, board, phone }) =>
		board(async (each) => {
			await each.next("setup");
			const page = await phone();
			await page.goto("http://connectivitycheck.gstatic.com/generate_204");
			for (const [network, message] of [
				["full", "The network refused the device."],
				["gone", "The network was not found."],
				["silent", "The network gave the device no address."],
			] as const) {
				await enter(page, network, password);
				await page.getByRole("alert").getByText(message).waitFor();
			}
			const resolver = new Resolver({ timeout: 5000, tries: 2 });
			resolver.setServers([`127.0.0.1:${configuration.setupDnsPort}`]);
			t.deepEqual(await resolver.resolve4("captive.apple.com"), ["192.168.4.1"]);
			await t.throwsAsync(resolver.resolve6("captive.apple.com"), { code: "ENODATA" });
		}),
	),
);

simulatorTest(titled("without a password set-up mode does not start, and the message names the key"), (t) =>
	withWorld(t, async ({ configuration }) => {
		const home = await mkdtemp(join(tmpdir(), "dynreg-setup-"));
		t.teardown(() => rm(home, { recursive: true, force: true }));
		const image = await buildSimulator("test/setup/moddable");
		const { setupPassword: _, ...without } = configuration as RawConfiguration;
		await withBoard(
			without,
			home,
			async (each) => {
				t.like(await each.next("failed"), { code: "bad-configuration", key: "setupPassword", reason: "missing" });
			},
			image,
		);
	}),
);

simulatorTest(titled("by the console: the state of the network, set-up mode by order, and networks forgotten"), (t) =>
	withWorld(t, async ({ configuration, board, phone }) => {
		await board(async (each) => {
			await each.next("setup");
			const page = await phone();
			await page.goto("http://captive.apple.com/");
			await enter(page, "Home & Garden", password);
			await each.next("online");
			each.send("state");
			t.like(await each.next("state"), { doing: "online", credential: "key", network: "stored" });
			each.send("wifi");
			t.regex((await each.next("answer")).message, /^Wi-Fi network: stored\./);
			each.send("what?");
			t.regex((await each.next("answer")).message, /five commands/);
			each.send("wifi setup");
			await each.next("offline");
			t.like(await each.next("setup"), { state: "open", reason: "ordered" });
			// Another network, which gives no address: the board keeps its own.
			await page.goto("http://captive.apple.com/");
			await enter(page, "silent", password);
			await page.getByRole("alert").getByText("no address").waitFor();
		});
		await board(async (each) => {
			await each.next("online");
			t.false(each.log.events.some(({ event }) => event === "setup" || event === "registered"));
			each.send("wifi forget");
			t.like(await each.next("setup"), { state: "forgotten" });
			t.like(await each.next("setup"), { state: "open", reason: "no-network" });
			each.send("state");
			t.like(await each.next("state"), { credential: "key", network: "none" });
			t.is(configuration.setupName, "LAMP-c020");
		});
	}),
);

simulatorTest(titled("a known network is tried for ever; a press of the button opens set-up mode"), (t) =>
	withWorld(t, async ({ configuration, board }) => {
		const known = { ...configuration, ssid: "gone", password };
		await board(async (each) => {
			for (let i = 0; i < 2; i++)
				t.like(await each.next("failed"), { code: "no-network", reason: "not-found", action: "retry" });
			t.false(each.log.events.some(({ event }) => event === "setup"));
		}, known);
		await board(
			async (each) => {
				t.like(await each.next("setup"), { state: "open", reason: "ordered" });
			},
			{ ...known, pressed: [2000, 3000] },
		);
	}),
);
