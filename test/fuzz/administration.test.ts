/** No request to the administration ends the cloud, or makes a later registration or connection end it. */

import { request } from "node:http";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { connect, type MqttClient } from "mqtt";
import * as aliyun from "../cloud/aliyun-device.js";
import { login, obtainPsk, product, v2Request } from "../cloud/device.js";
import { anyText, anyValue } from "./hostile-values.js";
import { checkProperty } from "./properties.js";

const board = { productId: product.id, deviceName: "board-1" };
const key = { productKey: "fuzzKey0001", deviceName: "board-1" };

let cloud: Cloud;
let clients: MqttClient[];
/** Errors that would have ended `dynreg cloud`. */
const bugs: unknown[] = [];

test.before(async () => {
	cloud = await startCloud({ onBug: (error) => bugs.push(error) });
	const { administration, urls } = cloud;
	administration.putProduct("tencent", product.id, { secret: product.secret });
	administration.putProduct("aliyun", key.productKey, { secret: aliyun.productSecret });
	administration.putDevice("aliyun", key.productKey, key.deviceName);
	const psk = await obtainPsk(urls.http, board);
	const secret = await aliyun.obtainSecret(cloud, key);
	clients = [login(board, psk), aliyun.session(key, secret)].map((fields) =>
		connect(urls.mqtt, { ...fields, keepalive: 60, reconnectPeriod: 0 }).on("error", () => {}),
	);
	for (const client of clients) await new Promise((resolve) => client.once("connect", resolve));
});
test.after.always(async () => {
	for (const client of clients) client.end(true);
	await cloud.close();
});

interface Request {
	readonly method: string;
	readonly path: string;
	readonly body: string;
}

/** @returns the status; 0 if the server closed the connection */
function send(url: string, { method, path, body }: Request, headers: Record<string, string> = {}): Promise<number> {
	return new Promise((resolve) => {
		const message = request(url, { method, path, headers: { ...headers, "Content-Length": Buffer.byteLength(body) } });
		message.once("response", (response) => response.resume().once("end", () => resolve(response.statusCode ?? 0)));
		message.once("error", () => resolve(0));
		message.end(body);
	});
}

const devicePath = `/products/tencent/${product.id}/devices/board-1`;
const paths = [
	...["/", "/products", "/requests", "/faults", "/time", "/certificate"],
	...[`/products/tencent/${product.id}`, "/products/tencent/OTHER00001", `/products/aliyun/${key.productKey}`],
	...["", "/reset", "/rotate", "/revoke", "/messages", "/disconnect"].map((end) => devicePath + end),
	`/products/aliyun/${key.productKey}/devices/board-1/messages`,
	`/products/tencent/${product.id}/devices`,
];

const anyPath = fc.oneof(
	{ weight: 6, arbitrary: fc.constantFrom(...paths) },
	fc
		.array(fc.oneof(fc.constantFrom("products", "tencent", "__proto__", "%", "%00", "%ff", "..", "*"), anyText), {
			maxLength: 6,
		})
		.map((parts) => `/${parts.map((part) => (/^[\w%.*]*$/.test(part) ? part : encode(part))).join("/")}`),
);

/** Lone surrogates have no encoding. */
function encode(text: string): string {
	return encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/g, "?")).slice(0, 500);
}

const keys = [
	...["secret", "auth", "authority", "registration", "limit", "instanceId", "psk", "topic", "payload", "offset"],
	...["silent", "kind", "at", "rules"],
];

const topics = ["", "#", "+", "a\0b", "\ud800", "x".repeat(9000), `/${key.productKey}/board-1/user/#`];
const anyBody = fc
	.array(fc.tuple(fc.constantFrom(...keys), fc.oneof(anyValue, fc.constantFrom(...topics))), { maxLength: 4 })
	.map((entries) => JSON.stringify(Object.fromEntries(entries)));

const urls = [
	...["http://你好/", "http://a/\r\nX-Injected: 1", "http://a/\u0000", "http://[::1", "//a", "http://a b/", ""],
	...["http://ok.example/", "http://ok.example/你好", "http://\ud800/", "javascript:0", `http://a/${"x".repeat(9000)}`],
];

const registration = fc.constantFrom("register", "register/v2");
/** Rules whose parameters are those of the fault, so that many of them are accepted. */
const rule = fc.oneof(
	fc.record({
		operation: registration,
		fault: fc.constant("redirect"),
		location: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...urls) }, fc.webUrl(), anyText),
	}),
	fc.record({
		operation: registration,
		fault: fc.constant("status"),
		status: fc.constantFrom<unknown>(400, 503, 599, 99, 1000, "503"),
		retryAfter: fc.oneof(fc.constantFrom<unknown>(1, 86_400, 1e9, -1, "1"), anyValue),
	}),
	fc.record({
		operation: registration,
		fault: fc.constant("oversized"),
		bytes: fc.constantFrom<unknown>(1, 100_000, -1, 1e308),
	}),
	fc.record(
		{
			operation: fc.constantFrom("register", "register/v2", "connect", "session", "http"),
			fault: fc.constantFrom("truncated", "not-json", "wrong-len", "duplicate", "portal", "drop"),
			device: fc.oneof(fc.constant<unknown>("board-2"), anyValue),
			count: fc.constantFrom<unknown>(1, 2, 0, "1"),
		},
		{ requiredKeys: ["operation", "fault"] },
	),
);

/** Registers, so that a fault takes effect. */
async function register(t: ExecutionContext): Promise<void> {
	const { headers, body } = v2Request(new URL(cloud.urls.http).hostname, { ...board, deviceName: "board-2" });
	await send(cloud.urls.http, { method: "POST", path: "/device/register", body }, headers);
	t.deepEqual(bugs, []);
}

test("requests of any path and body", async (t) => {
	const method = fc.constantFrom("GET", "PUT", "POST", "DELETE", "PATCH");
	const body = fc.oneof(
		anyBody,
		anyValue.map((value) => JSON.stringify(value) ?? ""),
		anyText,
	);
	await checkProperty(
		t,
		fc.record({ method, path: anyPath, body }),
		async (each) => {
			// These would end what the test looks at.
			if (each.method === "DELETE" && each.path.startsWith("/products/") && each.path.length < 40) return;
			await send(cloud.urls.admin, each);
			t.deepEqual(bugs, []);
		},
		{ runs: 600 },
	);
	await register(t);
	t.is(await send(cloud.urls.admin, { method: "GET", path: "/products", body: "" }), 200);
});

test("fault rules with any URL, number and name", async (t) => {
	await checkProperty(
		t,
		rule,
		async (each) => {
			await send(cloud.urls.admin, { method: "PUT", path: "/faults", body: JSON.stringify({ rules: [each] }) });
			await register(t);
		},
		{ runs: 400 },
	);
	cloud.administration.clearFaults();
	await register(t);
});
