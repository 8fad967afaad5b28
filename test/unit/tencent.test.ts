import { readFileSync } from "node:fs";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { certificateFromPem, decryptPayload } from "dynreg/clouds/tencent/payload";
import { type Product, readProduct } from "dynreg/clouds/tencent/product";
import { registration } from "dynreg/clouds/tencent/registration";
import { sessionPlan } from "dynreg/clouds/tencent/session-plan";
import { thing } from "dynreg/clouds/tencent/thing";
import type { CloudDevice, HttpExchange, Inputs, RawConfiguration } from "dynreg/contracts/cloud";
import type { HttpResponse } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence as sentenceOf } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { credentialOf, timeOf } from "../support/plans.js";

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

/** A certificate and its key, PEM. What it says does not matter here. */
const pair = createAuthority();

/** Random bytes that lead to this nonce. */
function randomFor(nonce: number): Uint8Array {
	const random = new Uint8Array(16);
	new DataView(random.buffer).setUint32(0, nonce);
	return random;
}

const board: RawConfiguration = {
	productId: "PRODUCT001",
	productSecret: "SampleSecretOfTheTests01",
	deviceName: "board-1",
};
const inputs: Inputs = { now: 1_700_000_000_999, random: randomFor(7) };

function device(changes: RawConfiguration = {}, mac?: string) {
	// This cloud registers over HTTP only.
	return tencent.device({ ...board, ...changes }, crypto, mac) as Omit<CloudDevice, "registration"> & {
		registration(inputs: Inputs): HttpExchange;
	};
}

function failure(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

/** What a person is told. */
function sentence(act: () => unknown): string {
	return sentenceOf(failure(act), { cloud: "tencent" });
}

const reply = (body: unknown): HttpResponse => ({ status: 200, body: crypto.utf8(JSON.stringify(body)) });

for (const vector of vectors.tencent_v1_sign)
	test(`v1 signs as ${vector.origin}`, (t) => {
		const { productId, productSecret, deviceName } = vector;
		const { request } = device({ productId, productSecret, deviceName, protocol: "v1" }).registration({
			now: vector.timestamp * 1000 + 999,
			random: randomFor(vector.nonce),
		});
		t.is(request.path, "/register/dev");
		t.is(
			request.body,
			`{"deviceName":"${deviceName}","nonce":${vector.nonce},"productId":"${productId}","timestamp":${vector.timestamp},"signature":"${vector.signature}"}`,
		);
	});

for (const vector of vectors.tencent_v2_sign)
	test(`v2 signs as ${vector.origin}`, (t) => {
		const { ProductId, DeviceName } = JSON.parse(vector.body);
		// Put together by hand, since one published sample has a product id that no product can have.
		const product: Product = {
			...readProduct(board, crypto, undefined),
			productId: ProductId,
			deviceName: DeviceName,
			productSecret: new Secret(vector.productSecret),
			signMethod: vector.algorithm,
			register: { secure: true, host: vector.host, port: 8443, trust: [] },
		};
		const { request } = registration(crypto, product, {
			now: vector.timestamp * 1000,
			random: randomFor(vector.nonce),
		});
		t.is(request.path, vector.path);
		t.is(request.body, vector.body);
		t.deepEqual(Object.fromEntries(request.headers), {
			"Content-Type": "application/json; charset=utf-8",
			"X-TC-Algorithm": vector.algorithm,
			"X-TC-Timestamp": String(vector.timestamp),
			"X-TC-Nonce": String(vector.nonce),
			"X-TC-Signature": vector.signature,
		});
	});

for (const vector of vectors.negative.filter((each: { stringToSign: string }) =>
	each.stringToSign.startsWith("deviceName="),
))
	test(`v1 does not sign as ${vector.what}`, (t) => {
		const { deviceName, productId, nonce, timestamp } = Object.fromEntries(new URLSearchParams(vector.stringToSign));
		const { request } = device({
			productId,
			productSecret: vector.productSecret,
			deviceName,
			protocol: "v1",
		}).registration({
			now: Number(timestamp) * 1000,
			random: randomFor(Number(nonce)),
		});
		t.not(JSON.parse(request.body).signature, vector.bad);
	});

test("the vendor's run log of 2019 registers to the psk that it truly held", (t) => {
	const [{ productSecret, payload, len }] = vectors.tencent_payload;
	for (const [protocol, body] of [
		["v1", { code: 0, message: "", len, payload }],
		["v2", { Response: { Len: len, Payload: payload, RequestId: "1" } }],
	] as const) {
		const { accept } = device({
			productId: "S3EUVBRJLB",
			deviceName: "device_1234",
			productSecret,
			protocol,
		}).registration(inputs);
		t.is(credentialOf(accept(reply(body))).secret.reveal(), "7WmFA/MEs+Fy+32QwJWtYw==");
	}
});

test("the fake secret of the run log decrypts nothing", (t) => {
	const [{ payload, len }] = vectors.tencent_payload;
	const error = failure(() => decryptPayload(crypto, new Secret("8Xz56tyfgQAZEDCTUGau4snA"), payload, len, undefined));
	t.is(error.code, "bad-answer");
	t.is(
		sentenceOf(error),
		"The registration endpoint's response cannot be decrypted with productSecret. Compare productSecret with the product's page in the console. Check endpoints.register.",
	);
});

for (const vector of vectors.tencent_mqtt)
	test(`the session's password is that of ${vector.origin}`, (t) => {
		const digest = crypto.hmac("SHA1", crypto.fromBase64(vector.psk), vector.username);
		t.is(`${crypto.hex(digest)};hmacsha1`, vector.password);
		const product = readProduct(
			{ productId: vector.clientId.slice(0, 10), deviceName: vector.clientId.slice(10), signMethod: "hmacsha1" },
			crypto,
			undefined,
		);
		const { connect } = sessionPlan(crypto, product, { kind: "key", secret: new Secret(vector.psk) }, inputs);
		t.is(connect.clientId, vector.clientId);
		const again = crypto.hmac("SHA1", crypto.fromBase64(vector.psk), connect.username);
		t.is(connect.password?.reveal(), `${crypto.hex(again)};hmacsha1`);
	});

test("an unknown time is sent as 0, never as an unset clock", (t) => {
	const unknown = { now: undefined, random: randomFor(7) };
	t.is(JSON.parse(device({ protocol: "v1" }).registration(unknown).request.body).timestamp, 0);
	t.is(Object.fromEntries(device().registration(unknown).request.headers)["X-TC-Timestamp"], "0");
});

test("a nonce is positive and fits a signed 32-bit number, whatever the random bytes", (t) => {
	for (const [random, nonce] of [
		[0, 1],
		[0x8000_0000, 1],
		[0xffff_ffff, 0x7fff_ffff],
		[0x8000_0005, 5],
	] as const)
		t.is(
			JSON.parse(device({ protocol: "v1" }).registration({ now: 0, random: randomFor(random) }).request.body).nonce,
			nonce,
		);
});

test("the trust anchors are the vendor's root, public ones or configured ones", (t) => {
	const trust = (changes: RawConfiguration) => {
		const { register, mqtt } = device(changes).endpoints;
		return [register.trust, mqtt?.trust];
	};
	t.deepEqual(trust({}), [["public"], ["tencent-iothub"]]);
	t.deepEqual(trust({ protocol: "v1" }), [["public", "tencent-iothub"], ["tencent-iothub"]]);
	t.deepEqual(trust({ ca: "ours.pem" }), [["ours.pem"], ["ours.pem"]]);
});

test("IoT Explorer products use v1 by default and the data template's topics", (t) => {
	const explorer = device({ service: "explorer" });
	t.is(explorer.registration(inputs).request.path, "/register/dev");
	t.is(explorer.registration(inputs).request.endpoint.host, "gateway.tencentdevices.com");
	t.is(device({ service: "explorer", protocol: "v2" }).registration(inputs).request.path, "/device/register");
	const plan = explorer.session({ kind: "key", secret: new Secret("7WmFA/MEs+Fy+32QwJWtYw==") }, inputs);
	t.is(plan.control, "$thing/down/property/PRODUCT001/board-1");
	t.is(plan.event, "$thing/up/event/PRODUCT001/board-1");
	t.is(plan.connect.endpoint.host, "PRODUCT001.iotcloud.tencentdevices.com");
});

test("a session with a certificate sends the user name and no password", async (t) => {
	const { certificate, key } = await pair;
	const credential = certificateFromPem(crypto, certificate, key);
	const { connect } = device().session(credential, inputs);
	t.is(connect.certificate, credential);
	t.false("password" in connect);
	t.regex(connect.username, /^PRODUCT001board-1;12010126;/);
	const plain = device({ endpoints: { mqtt: "mqtt://127.0.0.1" }, dangerouslyAllowPlain: true });
	t.like(
		failure(() => plain.session(credential, inputs)),
		{ phase: "connect", code: "bad-configuration", action: "needs-attention" },
	);
});

test("a board with its own certificate sends it under both vendor names", async (t) => {
	const { certificate: clientCertificate, key: clientKey } = await pair;
	const own = device({ clientCertificate, clientKey });
	t.is(own.credentialKind, "certificate");
	t.deepEqual(JSON.parse(own.registration(inputs).request.body), {
		ProductId: "PRODUCT001",
		DeviceName: "board-1",
		EncryptionType: 1,
		ClientCert: clientCertificate,
		clientCert: clientCertificate,
	});
	t.true(own.secrets.some((each) => each.reveal() === crypto.base64(crypto.fromPem(clientKey))));
	const payload = vectors.tencent_payload.find((each: { len: number }) => each.len === 20);
	const { accept } = device({ clientCertificate, clientKey, productSecret: payload.productSecret }).registration(
		inputs,
	);
	const credential = credentialOf(accept(reply({ Response: { Len: payload.len, Payload: payload.payload } })));
	t.is(credential.kind, "certificate");
	t.is(credential.secret.reveal(), crypto.base64(crypto.fromPem(clientKey)));
});

test("an own certificate must be complete and needs v2; its key is never shown", async (t) => {
	const { certificate, key } = await pair;
	const expected =
		"Expected PEM text in both clientCertificate and clientKey: a certificate, and an unencrypted RSA key.";
	for (const [changes, said] of [
		[{ clientCertificate: certificate }, "clientKey is missing"],
		[{ clientKey: key }, "clientCertificate is missing"],
		[{ clientCertificate: certificate, clientKey: "x" }, "clientKey is invalid"],
		[{ clientCertificate: "x", clientKey: key }, "clientCertificate is invalid"],
		[{ clientCertificate: certificate.replace("A", "*"), clientKey: key }, "clientCertificate is invalid"],
	] as const)
		t.is(
			sentence(() => device(changes)),
			`${said}. ${expected}`,
		);
	t.is(
		sentence(() => device({ clientCertificate: certificate, clientKey: key, protocol: "v1" })),
		"protocol is v1, but v1 cannot send a clientCertificate. Expected v2.",
	);
});

test("the authentication of the product is optional in the configuration", (t) => {
	t.is(device().credentialKind, undefined);
	t.is(device({ auth: "certificate" }).credentialKind, "certificate");
	t.is(device({ auth: "key" }).credentialKind, "key");
	t.is(
		sentence(() => device({ auth: "psk" })),
		'auth is invalid: "psk". Expected one of key, certificate.',
	);
	t.is(
		sentence(() => device({ service: "x" })),
		'service is invalid: "x". Expected one of hub, explorer.',
	);
});

test("the data template: topics, reports, questions, commands, events and actions", (t) => {
	const { property, event, action } = thing({ product: "PRODUCT001", deviceName: "board-1" });
	t.is(property.up, "$thing/up/property/PRODUCT001/board-1");
	t.is(property.down, "$thing/down/property/PRODUCT001/board-1");
	t.is(event.up, "$thing/up/event/PRODUCT001/board-1");
	t.is(event.down, "$thing/down/event/PRODUCT001/board-1");
	t.is(action.up, "$thing/up/action/PRODUCT001/board-1");
	t.is(action.down, "$thing/down/action/PRODUCT001/board-1");
	t.deepEqual(JSON.parse(property.report("1", { light: 1 })), {
		method: "report",
		clientToken: "1",
		params: { light: 1 },
	});
	t.deepEqual(JSON.parse(property.getStatus("2")), {
		method: "get_status",
		clientToken: "2",
		type: "report",
		showmeta: 0,
	});
	t.deepEqual(property.control('{"method":"control","clientToken":"c","params":{"light":0}}'), {
		clientToken: "c",
		params: { light: 0 },
	});
	t.is(property.control('{"method":"control","clientToken":{},"params":{}}')?.clientToken, "");
	t.deepEqual(JSON.parse(property.controlReply("c", 0)), {
		method: "control_reply",
		clientToken: "c",
		code: 0,
		status: "",
	});
	t.deepEqual(property.reply('{"method":"report_reply","clientToken":"1","code":0,"status":"success"}'), {
		method: "report_reply",
		clientToken: "1",
		code: 0,
		status: "success",
		data: {},
	});
	t.deepEqual(
		property.reply('{"method":"get_status_reply","clientToken":"2","code":0,"data":{"reported":{"light":1}}}')?.data,
		{ reported: { light: 1 } },
	);
	t.deepEqual(JSON.parse(event.post("3", "hot", "alert", { t: 90 })), {
		method: "event_post",
		clientToken: "3",
		version: "1.0",
		eventId: "hot",
		type: "alert",
		params: { t: 90 },
	});
	t.is(event.reply('{"method":"event_reply","clientToken":"3","code":406}')?.code, 406);
	t.deepEqual(action.call('{"method":"action","clientToken":"4","actionId":"open","params":{"by":"me"}}'), {
		clientToken: "4",
		actionId: "open",
		params: { by: "me" },
	});
	t.deepEqual(JSON.parse(action.reply("4", 0, { opened: true }, "done")), {
		method: "action_reply",
		clientToken: "4",
		code: 0,
		status: "done",
		response: { opened: true },
	});
	for (const none of ["", "null", "5", "{}", '{"method":"control"}', '{"method":"report_reply"}']) {
		t.is(property.control(none), undefined);
		t.is(property.reply(none), undefined);
		t.is(action.call(none), undefined);
	}
});

test("the default is v2 with HMAC-SHA256 over TLS at the region's host", (t) => {
	const { request } = device().registration(inputs);
	t.like(request.endpoint, { secure: true, host: "ap-guangzhou.gateway.tencentdevices.com", port: 443 });
	t.is(request.path, "/device/register");
	t.is(Object.fromEntries(request.headers)["X-TC-Algorithm"], "hmacsha256");
});

test("each region has its hosts, as the vendor's SDKs have them", (t) => {
	const credential = { kind: "key", secret: new Secret("7WmFA/MEs+Fy+32QwJWtYw==") } as const;
	for (const [region, v1, v2, mqtt] of [
		["china", "gateway", "ap-guangzhou.gateway", "iotcloud"],
		["us-east", "us-east.gateway", "us-east.gateway", "us-east.iotcloud"],
		["europe", "europe.gateway", "europe.gateway", "europe.iothub"],
		["ap-bangkok", "ap-bangkok.gateway", "ap-bangkok.gateway", "ap-bangkok.iothub"],
	]) {
		const domain = "tencentdevices.com";
		t.is(device({ region, protocol: "v1" }).registration(inputs).request.endpoint.host, `${v1}.${domain}`);
		t.is(device({ region }).registration(inputs).request.endpoint.host, `${v2}.${domain}`);
		t.like(device({ region }).session(credential, inputs).connect.endpoint, {
			secure: true,
			host: `PRODUCT001.${mqtt}.${domain}`,
			port: 8883,
		});
	}
});

test("the same input gives the same exchange", (t) => {
	t.deepEqual(device().registration(inputs).request, device().registration(inputs).request);
});

test("a device is named after its MAC address unless configured", (t) => {
	t.like(device(), { identity: "tencent/PRODUCT001/board-1", product: "PRODUCT001", name: "board-1" });
	t.is(device({ deviceName: undefined }, "A4:D1:8C:DB:C0:20").name, "a4d18cdbc020");
	t.is(
		sentence(() => device({ deviceName: undefined })),
		"deviceName is missing. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.",
	);
});

test("each configuration error is one sentence with the key and the rule", (t) => {
	for (const [changes, said] of [
		[{ productId: "PRODUCT_ID1" }, 'productId is invalid: "PRODUCT_ID1". Expected 1 to 10 letters and digits.'],
		[{ productId: undefined }, "productId is missing. Expected 1 to 10 letters and digits."],
		[
			{ productSecret: "fifteen-letters" },
			"productSecret is invalid: 15 characters. Expected 16 to 64 characters without spaces, as the console shows it.",
		],
		[{ deviceName: "a/b" }, 'deviceName is invalid: "a/b". Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.'],
		[
			{ deviceName: "x".repeat(49) },
			`deviceName is invalid: 49 characters. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.`,
		],
		[{ region: "mars" }, 'region is invalid: "mars". Expected one of china, us-east, europe, ap-bangkok.'],
		[{ protocol: "v3" }, 'protocol is invalid: "v3". Expected one of v2, v1.'],
		[{ signMethod: "md5" }, 'signMethod is invalid: "md5". Expected one of hmacsha256, hmacsha1.'],
		[
			{ endpoints: { mqtt: "https://x" } },
			'endpoints.mqtt is invalid: "https://x". Expected mqtts://host or mqtts://host:port.',
		],
	] as const)
		t.is(
			sentence(() => device(changes)),
			said,
		);
});

test("without a product secret sessions work and registration names what is missing", (t) => {
	const registered = device({ productSecret: undefined });
	t.deepEqual(registered.secrets, []);
	t.like(
		failure(() => registered.registration(inputs)),
		{ phase: "register", code: "bad-configuration", action: "needs-attention" },
	);
});

test("the product secret is handed to the log to redact", (t) => {
	t.deepEqual(
		device().secrets.map((secret) => secret.reveal()),
		[board.productSecret],
	);
});

test("the platform's refusals become codes that say what to do", (t) => {
	const v1 = device({ protocol: "v1" }).registration(inputs);
	const v2 = device().registration(inputs);
	const refused = (code: unknown, message: string) => failure(() => v1.accept(reply({ code, message })));
	const refused2 = (Code: string, Message: string) =>
		failure(() => v2.accept(reply({ Response: { Error: { Code, Message } } })));
	t.like(refused(1010, "Check signature failed"), {
		code: "bad-product-secret",
		action: "needs-attention",
		vendorCode: 1010,
	});
	t.regex(
		sentenceOf(refused(1010, "Check signature failed")),
		/productId and productSecret with the product's page in the console/,
	);
	t.like(refused(1021, "Device has been activated"), {
		code: "already-activated",
		action: "needs-attention",
		vendorCode: 1021,
	});
	t.regex(sentenceOf(refused(1021, "")), /Reset or delete the device in the console/);
	t.like(refused2("InvalidParameterValue", "X-Tc-Timestamp error"), {
		code: "bad-timestamp",
		action: "retry",
		vendorCode: "InvalidParameterValue",
	});
	t.is(refused2("InvalidParameterValue", "Check signature failed").code, "bad-product-secret");
	t.is(refused2("AuthFailure.SignatureFailure", "").code, "bad-product-secret");
	t.is(refused2("InvalidParameterValue", "Device has been activated").code, "already-activated");
	t.regex(
		sentence(() => v2.accept(reply({ Response: { Error: {} } }))),
		/\(no reason given\)\. Likely causes/,
	);
});

test("an overloaded platform is retried, whatever follows the code's first word", (t) => {
	const { accept } = device().registration(inputs);
	for (const Code of ["InternalError", "InternalError.Timeout", "RequestLimitExceeded"])
		t.like(
			failure(() => accept(reply({ Response: { Error: { Code, Message: "later" } } }))),
			{ code: "registration-refused", action: "wait" },
		);
});

test("an unpublished refusal keeps the platform's message", (t) => {
	const error = failure(() =>
		device({ protocol: "v1" })
			.registration(inputs)
			.accept(reply({ code: 4711, message: "no such thing" })),
	);
	t.like(error, { phase: "register", code: "registration-refused", action: "needs-attention", vendorCode: 4711 });
	t.regex(sentenceOf(error), /\(no such thing, 4711\)\. Likely causes: dynamic registration is off/);
});

test("a response without a result is bad-answer", (t) => {
	for (const [protocol, body] of [
		["v1", {}],
		["v1", { code: 0 }],
		["v1", { code: 0, len: 53 }],
		["v2", {}],
		["v2", { Response: null }],
		["v2", { Response: {} }],
		["v2", { Response: { Len: 53 } }],
		["v2", { Response: { Error: "no" } }],
	] as const) {
		const { code, phase } = failure(() => device({ protocol }).registration(inputs).accept(reply(body)));
		t.is(phase, "register");
		t.is(code, "bad-answer");
	}
});

test("a field of another type is named with its type, in every response", (t) => {
	const [{ payload, len, productSecret }] = vectors.tencent_payload;
	const types = [null, [], {}, true, "53", 53] as const;
	const named = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
	for (const [protocol, key, expected, body] of [
		["v1", "code", "a number", (code: unknown) => ({ code, message: "", len, payload })],
		["v1", "len", "a number", (len: unknown) => ({ code: 0, message: "", len, payload })],
		["v1", "payload", "a string", (payload: unknown) => ({ code: 0, message: "", len, payload })],
		["v2", "Response", "an object", (Response: unknown) => ({ Response })],
		["v2", "Error", "an object", (value: unknown) => ({ Response: { Error: value, Len: len, Payload: payload } })],
		["v2", "Len", "a number", (Len: unknown) => ({ Response: { Len, Payload: payload } })],
		["v2", "Payload", "a string", (Payload: unknown) => ({ Response: { Len: len, Payload } })],
	] as const)
		for (const value of types) {
			if (expected.endsWith(named(value))) continue;
			const { accept } = device({
				productId: "S3EUVBRJLB",
				deviceName: "device_1234",
				productSecret,
				protocol,
			}).registration(inputs);
			const error = failure(() => accept(reply(body(value))));
			t.like(error, { phase: "register", code: "bad-answer", key, value: named(value) });
			t.is(
				sentenceOf(error),
				`The registration endpoint's response holds ${key} of type ${named(value)}. Expected ${expected}. Check endpoints.register.`,
			);
		}
	const without = failure(() =>
		device({ protocol: "v1" })
			.registration(inputs)
			.accept(reply({ code: 0, len })),
	);
	t.is(sentenceOf(without), "The registration endpoint's response holds no valid payload. Check endpoints.register.");
});

const secret = new Secret("SampleSecretOfTheTests01");

test("session: user name, password and topics match the documentation", (t) => {
	const random = new Uint8Array(16).fill(3);
	const plan = device().session(
		{ kind: "key", secret: new Secret("7WmFA/MEs+Fy+32QwJWtYw==") },
		{ now: undefined, random },
	);
	t.is(plan.connect.clientId, "PRODUCT001board-1");
	t.is(plan.connect.username, "PRODUCT001board-1;12010126;DDDDD;9223372036854775807");
	t.regex(plan.connect.password?.reveal() as string, /^[0-9a-f]{64};hmacsha256$/);
	t.is(plan.connect.keepAlive, 240);
	const patient = device({ keepAlive: "900" }).session({ kind: "key", secret }, { now: undefined, random });
	t.is(patient.connect.keepAlive, 900);
	t.throws(() => device({ keepAlive: 901 }), { message: "bad-configuration keepAlive invalid 901" });
	t.is(plan.control, "PRODUCT001/board-1/control");
	t.is(plan.event, "PRODUCT001/board-1/event");
	t.like(plan.time, {
		topic: "$sys/operation/PRODUCT001/board-1",
		responseTopic: "$sys/operation/result/PRODUCT001/board-1",
		request: '{"type":"get","resource":["time"]}',
	});
});

test("session: the connection id is five random letters or digits", (t) => {
	const ids = new Set<string | undefined>();
	for (let byte = 0; byte < 256; byte++) {
		const { connect } = device().session(
			{ kind: "key", secret: secret },
			{ now: 0, random: new Uint8Array(16).fill(byte) },
		);
		t.regex(connect.username.split(";")[2] as string, /^[A-Za-z0-9]{5}$/);
		ids.add(connect.username.split(";")[2]);
	}
	t.true(ids.size > 30);
});

test("session: CONNACK codes become codes that say what to do", (t) => {
	const { connackError } = device().session({ kind: "key", secret: secret }, inputs);
	t.like(connackError(1), { code: "mqtt-refused", action: "needs-attention", connackCode: 1 });
	t.like(connackError(2), { code: "credential-refused", action: "retry", connackCode: 2 });
	t.like(connackError(3), { code: "broker-unavailable", action: "retry", connackCode: 3 });
	t.like(connackError(4), { code: "credential-refused", action: "retry", connackCode: 4 });
	t.like(connackError(5), { phase: "connect", code: "credential-refused", action: "retry", connackCode: 5 });
});

test("time: the response has the times of receipt and sending", (t) => {
	const time = timeOf(device().session({ kind: "key", secret }, inputs));
	const answer = '{"type":"get","time":1621562342,"ntptime1":1621562342773,"ntptime2":1621562342775}';
	t.deepEqual(time.accept(answer), { received: 1621562342773, sent: 1621562342775 });
});

test("time: an invalid response is ignored", (t) => {
	const time = timeOf(device().session({ kind: "key", secret }, inputs));
	for (const answer of [
		"",
		"null",
		"{}",
		'{"ntptime1":1}',
		'{"ntptime1":"1621562342773","ntptime2":"1621562342773"}',
		"[1",
	])
		t.is(time.accept(answer), undefined);
});
