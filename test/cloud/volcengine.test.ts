import { readFileSync } from "node:fs";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import { entries, open, refusal, until } from "./aliyun-device.js";
import {
	body,
	codeOf,
	type Names,
	now,
	obtainSecret,
	path,
	post,
	productSecret,
	type RequestChange,
	secretIn,
	session,
	sign,
	stringToSign,
} from "./volcengine-device.js";

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

let count = 0;
/** A product of a test's own, whose devices may have any name. */
function newProduct(change: ProductChange = {}, deviceName = "board-1"): Names {
	const productKey = `volcProduct${++count}`;
	const settings = { secret: productSecret, registration: "automatic", ...change } as const;
	cloud.administration.putProduct("volcengine", productKey, settings);
	return { productKey, deviceName };
}

const lastEntry = (names: Names) => entries(cloud, names).at(-1);
const code = async (names: Names, change: RequestChange = {}) =>
	codeOf(await post(cloud.urls.http, body(names, change)));

for (const vector of vectors.volcengine_sign)
	test(`the signature of ${vector.origin} is accepted`, async (t) => {
		const other = await startCloud({ checkTimestamps: false });
		t.teardown(() => other.close());
		const { productKey, deviceName, nonce, timestamp, authType, signature } = vector;
		const settings = { secret: vector.productSecret, registration: "automatic" } as const;
		other.administration.putProduct("volcengine", productKey, settings);
		const change = { random: String(nonce), timestamp: String(timestamp), authType: String(authType), signature };
		const answer = await post(other.urls.http, body({ productKey, deviceName }, change));
		t.regex(secretIn(answer, vector.productSecret), /^[0-9a-f]{24}$/);
	});

for (const vector of vectors.volcengine_payload)
	test(`a fixed secret is handed out as in ${vector.origin}`, async (t) => {
		const names = newProduct({ secret: vector.productSecret });
		cloud.administration.putDevice("volcengine", names.productKey, names.deviceName, vector.deviceSecret);
		const answer = await post(cloud.urls.http, body(names, { secret: vector.productSecret, authType: "0" }));
		t.is(
			answer,
			`{"ResponseMetadata":{"Action":"DynamicRegister","Version":"2021-12-14"},"Result":{"len":24,"payload":"${vector.payload}"}}`,
		);
	});

for (const vector of vectors.volcengine_session)
	test(`the session of ${vector.origin} is accepted`, async (t) => {
		const { productKey, deviceName, deviceSecret, username, password } = vector;
		cloud.administration.putProduct("volcengine", productKey, { secret: productSecret });
		cloud.administration.putDevice("volcengine", productKey, deviceName, deviceSecret);
		await obtainSecret(cloud, { productKey, deviceName });
		t.is(await refusal(cloud.urls.mqtt, { clientId: username, username, password }), 0);
	});

test("a device registers, connects, and may register again for another secret", async (t) => {
	const names = newProduct();
	const first = await obtainSecret(cloud, names);
	t.regex(lastEntry(names)?.reason ?? "", /^Created the device\. Issued/);
	t.is(await refusal(cloud.urls.mqtt, session(names, first)), 0);
	t.is(cloud.administration.device("volcengine", names.productKey, names.deviceName).state, "active");
	const second = await obtainSecret(cloud, names);
	t.not(first, second);
	t.is(await refusal(cloud.urls.mqtt, session(names, first)), 4);
	t.regex(lastEntry(names)?.reason ?? "", /holds an older device secret/);
	t.is(await refusal(cloud.urls.mqtt, session(names, second, { authType: "0" })), 0);
});

test("seconds and milliseconds are accepted; a time that is far off is refused where it is checked", async (t) => {
	const names = newProduct();
	for (const timestamp of [now(), `${now()}000`]) t.is(await code(names, { timestamp }), 0, timestamp);
	for (const off of [-400, 400]) {
		t.is(await code(names, { timestamp: String(Number(now()) + off) }), 900006);
		t.regex(lastEntry(names)?.reason ?? "", off < 0 ? /s behind/ : /s ahead/);
	}
	const lax = await startCloud({ checkTimestamps: false });
	t.teardown(() => lax.close());
	lax.administration.putProduct("volcengine", names.productKey, { secret: productSecret, registration: "automatic" });
	t.is(codeOf(await post(lax.urls.http, body(names, { timestamp: "1" }))), 0);
});

test("the random number counts to the digit, as the Go SDK's has 63 bits", async (t) => {
	const names = newProduct();
	t.is(await code(names, { random: "5577006791947779410" }), 0);
	const secret = await obtainSecret(cloud, names);
	t.is(await refusal(cloud.urls.mqtt, session(names, secret, { random: "8674665223082153551" })), 0);
});

test("auth_type 0 is for devices that were created before", async (t) => {
	const names = newProduct();
	t.is(await code(names, { authType: "0" }), 10000050);
	t.regex(lastEntry(names)?.reason ?? "", /auth_type is 0.*Create the device/);
	cloud.administration.putDevice("volcengine", names.productKey, names.deviceName);
	t.is(await code(names, { authType: "0" }), 0);
	const strict = newProduct({ registration: "pre-created" });
	t.is(await code(strict, { authType: "1" }), 10000050);
	cloud.administration.putDevice("volcengine", strict.productKey, strict.deviceName);
	t.is(await code(strict, { authType: "1" }), 0);
	const off = newProduct({ registration: "off" });
	for (const authType of ["0", "1"]) t.is(await code(off, { authType }), 900003);
	const full = newProduct({ limit: 0 });
	t.is(await code(full), 12000130);
});

test("an active device of a product with registration off keeps its secret", async (t) => {
	const names = newProduct();
	const secret = await obtainSecret(cloud, names);
	t.is(await refusal(cloud.urls.mqtt, session(names, secret)), 0);
	cloud.administration.putProduct("volcengine", names.productKey, { registration: "off" });
	t.is(await code(names), 900003);
	t.is(await refusal(cloud.urls.mqtt, session(names, secret)), 0);
});

for (const [what, change, reason] of [
	["a number in quotes", { body: { timestamp: "1757491200" } }, /"timestamp" is invalid.*JSON number/],
	["a fraction", { random: "1.5" }, /"random_num" is invalid/],
	["auth_type 2", { authType: "2" }, /"auth_type" is invalid\. Expected 0 .* 1/],
	["no signature", { body: { signature: undefined } }, /"signature" is missing/],
	[
		"a key in other letters",
		{ body: { product_key: undefined, ProductKey: "x" } },
		/The body has "ProductKey" instead/,
	],
	["an invalid product key", { body: { product_key: "a/b" } }, /product key is invalid/],
	["an invalid device name", { body: { device_name: "a b" } }, /device name is invalid/],
	["no instance", { body: { InstanceID: "" } }, /"InstanceID" is invalid/],
] as const)
	test(`refused as an invalid parameter: ${what}`, async (t) => {
		const names = newProduct();
		const answer = await post(cloud.urls.http, body(names, change));
		t.is(
			answer,
			'{"ResponseMetadata":{"Action":"DynamicRegister","Version":"2021-12-14","Error":{"CodeN":10000030,"Message":"The parameter %s is invalid."}}}',
		);
		const found = cloud.administration.requests().find((entry) => reason.test(entry.reason));
		t.like(found, { operation: "register/dynamic", verdict: "refused", code: 10000030 });
	});

test("the body is JSON, and the query is the vendor's", async (t) => {
	const names = newProduct();
	const form = String(new URLSearchParams(JSON.parse(body(names))));
	const last = () => cloud.administration.requests().findLast((entry) => entry.operation === "register/dynamic");
	for (const [content, type, at, reason] of [
		[form, "application/x-www-form-urlencoded", path, /The body is a form\. Expected JSON/],
		[form, "application/json", path, /The body is not JSON/],
		["[]", "application/json", path, /not a JSON object/],
		[body(names), "application/json", path.split("?")[0], /The query is invalid/],
		[body(names), "application/json", path.replace("12-14&", "01-01&").replace(/14$/, "15"), /The query is invalid/],
	] as const) {
		t.is(codeOf(await post(cloud.urls.http, content, type, at)), 10000030);
		t.true(
			cloud.administration.requests().some((entry) => reason.test(entry.reason)),
			String(reason),
		);
	}
	t.truthy(last());
	t.is(await code(names), 0);
});

test("an unknown product, and another instance, are refused", async (t) => {
	t.is(await code({ productKey: "volcNowhere", deviceName: "board-1" }), 10000050);
	const names = newProduct({ instanceId: "unit-instance" });
	t.is(await code(names), 0);
	t.is(await code(names, { body: { InstanceID: "another" } }), 10000030);
	t.regex(lastEntry(names)?.reason ?? "", /belongs to the instance unit-instance/);
});

const signed = { authType: "1", random: "1291669616", timestamp: now() };

for (const [what, made, reason] of [
	[
		"alphabetical order",
		(names: Names) => {
			const [auth, device, random, product, time] = stringToSign(names, signed).split("&");
			return sign(productSecret, [auth, device, product, random, time].join("&"));
		},
		/The fields are in the order auth_type, device_name, product_key, random_num, timestamp\. Expected auth_type, device_name, random_num/,
	],
	[
		"the first 16 characters as key",
		(names: Names) => sign(productSecret.slice(0, 16), stringToSign(names, signed)),
		/only the first 16 characters/,
	],
	[
		"the secret decoded",
		(names: Names) => sign(Buffer.from(productSecret, "base64"), stringToSign(names, signed)),
		/decoded as base64/,
	],
	[
		"hexadecimal digits",
		(names: Names) => Buffer.from(sign(productSecret, stringToSign(names, signed)), "base64").toString("hex"),
		/The encoding is hexadecimal digits\. Expected base64/,
	],
	[
		"another unit of time",
		(names: Names) => sign(productSecret, stringToSign(names, { ...signed, timestamp: `${signed.timestamp}000` })),
		/has another unit/,
	],
	[
		"no separators",
		(names: Names) => sign(productSecret, stringToSign(names, signed).replaceAll(/[=&]/g, "")),
		/without separators/,
	],
	["the secret itself", () => productSecret, /is a secret itself/],
	[
		"another product's secret",
		(names: Names) => sign("another-secret-than-that", stringToSign(names, signed)),
		/another product's/,
	],
] as const)
	test(`a wrong signature is explained: ${what}`, async (t) => {
		const names = newProduct();
		t.is(await code(names, { ...signed, signature: made(names) }), 27000010);
		const entry = lastEntry(names);
		t.regex(entry?.reason ?? "", /^The signature is wrong\. /);
		t.regex(entry?.reason ?? "", reason);
		t.deepEqual(entry?.expected, {
			algorithm: "hmacsha256",
			encoding: "base64 of the digest",
			stringToSign: stringToSign(names, signed),
		});
		t.false(JSON.stringify(entry).includes(productSecret));
	});

test("URL-encoded names in the signed text are explained", async (t) => {
	const names = newProduct({}, "a:b@c");
	const text = stringToSign(names, signed).replace("a:b@c", "a%3Ab%40c");
	t.is(await code(names, { ...signed, signature: sign(productSecret, text) }), 27000010);
	t.regex(lastEntry(names)?.reason ?? "", /URL-encoded/);
});

test("a registration signed with the device secret, and a session with the product secret, are explained", async (t) => {
	const names = newProduct();
	const secret = await obtainSecret(cloud, names);
	t.is(await code(names, { secret }), 27000010);
	t.regex(lastEntry(names)?.reason ?? "", /The key is the device secret/);
	t.is(await refusal(cloud.urls.mqtt, session(names, productSecret)), 4);
	t.regex(lastEntry(names)?.reason ?? "", /The password is wrong\. The key is the product secret/);
});

test("a CONNECT of another form is refused, with the reason", async (t) => {
	const names = newProduct();
	const secret = await obtainSecret(cloud, names);
	const right = session(names, secret);
	const { username } = right;
	for (const [change, expected, reason] of [
		[{ clientId: `${username}|2` }, 0, /Connect/],
		[{ clientId: "other" }, 2, /client id is invalid/],
		[{ username: `${username}|x`, clientId: `${username}|x` }, 4, /user name is invalid/],
		[{ username: `|${names.deviceName}`, clientId: `|${names.deviceName}` }, 4, /product key is invalid/],
		[
			{ username: `${names.productKey}|no-such`, clientId: `${names.productKey}|no-such` },
			2,
			/No device has the user name/,
		],
		[{ password: "1|2|3" }, 4, /password is malformed/],
	] as const) {
		t.is(await refusal(cloud.urls.mqtt, { ...right, ...change }), expected, JSON.stringify(change));
		t.true(
			cloud.administration.requests().some((entry) => reason.test(entry.reason)),
			String(reason),
		);
	}
	cloud.administration.putDevice("volcengine", names.productKey, "new-1");
	const fresh = { ...names, deviceName: "new-1" };
	t.is(await refusal(cloud.urls.mqtt, session(fresh, secret)), 5);
	t.regex(lastEntry(fresh)?.reason ?? "", /has no secret/);
	t.is(await refusal(cloud.urls.mqtt, { clientId: username, username } as never), 4);
	t.regex(lastEntry(names)?.reason ?? "", /password is missing/);
});

test("properties are kept and answered, events answered, the time told, and custom topics come back", async (t) => {
	const names = newProduct();
	const client = await open(cloud.urls.mqtt, session(names, await obtainSecret(cloud, names)));
	t.teardown(() => void client.end(true));
	const own = `sys/${names.productKey}/${names.deviceName}`;
	const heard: [string, string][] = [];
	client.on("message", (topic, payload) => heard.push([topic, payload.toString()]));
	const replies = ["thingmodel/property/post_reply", "thingmodel/event/m/e/post_reply", "ntp/response", "custom/x"];
	for (const topic of [...replies, "thingmodel/service/preset/propertySet/post"])
		await client.subscribeAsync(`${own}/${topic}`);
	const ask = async (topic: string, payload: string) => {
		const before = heard.length;
		await client.publishAsync(`${own}/${topic}`, payload);
		await until(() => heard.length > before);
		return heard.at(-1) as [string, string];
	};
	const params = { "default:t": { Value: 21.5, Time: 1 }, plain: 3 };
	t.deepEqual(await ask("thingmodel/property/post", JSON.stringify({ ID: "1", Version: "1.0", Params: params })), [
		`${own}/thingmodel/property/post_reply`,
		'{"ID":"1","Code":0,"Data":{}}',
	]);
	t.deepEqual(await ask("thingmodel/property/post", "no JSON"), [
		`${own}/thingmodel/property/post_reply`,
		'{"ID":"","Code":10000030,"Data":{}}',
	]);
	t.regex((await ask("thingmodel/event/m/e/post", '{"ID":"2","Params":{}}'))[1], /"ID":"2","Code":0/);
	const [topic, response] = await ask("ntp/request", '{"ID":"3","Version":"1.0","Params":5}');
	t.is(topic, `${own}/ntp/response`);
	const { Data } = JSON.parse(response);
	t.is(Data.DeviceSendTime, 5);
	t.true(Math.abs(Data.ServerRecvTime - Date.now()) < 60_000);
	t.deepEqual(await ask("custom/x", "any"), [`${own}/custom/x`, "any"]);
	await cloud.administration.sendMessage("volcengine", names.productKey, names.deviceName, '{"ID":"9"}');
	await until(() => heard.some(([, payload]) => payload === '{"ID":"9"}'));
	const state = await (
		await fetch(`${cloud.urls.admin}/products/volcengine/${names.productKey}/devices/${names.deviceName}/state`)
	).json();
	t.deepEqual((state as { properties: unknown }).properties, { "default:t": 21.5, plain: 3 });
});

for (const fault of ["wrong-len", "wrong-padding", "wrong-key", "wrong-secret"] as const)
	test.serial(`the fault ${fault} changes a valid response`, async (t) => {
		const names = newProduct();
		cloud.administration.setFaults([{ operation: "register/dynamic", fault, count: 1 }]);
		const answer = await post(cloud.urls.http, body(names));
		cloud.administration.setFaults([]);
		if (fault === "wrong-secret") t.is(await refusal(cloud.urls.mqtt, session(names, secretIn(answer))), 4);
		else t.throws(() => secretIn(answer));
		t.regex(lastEntry(names)?.reason ?? "", /Fault|Connect|password/);
	});
