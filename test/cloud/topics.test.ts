/** The platforms' topics: which are taken, what is answered, and which the platform subscribes devices to by itself. */

import { type Cloud, startCloud } from "@dynreg/cloud";
import { topicRows as aliyunRows } from "@dynreg/cloud/internal/platforms/aliyun/topics";
import { topicRows as tencentRows } from "@dynreg/cloud/internal/platforms/tencent/topics";
import type { TopicRow } from "@dynreg/cloud/internal/platforms/topic-table";
import test from "ava";
import type { MqttClient } from "mqtt";
import * as aliyun from "./aliyun-device.js";
import { login, obtainPsk, product } from "./device.js";

const productKey = "topicsProd1";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	cloud.administration.putProduct("aliyun", productKey, { secret: aliyun.productSecret });
});
test.after.always(() => cloud.close());

type Client = MqttClient & { got: [topic: string, text: string][] };

interface Device {
	readonly own: string;
	readonly name: string;
	readonly client: Client;
	/** @returns what comes on the topic next */
	next(topic: string): Promise<Record<string, unknown>>;
	/** Publishes JSON, and waits for what comes on the other topic. */
	ask(topic: string, message: unknown, on: string): Promise<Record<string, unknown>>;
}

let count = 0;

function wrap(productId: string, name: string, client: Client): Device {
	const next = async (topic: string): Promise<Record<string, unknown>> => {
		const found = () => client.got.findIndex(([each]) => each === topic);
		await aliyun.until(() => found() >= 0);
		const [[, text] = ["", ""]] = client.got.splice(found(), 1);
		return JSON.parse(text) as Record<string, unknown>;
	};
	return {
		own: `${productId}/${name}`,
		name,
		client,
		next,
		async ask(topic, message, on) {
			client.publish(topic, typeof message === "string" ? message : JSON.stringify(message));
			return next(on);
		},
	};
}

async function aliyunDevice(change: Readonly<Record<string, string>> = {}): Promise<Device> {
	const names = { productKey, deviceName: `board-${++count}` };
	cloud.administration.putDevice("aliyun", productKey, names.deviceName);
	const secret = await aliyun.obtainSecret(cloud, names);
	const client = await aliyun.open(cloud.urls.mqtt, aliyun.session(names, secret, change));
	return wrap(productKey, names.deviceName, client);
}

async function tencentDevice(): Promise<Device> {
	const names = { productId: product.id, deviceName: `board-${++count}` };
	const psk = await obtainPsk(cloud.urls.http, names);
	return wrap(product.id, names.deviceName, await aliyun.open(cloud.urls.mqtt, login(names, psk)));
}

/** A topic, or filter, of a row for this device. */
function fill({ topic }: TopicRow, own: string, wildcards: boolean): string {
	const [productId = ""] = own.split("/");
	const filled = topic.replace("{own}", own).replace("{product}", productId).replace("{service}", "service");
	return wildcards ? filled.replaceAll(/\+(?=\w)/g, "any") : filled.replaceAll(/[+#]/g, "any");
}

const platforms = [
	["Tencent", tencentRows, tencentDevice],
	["Alibaba", aliyunRows, aliyunDevice],
] as const;

for (const [platform, rows, connect] of platforms) {
	test(`${platform}: each topic allows publish and subscribe as in the table`, async (t) => {
		let { own, client } = await connect();
		let subscriptions = 0;
		for (const row of rows) {
			if (row.direction !== "up") {
				// A connection has at most a hundred subscriptions.
				if (++subscriptions % 90 === 0) {
					client.end(true);
					({ own, client } = await connect());
				}
				const [granted] = await client.subscribeAsync(fill(row, own, true), { qos: 1 });
				t.is(granted?.qos, 1, row.topic);
			}
			if (row.direction !== "down") await client.publishAsync(fill(row, own, false), "{}", { qos: 1 });
			t.true(client.connected, row.topic);
		}
		client.end(true);
	});

	test(`${platform}: no topic of another device's is taken`, async (t) => {
		const { own: other, client: theirs } = await connect();
		const { client, own } = await connect();
		const [productId] = own.split("/");
		const down = rows.filter(({ topic, direction }) => direction !== "up" && topic.includes("{own}"));
		for (const row of down.slice(0, 80)) {
			await t.throwsAsync(client.subscribeAsync(fill(row, other, true)), undefined, row.topic);
			await t.throwsAsync(client.subscribeAsync(fill(row, `${productId}/+`, true)), undefined, row.topic);
		}
		client.end(true);
		const up = rows.filter(({ topic, direction }) => direction !== "down" && topic.includes("{own}"));
		for (const row of [up[0], up.at(-1)]) {
			if (!row) throw new Error("no row");
			const { client: again } = await connect();
			const ended = aliyun.closed(again);
			again.publish(fill(row, other, false), "{}");
			await ended;
		}
		theirs.end(true);
	});
}

/** As Link SDK for C says that it wants them, and as an Arduino library that says nothing. */
const silentClients = [
	["Link SDK for C", { _ss: "1", _v: "sdk-c-4.2.0" }],
	["a library that says nothing of it", { _v: "" }],
] as const;
for (const [who, change] of silentClients)
	test(`Alibaba: ${who} never subscribes, and is answered and commanded all the same`, async (t) => {
		const { own, name, client, ask, next } = await aliyunDevice(change);
		const time = await ask(`/ext/ntp/${own}/request`, { deviceSendTime: "1" }, `/ext/ntp/${own}/response`);
		t.is(time.deviceSendTime, "1");
		const topic = `/sys/${own}/thing/event/property/post`;
		t.like(await ask(topic, { id: "7", params: { light: 1 } }, `${topic}_reply`), { code: 200, id: "7" });
		const commands = [
			`/sys/${own}/thing/service/property/set`,
			`/sys/${own}/thing/service/reboot`,
			`/sys/${own}/rrpc/request/123`,
			`/sys/${own}/thing/model/down_raw`,
			`/sys/${own}/thing/config/push`,
			`/sys/${own}/broadcast/request/9`,
			`/ota/device/upgrade/${own}`,
			`/shadow/get/${own}`,
			`/ext/rrpc/456/any/topic`,
			`/ext/error/${own}`,
		];
		for (const command of commands) {
			await cloud.administration.sendMessage("aliyun", productKey, name, `{"on":"${command}"}`, command);
			t.deepEqual(await next(command), { on: command });
		}
		// Its own topics and broadcasts by name are the device's to subscribe to.
		for (const custom of [`/${own}/user/get`, `/broadcast/${productKey}/all`])
			await t.throwsAsync(cloud.administration.sendMessage("aliyun", productKey, name, "x", custom), {
				message: /has not subscribed/,
			});
		client.end(true);
	});

test("Alibaba: UNSUBSCRIBE ends and SUBSCRIBE replaces the platform's subscription", async (t) => {
	const { own, name, client, next } = await aliyunDevice();
	const set = `/sys/${own}/thing/service/property/set`;
	const send = (topic: string) => cloud.administration.sendMessage("aliyun", productKey, name, "{}", topic);
	await client.unsubscribeAsync(set);
	await t.throwsAsync(send(set), { message: /has not subscribed/ });
	await send(`/sys/${own}/thing/service/reboot`);
	await client.unsubscribeAsync(`/sys/${own}/#`);
	await t.throwsAsync(send(`/sys/${own}/thing/service/reboot`), { message: /has not subscribed/ });
	await client.subscribeAsync(set, { qos: 1 });
	await client.subscribeAsync(`/sys/${own}/thing/service/+`, { qos: 0 });
	client.got.length = 0;
	const packets: { topic: string; qos: number }[] = [];
	client.on(
		"packetreceive",
		(packet) => packet.cmd === "publish" && packets.push({ topic: packet.topic, qos: packet.qos }),
	);
	await send(set);
	await next(set);
	await send(set);
	await next(set);
	t.deepEqual(packets, [
		{ topic: set, qos: 1 },
		{ topic: set, qos: 1 },
	]);
	client.end(true);
});

test("Alibaba: a device can subscribe to its own responses and gets none back", async (t) => {
	const { own, client } = await aliyunDevice();
	const topic = `/sys/${own}/thing/config/push_reply`;
	t.is((await client.subscribeAsync(topic, { qos: 1 }))[0]?.qos, 1);
	await client.publishAsync(topic, "{}", { qos: 1 });
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.deepEqual(client.got, []);
	client.end(true);
});

test("Alibaba: an RRPC call reaches its device only, the response the platform only", async (t) => {
	const [one, two] = [await aliyunDevice(), await aliyunDevice()];
	for (const { client } of [one, two]) await client.subscribeAsync(["/ext/rrpc/+/hello", "/ext/rrpc/#"]);
	await cloud.administration.sendMessage("aliyun", productKey, one.name, "{}", "/ext/rrpc/1/hello");
	await one.next("/ext/rrpc/1/hello");
	await one.client.publishAsync("/ext/rrpc/1/hello", '{"answer":1}', { qos: 1 });
	await cloud.administration.sendMessage("aliyun", productKey, two.name, "{}", "/ext/rrpc/2/hello");
	await two.next("/ext/rrpc/2/hello");
	await new Promise((resolve) => setTimeout(resolve, 200));
	t.deepEqual([one.client.got, two.client.got], [[], []]);
	for (const { client } of [one, two]) client.end(true);
});

test("Alibaba: Alink requests get a response unless they decline one", async (t) => {
	const { own, client, ask } = await aliyunDevice();
	const cases: [name: string, params: unknown, code: number, data: unknown][] = [
		["thing/event/alarm/post", {}, 200, {}],
		["thing/event/property/batch/post", {}, 200, {}],
		["thing/event/property/history/post", [], 200, {}],
		["thing/event/alarm/post", undefined, 460, {}],
		["thing/deviceinfo/update", [{ attrKey: "a", attrValue: "b" }], 200, {}],
		["thing/deviceinfo/delete", undefined, 460, {}],
		["thing/config/get", { configScope: "product" }, 6710, {}],
		["thing/ota/firmware/get", {}, 200, {}],
		["thing/property/desired/get", ["power"], 200, {}],
		["thing/property/desired/delete", {}, 200, {}],
		["thing/log/post", [], 200, {}],
		["thing/topo/get", {}, 200, []],
		["_thing/diag/post", {}, 200, {}],
	];
	for (const [name, params, code, data] of cases) {
		const topic = `/sys/${own}/${name}`;
		const response = await ask(topic, { id: "12", version: "1.0", params, sys: { ack: 1 } }, `${topic}_reply`);
		const method = name.replaceAll("/", ".").replace(/^_/, "");
		t.like(response, { code, id: "12", method, version: "1.0" }, name);
		t.deepEqual(response.data, data, name);
		await client.publishAsync(topic, JSON.stringify({ id: "13", params, sys: { ack: 0 } }), { qos: 1 });
	}
	for (const malformed of ["", "[]", "1", "{"]) {
		const topic = `/sys/${own}/thing/event/alarm/post`;
		t.like(await ask(topic, malformed, `${topic}_reply`), { code: 460, id: "" });
	}
	t.deepEqual(client.got, []);
	client.end(true);
});

test("Alibaba: the shadow is updated, read and emptied, with the documented errors", async (t) => {
	const { own, client, ask } = await aliyunDevice();
	const shadow = (request: unknown) => ask(`/shadow/update/${own}`, request, `/shadow/get/${own}`);
	const update = (reported: unknown, version: unknown) => shadow({ method: "update", state: { reported }, version });
	t.like(await shadow({ method: "get" }), {
		method: "reply",
		version: 0,
		payload: { status: "success", state: { reported: {} } },
	});
	t.like(await update({ color: "red" }, 1), { method: "reply", payload: { status: "success", version: 1 } });
	t.like(await update({ size: 2 }, 2), { payload: { version: 2 } });
	const whole = await shadow({ method: "get" });
	t.like(whole, { version: 2, payload: { state: { reported: { color: "red", size: 2 } } } });
	t.is(typeof whole.timestamp, "number");
	const errors: [request: unknown, code: string][] = [
		["{", "400"],
		["[]", "400"],
		[{ state: {} }, "401"],
		[{ method: "update", version: 3 }, "402"],
		[{ method: "update", state: { reported: {} }, version: "3" }, "403"],
		[{ method: "update", state: {}, version: 3 }, "404"],
		[{ method: "update", state: { reported: "x" }, version: 3 }, "405"],
		[{ method: "toString" }, "406"],
		[
			{
				method: "update",
				state: { reported: Object.fromEntries(Array.from({ length: 127 }, (_, key) => [`k${key}`, 1])) },
				version: 3,
			},
			"408",
		],
		[{ method: "update", state: { reported: { color: "blue" } }, version: 2 }, "409"],
	];
	for (const [request, errorcode] of errors)
		t.like(
			await shadow(request),
			{ payload: { status: "error", content: { errorcode } } },
			JSON.stringify(request).slice(0, 60),
		);
	t.like(await shadow({ method: "get" }), { version: 2 });
	t.like(await shadow({ method: "delete", state: { reported: { color: "null" } }, version: 3 }), {
		payload: { version: 3 },
	});
	t.deepEqual(((await shadow({ method: "get" })).payload as { state: unknown }).state, { reported: { size: 2 } });
	t.like(await shadow({ method: "update", state: { desired: "null" }, version: 4 }), { payload: { version: 4 } });
	t.like(await update({}, -1), { payload: { status: "success", version: 0 } });
	t.like(await shadow({ method: "get" }), { version: 0, payload: { state: { reported: {} } } });
	client.end(true);
});

test("Tencent: the shadow is read and updated, and shows what was reported", async (t) => {
	const { own, client, ask } = await tencentDevice();
	const [up, down] = [`$shadow/operation/${own}`, `$shadow/operation/result/${own}`];
	await client.subscribeAsync(down);
	t.deepEqual(
		{ ...(await ask(up, { type: "get", clientToken: "P-0" }, down)), timestamp: 0 },
		{
			type: "get",
			result: 0,
			clientToken: "P-0",
			timestamp: 0,
			payload: { state: { reported: {} }, timestamp: 0, version: 0 },
		},
	);
	const update = (reported: unknown, version?: unknown) =>
		ask(up, { type: "update", state: { reported }, version, clientToken: 5551 }, down);
	t.like(await update({ temperature: 35 }), {
		type: "update",
		result: 0,
		clientToken: "5551",
		payload: { version: 1 },
	});
	t.like(await update({ light: 1 }, 0), { payload: { state: { reported: { light: 1 } }, version: 2 } });
	t.like(await update({ light: 2 }, 2), { result: 0, payload: { version: 3 } });
	t.like(await update({ light: 3 }, 2), { result: 900007 });
	for (const wrong of [undefined, 1, []]) t.like(await update(wrong), { result: 900001 });
	t.like(await update({ light: 3 }, "3"), { result: 900001 });
	t.like(await ask(up, { type: "get" }, down), {
		payload: { state: { reported: { temperature: 35, light: 2 } }, version: 3 },
	});
	for (const silent of ["{", "[]", "{}", '{"type":"delete"}']) client.publish(up, silent);
	t.like(await ask(up, { type: "get", clientToken: "last" }, down), { clientToken: "last" });
	client.end(true);
});

test("Tencent: version, configuration, log level, file and gateway requests get responses", async (t) => {
	const { own, name, client, ask, next } = await tencentDevice();
	const cases: [up: string, request: unknown, down: string, response: Record<string, unknown>][] = [
		[
			"$ota/report",
			{ type: "report_version", report: { version: "1.0" } },
			"$ota/update",
			{ type: "report_version_rsp", result_code: 0, result_msg: "success", version: "1.0" },
		],
		["$config/operation", { type: "get" }, "$config/operation/result", { type: "reply", result: 1001, payload: {} }],
		[
			"$log/operation",
			{ type: "get_log_level", clientToken: "a-1" },
			"$log/operation/result",
			{ type: "get_log_level", clientToken: "a-1", log_level: 0 },
		],
		[
			"$thing/up/service",
			{ method: "app_bind_token", clientToken: "c", params: { token: "t" } },
			"$thing/down/service",
			{ method: "app_bind_token_reply", clientToken: "c", code: 0 },
		],
		[
			"$thing/up/service",
			{ method: "report_version", report: { resource_list: [] } },
			"$thing/down/service",
			{ method: "report_version_rsp", result_code: 0, resource_list: [] },
		],
		[
			"$gateway/operation",
			{ type: "describe_sub_devices" },
			"$gateway/operation/result",
			{ type: "describe_sub_devices", payload: { devices: [] } },
		],
		[
			"$gateway/operation",
			{ type: "online", payload: { devices: [{ product_id: "P", device_name: "d" }] } },
			"$gateway/operation/result",
			{ type: "online", payload: { devices: [{ product_id: "P", device_name: "d", result: -1 }] } },
		],
		[
			"$template/operation",
			{ type: "get", clientToken: "t" },
			"$template/operation/result",
			{ type: "get", result: 0 },
		],
		[
			"$thing/up/event",
			{ method: "event_post", clientToken: "e", events: [{ eventId: "a" }] },
			"$thing/down/event",
			{ method: "events_reply", code: 0 },
		],
		[
			"$thing/up/event",
			{ method: "events_post", clientToken: "e", events: [] },
			"$thing/down/event",
			{ method: "events_reply", code: 0 },
		],
	];
	await client.subscribeAsync([...new Set(cases.map(([, , down]) => `${down}/${own}`))]);
	for (const [up, request, down, response] of cases)
		t.like(await ask(`${up}/${own}`, request, `${down}/${own}`), response, JSON.stringify(request));
	const silent: [up: string, payload: string][] = [
		["$ota/report", '{"type":"report_progress","report":{"progress":{"state":"done"},"version":"1"}}'],
		["$ota/report", '{"type":"report_version"}'],
		["$config/operation", "{}"],
		["$log/operation", "{"],
		["$gateway/operation", '{"type":"bind"}'],
		["$thing/up/service", '{"method":"request_url"}'],
		["$thing/up/service", '{"method":"report_version"}'],
		["$thing/up/raw", "\u0001\u0002"],
		["$resource/up/service", '{"type":"create_upload_task"}'],
	];
	for (const [up, payload] of silent) await client.publishAsync(`${up}/${own}`, payload, { qos: 1 });
	for (const down of ["$thing/down/raw", "$resource/down/service", "$broadcast/rxd"]) {
		await client.subscribeAsync(`${down}/${own}`);
		await cloud.administration.sendMessage("tencent", product.id, name, '{"a":1}', `${down}/${own}`);
		t.deepEqual(await next(`${down}/${own}`), { a: 1 });
	}
	t.deepEqual(client.got, []);
	client.end(true);
});

test("Tencent: the platform subscribes devices to nothing by itself", async (t) => {
	const { own, name, client } = await tencentDevice();
	await client.publishAsync(`$sys/operation/${own}`, '{"type":"get","resource":["time"]}', { qos: 1 });
	await t.throwsAsync(cloud.administration.sendMessage("tencent", product.id, name, "x"), {
		message: /not subscribed/,
	});
	t.deepEqual(client.got, []);
	client.end(true);
});

test("a message of the administration needs a topic without wildcards", async (t) => {
	const { name, own, client } = await aliyunDevice();
	await client.subscribeAsync(`/${own}/user/#`);
	for (const topic of ["", "#", `/${own}/user/#`, `/${own}/user/+`, `/${own}/user/a\0`])
		await t.throwsAsync(cloud.administration.sendMessage("aliyun", productKey, name, "x", topic), {
			message: /no \+, # or NUL/,
		});
	client.end(true);
});
