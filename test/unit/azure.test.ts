import { readFileSync } from "node:fs";
import test from "ava";
import { azure } from "dynreg/clouds/azure/cloud";
import { accessToken, derivedKey, percentEncoded } from "dynreg/clouds/azure/token";
import type { HttpExchange, Inputs, MqttExchange, MqttStep, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { HttpResponse } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence as sentenceOf } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { credentialOf } from "../support/plans.js";

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

const groupKey = "SampleGroupKeyOfTests0SampleGroupKeyOfTests0";
const deviceKey = derivedKey(crypto, new Secret(groupKey), "board-1").reveal();
const board: RawConfiguration = { cloud: "azure", idScope: "0ne00111111", deviceName: "board-1", deviceKey };
const inputs: Inputs = { now: 1_800_000_000_999, random: new Uint8Array(16) };
const hub = "MyExampleHub.azure-devices.net";
const assigned: Credential = { kind: "key", secret: new Secret(deviceKey), assigned: `${hub}/board-1` };

const device = (changes: RawConfiguration = {}, mac?: string) => azure.device({ ...board, ...changes }, crypto, mac);
const overHttps = (changes: RawConfiguration = {}, at = inputs) => device(changes).registration(at) as HttpExchange;
const overMqtt = (changes: RawConfiguration = {}, at = inputs) =>
	device({ registrationTransport: "mqtt", ...changes }).registration(at) as MqttExchange;

function failure(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const sentence = (act: () => unknown) => sentenceOf(failure(act), { cloud: "azure" });

const bytes = (value: unknown) => crypto.utf8(typeof value === "string" ? value : JSON.stringify(value));
const response = (status: number, body: unknown, retryAfter?: string): HttpResponse => ({
	status,
	body: bytes(body),
	...(retryAfter !== undefined && { retryAfter }),
});
const operationId = "5.316aac5bdc130deb.b1e02da8-c3a0-4ff2-a121-7ea7a6b7f550";
const assigning = { operationId, status: "assigning" };
const state = { registrationId: "board-1", assignedHub: hub, deviceId: "board-1", status: "assigned" };
const done = { operationId, status: "assigned", registrationState: state };
const unauthorized = { errorCode: 401002, trackingId: "t", message: "Unauthorized", timestampUtc: "2026-01-01" };

/** The next request. */
function following(exchange: HttpExchange, answer: HttpResponse): HttpExchange {
	const outcome = exchange.accept(answer);
	if ("kind" in outcome) throw new Error("there is no next request");
	return outcome;
}

function followingStep(step: MqttStep, topic: string, body: unknown): MqttStep {
	const outcome = step.accept(topic, bytes(body));
	if (!outcome || "kind" in outcome) throw new Error("there is no next request");
	return outcome;
}

for (const vector of vectors.azure_derived_key)
	test(`a device's key is derived as in ${vector.origin}`, (t) => {
		t.is(derivedKey(crypto, new Secret(vector.groupKey), vector.registrationId).reveal(), vector.deviceKey);
	});

/** The signature in a token. */
function signature(token: Secret): string {
	const [, sig = ""] = /&sig=([^&]+)/.exec(token.reveal()) ?? [];
	return decodeURIComponent(sig);
}

const signed = ({ key, sr, se }: { key: string; sr: string; se: number }) =>
	accessToken(crypto, new Secret(key), sr, "", (se - 3600) * 1000, 3600, "connect");

for (const vector of vectors.azure_token)
	test(`a token is signed as in ${vector.origin}`, (t) => {
		const token = signed(vector);
		t.is(signature(token), vector.sig);
		t.is(token.reveal(), `SharedAccessSignature sr=${vector.sr}&sig=${percentEncoded(vector.sig)}&se=${vector.se}`);
	});

for (const vector of vectors.azure_negative)
	test(`never made: ${vector.what}`, (t) => {
		t.not(signature(signed(vector)), vector.bad);
	});

test("percent-encoding leaves the unreserved characters of RFC 3986", (t) => {
	const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
	const strict = encodeURIComponent(printable).replace(
		/[!'()*]/g,
		(each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	t.is(percentEncoded(printable), strict);
});

test("over HTTPS: a PUT, whose token is for the registration", (t) => {
	const { request } = overHttps();
	t.like(request, {
		endpoint: { secure: true, host: "global.azure-devices-provisioning.net", port: 443, trust: ["public"] },
		method: "PUT",
		path: "/0ne00111111/registrations/board-1/register?api-version=2019-03-31",
		body: '{"registrationId":"board-1"}',
	});
	const headers = Object.fromEntries(request.headers);
	t.is(headers["Content-Type"], "application/json; charset=utf-8");
	const sr = "0ne00111111/registrations/board-1";
	const expected = accessToken(crypto, new Secret(deviceKey), sr, "&skn=registration", inputs.now, 3600, "register");
	t.is(headers.Authorization, expected.reveal());
	t.regex(expected.reveal(), /^SharedAccessSignature sr=.*&sig=.*&skn=registration&se=1800003600$/);
});

test("over HTTPS: the documented log is replayed, with its pause", (t) => {
	const [first, second] = vectors.azure_responses;
	const exchange = overHttps({ deviceName: "my-symkey-device" });
	const next = following(exchange, response(first.status, first.body, first.retryAfter));
	t.is(next.pause, 3000);
	t.like(next.request, {
		method: "GET",
		path: `/0ne00111111/registrations/my-symkey-device/operations/${operationId}?api-version=2019-03-31`,
		body: "",
	});
	t.deepEqual(next.request.headers, exchange.request.headers);
	const credential = credentialOf(next.accept(response(second.status, second.body)));
	t.like(credential, { kind: "key", assigned: `${hub}/my-symkey-device` });
	t.is(credential.secret.reveal(), deviceKey);
});

test("the pause is the one that is asked for, within half a minute", (t) => {
	const pause = (retryAfter?: string) => following(overHttps(), response(202, assigning, retryAfter)).pause;
	t.is(pause(), 2000);
	t.is(pause("1"), 1000);
	t.is(pause("0"), 2000);
	t.is(pause("soon"), 2000);
	t.is(pause("86400"), 30_000);
});

test("a registration that stays assigning ends, and waits", (t) => {
	let exchange = overHttps();
	for (let count = 0; count < 20; count++) exchange = following(exchange, response(202, assigning));
	const last = failure(() => exchange.accept(response(202, assigning)));
	t.like(last, { phase: "register", code: "registration-refused", action: "wait", vendorCode: "assigning" });
	t.regex(sentenceOf(last, { cloud: "azure" }), /took too long to assign a hub/);
});

test("over MQTT: the Node SDK's topics, and a token for its CONNECT", (t) => {
	const exchange = overMqtt();
	t.like(exchange.connect, {
		endpoint: { secure: true, host: "global.azure-devices-provisioning.net", port: 8883 },
		clientId: "board-1",
		username: "0ne00111111/registrations/board-1/api-version=2019-03-31",
	});
	t.is(exchange.connect.password?.reveal(), Object.fromEntries(overHttps().request.headers).Authorization);
	t.deepEqual(exchange.subscribe, ["$dps/registrations/res/#"]);
	t.deepEqual(exchange.publish, {
		topic: "$dps/registrations/PUT/iotdps-register/?$rid=0",
		payload: '{"registrationId":"board-1"}',
	});
	const next = followingStep(exchange, "$dps/registrations/res/202/?$rid=0&retry-after=3", assigning);
	t.is(next.pause, 3000);
	t.is(next.subscribe, undefined, "once is enough");
	t.deepEqual(next.publish, {
		topic: `$dps/registrations/GET/iotdps-get-operationstatus/?$rid=1&operationId=${operationId}`,
		payload: " ",
	});
	const again = followingStep(next, "$dps/registrations/res/202/?retry-after=1&$rid=1", assigning);
	t.is(again.pause, 1000);
	t.like(again.accept("$dps/registrations/res/200/?$rid=2", bytes(done)), { assigned: `${hub}/board-1` });
});

test("invariant 5: a response to another request, or on another topic, is none", (t) => {
	const exchange = overMqtt();
	for (const topic of [
		...["$dps/registrations/res/200/?$rid=1", "$dps/registrations/res/200/?$rid=00", "$dps/registrations/res/200/"],
		...[
			"$dps/registrations/res/x/?$rid=0",
			"$dps/registrations/res/200",
			"$dps/registrations/res/200/x/?$rid=0",
			"other/registrations/res/200/?$rid=0",
		],
	])
		t.is(exchange.accept(topic, bytes(done)), undefined, topic);
});

test("over MQTT: a refusal is the same as over HTTPS", (t) => {
	const refusal = failure(() => overMqtt().accept("$dps/registrations/res/401/?$rid=0", bytes(unauthorized)));
	t.like(refusal, { code: "bad-product-secret", action: "needs-attention", vendorCode: 401002, said: "Unauthorized" });
});

for (const [code, expected] of [
	[1, { code: "mqtt-refused", action: "needs-attention" }],
	[3, { code: "broker-unavailable", action: "retry" }],
	[4, { code: "bad-product-secret", action: "needs-attention" }],
	[5, { code: "bad-product-secret", action: "needs-attention" }],
] as const)
	test(`over MQTT: a CONNECT refused with ${code} is ${expected.code}`, (t) => {
		const refusal = overMqtt().connackError(code);
		t.like(refusal, { phase: "register", cloud: "azure", connackCode: code, ...expected });
		t.regex(sentenceOf(refusal, { cloud: "azure" }), new RegExp(`CONNACK ${code}`));
	});

for (const [what, status, body, expected] of [
	["a wrong key", 401, unauthorized, { code: "bad-product-secret", vendorCode: 401002, action: "needs-attention" }],
	["401 without a code", 401, { message: 5 }, { code: "bad-product-secret", vendorCode: 401, said: "5" }],
	[
		"an unknown registration",
		404,
		{ errorCode: 404201, message: "x" },
		{ code: "registration-refused", vendorCode: 404201, action: "needs-attention" },
	],
	["404 of another server", 404, "<html>", { code: "http-status", statusCode: 404 }],
	["a redirection", 302, unauthorized, { code: "http-status", statusCode: 302, action: "retry" }],
	["too many requests", 429, unauthorized, { code: "http-status", statusCode: 429, action: "wait", retryAfter: 7 }],
	["an overloaded service", 503, unauthorized, { code: "http-status", action: "wait", retryAfter: 7 }],
	["a failing service", 500, unauthorized, { code: "http-status", action: "retry", retryAfter: 7 }],
	["disabled", 200, { status: "disabled" }, { code: "registration-refused", vendorCode: "disabled" }],
	["unassigned", 200, { status: "unassigned" }, { code: "registration-refused", vendorCode: "unassigned" }],
	[
		"failed",
		200,
		{ status: "failed", registrationState: { errorCode: 400209, errorMessage: "no hub" } },
		{ code: "registration-refused", vendorCode: 400209, said: "no hub", action: "needs-attention" },
	],
	[
		"failed for the service's own reasons",
		200,
		{ status: "failed", registrationState: { errorCode: 500001 } },
		{ code: "registration-refused", vendorCode: 500001, action: "wait" },
	],
	[
		"failed without a code",
		200,
		{ status: "failed", registrationState: {} },
		{ vendorCode: "failed", said: undefined },
	],
] as const)
	test(`a response with ${what} is a refusal`, (t) => {
		const refusal = failure(() => overHttps().accept(response(status, body, "7")));
		t.like(refusal, { phase: "register", ...expected });
		t.true(sentenceOf(refusal, { cloud: "azure" }).endsWith("."), sentenceOf(refusal, { cloud: "azure" }));
	});

test("invariant 8: a platform that echoes the key does not bring it into the log", (t) => {
	const echo = { errorCode: 401002, message: `bad key ${deviceKey}` };
	t.is(failure(() => overHttps().accept(response(401, echo))).said, "bad key [secret]");
});

const without = (name: string) => Object.fromEntries(Object.entries(state).filter(([key]) => key !== name));
for (const [what, body, expected] of [
	["is not JSON", "<html>", { reason: "not-json" }],
	["is a list", [], { reason: "not-object" }],
	["has no status", {}, { reason: "invalid", key: "status" }],
	["has an unknown status", { status: "lost" }, { reason: "invalid", key: "status" }],
	["has no operation", { status: "assigning" }, { reason: "invalid", key: "operationId" }],
	["has an empty operation", { status: "assigning", operationId: "" }, { key: "operationId" }],
	["has an operation with a blank", { status: "assigning", operationId: "a b" }, { key: "operationId" }],
	["has a long operation", { status: "assigning", operationId: "a".repeat(257) }, { key: "operationId" }],
	["has no state", { status: "assigned" }, { reason: "invalid", key: "registrationState" }],
	[
		"is for another device",
		{ ...done, registrationState: { ...state, registrationId: "x" } },
		{ reason: "other-device" },
	],
	["names no device", { ...done, registrationState: without("registrationId") }, { key: "registrationId" }],
	...["", "a b", "hub/x", "hub:8883", "a".repeat(254), 5].map(
		(assignedHub) =>
			[
				`has the hub ${String(assignedHub).slice(0, 20)}`,
				{ ...done, registrationState: { ...state, assignedHub } },
				{ key: "assignedHub" },
			] as const,
	),
	...["", "a b", "a/b", "a+b", "a#", "a&b", "é", "a".repeat(129), null].map(
		(deviceId) =>
			[
				`has the device id ${String(deviceId).slice(0, 20)}`,
				{ ...done, registrationState: { ...state, deviceId } },
				{ key: "deviceId" },
			] as const,
	),
] as const)
	test(`invariant 4: a response that ${what} gives no credential`, (t) => {
		const invalid = failure(() => overHttps().accept(response(200, body)));
		t.like(invalid, { phase: "register", code: "bad-answer", action: "retry", ...expected });
	});

test("an operation's id cannot change the path or the topic", (t) => {
	const odd = { ...assigning, operationId: "a/../b?c#d+e&f" };
	const encoded = "a%2F..%2Fb%3Fc%23d%2Be%26f";
	t.true(following(overHttps(), response(202, odd)).request.path.includes(`/operations/${encoded}?`));
	const step = followingStep(overMqtt(), "$dps/registrations/res/202/?$rid=0", odd);
	t.true(step.publish?.topic.endsWith(`operationId=${encoded}`));
});

test("the service may assign another device id, and writes names as it likes", (t) => {
	const other = { ...state, registrationId: "BOARD-1", deviceId: "Other_1*@x" };
	const credential = credentialOf(overHttps().accept(response(200, { ...done, registrationState: other })));
	t.is(credential.assigned, `${hub}/Other_1*@x`);
	const { connect, control, event } = device().session(credential, inputs);
	t.is(connect.clientId, "Other_1*@x");
	t.true(connect.password?.reveal().includes("devices%2FOther_1%2A%40x&"));
	t.deepEqual([control, event], ["devices/Other_1*@x/messages/devicebound/#", "devices/Other_1*@x/messages/events/"]);
});

test("a session is at the assigned hub, with a token for the device there", (t) => {
	const { connect, lifetime, time, connackError } = device().session(assigned, inputs);
	t.like(connect, {
		endpoint: { secure: true, host: hub, port: 8883, trust: ["public"] },
		clientId: "board-1",
		username: `${hub}/board-1/?api-version=2021-04-12`,
		keepAlive: 240,
	});
	const expected = accessToken(
		crypto,
		new Secret(deviceKey),
		`${hub}%2Fdevices%2Fboard-1`,
		"",
		inputs.now,
		3600,
		"connect",
	);
	t.is(connect.password?.reveal(), expected.reveal());
	t.is(time, undefined);
	t.is(lifetime, 2_700_000);
	t.is(connackError(5).code, "credential-refused");
});

test("the lifetime of a session is 75 to 95 % of its token's, and random", (t) => {
	const lifetime = (byte: number, tokenLifetime: number) =>
		device({ tokenLifetime }).session(assigned, { ...inputs, random: new Uint8Array(16).fill(byte) }).lifetime;
	const all = Array.from({ length: 256 }, (_, byte) => lifetime(byte, 600) as number);
	t.true(Math.min(...all) >= 450_000);
	t.true(Math.max(...all) < 570_000);
	t.true(new Set(all).size > 30);
	t.true((lifetime(255, 86_400) as number) < 0.95 * 86_400_000);
	t.is(lifetime(0, 80), 60_000, "a stable session, with the shortest token");
});

test("endpoints.mqtt replaces the hub's address, and not its name", (t) => {
	const changed = device({ "endpoints.mqtt": "mqtts://localhost:18883", ca: "ours.pem" });
	t.like(changed.endpoints.mqtt, { host: "localhost", port: 18883, trust: ["ours.pem"] });
	const { connect } = changed.session(assigned, inputs);
	t.like(connect.endpoint, { host: "localhost", port: 18883, trust: ["ours.pem"] });
	t.is(connect.username, `${hub}/board-1/?api-version=2021-04-12`);
	t.is(device().endpoints.mqtt, undefined, "registration assigns it");
	t.deepEqual(device({ ca: "ours.pem" }).session(assigned, inputs).connect.endpoint.trust, ["ours.pem"]);
});

for (const credential of [
	{ kind: "key", secret: new Secret(deviceKey) },
	{ kind: "key", secret: new Secret(deviceKey), assigned: "no-slash" },
	{ kind: "key", secret: new Secret(deviceKey), assigned: "/board-1" },
] as const)
	test(`a credential with the hub ${(credential as Credential).assigned} is replaced, as a refused one`, (t) => {
		const refusal = failure(() => device().session(credential, inputs));
		t.like(refusal, { phase: "connect", code: "credential-refused", action: "retry" });
		t.regex(sentenceOf(refusal, { cloud: "azure" }), /names no hub/);
	});

test("without a known time there is no token", (t) => {
	const unknown = { ...inputs, now: undefined };
	t.like(
		failure(() => overHttps({}, unknown)),
		{ phase: "register", code: "clock-unknown", action: "retry" },
	);
	t.like(
		failure(() => device().session(assigned, unknown)),
		{ phase: "connect", code: "clock-unknown" },
	);
});

test("the group's key registers a device only where that is allowed by name", (t) => {
	const group = { deviceKey: undefined, productSecret: groupKey };
	for (const dangerouslyUseGroupKey of [true, "true"])
		t.deepEqual(overHttps({ ...group, dangerouslyUseGroupKey }).request, overHttps().request);
	for (const dangerouslyUseGroupKey of [undefined, false, "false", "yes", 1]) {
		const missing = failure(() => overHttps({ ...group, dangerouslyUseGroupKey }));
		t.like(missing, { phase: "register", code: "bad-configuration", key: "deviceKey", reason: "missing" });
	}
	t.is(
		sentence(() => overHttps(group)),
		"deviceKey is missing. A device without a credential registers with its own key, which dynreg factory derives from the group's. Expected base64 of 16 to 64 bytes, as the console shows it.",
	);
	const own = { productSecret: groupKey, dangerouslyUseGroupKey: true, deviceName: "board-2" };
	t.deepEqual(overHttps(own).request, overHttps({ deviceName: "board-2" }).request, "the device's own key wins");
});

test("the log redacts the device's key and the group's", (t) => {
	const secrets = (changes: RawConfiguration) => device(changes).secrets.map((each) => each.reveal());
	t.deepEqual(secrets({ productSecret: groupKey }), [deviceKey, groupKey]);
	t.deepEqual(secrets({ deviceKey: "" }), []);
	t.deepEqual(secrets({ deviceKey: "", productSecret: groupKey, dangerouslyUseGroupKey: true }), [deviceKey, groupKey]);
});

test("invariant 10: another key in the configuration replaces the one in flash, at the same hub", (t) => {
	const other = Buffer.from("another key of the tests").toString("base64");
	t.is(device().renewed?.(assigned, undefined), undefined);
	const renewed = device({ deviceKey: other }).renewed?.(assigned, undefined);
	t.like(renewed, { kind: "key", assigned: assigned.assigned as string });
	t.is(renewed?.secret.reveal(), other);
	t.is(device({ deviceKey: undefined }).renewed?.(assigned, undefined), undefined);
	const token: Credential = { kind: "token", clientId: "x", secret: new Secret("y") };
	t.is(device().renewed?.(token, undefined), undefined);
});

test("names are in small letters, and default to the MAC address", (t) => {
	t.is(device({ deviceName: "Board_1.A:B" }).name, "board_1.a:b");
	t.is(device({ deviceName: undefined }, "A4:d1:8c:db:c0:20").identity, "azure/0ne00111111/a4d18cdbc020");
	t.is(device().product, "0ne00111111");
	for (const deviceName of ["a.", "a_", "a:"])
		t.is(
			sentence(() => device({ deviceName })),
			`deviceName is invalid: "${deviceName}". Expected 1 to 128 characters from a-z A-Z 0-9 - . _ :, none of . _ : at the end.`,
		);
	t.is(device({ deviceName: "-" }).name, "-");
});

test("a key is base64 of 16 to 64 bytes", (t) => {
	const of = (count: number) => Buffer.alloc(count, 7).toString("base64");
	for (const valid of [of(16), of(64)]) t.notThrows(() => device({ deviceKey: valid }));
	for (const wrong of [of(15), of(65), "!".repeat(24), `${of(18)}\n`, "AA=A".repeat(8)]) {
		const invalid = failure(() => device({ deviceKey: wrong }));
		t.like(invalid, { code: "bad-configuration", key: "deviceKey", reason: "invalid", value: `#${wrong.length}` });
	}
	t.like(
		failure(() => device({ productSecret: 5 })),
		{ key: "productSecret", reason: "invalid", value: undefined },
	);
});

test("endpoints have the transport's scheme", (t) => {
	t.like(device({ "endpoints.register": "https://localhost:8443" }).endpoints.register, {
		host: "localhost",
		port: 8443,
	});
	const mqtt = { via: "mqtt", "endpoints.register": "mqtts://localhost" };
	t.like(device(mqtt).endpoints.register, { host: "localhost", port: 8883 });
	t.is(failure(() => device({ "endpoints.register": "mqtts://localhost" })).key, "endpoints.register");
});

test("another cloud's configuration is refused", (t) => {
	t.like(
		failure(() => device({ cloud: "tencent" })),
		{ key: "cloud", reason: "invalid" },
	);
});
