import { readFileSync } from "node:fs";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { openPayload, readCertificate } from "dynreg/clouds/tencent/payload";
import { type Product, readProduct } from "dynreg/clouds/tencent/product";
import { registration } from "dynreg/clouds/tencent/registration";
import { session } from "dynreg/clouds/tencent/session";
import { thing } from "dynreg/clouds/tencent/thing";
import type { Device, HttpExchange, Moment, RawConfiguration } from "dynreg/contracts/cloud";
import type { HttpReply } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence as sentenceOf } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";

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
const moment: Moment = { now: 1_700_000_000_999, random: randomFor(7) };

function device(changes: RawConfiguration = {}, mac?: string) {
	// This cloud registers over HTTP only.
	return tencent.device({ ...board, ...changes }, crypto, mac) as Omit<Device, "registration"> & {
		registration(moment: Moment): HttpExchange;
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

const reply = (body: unknown): HttpReply => ({ status: 200, body: crypto.utf8(JSON.stringify(body)) });

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
		}).registration(moment);
		t.is(accept(reply(body)).secret.reveal(), "7WmFA/MEs+Fy+32QwJWtYw==");
	}
});

test("the secret that the run log's author printed instead of the true one opens nothing", (t) => {
	const [{ payload, len }] = vectors.tencent_payload;
	const error = failure(() => openPayload(crypto, new Secret("8Xz56tyfgQAZEDCTUGau4snA"), payload, len, undefined));
	t.is(error.code, "bad-answer");
	t.is(sentenceOf(error), "The registration endpoint's answer does not decrypt with this product's secret.");
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
		const { connect } = session(crypto, product, { kind: "key", secret: new Secret(vector.psk) }, moment);
		t.is(connect.clientId, vector.clientId);
		const again = crypto.hmac("SHA1", crypto.fromBase64(vector.psk), connect.username);
		t.is(connect.password?.reveal(), `${crypto.hex(again)};hmacsha1`);
	});

test("an unknown time is sent as 0, which the platform takes, and never as an unset clock", (t) => {
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

test("the servers are vouched for by the vendor's own root, by a public one, or by what the configuration says", (t) => {
	const trust = (changes: RawConfiguration) => {
		const { register, mqtt } = device(changes).endpoints;
		return [register.trust, mqtt.trust];
	};
	t.deepEqual(trust({}), [["public"], ["tencent-iothub"]]);
	t.deepEqual(trust({ protocol: "v1" }), [["public", "tencent-iothub"], ["tencent-iothub"]]);
	t.deepEqual(trust({ ca: "ours.pem" }), [["ours.pem"], ["ours.pem"]]);
});

test("IoT Explorer's products register by v1 unless told otherwise, and have the data template's topics", (t) => {
	const explorer = device({ service: "explorer" });
	t.is(explorer.registration(moment).request.path, "/register/dev");
	t.is(explorer.registration(moment).request.endpoint.host, "gateway.tencentdevices.com");
	t.is(device({ service: "explorer", protocol: "v2" }).registration(moment).request.path, "/device/register");
	const plan = explorer.session({ kind: "key", secret: new Secret("7WmFA/MEs+Fy+32QwJWtYw==") }, moment);
	t.is(plan.control, "$thing/down/property/PRODUCT001/board-1");
	t.is(plan.event, "$thing/up/event/PRODUCT001/board-1");
	t.is(plan.connect.endpoint.host, "PRODUCT001.iotcloud.tencentdevices.com");
});

test("a session with a certificate sends the user name and no password", async (t) => {
	const { certificate, key } = await pair;
	const credential = readCertificate(crypto, certificate, key);
	const { connect } = device().session(credential, moment);
	t.is(connect.certificate, credential);
	t.false("password" in connect);
	t.regex(connect.username, /^PRODUCT001board-1;12010126;/);
	const plain = device({ endpoints: { mqtt: "mqtt://127.0.0.1" }, dangerouslyAllowPlain: true });
	t.like(
		failure(() => plain.session(credential, moment)),
		{ phase: "connect", code: "bad-configuration", action: "stop" },
	);
});

test("a board with its own certificate sends it under both names that the vendor has for it", async (t) => {
	const { certificate: clientCertificate, key: clientKey } = await pair;
	const own = device({ clientCertificate, clientKey });
	t.is(own.expects, "certificate");
	t.deepEqual(JSON.parse(own.registration(moment).request.body), {
		ProductId: "PRODUCT001",
		DeviceName: "board-1",
		EncryptionType: 1,
		ClientCert: clientCertificate,
		clientCert: clientCertificate,
	});
	t.true(own.secrets.some((each) => each.reveal() === crypto.base64(crypto.fromPem(clientKey))));
	const payload = vectors.tencent_payload.find((each: { len: number }) => each.len === 20);
	const { accept } = device({ clientCertificate, clientKey, productSecret: payload.productSecret }).registration(
		moment,
	);
	const credential = accept(reply({ Response: { Len: payload.len, Payload: payload.payload } }));
	t.is(credential.kind, "certificate");
	t.is(credential.secret.reveal(), crypto.base64(crypto.fromPem(clientKey)));
});

test("a certificate of the board's own is whole and goes by v2, or the configuration is refused without showing the key", async (t) => {
	const { certificate, key } = await pair;
	for (const changes of [
		{ clientCertificate: certificate },
		{ clientKey: key },
		{ clientCertificate: certificate, clientKey: "x" },
		{ clientCertificate: "x", clientKey: key },
		{ clientCertificate: certificate.replace("A", "*"), clientKey: key },
	]) {
		t.is(
			sentence(() => device(changes)),
			"clientCertificate is invalid. Expected PEM texts in both clientCertificate and clientKey: certificates, and an unencrypted RSA key.",
		);
	}
	t.is(
		sentence(() => device({ clientCertificate: certificate, clientKey: key, protocol: "v1" })),
		"protocol is v1, which cannot send a clientCertificate. Expected v2.",
	);
});

test("how the product authenticates need not be configured, and is the platform's to say", (t) => {
	t.is(device().expects, undefined);
	t.is(device({ auth: "certificate" }).expects, "certificate");
	t.is(device({ auth: "key" }).expects, "key");
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
	const { property, event, action } = thing("tencent/PRODUCT001/board-1");
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

test("v2 with HMAC-SHA256 over TLS at the region's own host is what a bare configuration gets", (t) => {
	const { request } = device().registration(moment);
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
		t.is(device({ region, protocol: "v1" }).registration(moment).request.endpoint.host, `${v1}.${domain}`);
		t.is(device({ region }).registration(moment).request.endpoint.host, `${v2}.${domain}`);
		t.like(device({ region }).session(credential, moment).connect.endpoint, {
			secure: true,
			host: `PRODUCT001.${mqtt}.${domain}`,
			port: 8883,
		});
	}
});

test("the same input gives the same exchange", (t) => {
	t.deepEqual(device().registration(moment).request, device().registration(moment).request);
});

test("a device is one identity of one product, named after its MAC address unless configured", (t) => {
	t.like(device(), { identity: "tencent/PRODUCT001/board-1", product: "PRODUCT001", name: "board-1" });
	t.is(device({ deviceName: undefined }, "A4:D1:8C:DB:C0:20").name, "a4d18cdbc020");
	t.is(
		sentence(() => device({ deviceName: undefined })),
		"deviceName is missing. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.",
	);
});

test("each mistake in the configuration is one sentence that names the key and the rule", (t) => {
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

test("a firmware without a product secret opens sessions, and says what is missing when it has to register", (t) => {
	const registered = device({ productSecret: undefined });
	t.deepEqual(registered.secrets, []);
	t.like(
		failure(() => registered.registration(moment)),
		{ phase: "register", code: "bad-configuration", action: "stop" },
	);
});

test("the product secret is handed to the log to redact", (t) => {
	t.deepEqual(
		device().secrets.map((secret) => secret.reveal()),
		[board.productSecret],
	);
});

test("the platform's refusals become codes that say what to do", (t) => {
	const v1 = device({ protocol: "v1" }).registration(moment);
	const v2 = device().registration(moment);
	const refused = (code: unknown, message: string) => failure(() => v1.accept(reply({ code, message })));
	const refused2 = (Code: string, Message: string) =>
		failure(() => v2.accept(reply({ Response: { Error: { Code, Message } } })));
	t.like(refused(1010, "Check signature failed"), { code: "bad-product-secret", action: "stop", number: 1010 });
	t.regex(
		sentenceOf(refused(1010, "Check signature failed")),
		/productId and productSecret with the product's page in the console/,
	);
	t.like(refused(1021, "Device has been activated"), { code: "already-activated", action: "stop", number: 1021 });
	t.regex(sentenceOf(refused(1021, "")), /Reset or delete the device in the console/);
	t.like(refused2("InvalidParameterValue", "X-Tc-Timestamp error"), {
		code: "bad-timestamp",
		action: "retry",
		number: undefined,
	});
	t.is(refused2("InvalidParameterValue", "Check signature failed").code, "bad-product-secret");
	t.is(refused2("AuthFailure.SignatureFailure", "").code, "bad-product-secret");
	t.is(refused2("InvalidParameterValue", "Device has been activated").code, "already-activated");
	t.regex(
		sentence(() => v2.accept(reply({ Response: { Error: {} } }))),
		/no reason given \(undefined\)/,
	);
});

test("a platform that is overloaded is waited for, whatever comes behind the code's first word", (t) => {
	const { accept } = device().registration(moment);
	for (const Code of ["InternalError", "InternalError.Timeout", "RequestLimitExceeded"])
		t.like(
			failure(() => accept(reply({ Response: { Error: { Code, Message: "later" } } }))),
			{ code: "registration-refused", action: "wait" },
		);
});

test("a refusal that nobody has published keeps the platform's own words", (t) => {
	const error = failure(() =>
		device({ protocol: "v1" })
			.registration(moment)
			.accept(reply({ code: 4711, message: "no such thing" })),
	);
	t.like(error, { phase: "register", code: "registration-refused", action: "stop", number: 4711 });
	t.regex(sentenceOf(error), /no such thing \(4711\)\. Check in the console that dynamic registration is on/);
});

test("an answer without a verdict is a bad answer", (t) => {
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
		const { code, phase } = failure(() => device({ protocol }).registration(moment).accept(reply(body)));
		t.is(phase, "register");
		t.is(code, "bad-answer");
	}
});

const secret = new Secret("SampleSecretOfTheTests01");

test("session: user name, password and topics are those of the platform's documentation", (t) => {
	const random = new Uint8Array(16).fill(3);
	const plan = device().session(
		{ kind: "key", secret: new Secret("7WmFA/MEs+Fy+32QwJWtYw==") },
		{ now: undefined, random },
	);
	t.is(plan.connect.clientId, "PRODUCT001board-1");
	t.is(plan.connect.username, "PRODUCT001board-1;12010126;DDDDD;2147483647");
	t.regex(plan.connect.password?.reveal() as string, /^[0-9a-f]{64};hmacsha256$/);
	t.is(plan.connect.keepAlive, 240);
	const patient = device({ keepAlive: "900" }).session({ kind: "key", secret }, { now: undefined, random });
	t.is(patient.connect.keepAlive, 900);
	t.throws(() => device({ keepAlive: 901 }), { message: "bad-configuration keepAlive invalid 901" });
	t.is(plan.control, "PRODUCT001/board-1/control");
	t.is(plan.event, "PRODUCT001/board-1/event");
	t.like(plan.time, {
		topic: "$sys/operation/PRODUCT001/board-1",
		answerTopic: "$sys/operation/result/PRODUCT001/board-1",
		request: '{"type":"get","resource":["time"]}',
	});
});

test("session: the connection id is five letters or digits, and differs with the random bytes", (t) => {
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
	const { refusal } = device().session({ kind: "key", secret: secret }, moment);
	t.like(refusal(1), { code: "mqtt-refused", action: "stop", number: 1 });
	t.like(refusal(2), { code: "credential-refused", action: "retry", number: 2 });
	t.like(refusal(3), { code: "broker-unavailable", action: "retry", number: 3 });
	t.like(refusal(4), { code: "credential-refused", action: "retry", number: 4 });
	t.like(refusal(5), { phase: "connect", code: "credential-refused", action: "retry", number: 5 });
});

test("time: the platform says when it got the question and when it answered", (t) => {
	const { time } = device().session({ kind: "key", secret: secret }, moment);
	const answer = '{"type":"get","time":1621562342,"ntptime1":1621562342773,"ntptime2":1621562342775}';
	t.deepEqual(time.accept(answer), { received: 1621562342773, sent: 1621562342775 });
});

test("time: an answer that is none is ignored", (t) => {
	const { time } = device().session({ kind: "key", secret: secret }, moment);
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
