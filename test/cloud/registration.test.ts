import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import { decrypt, obtainPsk, postV1, product, registerV1, registerV2, v1Body, v2Request, vectors } from "./device.js";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

let count = 0;
/** A product of a test's own. */
function newProduct(change: ProductChange = {}): string {
	const id = `PRODUCT${String(++count).padStart(3, "0")}`;
	cloud.administration.putProduct("tencent", id, { secret: product.secret, ...change });
	return id;
}

function lastRequest(productId: string) {
	const entry = cloud.administration.requests().findLast((one) => one.product === productId);
	if (!entry) throw new Error("nothing in the journal");
	return entry;
}

for (const vector of vectors.tencent_v1_sign)
	test.serial(`the v1 signature of ${vector.productId}/${vector.deviceName}/${vector.nonce} is accepted`, async (t) => {
		const { productId, deviceName, nonce, timestamp, signature } = vector;
		cloud.administration.putProduct("tencent", productId, { secret: vector.productSecret });
		const body = JSON.stringify({ deviceName, nonce, productId, timestamp, signature });
		t.is((await postV1(cloud.urls.http, body)).code, 0);
	});

test.serial("the exchange of the vendor's run log of 2019 is replayed to the byte", async (t) => {
	const [sign] = vectors.tencent_v1_sign;
	const [payload] = vectors.tencent_payload;
	if (!sign || !payload) throw new Error("vectors are missing");
	const { productId, deviceName, nonce, timestamp, signature } = sign;
	cloud.administration.putProduct("tencent", productId, { secret: sign.productSecret });
	cloud.administration.putDevice("tencent", productId, deviceName, (JSON.parse(payload.plain) as { psk: string }).psk);
	const answer = await postV1(cloud.urls.http, JSON.stringify({ deviceName, nonce, productId, timestamp, signature }));
	t.is(answer.payload, payload.payload);
	t.is(answer.len, payload.len);
});

for (const vector of vectors.tencent_v2_sign)
	test.serial(`the v2 signature ${vector.signature} (${vector.algorithm}) is accepted`, async (t) => {
		const replaying = await startCloud({ checkTimestamps: false });
		t.teardown(() => replaying.close());
		const { ProductId } = JSON.parse(vector.body) as { ProductId: string };
		replaying.administration.putProduct("tencent", ProductId, { secret: vector.productSecret });
		const answer = await send(new URL(`${replaying.urls.http}/device/register`), vector.body, {
			Host: `${vector.host}:8080`,
			"X-TC-Algorithm": vector.algorithm,
			"X-TC-Timestamp": String(vector.timestamp),
			"X-TC-Nonce": String(vector.nonce),
			"X-TC-Signature": vector.signature,
		});
		const { Response } = JSON.parse(answer.body) as { Response: { Len: number; Payload: string } };
		t.regex(decrypt(Response.Payload, Response.Len, vector.productSecret), /^\{"encryptionType":2,"psk":"[^"]{24}"\}$/);
	});

for (const vector of vectors.negative)
	test.serial(`refused with 1010: ${vector.what}`, async (t) => {
		const fields = new URLSearchParams(vector.stringToSign);
		const productId = fields.get("productId") ?? "";
		cloud.administration.putProduct("tencent", productId, { secret: vector.productSecret });
		const body = JSON.stringify({
			deviceName: fields.get("deviceName"),
			nonce: Number(fields.get("nonce")),
			productId,
			timestamp: Number(fields.get("timestamp")),
			signature: vector.bad,
		});
		const answer = await postV1(cloud.urls.http, body);
		t.like(answer, { code: 1010, message: "Check signature failed" });
		t.is(lastRequest(productId).expected?.stringToSign, vector.stringToSign);
		if (vector.what.includes("base64(raw"))
			t.regex(lastRequest(productId).reason, /The encoding is base64 of the raw digest/);
	});

test("v1 and v2, with either algorithm, hand out a psk under the product secret", async (t) => {
	const productId = newProduct();
	const v1 = await registerV1(cloud.urls.http, { productId, deviceName: "one" });
	t.regex(decrypt(v1.payload ?? "", v1.len ?? 0), /^\{"encryptionType":2,"psk":"[^"]{24}"\}$/);
	for (const algorithm of ["hmacsha1", "hmacsha256"] as const) {
		const names = { productId, deviceName: algorithm };
		const { Response } = await registerV2(cloud.urls.http, names, product.secret, { algorithm });
		t.regex(decrypt(Response.Payload ?? "", Response.Len ?? 0), /^\{"encryptionType":2,"psk":"[^"]{24}"\}$/);
	}
});

test("all responses fit the 256 bytes of the vendor's C SDK", async (t) => {
	const productId = newProduct();
	const limited = newProduct({ limit: 0 });
	const deviceName = "d".repeat(48);
	for (const [id, secret] of [
		[productId, product.secret],
		[productId, "some-other-secret-0"],
		[limited, product.secret],
		["NOSUCH", product.secret],
	] as const) {
		const names = { productId: id, deviceName };
		t.true(JSON.stringify(await registerV1(cloud.urls.http, names, secret)).length < 256);
		t.true(JSON.stringify(await registerV2(cloud.urls.http, names, secret)).length < 256);
	}
});

test("a device that never connected may register again, and gets another psk", async (t) => {
	const names = { productId: newProduct(), deviceName: "again" };
	t.not(await obtainPsk(cloud.urls.http, names), await obtainPsk(cloud.urls.http, names));
});

test("a fixed psk is handed out once", async (t) => {
	const names = { productId: newProduct(), deviceName: "fixed" };
	const psk = Buffer.from("sixteen bytes ok").toString("base64");
	cloud.administration.putDevice("tencent", names.productId, names.deviceName, psk);
	t.is(await obtainPsk(cloud.urls.http, names), psk);
	t.not(await obtainPsk(cloud.urls.http, names), psk);
});

const situations: readonly [what: string, change: ProductChange, v1: number, v2: string, hint: RegExp][] = [
	["registration is off", { registration: "off" }, 900003, "LocalCloud.RegistrationOff", /Set "registration"/],
	[
		"the name was not created",
		{ registration: "pre-created" },
		900004,
		"LocalCloud.DeviceNotCreated",
		/Create the device/,
	],
	["the limit is reached", { limit: 0 }, 900005, "LocalCloud.LimitReached", /Raise the limit/],
];
for (const [what, change, v1, v2, hint] of situations)
	test(`refused, and explained in the journal: ${what}`, async (t) => {
		const names = { productId: newProduct(change), deviceName: "refused" };
		t.is((await registerV1(cloud.urls.http, names)).code, v1);
		t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Code, v2);
		t.like(lastRequest(names.productId), { verdict: "refused", device: "refused", code: v2 });
		t.regex(lastRequest(names.productId).reason, hint);
	});

test("an unknown product is refused", async (t) => {
	const names = { productId: "NOPRODUCT", deviceName: "refused" };
	t.is((await registerV1(cloud.urls.http, names)).code, 900002);
	t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Code, "LocalCloud.UnknownProduct");
});

test("pre-created names may register where others may not", async (t) => {
	const productId = newProduct({ registration: "pre-created" });
	cloud.administration.putDevice("tencent", productId, "known");
	t.is((await registerV1(cloud.urls.http, { productId, deviceName: "known" })).code, 0);
	t.is((await registerV1(cloud.urls.http, { productId, deviceName: "unknown" })).code, 900004);
});

test("the limit counts devices that registration created, and a deleted one makes room", async (t) => {
	const productId = newProduct({ limit: 1 });
	cloud.administration.putDevice("tencent", productId, "by-hand");
	const code = async (deviceName: string) => (await registerV1(cloud.urls.http, { productId, deviceName })).code;
	t.is(await code("first"), 0);
	t.is(await code("second"), 900005);
	t.is(await code("first"), 0);
	t.is(await code("by-hand"), 0);
	cloud.administration.deleteDevice("tencent", productId, "first");
	t.is(await code("second"), 0);
});

test("a wrong signature is explained to the operator, not to the device", async (t) => {
	const names = { productId: newProduct(), deviceName: "wrong" };
	const { Response } = await registerV2(cloud.urls.http, names, "some-other-secret-0");
	t.deepEqual(Response.Error, { Code: "AuthFailure.SignatureFailure", Message: "Check signature failed" });
	const entry = lastRequest(names.productId);
	t.is(entry.expected?.algorithm, "hmacsha256");
	t.regex(
		entry.expected?.stringToSign ?? "",
		/^POST\n127\.0\.0\.1\n\/device\/register\n\nhmacsha256\n\d+\n\d+\n[0-9a-f]{64}$/,
	);
	t.regex(entry.reason, /product secret is probably another product's/);
});

const v1Mistakes: readonly [what: string, signature: (text: string, hash: Hash) => string, hint: RegExp][] = [
	["the digest not in hex", (text, hash) => hash("sha1", text).toString("base64"), /base64 of the raw digest/],
	[
		"the hex digest not in base64",
		(text, hash) => hash("sha1", text).toString("hex"),
		/The encoding is the hex digest/,
	],
	["upper-case hex", (text, hash) => btoa(hash("sha1", text).toString("hex").toUpperCase()), /upper-case hex/],
	[
		"SHA-256",
		(text, hash) => btoa(hash("sha256", text).toString("hex")),
		/The algorithm is hmacsha256\. Expected hmacsha1/,
	],
	[
		"another order",
		(text, hash) => btoa(hash("sha1", text.split("&").reverse().join("&")).toString("hex")),
		/order timestamp, productId, nonce, deviceName/,
	],
	[
		"a secret cut short",
		(text) => btoa(createHmac("sha1", product.secret.slice(0, 16)).update(text).digest("hex")),
		/first 16 characters/,
	],
	[
		"a secret taken for base64",
		(text) => btoa(createHmac("sha1", Buffer.from(product.secret, "base64")).update(text).digest("hex")),
		/decoded as base64/,
	],
];
for (const [what, signature, hint] of v1Mistakes)
	test(`a v1 signature made with ${what} is refused, and the mistake named`, async (t) => {
		const productId = newProduct();
		const text = `deviceName=wrong&nonce=5&productId=${productId}&timestamp=1568692235`;
		const hash: Hash = (name, data) => createHmac(name, product.secret).update(data).digest();
		const fields = { deviceName: "wrong", nonce: 5, productId, timestamp: 1568692235 };
		const body = JSON.stringify({ ...fields, signature: signature(text, hash) });
		t.is((await postV1(cloud.urls.http, body)).code, 1010);
		t.regex(lastRequest(productId).reason, hint);
	});

type Hash = (name: "sha1" | "sha256", text: string) => Buffer;

const v2Mistakes: readonly [what: string, change: (text: string, body: string) => string, hint: RegExp][] = [
	["the port", (text) => text.replace("127.0.0.1", new URL(cloud.urls.http).host), /has the port/],
	["no empty line", (text) => text.replace("\n\n", "\n"), /The empty fourth line \(the query string\) is missing/],
	["a line feed at the end", (text) => `${text}\n`, /ends in a line feed/],
	[
		"the SHA-1 of the body",
		(text, body) => text.replace(/\w+$/, createHash("sha1").update(body).digest("hex")),
		/sha1 of the body\. Expected its sha256/,
	],
];
for (const [what, change, hint] of v2Mistakes)
	test(`a v2 signature over a text with ${what} is refused, and the mistake named`, async (t) => {
		const productId = newProduct();
		const { headers, body } = v2Request("127.0.0.1", { productId, deviceName: "wrong" });
		const digest = createHash("sha256").update(body).digest("hex");
		const { "X-TC-Timestamp": timestamp, "X-TC-Nonce": nonce } = headers;
		const text = ["POST", "127.0.0.1", "/device/register", "", "hmacsha256", timestamp, nonce, digest].join("\n");
		const signature = createHmac("sha256", product.secret).update(change(text, body)).digest("base64");
		const changed = { ...headers, "X-TC-Signature": signature };
		const answer = await send(new URL(`${cloud.urls.http}/device/register`), body, changed);
		t.regex(answer.body, /AuthFailure.SignatureFailure/);
		t.regex(lastRequest(productId).reason, hint);
	});

test("a product secret that a board sends where it does not belong is not written down", async (t) => {
	const productId = newProduct();
	await registerV1(cloud.urls.http, { productId, deviceName: product.secret }, "some-other-secret-0");
	const journal = JSON.stringify(cloud.administration.requests());
	t.false(journal.includes(product.secret));
	t.true(journal.includes("[secret]"));
});

test("a timestamp far off is refused by v2; 0, 2021-01-01 and v1 are not", async (t) => {
	const names = { productId: newProduct(), deviceName: "clockless" };
	const error = async (timestamp: number) =>
		(await registerV2(cloud.urls.http, names, product.secret, { timestamp })).Response.Error?.Message;
	const now = Math.floor(Date.now() / 1000);
	t.is(await error(now - 200), undefined);
	t.is(await error(now + 200), undefined);
	t.is(await error(0), undefined);
	t.is(await error(1609430400), undefined);
	t.is(await error(946684800), "X-Tc-Timestamp error");
	t.regex(lastRequest(names.productId).reason, /clock is wrong/);
	t.is(await error(now + 400), "X-Tc-Timestamp error");
	t.is((await postV1(cloud.urls.http, v1Body(names, product.secret, { timestamp: 946684800 }))).code, 0);
});

test("the body is hashed as it came, whatever its spelling", async (t) => {
	const productId = newProduct();
	const body = `{ "DeviceName" : "spaced",\n"ProductId":"${productId}", "ClientCert": "" }\n`;
	const { Response } = await registerV2(cloud.urls.http, { productId, deviceName: "" }, product.secret, { body });
	t.is(Response.Error, undefined);
});

test("malformed requests are refused with the field that is wrong", async (t) => {
	const good = JSON.parse(v1Body({ productId: newProduct(), deviceName: "x" })) as object;
	const cases: [unknown, RegExp][] = [
		["{", /not JSON/],
		["[1]", /not a JSON object/],
		[{ ...good, deviceName: "a b" }, /device name is invalid\. Expected 1 to 48/],
		[{ ...good, deviceName: "d".repeat(49) }, /device name is invalid/],
		[{ ...good, productId: 7 }, /"productId" is invalid\. Expected a string/],
		[{ ...good, nonce: "1" }, /"nonce" is invalid\. Expected an integer/],
		[{ ...good, timestamp: -1 }, /"timestamp" is invalid\. Expected an integer/],
		[{ ...good, signature: undefined }, /"signature" is missing\. Expected a string/],
	];
	for (const [body, reason] of cases) {
		const answer = await postV1(cloud.urls.http, typeof body === "string" ? body : JSON.stringify(body));
		t.is(answer.code, 900001);
		t.true(
			cloud.administration.requests().some((entry) => reason.test(entry.reason)),
			String(reason),
		);
	}
	const { headers, body } = v2Request("127.0.0.1", { productId: newProduct(), deviceName: "x" });
	for (const name of ["X-TC-Algorithm", "X-TC-Timestamp", "X-TC-Nonce", "X-TC-Signature"]) {
		const { [name]: _, ...rest } = headers;
		const answer = await send(new URL(`${cloud.urls.http}/device/register`), body, rest);
		t.regex(answer.body, /LocalCloud.BadRequest/);
		t.true(cloud.administration.requests().some((entry) => entry.reason.includes(`header ${name}`)));
	}
});

test("other paths are not found, other methods not allowed", async (t) => {
	t.is((await fetch(`${cloud.urls.http}/register`, { method: "POST" })).status, 404);
	const answer = await fetch(`${cloud.urls.http}/device/register`);
	t.is(answer.status, 405);
	t.is(answer.headers.get("allow"), "POST");
});

test("a body that is too long is refused and the connection ends", async (t) => {
	const answer = await fetch(`${cloud.urls.http}/register/dev`, { method: "POST", body: "x".repeat(17 * 1024) });
	t.is(answer.status, 413);
	t.is(answer.headers.get("connection"), "close");
});

test("registration over HTTPS works for clients with the CA", async (t) => {
	const names = { productId: newProduct(), deviceName: "secure" };
	const { headers, body } = v2Request("localhost", names);
	const url = new URL(`${cloud.urls.https}/device/register`);
	url.hostname = "localhost";
	const answer = await send(url, body, headers, { ca: readFileSync(cloud.ca) });
	t.regex(answer.body, /"Payload"/);
	t.like(lastRequest(names.productId), { transport: "https", operation: "register/v2", verdict: "accepted" });
	await t.throwsAsync(send(url, body, headers), { message: /self-signed certificate/ });
});

test("a client that refuses the certificate is explained in the journal", async (t) => {
	await t.throwsAsync(send(new URL(`${cloud.urls.https}/device/register`), "", {}));
	const deadline = Date.now() + 30_000;
	const explained = () =>
		cloud.administration.requests().some((entry) => entry.operation === "tls" && entry.transport === "https");
	while (!explained() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
	t.true(explained());
});

test("a connection is kept for the next request, and closed when the client says so", async (t) => {
	const productId = newProduct();
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	t.teardown(() => agent.destroy());
	const url = new URL(`${cloud.urls.http}/register/dev`);
	const ports = new Set<number | undefined>();
	for (const deviceName of ["a", "b"]) {
		const answer = await send(url, v1Body({ productId, deviceName }), {}, { agent });
		t.is(answer.connection, "keep-alive");
		ports.add(answer.localPort);
	}
	t.is(ports.size, 1);
	const last = await send(url, v1Body({ productId, deviceName: "c" }), { Connection: "close" });
	t.is(last.connection, "close");
});

test("every response has a Content-Length and is not chunked", async (t) => {
	const text = await raw(cloud.urls.http, `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
	t.regex(text, /^content-length: \d+\r$/im);
	t.notRegex(text, /transfer-encoding/i);
	const body = v1Body({ productId: newProduct(), deviceName: "bare" });
	const answer = await raw(
		cloud.urls.http,
		`POST /register/dev HTTP/1.0\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
	);
	t.regex(answer, /^content-length: \d+\r$/im);
});

interface Sent {
	readonly body: string;
	readonly connection: string | undefined;
	readonly localPort: number | undefined;
}

/** What `fetch` cannot: another Host header, a client's own CA, a look at the connection. */
function send(
	url: URL,
	body: string,
	headers: Record<string, string>,
	options: { readonly ca?: Buffer; readonly agent?: Agent } = {},
): Promise<Sent> {
	const request = url.protocol === "https:" ? httpsRequest : httpRequest;
	return new Promise((resolve, reject) => {
		const message = request(url, {
			method: "POST",
			headers: { ...headers, "Content-Length": body.length },
			...options,
		});
		let localPort: number | undefined;
		message.once("response", (response) => {
			localPort = message.socket?.localPort;
			let text = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.once("end", () => resolve({ body: text, connection: response.headers.connection, localPort }));
		});
		message.once("error", reject);
		message.end(body);
	});
}

function raw(url: string, text: string): Promise<string> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		const socket = connect(Number(port), hostname, () => socket.write(text));
		let answer = "";
		socket.on("data", (chunk) => {
			answer += chunk.toString();
		});
		socket.once("end", () => resolve(answer));
		socket.once("error", reject);
	});
}
