import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import { reservedPorts } from "../support/reserved-ports.js";
import { obtainPsk, product, registerV2 } from "./device.js";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

interface Reply {
	readonly status: number;
	readonly body: unknown;
	readonly allow: string | null;
}

async function ask(method: string, path: string, body?: unknown, headers = {}): Promise<Reply> {
	const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
	const response = await fetch(cloud.urls.admin + path, { method, headers, ...(text !== undefined && { body: text }) });
	const answer = await response.text();
	return {
		status: response.status,
		body: answer === "" ? undefined : JSON.parse(answer),
		allow: response.headers.get("allow"),
	};
}

let count = 0;
async function newProduct(): Promise<string> {
	const path = `/products/tencent/ADMIN${String(++count).padStart(5, "0")}`;
	await ask("PUT", path, { secret: product.secret });
	return path;
}

test("it shows what a board needs: the cloud's addresses, and its authority", async (t) => {
	const body = { server: "@dynreg/cloud", urls: cloud.urls, ca: cloud.ca, authority: cloud.authority };
	t.deepEqual(await ask("GET", "/"), { status: 200, body, allow: null });
	t.is(await readFile(cloud.ca, "utf8"), cloud.authority);
});

test("a product is created, listed, changed in parts, and deleted", async (t) => {
	const path = "/products/tencent/WHOLELIFE0";
	const settings = { secret: product.secret, auth: "key", registration: "automatic", limit: 10 };
	const view = { platform: "tencent", id: "WHOLELIFE0", auth: "key", registration: "automatic", limit: 10, devices: 0 };
	t.like(await ask("PUT", path, settings), { status: 200, body: view });
	t.deepEqual((await ask("GET", path)).body, view);
	const { body } = await ask("GET", "/products");
	t.true((body as { id: string }[]).some(({ id }) => id === "WHOLELIFE0"));
	t.deepEqual((await ask("PUT", path, { registration: "off" })).body, { ...view, registration: "off" });
	t.is((await ask("DELETE", path)).status, 204);
	t.is((await ask("GET", path)).status, 404);
});

test("a device is created, seen through its states, reset and deleted", async (t) => {
	const path = await newProduct();
	const device = `${path}/devices/board:1`;
	const names = { productId: path.slice(-10), deviceName: "board:1" };
	t.is((await ask("GET", device)).status, 404);
	t.like(await ask("PUT", device), { status: 200, body: { name: "board:1", state: "created", automatic: false } });
	await obtainPsk(cloud.urls.http, names);
	t.like((await ask("GET", device)).body, { state: "registered", connected: false });
	t.like((await ask("POST", `${device}/reset`)).body, { state: "registered" });
	t.is(((await ask("GET", `${path}/devices`)).body as unknown[]).length, 1);
	t.is((await ask("DELETE", device)).status, 204);
	t.is((await ask("GET", device)).status, 404);
});

test("a psk given for a device is handed out next", async (t) => {
	const path = await newProduct();
	const psk = Buffer.from("0123456789abcdef").toString("base64");
	const { body } = await ask("PUT", `${path}/devices/replay`, { psk });
	t.like(body, { nextSecretFixed: true });
	t.is(await obtainPsk(cloud.urls.http, { productId: path.slice(-10), deviceName: "replay" }), psk);
});

test("an Alibaba product has an instance, and its platform's registration modes", async (t) => {
	const path = "/products/aliyun/a1Admin";
	const view = {
		platform: "aliyun",
		id: "a1Admin",
		auth: "key",
		registration: "pre-created",
		limit: 200_000,
		devices: 0,
	};
	t.deepEqual((await ask("PUT", path, { secret: product.secret })).body, view);
	const change = { registration: "free", instanceId: "iot-060a02ng" };
	t.deepEqual((await ask("PUT", path, change)).body, { ...view, ...change });
	t.deepEqual((await ask("PUT", path, { limit: 5 })).body, { ...view, ...change, limit: 5 });
	const { body } = await ask("PUT", `${path}/devices/board@1`, { secret: "eight-or-more" });
	t.deepEqual(body, { name: "board@1", state: "created", connected: false, automatic: false, nextSecretFixed: true });
	t.is((await ask("POST", `${path}/devices/board@1/rotate`, { secret: "eight-or-more" })).status, 200);
	t.is((await ask("POST", `${path}/devices/board@1/messages`, { payload: "x" })).status, 409);
	t.is((await ask("POST", `${path}/devices/board@1/disconnect`)).status, 409);
	t.is((await ask("POST", `${path}/devices/board@1/reset`)).status, 200);
});

test("no response of the administration holds a secret", async (t) => {
	const path = await newProduct();
	const psk = Buffer.from("fedcba9876543210").toString("base64");
	const answers = [
		await ask("PUT", path, { secret: product.secret }),
		await ask("PUT", `${path}/devices/quiet`, { psk }),
		await ask("POST", `${path}/devices/quiet/rotate`, { psk }),
		await ask("PUT", `${path}/devices/quiet`, { psk: "not a psk" }),
		await ask("GET", "/products"),
		await ask("GET", `${path}/devices/quiet`),
		await ask("GET", "/requests"),
	];
	const text = JSON.stringify(answers);
	t.false(text.includes(product.secret));
	t.false(text.includes(psk));
});

test.serial("requests are listed with verdict and reason until they are cleared", async (t) => {
	const path = await newProduct();
	const names = { productId: path.slice(-10), deviceName: "seen" };
	await obtainPsk(cloud.urls.http, names);
	await registerV2(cloud.urls.http, names, "some-other-secret-0");
	const entries = (await ask("GET", "/requests")).body as Record<string, string>[];
	const [good, bad] = entries.filter((entry) => entry.device === "seen");
	t.like(good, { transport: "http", operation: "register/v2", product: names.productId, verdict: "accepted" });
	t.like(bad, { operation: "register/v2", verdict: "refused", code: "AuthFailure.SignatureFailure" });
	t.regex(bad?.time ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
	t.is((await ask("DELETE", "/requests")).status, 204);
	t.deepEqual((await ask("GET", "/requests")).body, []);
});

test("malformed requests are refused with a sentence that says what is wrong", async (t) => {
	const path = await newProduct();
	const aliyun = "/products/aliyun/a1Malformed";
	await ask("PUT", aliyun, { secret: product.secret });
	const cases: [method: string, path: string, body: unknown, status: number, error: RegExp][] = [
		["PUT", "/products/tencent/NEWPRODUCT", {}, 400, /"secret" is missing\. The new product NEWPRODUCT needs a secret/],
		["PUT", "/products/tencent/NEWPRODUCT", { secret: "short" }, 400, /16 to 32/],
		["PUT", "/products/tencent/NEWPRODUCT", "{", 400, /not JSON from line 1, column 2 on\. Expected a JSON object/],
		["PUT", "/products/tencent/NEWPRODUCT", "[]", 400, /The body is invalid\. Expected a JSON object/],
		["PUT", "/products/tencent/TOOLONGTOOLONG", { secret: product.secret }, 400, /1 to 11 characters/],
		["PUT", "/products/nobody/NEWPRODUCT", { secret: product.secret }, 404, /Known platforms: tencent, aliyun/],
		["PUT", path, { registration: "maybe" }, 400, /"off", "pre-created" or "automatic"/],
		["PUT", path, { registration: "free" }, 400, /"off", "pre-created" or "automatic"/],
		["PUT", path, { registration: 1 }, 400, /"registration" is invalid\. Expected a string/],
		["PUT", path, { instanceId: "iot-1" }, 400, /a product of tencent has no instance/],
		[
			"PUT",
			aliyun,
			{ registration: "automatic" },
			400,
			/"registration" is invalid\. Expected "off", "pre-created" or "free"/,
		],
		["PUT", aliyun, { instanceId: "" }, 400, /The instance id is invalid\. Expected 1 to 64/],
		["PUT", "/products/aliyun/a1-x", { secret: product.secret }, 400, /1 to 20 letters and digits/],
		["PUT", "/products/aliyun/a1New", { secret: "7-chars" }, 400, /8 to 64 printable/],
		["PUT", `${aliyun}/devices/abc`, {}, 400, /4 to 32 characters/],
		["PUT", `${aliyun}/devices/board`, { psk: "x" }, 400, /"psk" is unknown\. Known keys: secret/],
		["PUT", `${aliyun}/devices/board`, { secret: "s".repeat(65) }, 400, /8 to 64 printable/],
		["PUT", path, { limit: 1.5 }, 400, /whole number/],
		["PUT", path, { auth: "magic" }, 400, /"auth" is invalid/],
		["PUT", path, { secret: 5 }, 400, /"secret" is invalid\. Expected a string/],
		["PUT", path, { Secret: "x" }, 400, /"Secret" is unknown\. Known keys: secret/],
		["PUT", `${path}/devices/a%20b`, {}, 400, /1 to 48 characters/],
		["PUT", `${path}/devices/%E0`, {}, 400, /is malformed/],
		["PUT", `${path}/devices/x`, { psk: "AAAA" }, 400, /base64 of 16 bytes/],
		["POST", `${path}/devices/nobody/reset`, undefined, 404, /has no device nobody/],
		["POST", `${path}/devices/nobody/messages`, {}, 400, /"payload" is missing/],
		["GET", "/products/tencent/UNKNOWN000", undefined, 404, /Create the product with PUT/],
		["GET", "/nowhere", undefined, 404, /nothing at \/nowhere\. Known paths: \/ .*\/products\/\{platform\}\/\{id\} /],
	];
	for (const [method, where, body, status, error] of cases) {
		const reply = await ask(method, where, body);
		t.is(reply.status, status, `${method} ${where}`);
		t.regex((reply.body as { error: string }).error, error);
	}
});

test("other methods are not allowed, and those that are get named", async (t) => {
	const reply = await ask("PATCH", "/products");
	t.is(reply.status, 405);
	t.is(reply.allow, "GET");
});

test("devices are listed in creation order, at most 1,000 a page", async (t) => {
	const path = await newProduct();
	const id = path.slice(-10);
	const all = Array.from({ length: 1234 }, (_, count) => `device-${count}`);
	for (const name of all) cloud.administration.putDevice("tencent", id, name);
	const page = async (query: string) => {
		const { status, body } = await ask("GET", `${path}/devices${query}`);
		return { status, names: status === 200 ? (body as { name: string }[]).map(({ name }) => name) : body };
	};
	t.deepEqual(await page(""), { status: 200, names: all.slice(0, 1000) });
	t.deepEqual(await page("?after=device-999"), { status: 200, names: all.slice(1000) });
	t.deepEqual(await page("?limit=2&after=device-5"), { status: 200, names: ["device-6", "device-7"] });
	t.deepEqual(await page("?after=device-1233"), { status: 200, names: [] });
	t.is((await page("?after=nobody")).status, 404);
	for (const query of ["?limit=0", "?limit=1001", "?limit=x", "?limit=", "?limit=1.5", "?offset=1"])
		t.is((await page(query)).status, 400, query);
	t.is(cloud.administration.devices("tencent", id).length, all.length);
});

test("a web page of another origin may not administer", async (t) => {
	const { status, body } = await ask("GET", "/products", undefined, { Origin: "https://example.org" });
	t.is(status, 400);
	t.regex(
		(body as { error: string }).error,
		/^A request from a web page of another origin is refused\. Send the request/,
	);
});

/** Asks with any Host header, which `fetch` does not allow. */
async function askAs(host: string | undefined, origin?: string): Promise<number | undefined> {
	return (await answerTo(host, origin)).status;
}

function answerTo(host: string | undefined, origin?: string): Promise<{ status: number | undefined; text: string }> {
	return new Promise((resolve, reject) => {
		const headers = { ...(host !== undefined && { Host: host }), ...(origin !== undefined && { Origin: origin }) };
		const message = request(`${cloud.urls.admin}/products`, { headers, setHost: false });
		message.once("response", (response) => {
			let text = "";
			response.on("data", (data) => {
				text += data;
			});
			response.once("end", () => resolve({ status: response.statusCode, text }));
		});
		message.once("error", reject).end();
	});
}

test("a host name that a web page has pointed at this machine may not administer", async (t) => {
	const { port } = new URL(cloud.urls.admin);
	for (const host of ["localhost", "LOCALHOST", "localhost.", "cloud.localhost", "127.0.0.1", "127.0.0.2", "[::1]"])
		for (const name of [host, `${host}:${port}`, `${host}:1`]) t.is(await askAs(name), 200, name);
	const evil = [
		"evil.example",
		"localhost.evil.example",
		"evillocalhost",
		"127.0.0.1.evil.example",
		"192.168.0.1",
		"[::2]",
	];
	const malformed = ["", "127.0.0.1@evil.example", "localhost/../evil.example", "localhost, evil.example", "[::1"];
	for (const host of [...evil, ...malformed]) {
		t.is(await askAs(`${host}:${port}`), 400, host);
		t.is(await askAs(`${host}:${port}`, `http://${host}:${port}`), 400, host);
	}
	t.is(await askAs(`localhost:${port}`, `http://localhost:${port}`), 200);
	t.is(await askAs(`localhost:${port}`, "http://localhost:1"), 400);
	t.is(await askAs(`localhost:${port}`, "null"), 400);
	t.regex((await answerTo("evil.example")).text, /is refused, .* Use localhost or 127\.0\.0\.1\."/);
});

test("the address that the cloud listens on may administer", async (t) => {
	const other = await startCloud({ host: "127.0.0.2" });
	t.teardown(() => other.close());
	t.is((await fetch(`${other.urls.admin}/products`)).status, 200);
});

test("stopping and starting the broker is done over HTTP as well", async (t) => {
	const other = await startCloud({ ports: reservedPorts() });
	t.teardown(() => other.close());
	for (const action of ["stop", "stop", "start", "start"])
		t.is((await fetch(`${other.urls.admin}/broker/${action}`, { method: "POST" })).status, 204);
});
