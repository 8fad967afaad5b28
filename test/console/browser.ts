/** The console in a real browser, against a local cloud, with boards on Node. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, type CloudOptions, startCloud } from "@dynreg/cloud";
import type { ExecutionContext } from "ava";
import test from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { connectAsync, type MqttClient } from "mqtt";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { decrypt, login, registerV2 } from "../cloud/device.js";
import { nodeHost } from "../support/board-hosts.js";
import { TestBoard, type TestBoardOptions } from "../support/test-board.js";

const program = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Milliseconds for what a page shows: a busy machine takes its time. */
const patience = 12_000;

let browser: Browser | undefined;

const isMissing = !existsSync(program);

/** A test in the browser. Where there is none, each file has one test, which is skipped. */
export const browserTest: typeof test.serial = isMissing ? ((() => {}) as never) : test.serial;

if (isMissing) test.skip(`in a browser: there is no Chromium at ${program}; set CHROMIUM`, () => {});

test.after.always(async () => {
	await browser?.close();
});

/** The machine's Chromium. */
export function launchBrowser(...more: readonly string[]): Promise<Browser> {
	return chromium.launch({
		executablePath: program,
		// A container's user may have no namespaces of its own.
		args: ["--no-sandbox", "--js-flags=--expose-gc", ...more],
	});
}

export const secret = "made-up-product-secret";

/** A cloud, a page, and boards of one test: all of it ends with the test. */
export class ConsoleFixture {
	readonly t: ExecutionContext;
	readonly cloud: Cloud;
	readonly page: Page;
	/** What the browser complains about: errors, refused code. */
	readonly complaints: string[] = [];
	/** Requests to other hosts. */
	readonly foreign: string[] = [];
	readonly #folder: string;
	#files = 0;

	static async start(
		t: ExecutionContext,
		{ admin, ...options }: BrowserContextOptions & { readonly admin?: (url: string) => Promise<string> } = {},
		cloudOptions: CloudOptions = {},
	): Promise<ConsoleFixture> {
		t.timeout(120_000);
		const cloud = await startCloud({ timeScale: nodeHost.time, ...cloudOptions });
		t.teardown(() => cloud.close());
		browser ??= await launchBrowser();
		const address = (await admin?.(cloud.urls.admin)) ?? cloud.urls.admin;
		const context = await browser.newContext({
			viewport: { width: 1280, height: 860 },
			reducedMotion: "reduce",
			permissions: ["clipboard-read", "clipboard-write"],
			baseURL: address,
			...options,
		});
		t.teardown(() => context.close());
		context.setDefaultTimeout(patience);
		const page = await context.newPage();
		const folder = await mkdtemp(join(tmpdir(), "dynreg-console-"));
		t.teardown(() => rm(folder, { recursive: true, force: true }));
		return new ConsoleFixture(t, cloud, page, folder, address);
	}

	private constructor(t: ExecutionContext, cloud: Cloud, page: Page, folder: string, address: string) {
		this.t = t;
		this.cloud = cloud;
		this.page = page;
		this.#folder = folder;
		page.on("pageerror", ({ message }) => this.complaints.push(message));
		page.on("console", (message) => {
			// What the administration refuses, the browser notes as well.
			if (message.text().startsWith("Failed to load resource")) return;
			if (message.type() === "error" || /policy|trusted/i.test(message.text())) this.complaints.push(message.text());
		});
		page.on("request", (request) => {
			if (!request.url().startsWith(`${address}/`) && !/^(blob|data):/.test(request.url()))
				this.foreign.push(request.url());
		});
	}

	/** Shows a view: `products`, `devices/tencent/PRODUCT/name`. */
	async open(view = "overview"): Promise<void> {
		await this.page.goto(`/#/${view}`);
		await this.page.getByText("live", { exact: true }).waitFor();
	}

	/** The section with this heading. */
	panel(title: string): Locator {
		return this.page.locator("section.panel", { has: this.page.getByRole("heading", { name: title, exact: true }) });
	}

	button(name: string, within: Page | Locator = this.page): Locator {
		return within.getByRole("button", { name, exact: true });
	}

	/** A notice of the page, at its edge. */
	async notice(text: string): Promise<void> {
		await this.page.locator(".notice", { hasText: text }).last().waitFor();
	}

	async board(options: TestBoardOptions): Promise<TestBoard> {
		const board = await TestBoard.start(nodeHost, { store: this.file(), ...options });
		this.t.teardown(async () => {
			board.powerOff();
			await board.ended();
		});
		return board;
	}

	/** The name of a file that is not there yet. */
	file(): string {
		return join(this.#folder, `file-${++this.#files}`);
	}

	/** The configuration of a board of a Tencent product. */
	configuration(productId: string, deviceName: string, change: RawConfiguration = {}): RawConfiguration {
		const { urls, ca } = this.cloud;
		const endpoints = { register: urls.https, mqtt: urls.mqtts };
		return { productId, productSecret: secret, deviceName, ca, endpoints, startupJitter: 0, ...change };
	}

	/** A device with an independent MQTT client, which publishes what it is told. */
	async thing(productId: string, deviceName: string): Promise<{ readonly device: MqttClient; readonly psk: string }> {
		const { urls } = this.cloud;
		const { Response } = await registerV2(urls.http, { productId, deviceName }, secret);
		const { psk } = JSON.parse(decrypt(Response.Payload ?? "", Response.Len ?? 0, secret)) as { psk: string };
		return { device: await this.connect(productId, deviceName, psk), psk };
	}

	async connect(productId: string, deviceName: string, psk: string): Promise<MqttClient> {
		const fields = login({ productId, deviceName }, psk);
		const url = `mqtt://${new URL(this.cloud.urls.mqtt).host}`;
		const device = await connectAsync(url, { ...fields, reconnectPeriod: 0 });
		device.on("error", () => {});
		this.t.teardown(() => device.endAsync(true));
		return device;
	}

	/** Nothing went wrong in the browser, and it asked no other host. */
	assertCalm(): void {
		this.t.deepEqual(this.complaints, []);
		this.t.deepEqual(this.foreign, []);
	}
}
