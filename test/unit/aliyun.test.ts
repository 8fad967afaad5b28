import { readFileSync } from "node:fs";
import test from "ava";
import { aliyun } from "dynreg/clouds/aliyun/cloud";
import { type SignMethod, sign } from "dynreg/clouds/aliyun/sign";
import { thing } from "dynreg/clouds/aliyun/thing";
import type { HttpExchange, Inputs, MqttExchange, RawConfiguration } from "dynreg/contracts/cloud";
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

const board: RawConfiguration = {
	productKey: "a1sXfakeKey",
	productSecret: "SampleSecretOfTheTests01",
	deviceName: "dev_0001",
};
const inputs: Inputs = { now: 2524608000000, random: randomFor(2623049045) };
const secret = new Secret("fef32adf6dad46c2c7cbf335d3a7b021");
const key: Credential = { kind: "key", secret };
const token: Credential = { kind: "token", clientId: "issued-client-id", secret };

function device(changes: RawConfiguration = {}, mac?: string) {
	return aliyun.device({ ...board, ...changes }, crypto, mac);
}
const overMqtt = (changes: RawConfiguration = {}, at = inputs) => device(changes).registration(at) as MqttExchange;
const overHttps = (changes: RawConfiguration = {}, at = inputs) =>
	device({ registrationTransport: "https", ...changes }).registration(at) as HttpExchange;

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
	return sentenceOf(failure(act), { cloud: "aliyun" });
}

const reply = (body: unknown) => ({ status: 200, body: crypto.utf8(JSON.stringify(body)) });
const bytes = (value: unknown) => crypto.utf8(JSON.stringify(value));
const own = { productKey: "a1sXfakeKey", deviceName: "dev_0001" };

for (const vector of vectors.aliyun_register_sign)
	test(`registering signs as ${vector.origin}`, (t) => {
		const { productKey, productSecret, deviceName, signMethod, random } = vector;
		const changes = { productKey, productSecret, deviceName, signMethod };
		const at = { now: undefined, random: randomFor(Number(random)) };
		t.is(
			overMqtt(changes, at).connect.password?.reveal().toLowerCase(),
			vector.sign.toLowerCase(),
			"over MQTT, password",
		);
		t.is(
			new URLSearchParams(overHttps(changes, at).request.body).get("sign"),
			vector.sign.toLowerCase(),
			"over HTTPS, sign",
		);
	});

test("the exchange that a real device logged is replayed byte for byte", (t) => {
	const [vector] = vectors.aliyun_https_exchange;
	const { productKey, productSecret, deviceName, signMethod, random } = vector;
	const real = device({ productKey, productSecret, deviceName, signMethod, registrationTransport: "https" });
	const exchange = real.registration({ now: undefined, random: randomFor(Number(random)) }) as HttpExchange;
	t.is(
		exchange.request.body,
		"productKey=k1hipglLdjU&deviceName=868488076506128&random=123456&sign=20558baadb2a0b04847767980f0ee67b&signMethod=hmacmd5",
	);
	t.is(exchange.request.body.length, vector.requestBytes);
	t.is(vector.reply.length, vector.replyBytes);
	const credential = credentialOf(exchange.accept({ status: 200, body: crypto.utf8(vector.reply) }));
	t.is(credential.kind, "key");
	t.is(credential.secret.reveal(), vector.deviceSecret);
});

for (const vector of vectors.aliyun_session)
	test(`a session signs as ${vector.origin}`, (t) => {
		const names = /^clientId(.+)deviceName(.+)productKey(\w{11})(?:timestamp(\d+))?$/.exec(vector.content) ?? [];
		const [, clientId = "", deviceName = "", productKey = "", timestamp] = names;
		const fields = { clientId, deviceName, productKey, ...(timestamp === undefined ? {} : { timestamp }) };
		t.is(sign(crypto, vector.signMethod, new Secret(vector.deviceSecret), fields), vector.password.toLowerCase());
	});

test("LinkSDK's session is ours, to the password", (t) => {
	const { deviceSecret, password } = vectors.aliyun_session[1];
	const { connect } = device().session({ kind: "key", secret: new Secret(deviceSecret) }, inputs);
	t.is(connect.clientId, "a1sXfakeKey.dev_0001|securemode=2,signmethod=hmacsha256,timestamp=2524608000000|");
	t.is(connect.username, "dev_0001&a1sXfakeKey");
	t.is(connect.password?.reveal(), password.toLowerCase());
});

test("a sign method is what it says: SHA-1 in the name of SHA-256 is not ours", (t) => {
	const [vector] = vectors.aliyun_negative;
	const fields = { deviceName: "dev_0001", productKey: "a1sXfakeKey", random: "mtlew499mlr" };
	t.is(Object.entries(fields).flat().join(""), vector.stringToSign);
	t.not(sign(crypto, vector.signMethod, new Secret(vector.productSecret), fields), vector.bad);
	t.is(sign(crypto, "hmacsha1", new Secret(vector.productSecret), fields), vector.bad);
});

test("pre-registered, over MQTT: the CONNECT is the request", (t) => {
	const { connect } = overMqtt();
	t.is(
		connect.clientId,
		"a1sXfakeKey.dev_0001|securemode=2,authType=register,random=2623049045,signmethod=hmacsha256|",
	);
	t.is(connect.username, "dev_0001&a1sXfakeKey");
	t.like(connect.endpoint, {
		secure: true,
		host: "a1sXfakeKey.iot-as-mqtt.cn-shanghai.aliyuncs.com",
		port: 443,
	});
});

test("registration-free, on an instance of one's own", (t) => {
	const { connect } = overMqtt({ authType: "regnwl", instanceId: "iot-06z00a1b2c3" });
	t.is(
		connect.clientId,
		"a1sXfakeKey.dev_0001|securemode=-2,authType=regnwl,random=2623049045,signmethod=hmacsha256,instanceId=iot-06z00a1b2c3|",
	);
	t.is(connect.endpoint.host, "iot-06z00a1b2c3.mqtt.iothub.aliyuncs.com");
	t.is(
		connect.password?.reveal(),
		overMqtt({ authType: "regnwl" }).connect.password?.reveal(),
		"the instance is not signed",
	);
});

test("over HTTPS: a form", (t) => {
	const { request } = overHttps({ deviceName: "a@b:c.d-e", signMethod: "hmacsha1" });
	t.like(request, {
		endpoint: { secure: true, host: "iot-auth.cn-shanghai.aliyuncs.com", port: 443 },
		method: "POST",
		path: "/auth/register/device",
	});
	t.is(Object.fromEntries(request.headers)["Content-Type"], "application/x-www-form-urlencoded");
	t.regex(
		request.body,
		/^productKey=a1sXfakeKey&deviceName=a%40b%3Ac\.d-e&random=2623049045&sign=[0-9a-f]{40}&signMethod=hmacsha1$/,
	);
	const { deviceName, random, sign: signature } = Object.fromEntries(new URLSearchParams(request.body));
	t.is(
		signature,
		sign(crypto, "hmacsha1", new Secret(board.productSecret as string), {
			deviceName: deviceName as string,
			productKey: "a1sXfakeKey",
			random: random as string,
		}),
	);
});

test("each region has its hosts", (t) => {
	for (const region of ["cn-shanghai", "cn-beijing", "ap-southeast-1", "ap-northeast-1", "us-west-1", "eu-central-1"]) {
		t.is(overMqtt({ region }).connect.endpoint.host, `a1sXfakeKey.iot-as-mqtt.${region}.aliyuncs.com`);
		t.is(overHttps({ region }).request.endpoint.host, `iot-auth.${region}.aliyuncs.com`);
	}
});

test("registration over MQTT uses the session endpoint unless configured", (t) => {
	const local = { endpoints: { mqtt: "mqtts://127.0.0.1:8883" } };
	t.like(overMqtt(local).connect.endpoint, { secure: true, host: "127.0.0.1", port: 8883 });
	t.is(overMqtt({ endpoints: { register: "mqtts://10.0.0.1" } }).connect.endpoint.host, "10.0.0.1");
});

test("the random number is the host's, never constant", (t) => {
	const numbers = [0, 1, 0xffff_ffff].map(
		(number) => /random=(\d+)/.exec(overMqtt({}, { now: 0, random: randomFor(number) }).connect.clientId)?.[1],
	);
	t.deepEqual(numbers, ["0", "1", "4294967295"]);
});

test("the same input gives the same exchange", (t) => {
	const password = (exchange: MqttExchange) => exchange.connect.password?.reveal();
	t.deepEqual({ ...overMqtt().connect, password: 0 }, { ...overMqtt().connect, password: 0 });
	t.is(password(overMqtt()), password(overMqtt()));
	t.deepEqual(overHttps().request, overHttps().request);
});

test("a plain endpoint is refused before sending; registered boards still connect", (t) => {
	const plain = { endpoints: { mqtt: "mqtt://127.0.0.1" }, dangerouslyAllowPlain: true };
	const error = failure(() => overMqtt(plain));
	t.like(error, { phase: "register", code: "bad-configuration", action: "needs-attention" });
	t.is(
		sentence(() => overMqtt(plain)),
		"endpoints.register has no TLS, but the platform accepts registrations over MQTT with TLS only. Expected mqtts://.",
	);
	const { connect } = device(plain).session(key, inputs);
	t.regex(connect.clientId, /\|securemode=3,/);
	t.is(connect.endpoint.port, 1883);
});

test("a token never travels in the clear", (t) => {
	const plain = device({ endpoints: { mqtt: "mqtt://127.0.0.1" }, dangerouslyAllowPlain: true, authType: "regnwl" });
	t.like(
		failure(() => plain.session(token, inputs)),
		{ phase: "connect", code: "bad-configuration", action: "needs-attention" },
	);
});

test("the pushed response is a secret, or client id and token, on either topic", (t) => {
	for (const topic of ["/ext/register", "/ext/regnwl"]) {
		const pushed = credentialOf(overMqtt().accept(topic, bytes({ ...own, deviceSecret: "abc" })));
		t.is(pushed.kind, "key");
		t.is(pushed.secret.reveal(), "abc");
		const free = credentialOf(
			overMqtt({ authType: "regnwl" }).accept(topic, bytes({ ...own, clientId: "c-1", deviceToken: "t-1" })),
		);
		t.like(free, { kind: "token", clientId: "c-1" });
		t.is(free.secret.reveal(), "t-1");
	}
});

test("messages on other topics are not the response", (t) => {
	t.is(overMqtt().accept("/ext/ntp/a/b/response", bytes({ ...own, deviceSecret: "abc" })), undefined);
});

test("invariant 4: an incomplete or foreign response is bad-answer", (t) => {
	const good = { ...own, deviceSecret: "abc" };
	const bad = [
		{},
		{ ...good, deviceSecret: undefined },
		{ ...good, deviceSecret: "" },
		{ ...good, deviceSecret: "with space" },
		{ ...good, deviceSecret: "x".repeat(65) },
		{ ...good, deviceSecret: 7 },
		{ ...good, deviceName: "dev_0002" },
		{ ...good, productKey: "another" },
		[],
		null,
	];
	for (const answer of bad) {
		t.like(
			failure(() => overMqtt().accept("/ext/register", bytes(answer))),
			{ phase: "register", code: "bad-answer", action: "retry" },
		);
		t.is(failure(() => overHttps().accept(reply({ code: 200, data: answer }))).code, "bad-answer");
	}
	t.is(failure(() => overMqtt().accept("/ext/register", Uint8Array.of(0xff))).code, "bad-answer");
	t.is(failure(() => overHttps().accept(reply({ data: good }))).code, "bad-answer", "no code");
	for (const answer of [
		{ ...own, clientId: "c" },
		{ ...own, deviceToken: "t" },
		{ ...own, clientId: "c".repeat(65), deviceToken: "t" },
		{ ...own, clientId: "c", deviceToken: "t".repeat(513) },
	])
		t.is(failure(() => overMqtt({ authType: "regnwl" }).accept("/ext/regnwl", bytes(answer))).code, "bad-answer");
});

test("a field of another type is named with its type, never with its value", (t) => {
	const types = [null, [], {}, true, "200", 200] as const;
	const named = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
	const pushed = (object: object) => () => overMqtt().accept("/ext/register", bytes(object));
	const token = (object: object) => () => overMqtt({ authType: "regnwl" }).accept("/ext/regnwl", bytes(object));
	const responded = (object: object) => () => overHttps().accept(reply(object));
	const key = { ...own, deviceSecret: "abc" };
	for (const [name, expected, run] of [
		["code", "a number", (code: unknown) => responded({ code, data: key })],
		["data", "an object", (data: unknown) => responded({ code: 200, data })],
		["deviceSecret", "a string", (deviceSecret: unknown) => responded({ code: 200, data: { ...key, deviceSecret } })],
		["deviceSecret", "a string", (deviceSecret: unknown) => pushed({ ...key, deviceSecret })],
		["productKey", "a string", (productKey: unknown) => pushed({ ...key, productKey })],
		["deviceName", "a string", (deviceName: unknown) => pushed({ ...key, deviceName })],
		["clientId", "a string", (clientId: unknown) => token({ ...own, clientId, deviceToken: "t" })],
		["deviceToken", "a string", (deviceToken: unknown) => token({ ...own, clientId: "c", deviceToken })],
	] as const)
		for (const value of types) {
			if (expected.endsWith(named(value))) continue;
			const error = failure(run(value));
			t.like(error, { phase: "register", code: "bad-answer", key: name, value: named(value) });
			t.is(
				sentenceOf(error),
				`The registration endpoint's response holds ${name} of type ${named(value)}. Expected ${expected}. Check endpoints.register.`,
			);
		}
});

test("what the platform refuses over HTTPS says what to do", (t) => {
	for (const [number, code, advice] of [
		[6289, "already-activated", /Reset or delete the device in the console/],
		[401, "bad-product-secret", /productKey and productSecret/],
		[460, "registration-refused", /parameter/],
		[6100, "registration-refused", /deviceName is created in the console/],
		[6250, "registration-refused", /the product does not exist.*region/],
		[6280, "registration-refused", /another deviceName/],
		[9999, "registration-refused", /dynamic registration is on/],
	] as const) {
		const error = failure(() => overHttps().accept(reply({ code: number, message: "its own words" })));
		t.like(error, { phase: "register", code, action: "needs-attention", vendorCode: number });
		t.regex(sentenceOf(error), advice);
		t.true(sentenceOf(error).includes(`its own words, ${number}`), sentenceOf(error));
	}
	t.regex(
		sentence(() => overHttps().accept(reply({ code: 1 }))),
		/no reason given, 1/,
	);
});

test("an overloaded platform is waited for, over HTTPS as well", (t) => {
	for (const number of [429, 500, 502, 503, 599]) {
		const error = failure(() => overHttps().accept(reply({ code: number, message: "busy" })));
		t.like(error, { code: "registration-refused", action: "wait", vendorCode: number });
	}
	for (const number of [428, 430, 499, 600]) {
		const error = failure(() => overHttps().accept(reply({ code: number, message: "refused" })));
		t.like(error, { code: "registration-refused", action: "needs-attention", vendorCode: number });
	}
	for (const number of [429, 500, 503])
		t.regex(
			sentence(() => overHttps().accept(reply({ code: number, message: "busy" }))),
			/busy|overloaded|by itself/i,
		);
});

test("what the broker refuses while registering says what to do", (t) => {
	for (const [number, code, action] of [
		[1, "mqtt-refused", "needs-attention"],
		[2, "registration-refused", "needs-attention"],
		[3, "broker-unavailable", "retry"],
		[4, "bad-product-secret", "needs-attention"],
		[5, "registration-refused", "needs-attention"],
		[77, "registration-refused", "needs-attention"],
	] as const) {
		const error = overMqtt().connackError(number);
		t.like(error, { phase: "register", code, action, connackCode: number });
		t.true(sentenceOf(error).includes(`CONNACK ${number}`), sentenceOf(error));
	}
});

test("a session without a known time leaves the timestamp out", (t) => {
	const { connect } = device({ signMethod: "hmacmd5" }).session(key, { now: undefined, random: randomFor(1) });
	t.is(connect.clientId, "a1sXfakeKey.dev_0001|securemode=2,signmethod=hmacmd5|");
	const fields = { clientId: "a1sXfakeKey.dev_0001", ...{ deviceName: "dev_0001", productKey: "a1sXfakeKey" } };
	t.is(connect.password?.reveal(), sign(crypto, "hmacmd5" satisfies SignMethod, secret, fields));
});

test("a token's session: the issued client id, and the token as it is", (t) => {
	const { connect } = device({ authType: "regnwl" }).session(token, inputs);
	t.is(connect.clientId, "issued-client-id|securemode=-2,authType=connwl|");
	t.is(connect.username, "dev_0001&a1sXfakeKey");
	t.is(connect.password?.reveal(), secret.reveal());
});

test("a session's topics and keep-alive are the platform's", (t) => {
	const plan = device().session(key, inputs);
	t.is(plan.connect.keepAlive, 240);
	t.is(device({ keepAlive: "30" }).session(key, inputs).connect.keepAlive, 30);
	t.throws(() => device({ keepAlive: 29 }), { message: "bad-configuration keepAlive invalid 29" });
	t.is(plan.control, "/a1sXfakeKey/dev_0001/user/get");
	t.is(plan.event, "/a1sXfakeKey/dev_0001/user/update");
	t.like(plan.time, {
		topic: "/ext/ntp/a1sXfakeKey/dev_0001/request",
		request: '{"deviceSendTime":"2524608000000"}',
		responseTopic: "/ext/ntp/a1sXfakeKey/dev_0001/response",
	});
	for (const number of [2, 4, 5]) t.is(plan.connackError(number).code, "credential-refused");
});

test("time: the timestamps are text, and foreign responses are ignored", (t) => {
	const time = timeOf(device().session(key, inputs));
	const answer = {
		deviceSendTime: "2524608000000",
		serverRecvTime: "1821562342773",
		serverSendTime: "1821562342775",
	};
	t.deepEqual(time.accept(JSON.stringify(answer)), { received: 1821562342773, sent: 1821562342775 });
	for (const bad of [
		{ ...answer, deviceSendTime: "1" },
		{ ...answer, serverRecvTime: "x" },
		{ ...answer, serverRecvTime: "0" },
		{ ...answer, serverSendTime: "5" },
		{ ...answer, serverSendTime: undefined },
	])
		t.is(time.accept(JSON.stringify(bad)), undefined);
	for (const bad of ["", "null", "[1"]) t.is(time.accept(bad), undefined);
	t.is(timeOf(device().session(key, { now: undefined, random: randomFor(1) })).request, '{"deviceSendTime":"0"}');
});

test("each configuration error is one sentence with the key and the rule", (t) => {
	for (const [changes, said] of [
		[{ productKey: undefined }, "productKey is missing. Expected 1 to 20 letters and digits."],
		[{ productKey: "a1-sX" }, 'productKey is invalid: "a1-sX". Expected 1 to 20 letters and digits.'],
		[{ deviceName: "dev" }, 'deviceName is invalid: "dev". Expected 4 to 32 characters from a-z A-Z 0-9 _ @ . : -.'],
		[
			{ deviceName: "x".repeat(33) },
			"deviceName is invalid: 33 characters. Expected 4 to 32 characters from a-z A-Z 0-9 _ @ . : -.",
		],
		[
			{ productSecret: "with a space" },
			"productSecret is invalid: 12 characters. Expected 1 to 64 characters without spaces, as the console shows it.",
		],
		[
			{ region: "china" },
			'region is invalid: "china". Expected one of cn-shanghai, cn-beijing, ap-southeast-1, ap-northeast-1, us-west-1, us-east-1, eu-central-1.',
		],
		[{ instanceId: "a b" }, 'instanceId is invalid: "a b". Expected 1 to 40 characters from a-z A-Z 0-9 -.'],
		[{ registrationTransport: "coap" }, 'registrationTransport is invalid: "coap". Expected one of mqtt, https.'],
		[{ authType: "free" }, 'authType is invalid: "free". Expected one of register, regnwl.'],
		[
			{ registrationTransport: "https", authType: "regnwl" },
			"registrationTransport is https, but the platform has no registration over HTTPS for authType regnwl. Expected mqtt.",
		],
		[{ signMethod: "sha1" }, 'signMethod is invalid: "sha1". Expected one of hmacsha256, hmacsha1, hmacmd5.'],
		[
			{ endpoints: { register: "https://x" } },
			'endpoints.register is invalid: "https://x". Expected mqtts://host or mqtts://host:port; with registrationTransport https, https://host or https://host:port.',
		],
	] as const)
		t.is(
			sentence(() => device(changes)),
			said,
		);
});

test("a device is named after its MAC address unless configured", (t) => {
	t.like(device(), { identity: "aliyun/a1sXfakeKey/dev_0001", product: "a1sXfakeKey", name: "dev_0001" });
	t.is(device({ deviceName: undefined }, "A4:D1:8C:DB:C0:20").name, "a4d18cdbc020");
});

test("without a product secret sessions work and registration names what is missing", (t) => {
	const registered = device({ productSecret: undefined });
	t.deepEqual(registered.secrets, []);
	t.truthy(registered.session(key, inputs));
	t.like(
		failure(() => registered.registration(inputs)),
		{ phase: "register", code: "bad-configuration", action: "needs-attention" },
	);
	t.deepEqual(
		device().secrets.map((each) => each.reveal()),
		[board.productSecret],
	);
});

test("the thing model: topics, a property post and its response", (t) => {
	const { post, custom } = thing({ product: "a1sXfakeKey", deviceName: "dev_0001" });
	t.is(post.topic, "/sys/a1sXfakeKey/dev_0001/thing/event/property/post");
	t.is(post.replyTopic, "/sys/a1sXfakeKey/dev_0001/thing/event/property/post_reply");
	t.deepEqual(JSON.parse(post.payload("7", { temperature: 21.5 })), {
		id: "7",
		version: "1.0",
		params: { temperature: 21.5 },
		method: "thing.event.property.post",
	});
	t.deepEqual(post.reply('{"id":"7","code":200,"message":"success","data":{}}'), {
		id: "7",
		code: 200,
		message: "success",
	});
	t.deepEqual(post.reply('{"id":7,"code":460}'), { id: "7", code: 460, message: "" });
	for (const none of ["", "null", "{}", '{"code":"200"}']) t.is(post.reply(none), undefined);
	t.is(custom("get"), "/a1sXfakeKey/dev_0001/user/get");
});
