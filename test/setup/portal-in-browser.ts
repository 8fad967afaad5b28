/** The portal of set-up mode in a real browser, in which every name leads to the board, as behind the board's DNS. */

import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { scaledTime, type TimeSource } from "@dynreg/node";
import { createHost } from "@dynreg/node/internal/host";
import { createSetupPorts } from "@dynreg/node/internal/setup-ports";
import type { ExecutionContext } from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import { withSetup } from "dynreg/setup";
import type { MadeUpNetwork } from "dynreg/setup/made-up-networks";
import { openNetworkStore } from "dynreg/setup/network-record";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../console/browser.js";

export const password = 'an invented "pass+word" & 100% 咖啡';

export const networks: readonly MadeUpNetwork[] = [
	{ name: "Home & Garden", password, signal: -45 },
	{ name: "café <open>", signal: -60 },
	{ name: "office", enterprise: true, signal: -65 },
	{ name: "full", password, outcome: "refuses", signal: -70 },
	{ name: "gone", password, outcome: "vanishes", signal: -75 },
	{ name: "silent", password, outcome: "no-address", signal: -80 },
	{ name: "hidden 咖啡", password, hidden: true },
];

const address = "192.168.4.1";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A board in set-up mode, and a phone's browser in its network. Ends with the test. */
export class SetupFixture {
	readonly t: ExecutionContext;
	readonly page: Page;
	readonly events: BoardEvent[];
	readonly host: Host;
	readonly httpPort: number;
	readonly dnsPort: number;
	/** What the browser complains about. */
	readonly complaints: string[] = [];
	/** Hosts that were asked for anything but the page that was typed. */
	readonly foreign: string[] = [];
	restarts = 0;

	static async start(
		t: ExecutionContext,
		{ time = scaledTime(5), ...options }: BrowserContextOptions & { readonly time?: TimeSource } = {},
	): Promise<SetupFixture> {
		t.timeout(120_000);
		const [httpPort, dnsPort] = [await freePort(), await freePort()];
		const power = new AbortController();
		const events: BoardEvent[] = [];
		const host = createHost({ power: power.signal, timeScale: time, log: (event) => events.push(event) });
		let fixture: SetupFixture | undefined;
		const ports = createSetupPorts({
			networks,
			time,
			power: power.signal,
			restart: () => {
				if (fixture) fixture.restarts++;
			},
		});
		const browser = await launchBrowser(
			`--host-resolver-rules=MAP * 127.0.0.1:${httpPort}`,
			"--disable-features=HttpsUpgrades",
		);
		t.teardown(() => browser.close());
		fixture = new SetupFixture(t, await pageOf(browser, options), host, events, httpPort, dnsPort);
		const configuration = { setupName: "LAMP-c020", setupPassword: "access-point-pass" };
		withSetup(host, configuration, { ...ports, httpPort, dnsPort }).network.up(60_000);
		t.teardown(() => power.abort());
		await fixture.until(() => events.some((event) => event.event === "setup" && event.state === "open"));
		return fixture;
	}

	private constructor(
		t: ExecutionContext,
		page: Page,
		host: Host,
		events: BoardEvent[],
		httpPort: number,
		dnsPort: number,
	) {
		this.t = t;
		this.page = page;
		this.host = host;
		this.events = events;
		this.httpPort = httpPort;
		this.dnsPort = dnsPort;
		this.watch(page);
	}

	watch(page: Page): void {
		page.on("pageerror", ({ message }) => this.complaints.push(message));
		page.on("console", (message) => {
			if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
				this.complaints.push(message.text());
		});
		page.on("request", (each) => {
			if (!each.isNavigationRequest() && new URL(each.url()).hostname !== address) this.foreign.push(each.url());
		});
	}

	async until(condition: () => boolean): Promise<void> {
		const end = performance.now() + 30_000;
		while (!condition()) {
			if (performance.now() > end) throw new Error("it does not happen");
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	/** Fills in the form. @param network of the list */
	async enter(network: string, entered: string, page: Page = this.page): Promise<void> {
		await page.getByRole("radio", { name: network }).check();
		await page.getByLabel("Password", { exact: true }).fill(entered);
		await page.getByRole("button", { name: "Connect" }).click();
	}

	/** The response to a phone's probe: status and body. */
	probe(url: string): Promise<string> {
		const { host, pathname } = new URL(url);
		return new Promise((resolve, reject) => {
			const sent = request(
				{ port: this.httpPort, host: "127.0.0.1", path: pathname, headers: { host } },
				(response) => {
					let body = "";
					response.setEncoding("utf8");
					response.on("data", (text) => {
						body += text;
					});
					response.on("end", () => resolve(`${response.statusCode} ${body}`));
				},
			);
			sent.on("error", reject);
			sent.end();
		});
	}

	stored(): { readonly name: string; readonly password: string | undefined } | undefined {
		const network = openNetworkStore(this.host.storage, this.host.crypto).load();
		return network && { name: network.name, password: network.password?.reveal() };
	}

	states(): string[] {
		return this.events.flatMap((event) =>
			event.event === "setup" ? [event.state === "failed" ? event.reason : event.state] : [],
		);
	}

	/** What axe finds wrong for screen readers and eyes. */
	async accessibilityFaults(): Promise<readonly string[]> {
		await this.page.evaluate(axe);
		return this.page.evaluate(
			`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
				violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(", ")))`,
		);
	}

	/** Nothing went wrong in the browser, and the page asked no other host. */
	assertCalm(): void {
		this.t.deepEqual(this.complaints, []);
		this.t.deepEqual(this.foreign, []);
		const log = JSON.stringify(this.events);
		for (const { name } of networks) this.t.false(log.includes(name), name);
	}
}

async function pageOf(browser: Browser, options: BrowserContextOptions): Promise<Page> {
	// A phone's screen.
	const context = await browser.newContext({ viewport: { width: 390, height: 760 }, locale: "en-GB", ...options });
	context.setDefaultTimeout(20_000);
	return context.newPage();
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { readonly port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}
