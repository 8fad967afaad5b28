import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "ava";
import { volcengine } from "dynreg/clouds/volcengine/cloud";
import { decryptPayload } from "dynreg/clouds/volcengine/payload";
import { profile } from "dynreg/clouds/volcengine/profile";
import { thing } from "dynreg/clouds/volcengine/thing";
import type { HttpExchange, Inputs, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence as sentenceOf } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { credentialOf, timeOf } from "../support/plans.js";

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

/** Random bytes that lead to this number. */
function randomFor(number: number): Uint8Array {
	const random = new Uint8Array(16);
	new DataView(random.buffer).setUint32(0, number);
	return random;
}

const productSecret = "SampleSecretOfTheTests01";
const deviceSecret = "made0up0secret0of0boards";
const board: RawConfiguration = {
	productKey: "unitKey0001",
	productSecret,
	instanceId: "unit-instance",
	deviceName: "dev_0001",
};
const inputs: Inputs = { now: 1757491200999, random: randomFor(1291669616) };
const key: Credential = { kind: "key", secret: new Secret(deviceSecret) };

function device(changes: RawConfiguration = {}, mac?: string) {
	return volcengine.device({ ...board, ...changes }, crypto, mac);
}
const exchange = (changes: RawConfiguration = {}, at = inputs) => device(changes).registration(at) as HttpExchange;

function failure(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const reply = (body: unknown, status = 200) => ({ status, body: crypto.utf8(JSON.stringify(body)) });

/** What the platform sends for a device secret. @param plain with its padding, if it is not the usual one */
function sealed(secret = deviceSecret, plain?: Buffer) {
	const cipher = createCipheriv("aes-128-cbc", productSecret.slice(0, 16), productSecret.slice(0, 16));
	cipher.setAutoPadding(plain === undefined);
	const payload = Buffer.concat([cipher.update(plain ?? Buffer.from(secret)), cipher.final()]).toString("base64");
	return { len: secret.length, payload };
}
const answer = (Result: unknown) => reply({ ResponseMetadata: { Action: "DynamicRegister" }, Result });
const refusal = (error: unknown, status?: number) => reply({ ResponseMetadata: { Error: error } }, status);

/** The device's configuration with the names of a vector. */
function configurationOf(vector: Record<string, unknown>): RawConfiguration {
	const { productKey, deviceName, authType } = vector;
	return { productKey, deviceName, authType: authType === 1 ? "no-pre-registration" : "pre-registration" };
}

for (const vector of vectors.volcengine_sign)
	test(`a registration is signed as by ${vector.origin}`, (t) => {
		const { request } = exchange(
			{ ...configurationOf(vector), productSecret: vector.productSecret },
			{ now: vector.timestamp * 1000, random: randomFor(vector.nonce) },
		);
		t.is(JSON.parse(request.body).signature, vector.signature);
	});

for (const vector of vectors.volcengine_session)
	test(`a session is that of ${vector.origin}`, (t) => {
		const at = { now: vector.timestamp * 1000, random: randomFor(vector.nonce) };
		const credential: Credential = { kind: "key", secret: new Secret(vector.deviceSecret) };
		const { connect } = device(configurationOf(vector)).session(credential, at);
		t.is(connect.clientId, vector.username);
		t.is(connect.username, vector.username);
		t.is(connect.password?.reveal(), vector.password);
	});

for (const vector of vectors.volcengine_payload)
	test(`a payload opens: ${vector.origin}`, (t) => {
		const secret = decryptPayload(crypto, new Secret(vector.productSecret), vector.payload, vector.len);
		t.is(secret.reveal(), vector.deviceSecret);
	});

test("a registration is one POST with JSON numbers, seconds, and one capitalised name", (t) => {
	const { request } = exchange();
	t.like(request, {
		endpoint: { secure: true, host: "iot-cn-shanghai.iot.volces.com", port: 443, trust: ["public"] },
		method: "POST",
		path: "/2021-12-14/DynamicRegister?Action=DynamicRegister&Version=2021-12-14",
		headers: [["Content-Type", "application/json"]],
	});
	const { signature, ...others } = JSON.parse(request.body);
	t.deepEqual(others, {
		InstanceID: "unit-instance",
		product_key: "unitKey0001",
		device_name: "dev_0001",
		random_num: 1291669616,
		timestamp: 1757491200,
		auth_type: 0,
	});
	t.regex(signature, /^[A-Za-z0-9+/]{43}=$/);
	t.is(JSON.parse(exchange({ authType: "no-pre-registration" }).request.body).auth_type, 1);
	t.not(JSON.parse(exchange({ instanceId: "other" }).request.body).InstanceID, "unit-instance");
	t.is(JSON.parse(exchange({ instanceId: "other" }).request.body).signature, signature, "the instance is not signed");
});

test("the random number has 31 bits; without a clock the time is 0", (t) => {
	const { request } = exchange({}, { now: undefined, random: new Uint8Array(16).fill(255) });
	t.like(JSON.parse(request.body), { random_num: 0x7fff_ffff, timestamp: 0 });
});

test("the response opens to the device secret, to the character", (t) => {
	for (const secret of [deviceSecret, "s", "sixteen-letters-", "x".repeat(64)]) {
		const credential = credentialOf(exchange().accept(answer(sealed(secret))));
		t.is(credential.kind, "key");
		t.is(credential.secret.reveal(), secret);
	}
	t.is(credentialOf(exchange().accept(reply({ Result: sealed() }))).secret.reveal(), deviceSecret, "without metadata");
});

const padded = (text: string, padding: readonly number[]) =>
	sealed(text, Buffer.from([...Buffer.from(text), ...padding]));

for (const [what, body, reason] of [
	["no JSON", "<html>", "not-json"],
	["a list", [], "not-object"],
	["nothing", {}, "invalid Result undefined"],
	["metadata of another type", { ResponseMetadata: null, Result: sealed() }, "no-object ResponseMetadata null"],
	["an error of another type", { ResponseMetadata: { Error: "no" } }, "no-object Error string"],
	["a result of another type", { Result: [] }, "no-object Result array"],
	["no payload", { Result: { len: 24 } }, "invalid payload undefined"],
	["a length in quotes", { Result: { ...sealed(), len: "24" } }, "no-number len string"],
	["no base64", { Result: { len: 24, payload: "*" } }, "not-base64"],
	["no block", { Result: { len: 0, payload: "" } }, "block-size"],
	["half a block", { Result: { len: 4, payload: "AAECAwQFBgc=" } }, "block-size"],
	["a shorter length", { Result: { ...sealed(), len: 23 } }, "length 23"],
	["a longer length", { Result: { ...sealed(), len: 32 } }, "length 32"],
	["a fraction", { Result: { ...sealed(), len: 24.5 } }, "length 24.5"],
	["padding with zeros", { Result: padded("eight000", [0, 0, 0, 0, 0, 0, 0, 0]) }, "not-decrypted"],
	["padding of more than a block", { Result: padded("eight000", Array(8).fill(17)) }, "not-decrypted"],
	["padding that differs", { Result: padded("eight000", [8, 8, 8, 7, 8, 8, 8, 8]) }, "not-decrypted"],
	["an empty secret", { Result: { ...padded("", Array(16).fill(16)), len: 0 } }, "not-decrypted"],
	["a secret with a blank", { Result: sealed("a secret") }, "not-decrypted"],
	["a secret that is too long", { Result: sealed("x".repeat(65)) }, "not-decrypted"],
	[
		"a secret that is no text",
		{
			Result: { ...sealed("", Buffer.from([255, 254, 253, 252, 251, 250, 249, 248, 8, 8, 8, 8, 8, 8, 8, 8])), len: 8 },
		},
		"not-decrypted",
	],
] as const)
	test(`invariant 4: a response with ${what} yields nothing`, (t) => {
		const bytes = typeof body === "string" ? crypto.utf8(body) : crypto.utf8(JSON.stringify(body));
		const found = failure(() => exchange().accept({ status: 200, body: bytes }));
		t.is(found.code, "bad-answer");
		t.is([found.reason, found.key, found.value].filter(Boolean).join(" "), reason);
		t.false(JSON.stringify(found).includes(deviceSecret));
	});

test("the product secret of another product opens nothing", (t) => {
	const { accept } = exchange({ productSecret: "AnotherSecretOfTheTests1" });
	const { code, reason } = failure(() => accept(answer(sealed())));
	t.is(`${code} ${reason}`, "bad-answer not-decrypted");
});

for (const [number, code, action, said] of [
	[10000010, "registration-refused", "wait", /overloaded.*retries by itself/],
	[10000030, "registration-refused", "needs-attention", /a parameter is invalid.*instanceId/],
	[10000050, "registration-refused", "needs-attention", /does not exist.*created in the console/],
	[12000130, "registration-refused", "needs-attention", /no licence is left/],
	[12000140, "registration-refused", "needs-attention", /licence has expired/],
	[27000010, "bad-product-secret", "needs-attention", /signature is wrong.*productSecret/],
	[4711, "registration-refused", "needs-attention", /\(the words, 4711\): the meaning of this number is unknown/],
] as const)
	test(`CodeN ${number} is ${code}`, (t) => {
		const found = failure(() => exchange().accept(refusal({ CodeN: number, Message: "the words" })));
		t.like(found, { phase: "register", code, action, cloud: "volcengine", vendorCode: number, said: "the words" });
		t.regex(sentenceOf(found), said);
	});

test("a refusal without number or words is one all the same, and the secret in it is redacted", (t) => {
	const { accept } = exchange();
	const bare = failure(() => accept(refusal({})));
	t.is(bare.code, "registration-refused");
	t.deepEqual({ ...bare }, {
		phase: "register",
		code: "registration-refused",
		action: "needs-attention",
		cloud: "volcengine",
	} as never);
	t.regex(sentenceOf(bare), /^The platform refused the registration \(no reason given\)/);
	const named = failure(() => accept(refusal({ Code: `Bad${productSecret}`, Message: null })));
	t.false(JSON.stringify({ ...named }).includes(productSecret));
	t.is(named.vendorCode, named.said);
});

test("a refusal counts with any status from 400 on, but for overload and failing servers", (t) => {
	const { accept } = exchange();
	const error = { CodeN: 10000050, Message: "Resource not found" };
	for (const status of [400, 403, 404])
		t.is(failure(() => accept(refusal(error, status))).vendorCode, 10000050, String(status));
	for (const status of [301, 429, 500, 503])
		t.like(
			failure(() => accept(refusal(error, status))),
			{ code: "http-status", statusCode: status },
		);
	t.like(
		failure(() => accept(reply({}, 404))),
		{ code: "http-status", statusCode: 404 },
	);
	t.like(
		failure(() => accept({ status: 404, body: crypto.utf8("<html>") })),
		{ code: "http-status", statusCode: 404 },
	);
	t.is(failure(() => accept(reply({ Result: sealed() }, 404))).code, "http-status", "a credential with another status");
});

test("a device without a product secret connects, but does not register", (t) => {
	const { productSecret: _, ...others } = board;
	const registered = volcengine.device(others, crypto, undefined);
	t.deepEqual(registered.secrets, []);
	t.like(
		failure(() => registered.registration(inputs)),
		{ phase: "register", key: "productSecret", reason: "missing" },
	);
	t.is(registered.session(key, inputs).connect.username, "unitKey0001|dev_0001");
});

test("a product secret of less than 16 characters is refused in the configuration", (t) => {
	t.like(
		failure(() => device({ productSecret: "fifteen-letters" })),
		{ key: "productSecret", value: "#15" },
	);
	t.notThrows(() => device({ productSecret: "sixteen-letters-" }));
});

test("another cloud is refused, and the identity names this one", (t) => {
	t.like(
		failure(() => device({ cloud: "tencent" })),
		{ key: "cloud", reason: "invalid" },
	);
	const { deviceName: _, ...others } = board;
	const found = volcengine.device({ cloud: "volcengine", ...others }, crypto, "A4:D1:8C:DB:C0:20");
	t.is(found.identity, "volcengine/unitKey0001/a4d18cdbc020");
	t.is(found.secrets.length, 1);
});

test("the broker is the instance's, with the vendor's own certificate for its trust", (t) => {
	const { connect } = device().session(key, inputs);
	t.deepEqual(connect.endpoint, {
		secure: true,
		host: "unit-instance.cn-shanghai.iot.volces.com",
		port: 8883,
		trust: ["volcengine-mqtt"],
	});
	const { endpoints } = device({
		endpoints: { mqtt: "mqtts://unit-instance-cn-shanghai.iot.volces.com" },
		ca: ["own"],
	});
	t.like(endpoints.mqtt, { host: "unit-instance-cn-shanghai.iot.volces.com", port: 8883, trust: ["own"] });
	const plain = { "endpoints.mqtt": "mqtt://broker.example" };
	t.like(
		failure(() => device(plain)),
		{ key: "endpoints.mqtt", reason: "plain" },
	);
	t.like(device({ ...plain, dangerouslyAllowPlain: true }).endpoints.mqtt, { secure: false, port: 1883 });
});

test("a session has the topics of the thing model, and the keep-alive", (t) => {
	const plan = device({ keepAlive: 60 }).session(key, inputs);
	t.is(plan.connect.keepAlive, 60);
	t.is(plan.control, "sys/unitKey0001/dev_0001/thingmodel/service/preset/propertySet/post");
	t.is(plan.event, "sys/unitKey0001/dev_0001/thingmodel/property/post");
	t.is(plan.connackError(4).code, "credential-refused");
});

test("the time service takes the response to its own request only", (t) => {
	const time = timeOf(device().session(key, inputs));
	t.is(time.topic, "sys/unitKey0001/dev_0001/ntp/request");
	t.is(time.responseTopic, "sys/unitKey0001/dev_0001/ntp/response");
	t.deepEqual(JSON.parse(time.request), { ID: "1757491200999", Version: "1.0", Params: 1757491200999 });
	const Data = { DeviceSendTime: 1757491200999, ServerRecvTime: 1757491201000, ServerSendTime: 1757491201001 };
	const accept = (change: object, data: object = {}) =>
		time.accept(JSON.stringify({ ID: "1", Code: 0, Data: { ...Data, ...data }, ...change }));
	t.deepEqual(accept({}), { received: 1757491201000, sent: 1757491201001 });
	t.is(accept({ Code: 10000010 }), undefined);
	t.is(accept({}, { DeviceSendTime: 1 }), undefined);
	t.is(accept({}, { ServerRecvTime: 0 }), undefined);
	t.is(accept({}, { ServerRecvTime: "1757491201000" }), undefined);
	t.is(accept({}, { ServerSendTime: null }), undefined);
	t.is(accept({}, { ServerSendTime: 1 }), undefined);
	t.is(accept({ Data: undefined }), undefined);
	t.is(time.accept("{"), undefined);
	const unknown = timeOf(device().session(key, { ...inputs, now: undefined }));
	t.is(JSON.parse(unknown.request).Params, 0);
});

test("a thing reports properties, reads replies and commands, and has custom topics", (t) => {
	const { property, custom } = thing({ product: "unitKey0001", deviceName: "dev_0001" });
	t.is(property.topic, device().session(key, inputs).event);
	t.is(property.replyTopic, `${property.topic}_reply`);
	t.deepEqual(JSON.parse(property.report("7", 1000, { "default:lamp": true })), {
		ID: "7",
		Version: "1.0",
		Params: { "default:lamp": { Value: true, Time: 1000 } },
	});
	t.deepEqual(property.reply('{"ID":"7","Code":0,"Data":{}}'), { id: "7", code: 0 });
	for (const text of ['{"ID":7,"Code":0}', '{"ID":"7"}', "null", "{"]) t.is(property.reply(text), undefined, text);
	t.deepEqual(property.set('{"ID":"8","Version":"1.0","Params":{"lamp":false}}'), { id: "8", values: { lamp: false } });
	for (const text of ['{"ID":"8"}', '{"ID":"8","Params":null}', '{"Params":{}}', "3", "{"])
		t.is(property.set(text), undefined, text);
	t.is(property.setReplyTopic, `${device().session(key, inputs).control}_reply`);
	t.deepEqual(JSON.parse(property.setReply("8", 0)), { ID: "8", Code: 0, Data: {} });
	t.is(custom("lamp/on"), "sys/unitKey0001/dev_0001/custom/lamp/on");
});

test("names are imported for products that know them beforehand", (t) => {
	const { unnecessary } = profile.deviceImport;
	t.regex(unnecessary?.({ authType: "no-pre-registration" }) ?? "", /any name/);
	t.is(unnecessary?.({}), undefined);
});
