/** What the console is made of: numbered events, lists, what a new board needs, and what a browser is told. */

import { request as httpRequest, type IncomingMessage } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { routes } from "@dynreg/cloud/internal/admin/routes";
import { Activity } from "@dynreg/cloud/internal/console/activity";
import { EventStream, type NumberedEvent } from "@dynreg/cloud/internal/console/event-stream";
import { Fleet } from "@dynreg/cloud/internal/console/fleet";
import test, { type ExecutionContext } from "ava";
import { connectAsync, type MqttClient } from "mqtt";
import * as aliyun from "./aliyun-device.js";
import { login, obtainPsk, product, registerV2 } from "./device.js";

async function newCloud(t: ExecutionContext): Promise<Cloud> {
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	return cloud;
}

interface Answer {
	readonly status: number;
	readonly headers: IncomingMessage["headers"];
	readonly text: string;
}

/** With exactly these headers, as a browser would send them. */
function ask(cloud: Cloud, method: string, path: string, headers: object = {}, body = ""): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const request = httpRequest(cloud.urls.admin + path, { method, headers: { ...headers } }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				text += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
		});
		request.once("error", reject);
		request.end(body);
	});
}

async function get<Result>(cloud: Cloud, path: string): Promise<Result> {
	const { status, text } = await ask(cloud, "GET", path);
	if (status !== 200) throw new Error(`${path}: ${text}`);
	return JSON.parse(text) as Result;
}

interface ServerSentEvent {
	readonly id: string;
	readonly name: string;
	readonly data: NumberedEvent & { readonly epoch: string; readonly last: number };
}

/** A reader of server-sent events, as a browser is one. */
class EventReader {
	readonly events: ServerSentEvent[] = [];
	#response: IncomingMessage | undefined;
	#changed: () => void = () => {};
	#text = "";

	static async open(cloud: Cloud, lastId?: string): Promise<EventReader> {
		const reader = new EventReader();
		const headers = lastId === undefined ? {} : { "Last-Event-ID": lastId };
		await new Promise<void>((resolve, reject) => {
			httpRequest(`${cloud.urls.admin}/events`, { headers }, (response) => {
				reader.#response = response;
				response.setEncoding("utf8");
				response.on("data", (text: string) => reader.#read(text));
				response.on("error", () => {});
				resolve();
			})
				.once("error", reject)
				.end();
		});
		return reader;
	}

	#read(text: string): void {
		this.#text += text;
		const blocks = this.#text.split("\n\n");
		this.#text = blocks.pop() ?? "";
		for (const block of blocks) {
			const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
			const data = field("data");
			if (data === undefined || field("event") === "fleet") continue;
			this.events.push({ id: field("id") ?? "", name: field("event") ?? "message", data: JSON.parse(data) });
		}
		this.#changed();
	}

	/** Resolves when there are so many. */
	async count(wanted: number): Promise<readonly ServerSentEvent[]> {
		while (this.events.length < wanted)
			await new Promise<void>((resolve) => {
				this.#changed = resolve;
			});
		return this.events;
	}

	/** Reads nothing more until `resume`. */
	pause(): void {
		this.#response?.pause();
	}

	resume(): void {
		this.#response?.resume();
	}

	close(): void {
		this.#response?.destroy();
	}
}

async function connect(cloud: Cloud, deviceName: string): Promise<MqttClient> {
	const names = { productId: product.id, deviceName };
	const psk = await obtainPsk(cloud.urls.http, names);
	const { clientId, username, password } = login(names, psk);
	const url = new URL(cloud.urls.mqtt);
	return connectAsync(`mqtt://${url.host}`, { clientId, username, password, reconnectPeriod: 0 });
}

test("a reader of the events sees registration, connection, messages and changes, numbered without a gap", async (t) => {
	const cloud = await newCloud(t);
	const reader = await EventReader.open(cloud);
	t.teardown(() => reader.close());
	const client = await connect(cloud, "board-1");
	await client.subscribeAsync(`${product.id}/board-1/control`, { qos: 1 });
	await client.publishAsync(`${product.id}/board-1/event`, '{"lamp":"on"}', { qos: 1 });
	await cloud.administration.sendMessage("tencent", product.id, "board-1", '{"lamp":"off"}');
	cloud.administration.putDevice("tencent", product.id, "board-2");
	await client.endAsync();
	// hello; register, connect, subscribe, publish, its payload, the command, its change, the device's change, disconnect …
	const events = await reader.count(9);
	t.is(events[0]?.name, "hello");
	const data = events.slice(1).map((event) => event.data);
	const first = data[0]?.seq ?? 0;
	t.deepEqual(
		data.map(({ seq }) => seq),
		data.map((_, index) => first + index),
	);
	t.deepEqual(
		events.slice(1).map(({ id }) => id),
		data.map(({ seq }) => `${events[0]?.data.epoch}-${seq}`),
	);
	const seen = data.map((event) =>
		event.type === "journal"
			? `${event.operation} ${event.verdict}`
			: event.type === "message"
				? `${event.direction} ${event.payload}`
				: `${event.method} ${event.path}`,
	);
	for (const wanted of [
		"register/v2 accepted",
		"connect accepted",
		"subscribe accepted",
		"publish accepted",
		'up {"lamp":"on"}',
		'down {"lamp":"off"}',
		`POST /products/tencent/${product.id}/devices/board-1/messages`,
		`PUT /products/tencent/${product.id}/devices/board-2`,
	])
		t.true(seen.includes(wanted), `${wanted}: ${seen.join("\n")}`);
});

test("after a lost connection a reader gets each missed event once", async (t) => {
	const cloud = await newCloud(t);
	const { administration } = cloud;
	const before = await EventReader.open(cloud);
	for (let count = 0; count < 10; count++) administration.putDevice("tencent", product.id, `device-${count}`);
	await before.count(11);
	before.close();
	for (let count = 10; count < 300; count++) administration.putDevice("tencent", product.id, `device-${count}`);
	const after = await EventReader.open(cloud, before.events.at(-1)?.id);
	t.teardown(() => after.close());
	await after.count(291);
	for (let count = 300; count < 310; count++) administration.putDevice("tencent", product.id, `device-${count}`);
	await after.count(301);
	const paths = [...before.events, ...after.events]
		.filter(({ name }) => name === "message")
		.map(({ data }) => (data.type === "change" ? data.path : ""));
	t.deepEqual(
		paths,
		Array.from({ length: 310 }, (_, count) => `/products/tencent/${product.id}/devices/device-${count}`),
	);
	t.is(after.events[0]?.name, "hello");
});

test("a reader of an earlier start, or one that has missed too much, is told to begin again", async (t) => {
	const cloud = await newCloud(t);
	const { epoch } = await get<{ epoch: string }>(cloud, "/session");
	for (let count = 0; count < 5100; count++) cloud.administration.setTime({ offset: count });
	for (const lastId of ["earlier1-7", `${epoch}-1`, `${epoch}-999999`, "nonsense"]) {
		const reader = await EventReader.open(cloud, lastId);
		const [first] = await reader.count(1);
		t.is(first?.name, "reset", lastId);
		t.true((first?.data.last ?? 0) > 5000, lastId);
		reader.close();
	}
});

test("a reader that does not keep up costs no memory, and learns that it has missed something", async (t) => {
	const cloud = await newCloud(t);
	const reader = await EventReader.open(cloud);
	t.teardown(() => reader.close());
	await reader.count(1);
	reader.pause();
	const before = process.memoryUsage().rss;
	for (let round = 0; round < 40; round++) {
		for (let count = 0; count < 5000; count++) cloud.administration.setTime({ offset: count });
		await new Promise(setImmediate);
	}
	t.true(process.memoryUsage().rss - before < 150 * 1024 * 1024);
	reader.resume();
	const events = await reader.count(2);
	cloud.administration.setTime({ offset: 0 });
	while (!reader.events.some(({ name }) => name === "reset")) await reader.count(reader.events.length + 1);
	t.true(events.length < 200_000);
});

test("the kept events are bounded in number, and in the length of their payloads", (t) => {
	const events = new EventStream({ events: 100, payloads: 1000 });
	const message = {
		type: "message",
		time: "",
		product: "P",
		device: "d",
		direction: "up",
		topic: "t",
		bytes: 1,
	} as const;
	for (let count = 1; count <= 1000; count++) events.record({ ...message, payload: "x" });
	t.is(events.size, 100);
	t.is(events.at(900), undefined);
	t.is(events.at(901)?.seq, 901);
	t.is(events.at(1001), undefined);
	for (let count = 0; count < 50; count++) events.record({ ...message, payload: "y".repeat(200) });
	t.is(events.size, 5);
	events.record({ ...message, payload: "z".repeat(5000) });
	t.is(events.size, 1);
	t.is(events.latest(() => true, 10)[0]?.seq, 1051);
});

test("long payloads are cut, and their rest is not kept in memory", (t) => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const activity = new Activity((text) => text.replaceAll("secret!", "[secret]"));
	collect();
	const before = process.memoryUsage().heapUsed;
	for (let count = 0; count < 3000; count++)
		activity.message("P", "d", "up", "t", Buffer.from(`${count} secret! ${"\u00e4".repeat(8000)}`));
	collect();
	const kept = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
	t.log(`${activity.events.size} events of 16 KB: ${kept.toFixed(1)} MB kept`);
	t.true(kept < 24, `${kept} MB`);
	const [latest] = activity.events.latest(() => true, 1);
	t.like(latest, { bytes: 16_013 });
	const { payload } = latest as { payload: string };
	t.is(payload.length, 2048);
	t.true(payload.startsWith("2999 [secret] \u00e4\u00e4"));
	activity.message("P", "d", "up", "t", Buffer.alloc(16_384, 0xff));
	t.like(activity.events.latest(() => true, 1)[0], { binary: true, bytes: 16_384, payload: "ff".repeat(1024) });
	activity.message("P", "d", "up", "t", Buffer.from("\u{1F4A1}".repeat(4000)));
	t.true(
		(activity.events.latest(() => true, 1)[0] as { payload: string }).payload.startsWith("\u{1F4A1}".repeat(1000)),
	);
});

test("the latest events are found by product, device, operation and verdict, the newest first", async (t) => {
	const cloud = await newCloud(t);
	await obtainPsk(cloud.urls.http, { productId: product.id, deviceName: "good" });
	await registerV2(cloud.urls.http, { productId: product.id, deviceName: "bad" }, "some-other-secret-0");
	const find = async (query: string) =>
		(
			await get<{ events: { device?: string; operation?: string; expected?: object }[] }>(
				cloud,
				`/events/latest?${query}`,
			)
		).events;
	t.deepEqual(
		(await find("type=journal&operation=register")).map(({ device }) => device),
		["bad", "good"],
	);
	const [refused, ...others] = await find(`type=journal&product=${product.id}&verdict=refused`);
	t.deepEqual(others, []);
	t.is(refused?.device, "bad");
	t.like(refused?.expected, { algorithm: "hmacsha256" });
	t.is((await find("device=good")).length, 1);
	t.is((await find("limit=1")).length, 1);
	t.deepEqual(await find("type=journal&before=2"), []);
});

test("devices of all products are searched, filtered and listed in pages", async (t) => {
	const cloud = await newCloud(t);
	const { administration } = cloud;
	administration.putProduct("aliyun", "a1Console", { secret: product.secret });
	for (let count = 0; count < 30; count++) administration.putDevice("tencent", product.id, `lamp-${count}`);
	for (let count = 0; count < 5; count++) administration.putDevice("aliyun", "a1Console", `Lamp@${count}`);
	const client = await connect(cloud, "lamp-7");
	t.teardown(() => client.endAsync());
	interface List {
		readonly total: number;
		readonly counts: object;
		readonly devices: { readonly platform: string; readonly product: string; readonly device: { name: string } }[];
	}
	const names = ({ devices }: List) => devices.map(({ device }) => device.name);
	const all = await get<List>(cloud, "/devices?search=LAMP&limit=10&offset=28");
	t.like(all, { total: 35, counts: { created: 34, registered: 0, active: 1, online: 1 } });
	t.deepEqual(names(all), ["lamp-28", "lamp-29", ...Array.from({ length: 5 }, (_, count) => `Lamp@${count}`)]);
	t.deepEqual(names(await get(cloud, "/devices?state=online")), ["lamp-7"]);
	const online = (await get<List>(cloud, "/devices?state=active")).devices[0];
	t.like(online, { platform: "tencent", product: product.id, auth: "key", device: { connected: true } });
	t.regex(JSON.stringify(online), /"lastSeen":"\d{4}-/);
	t.is((await get<List>(cloud, "/devices?state=offline")).total, 34);
	t.deepEqual(names(await get(cloud, "/devices?platform=aliyun&product=a1Console&search=4")), ["Lamp@4"]);
	t.is((await ask(cloud, "GET", "/devices?state=gone")).status, 400);
	t.is((await ask(cloud, "GET", "/devices?platform=tencent&product=NOBODY")).status, 404);
});

test("many devices are created at once, and existing ones are kept", async (t) => {
	const cloud = await newCloud(t);
	const path = `/products/tencent/${product.id}/devices`;
	const send = (names: unknown) => ask(cloud, "POST", path, {}, JSON.stringify({ names }));
	t.deepEqual(JSON.parse((await send(["a-1", "a-2", "a-1"])).text), { created: 2, existing: 1 });
	t.deepEqual(JSON.parse((await send(["a-2", "a-3"])).text), { created: 1, existing: 1 });
	t.is((await send(["a-4", "not a name"])).status, 400);
	t.is((await send("a-5")).status, 400);
	t.is(cloud.administration.devices("tencent", product.id).length, 3);
});

test("a new board's configuration works for a board, and has the same values as mcconfig arguments", async (t) => {
	const cloud = await newCloud(t);
	const body = JSON.stringify({ deviceName: "board-9" });
	const { text } = await ask(cloud, "POST", `/products/tencent/${product.id}/board`, {}, body);
	const { configuration, arguments: given } = JSON.parse(text);
	t.like(configuration, {
		productId: product.id,
		deviceName: "board-9",
		ca: cloud.ca,
		endpoints: { mqtt: cloud.urls.mqtts },
	});
	t.true(given.includes(`endpoints.register=${cloud.urls.https}`));
	t.true(given.includes("ca=authority.der"));
	cloud.administration.putProduct("aliyun", "a1Free", { secret: product.secret, registration: "free" });
	const free = await ask(cloud, "POST", "/products/aliyun/a1Free/board", {}, "{}");
	t.like(JSON.parse(free.text).configuration, { productKey: "a1Free", authType: "regnwl" });
	t.is((await ask(cloud, "POST", "/products/aliyun/a1Free/board", {}, '{"deviceName":"a b"}')).status, 400);
});

test("what a device reports is kept for its page: data template, properties and shadow", async (t) => {
	const cloud = await newCloud(t);
	const client = await connect(cloud, "thing");
	t.teardown(() => client.endAsync());
	const property = `property/${product.id}/thing`;
	await client.subscribeAsync(`$thing/down/${property}`);
	const report = { method: "report", clientToken: "1", params: { brightness: 7 } };
	await client.publishAsync(`$thing/up/${property}`, JSON.stringify(report), { qos: 1 });
	const command = { method: "control", clientToken: "c1", params: { brightness: 9 } };
	await cloud.administration.sendMessage(
		"tencent",
		product.id,
		"thing",
		JSON.stringify(command),
		`$thing/down/${property}`,
	);
	t.like(await get(cloud, `/products/tencent/${product.id}/devices/thing/state`), {
		connected: true,
		control: `${product.id}/thing/control`,
		dataTemplate: { reported: { brightness: 7 }, pending: { c1: { brightness: 9 } } },
	});
});

test("the properties of a thing model are kept, the newest ones where there are too many", async (t) => {
	const cloud = await newCloud(t);
	const names = { productKey: "a1Things", deviceName: "thing-1" };
	cloud.administration.putProduct("aliyun", names.productKey, { secret: aliyun.productSecret });
	cloud.administration.putDevice("aliyun", names.productKey, names.deviceName);
	const secret = await aliyun.obtainSecret(cloud, names);
	const client = await aliyun.open(cloud.urls.mqtt, aliyun.session(names, secret));
	t.teardown(() => client.endAsync(true));
	const topic = `/sys/${names.productKey}/${names.deviceName}/thing/event/property/post`;
	const path = `/products/aliyun/${names.productKey}/devices/${names.deviceName}/state`;
	const post = async (params: unknown) => {
		await client.publishAsync(topic, JSON.stringify({ id: "1", version: "1.0", params }), { qos: 1 });
		return (await get<{ properties?: Record<string, unknown> }>(cloud, path)).properties;
	};
	t.is(await post([1]), undefined);
	t.deepEqual(await post({ power: 1, colour: { value: "red", time: 1_524_448_722_000 } }), { power: 1, colour: "red" });
	t.deepEqual(await post({ power: 0 }), { power: 0, colour: "red" });
	for (let count = 0; count < 9; count++) await post({ [`long-${count}`]: "x".repeat(9000) });
	const kept = Object.keys((await post({ last: true })) ?? {});
	t.deepEqual(kept, [2, 3, 4, 5, 6, 7, 8].map((count) => `long-${count}`).concat("last"));
});

test("a secret that a device publishes is not in the events", async (t) => {
	const cloud = await newCloud(t);
	const names = { productId: product.id, deviceName: "leaky" };
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connectAsync(`mqtt://${new URL(cloud.urls.mqtt).host}`, {
		...login(names, psk),
		reconnectPeriod: 0,
	});
	t.teardown(() => client.endAsync(true));
	const topic = `${product.id}/leaky/event`;
	await client.publishAsync(topic, JSON.stringify({ psk, secret: product.secret }), { qos: 1 });
	await client.publishAsync(topic, `${"x".repeat(2040)}${psk}`, { qos: 1 });
	const { text } = await ask(cloud, "GET", "/events/latest?type=message");
	t.false(text.includes(psk) || text.includes(product.secret) || text.includes(psk.slice(0, 8)));
	t.true(text.includes(String.raw`{\"psk\":\"[secret]\",\"secret\":\"[secret]\"}`));
});

test("no more than 64 programs read the events at a time", async (t) => {
	const cloud = await newCloud(t);
	const readers: EventReader[] = [];
	for (let count = 0; count < 64; count++) readers.push(await EventReader.open(cloud));
	t.is((await ask(cloud, "GET", "/events")).status, 503);
	readers[0]?.close();
	for (let status = 503; status === 503; )
		status = await new Promise<number>((resolve, reject) => {
			const request = httpRequest(`${cloud.urls.admin}/events`, (response) => {
				resolve(response.statusCode ?? 0);
				response.destroy();
			});
			request.once("error", reject).end();
		});
	for (const reader of readers) reader.close();
	t.pass();
});

test("the token is required of web pages that change something, and no page of another origin gets it", async (t) => {
	const cloud = await newCloud(t);
	const { token } = await get<{ token: string }>(cloud, "/session");
	const origin = cloud.urls.admin;
	const path = `/products/tencent/${product.id}`;
	const own = { Origin: origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
	const statusOf = async (method: string, where: string, headers: object) =>
		(await ask(cloud, method, where, headers, method === "GET" ? "" : "{}")).status;
	t.is(await statusOf("PUT", path, own), 403);
	t.is(await statusOf("PUT", path, { ...own, "X-Dynreg-Token": `${token}x` }), 403);
	t.is(await statusOf("PUT", path, { ...own, "X-Dynreg-Token": token }), 200);
	t.is(await statusOf("POST", `${path}/secret`, own), 403);
	t.is(await statusOf("POST", `${path}/secret`, { ...own, "X-Dynreg-Token": token }), 200);
	t.is(await statusOf("PUT", path, {}), 200);
	t.is(await statusOf("PUT", path, { "Sec-Fetch-Site": "same-origin" }), 403);
	for (const site of ["cross-site", "same-site"]) {
		const foreign = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors" };
		for (const where of ["/session", "/events", "/", "/console/console.js"])
			t.is(await statusOf("GET", where, foreign), 400, where);
		t.is(await statusOf("POST", path, { ...foreign, "X-Dynreg-Token": token }), 400);
		const link = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", Accept: "text/html" };
		t.is(await statusOf("GET", "/", link), 200);
	}
	t.is(await statusOf("GET", "/session", { Origin: "http://elsewhere.example" }), 400);
	t.is(await statusOf("GET", "/session", { Host: "elsewhere.example" }), 400);
});

test("a browser gets the page with a strict policy, a program gets JSON, at the same address", async (t) => {
	const cloud = await newCloud(t);
	const page = await ask(cloud, "GET", "/", { Accept: "text/html,application/xhtml+xml" });
	t.is(page.headers["content-type"], "text/html; charset=utf-8");
	const policy = String(page.headers["content-security-policy"]);
	t.regex(policy, /default-src 'none'; script-src 'self';/);
	t.regex(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'/);
	t.notRegex(policy, /unsafe|\*|https?:/);
	t.notRegex(page.text, /https?:\/\/|<style|\son\w+=|<script(?! src)/);
	for (const [, path = ""] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
		const { status, headers } = await ask(cloud, "GET", path);
		t.is(status, 200, path);
		t.is(headers["x-content-type-options"], "nosniff", path);
		t.is(headers["cross-origin-resource-policy"], "same-origin", path);
	}
	t.like(JSON.parse((await ask(cloud, "GET", "/")).text), { server: "@dynreg/cloud" });
	t.like(JSON.parse((await ask(cloud, "GET", "/", { Accept: "*/*" })).text), { server: "@dynreg/cloud" });
	for (const path of ["/console/", "/console/../package.json", "/console/%2e%2e/package.json", "/console/index.html"])
		t.is((await ask(cloud, "GET", path)).status, 404, path);
});

test("the OpenAPI document has each operation that the router serves", async (t) => {
	const cloud = await newCloud(t);
	interface Document {
		readonly openapi: string;
		readonly paths: Record<string, Record<string, { summary: string; operationId: string; parameters?: object[] }>>;
	}
	const { openapi, paths } = await get<Document>(cloud, "/openapi.json");
	t.is(openapi, "3.1.0");
	const documented = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
	);
	t.deepEqual(
		documented.toSorted(),
		routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`).toSorted(),
	);
	const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
	for (const { summary } of operations) t.regex(summary, /^[A-Z].*\.$/);
	t.is(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
	t.like(paths["/devices"]?.get?.parameters?.[2], {
		name: "search",
		in: "query",
		required: false,
		schema: { type: "string", description: "Part of the name, in any case." },
	});
});

test("the fleet's history has each second, also those in which nothing happened", (t) => {
	let now = 1_000_000_000_500;
	const fleet = new Fleet(() => now);
	fleet.sessions(1, true);
	fleet.sessions(2, true);
	now += 3000;
	fleet.sessions(1, false);
	now += 2000;
	t.deepEqual(
		fleet.history(6).map(({ connections, online }) => [connections, online]),
		[
			[0, 0],
			[2, 2],
			[0, 2],
			[0, 2],
			[0, 1],
			[0, 1],
		],
	);
	// Two weeks with a connection each minute: only ten minutes are kept.
	for (let minute = 0; minute < 20_160; minute++) {
		now += 60_000;
		fleet.sessions(3, true);
	}
	const history = fleet.history();
	t.is(history.length, 600);
	t.is(history.filter(({ connections }) => connections > 0).length, 9);
	t.true(history.every(({ online }) => online === 3));
});
