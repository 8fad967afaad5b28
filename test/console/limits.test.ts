/** The console under load, over lost connections, and with hostile names and payloads. */

import { createServer, type Server, type Socket, connect as tcpConnect } from "node:net";
import { eventLimits } from "@dynreg/cloud/internal/console/event-stream";
import type { Page } from "playwright-core";
import { browserTest, ConsoleFixture, secret } from "./browser.js";

const productId = "LAMPS00001";

browserTest("with 100,000 devices a list, a search, a filter and the last page are there at once", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	for (let count = 0; count < 100_000; count++) cloud.administration.putDevice("tencent", productId, `lamp-${count}`);
	await fixture.open();
	const timed = async (what: string, action: () => Promise<unknown>) => {
		const began = performance.now();
		await action();
		const milliseconds = Math.round(performance.now() - began);
		t.log(`${what}: ${milliseconds} ms`);
		return milliseconds;
	};
	const first = page.locator("tbody tr th").first();
	const times = [
		await timed("the first page", async () => {
			await page.getByRole("link", { name: "Devices", exact: true }).click();
			await first.getByText("lamp-0").waitFor();
		}),
		await timed("a search", async () => {
			await page.getByLabel("Search names").fill("lamp-99999");
			await page.getByText("1 device", { exact: true }).waitFor();
			await first.getByText("lamp-99999").waitFor();
		}),
		await timed("all again", async () => {
			await page.getByLabel("Search names").fill("");
			await first.getByText("lamp-0").waitFor();
		}),
		await timed("the last page", async () => {
			await page.goto("/#/devices?page=1999");
			await first.getByText("lamp-99950").waitFor();
		}),
		await timed("a filter by state", async () => {
			await page.getByLabel("State").selectOption("active");
			await page.getByText("No device matches.").waitFor();
		}),
	];
	await page.getByLabel("State").selectOption("");
	// While boards register, the list stays as quick.
	const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-5") });
	await page
		.getByRole("row", { name: /^lamp-5 / })
		.getByText("online")
		.waitFor();
	await board.event("online");
	// A third of a second on an idle machine; a busy one takes a while.
	for (const milliseconds of times) t.true(milliseconds < 3000, `${times}`);
	fixture.assertCalm();
});

/** Bytes of the page's own memory, after a collection. */
async function heap(page: Page): Promise<number> {
	const session = await page.context().newCDPSession(page);
	await session.send("HeapProfiler.enable");
	await session.send("HeapProfiler.collectGarbage");
	const { usedSize } = await session.send("Runtime.getHeapUsage");
	await session.detach();
	return usedSize;
}

async function latestEvents(admin: string, query: string): Promise<readonly { readonly seq: number }[]> {
	const response = await fetch(`${admin}/events/latest?${query}`);
	return ((await response.json()) as { events: { seq: number }[] }).events;
}

const megabyte = 1024 * 1024;

browserTest("an hour of events, a device's page open: memory is bounded in page and cloud", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	const { device } = await fixture.thing(productId, "thing-1");
	const topic = `${productId}/thing-1/event`;
	await fixture.open(`devices/tencent/${productId}/thing-1`);
	// Ten messages a second for an hour, each with a journal entry.
	const messages = 36_000;
	const publish = async (count: number) => {
		for (let sent = 0; sent < count; sent++) {
			const payload = JSON.stringify({ sent, temperature: 20 + (sent % 10), note: "x".repeat(100) });
			if (sent % 50 === 49) await device.publishAsync(topic, payload, { qos: 1 });
			else device.publish(topic, payload);
		}
	};
	const settle = async (total: number, count: number) => {
		const [latest] = await latestEvents(cloud.urls.admin, "type=message&limit=1");
		t.true((latest?.seq ?? 0) >= total, `${latest?.seq}`);
		await page
			.locator(".timeline li.up pre")
			.first()
			.filter({ hasText: `"sent": ${count - 1},` })
			.waitFor();
	};
	// A tenth of them first: what is kept is full then.
	await publish(messages / 10);
	await settle(messages / 5, messages / 10);
	const before = { page: await heap(page), nodes: await page.locator("*").count() };
	const began = performance.now();
	await publish(messages - messages / 10);
	await settle(2 * messages, messages - messages / 10);
	const seconds = (performance.now() - began) / 1000;
	const after = { page: await heap(page), nodes: await page.locator("*").count() };
	t.log(
		`${messages} messages in ${seconds.toFixed(1)} s: the page's heap ${(before.page / megabyte).toFixed(1)} MB, then ${(after.page / megabyte).toFixed(1)} MB; ${before.nodes} elements, then ${after.nodes}`,
	);
	t.true(after.page < before.page + 10 * megabyte);
	t.true(after.nodes < before.nodes + 2000);
	t.is((await latestEvents(cloud.urls.admin, `limit=${eventLimits.events}`)).length, eventLimits.events);
	fixture.assertCalm();
});

/** Between the browser and the cloud: connections can be cut. */
class Cable {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#isCut = false;

	constructor(target: string) {
		const { hostname, port } = new URL(target);
		this.#server = createServer((socket) => {
			if (this.#isCut) {
				socket.destroy();
				return;
			}
			const other = tcpConnect(Number(port), hostname);
			for (const [one, two] of [
				[socket, other],
				[other, socket],
			] as const) {
				this.#sockets.add(one);
				one.on("error", () => {});
				one.on("close", () => {
					this.#sockets.delete(one);
					two.destroy();
				});
				one.pipe(two);
			}
		});
	}

	async open(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
	}

	cut(): void {
		this.#isCut = true;
		for (const socket of this.#sockets) socket.destroy();
	}

	plug(): void {
		this.#isCut = false;
	}

	close(): void {
		this.cut();
		this.#server.close();
	}
}

browserTest("over a lost connection nothing is missed and nothing doubled", async (t) => {
	let cable: Cable | undefined;
	const fixture = await ConsoleFixture.start(t, {
		admin: async (url) => {
			cable = new Cable(url);
			t.teardown(() => cable?.close());
			return cable.open();
		},
	});
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	const { device } = await fixture.thing(productId, "thing-1");
	await fixture.open(`devices/tencent/${productId}/thing-1`);
	let sent = 0;
	const publish = async (count: number) => {
		for (let index = 0; index < count; index++)
			await device.publishAsync(`${productId}/thing-1/event`, `number-${++sent};`, { qos: 1 });
	};
	const shown = async () => (await page.locator(".timeline li.up pre").allTextContents()).reverse();
	await publish(20);
	await page.getByText("number-20;").waitFor();
	cable?.cut();
	await page.getByText("connection lost").waitFor();
	await publish(100);
	cable?.plug();
	await page.getByText("live", { exact: true }).waitFor();
	await publish(20);
	await page.getByText("number-140;").waitFor();
	t.deepEqual(
		await shown(),
		Array.from({ length: 140 }, (_, index) => `number-${index + 1};`),
	);
	// The browser has complained about the lost connection, and nothing else.
	t.deepEqual(fixture.foreign, []);
});

browserTest("a cloud that was started again is shown as it is, without loading the page", async (t) => {
	const port = await freePort();
	const ports = { admin: port };
	const fixture = await ConsoleFixture.start(t, {}, { ports });
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("products");
	await fixture.panel(productId).waitFor();
	await cloud.close();
	await page.getByText("connection lost").waitFor();
	const again = await import("@dynreg/cloud").then(({ startCloud }) => startCloud({ ports }));
	t.teardown(() => again.close());
	again.administration.putProduct("tencent", "OTHER00001", { secret });
	await fixture.panel("OTHER00001").waitFor();
	await fixture.panel(productId).waitFor({ state: "detached" });
	// Its token is another one.
	await fixture.panel("OTHER00001").getByRole("radio", { name: "off" }).check();
	await fixture.notice("registration off");
	t.is(again.administration.product("tencent", "OTHER00001").registration, "off");
});

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

const hostile = [
	`<img src=x onerror="window.hacked=1">`,
	`"><script>window.hacked=1</script>`,
	`<svg/onload=window.hacked=1>`,
	`javascript:window.hacked=1//`,
	`{{constructor.constructor('window.hacked=1')()}}`,
	`<iframe srcdoc="<script>parent.hacked=1</script>">`,
	`<style>*{display:none}</style>`,
	`\u202e\u0000\ud800 <b>bold</b>`,
];

browserTest("hostile names, topics and payloads are text: no script runs, and all of it is shown", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	const { device } = await fixture.thing(productId, "thing-1");
	const property = `property/${productId}/thing-1`;
	await fixture.open(`devices/tencent/${productId}/thing-1`);
	for (const text of hostile) {
		await device.publishAsync(`${productId}/thing-1/event`, text, { qos: 1 });
		await device.publishAsync(`${productId}/thing-1/event`, JSON.stringify({ [text]: text }), { qos: 1 });
		const params = { [text]: text, ["__proto__"]: { hacked: 1 } };
		await device.publishAsync(`$thing/up/${property}`, JSON.stringify({ method: "report", clientToken: "1", params }), {
			qos: 1,
		});
	}
	for (const text of hostile.slice(0, 7)) {
		await fixture.panel("Timeline").locator("pre", { hasText: text }).first().waitFor();
		await fixture.panel("Data template").locator("dt", { hasText: text }).first().waitFor();
	}
	// A registration names what it likes, and a message is refused with its topic.
	for (const text of hostile)
		await fetch(`${cloud.urls.http}/register/dev`, {
			method: "POST",
			body: JSON.stringify({ productId: text, deviceName: text, nonce: 1, timestamp: 1, signature: text }),
		});
	for (const text of hostile.slice(0, 7)) await fetch(`${cloud.urls.http}/${encodeURI(text)}`);
	device.publish(`${productId}/${hostile[0]}/event`, "x");
	await fixture.panel("Timeline").getByText("may not publish").waitFor();
	for (const view of ["journal", "overview", "devices", "faults"]) {
		await fixture.open(view);
		await page.waitForTimeout(300);
	}
	await fixture.open(`devices/tencent/${encodeURIComponent(hostile[0] ?? "")}/${encodeURIComponent(hostile[1] ?? "")}`);
	await page
		.getByRole("heading", { level: 1 })
		.getByText(hostile[1] ?? "")
		.waitFor();
	t.is(await page.evaluate("window.hacked"), undefined);
	t.is(await page.evaluate("({}).hacked"), undefined);
	t.is(await page.locator("main :is(iframe, style, script, svg, b)").count(), 0);
	fixture.assertCalm();
});

browserTest("a page of another origin can neither read nor change anything, nor frame the console", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	const { admin } = cloud.urls;
	cloud.administration.putProduct("tencent", productId, { secret });
	await page.route("http://elsewhere.example/**", (route) =>
		route.fulfill({ contentType: "text/html", body: `<title>elsewhere</title><iframe src="${admin}/"></iframe>` }),
	);
	await page.goto("http://elsewhere.example/");
	const tried = await page.evaluate<string[]>(`(async () => {
		const outcomes = [];
		const path = "/products/tencent/${productId}";
		for (const [what, options] of [["/session", {}], ["/session", { mode: "no-cors" }], [path, { method: "PUT", body: "{}" }],
			[path + "/secret", { method: "POST", mode: "no-cors", body: "{}" }],
			[path + "/devices/x", { method: "PUT", headers: { "X-Dynreg-Token": "x" }, body: "{}" }]])
			outcomes.push(await fetch("${admin}" + what, options).then(
				async (response) => response.type + " " + (await response.text()), () => "failed"));
		outcomes.push(await new Promise((resolve) => {
			const source = new EventSource("${admin}/events");
			source.onerror = () => resolve("failed");
			source.onmessage = () => resolve("read");
		}));
		return outcomes;
	})()`);
	t.true(
		tried.every((outcome) => outcome === "failed" || outcome === "opaque "),
		`${tried}`,
	);
	t.deepEqual(cloud.administration.devices("tencent", productId), []);
	const [frame] = page.frames().filter((each) => each !== page.mainFrame());
	t.is(
		await frame
			?.locator("#console")
			.count()
			.catch(() => 0),
		0,
	);
});
