import test from "ava";
import { thingsboard } from "dynreg/clouds/thingsboard/cloud";
import { thing } from "dynreg/clouds/thingsboard/thing";
import type { HttpExchange, Inputs, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential, LoginCredential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { credentialOf } from "../support/plans.js";

const provisionSecret = "AnInventedProvisionSecret";
const board: RawConfiguration = {
	cloud: "thingsboard",
	host: "things.example",
	provisionKey: "anInventedProvisionKey",
	productSecret: provisionSecret,
	deviceName: "DEVICE_NAME",
};
const inputs: Inputs = { now: undefined, random: new Uint8Array(16).fill(0xab) };
const token = "ab".repeat(16);

const device = (changes: RawConfiguration = {}, mac?: string) =>
	thingsboard.device({ ...board, ...changes }, crypto, mac);
const exchange = (proposed?: Credential, changes: RawConfiguration = {}) =>
	device(changes).registration(inputs, proposed) as HttpExchange;
const proposalOf = (changes: RawConfiguration = {}) => device(changes).proposal?.(inputs);
const reply = (body: unknown) => ({ status: 200, body: crypto.utf8(JSON.stringify(body)) });
const accepted = (body: unknown) => credentialOf(exchange().accept(reply(body)));

function failure(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

test("the request is one POST over TLS, with the profile's key and secret, and no clock", (t) => {
	const { request } = exchange();
	t.like(request, { method: "POST", path: "/api/v1/provision" });
	t.like(request.endpoint, { secure: true, host: "things.example", port: 443, trust: ["public"] });
	t.deepEqual(request.headers, [["Content-Type", "application/json"]]);
	t.deepEqual(JSON.parse(request.body), {
		deviceName: "DEVICE_NAME",
		provisionDeviceKey: "anInventedProvisionKey",
		provisionDeviceSecret: provisionSecret,
	});
});

test("a board proposes an access token of 32 characters, as the server's own tests do", (t) => {
	const proposed = proposalOf() as Credential;
	t.like(proposed, { kind: "key" });
	t.is(proposed.secret.reveal(), token);
	t.like(JSON.parse(exchange(proposed).request.body), { credentialsType: "ACCESS_TOKEN", token });
});

test("with credentials basic, a board proposes client id, user name and password", (t) => {
	const proposed = proposalOf({ credentials: "basic" }) as Credential;
	t.like(proposed, { kind: "login", clientId: "DEVICE_NAME", username: "DEVICE_NAME" });
	t.like(JSON.parse(exchange(proposed).request.body), {
		credentialsType: "MQTT_BASIC",
		clientId: "DEVICE_NAME",
		username: "DEVICE_NAME",
		password: token,
	});
});

test("another kind of credential in flash is not proposed", (t) => {
	const foreign: Credential = { kind: "token", clientId: "c", secret: new Secret("s") };
	t.false("credentialsType" in JSON.parse(exchange(foreign).request.body));
});

test("the server's responses are read as its code writes them", (t) => {
	const found = accepted({
		credentialsValue: "sLzc0gDAZPkGMzFVTyUY",
		credentialsType: "ACCESS_TOKEN",
		status: "SUCCESS",
	});
	t.is(found.kind, "key");
	t.is(found.secret.reveal(), "sLzc0gDAZPkGMzFVTyUY");
	const basic = { clientId: "test_clientId", userName: "test_username", password: "test_password" };
	const login = accepted({ credentialsValue: basic, credentialsType: "MQTT_BASIC", status: "SUCCESS" });
	t.like(login, { kind: "login", clientId: "test_clientId", username: "test_username" });
	t.is(login.secret.reveal(), "test_password");
	const part = accepted({
		credentialsValue: { clientId: null, userName: "a-name", password: "invented_password" },
		credentialsType: "MQTT_BASIC",
		status: "SUCCESS",
	});
	t.like(part, { kind: "login", clientId: "", username: "a-name" });
	t.is(part.secret.reveal(), "invented_password");
});

test("basic credentials have up to 255 printable characters each, a name and a password", (t) => {
	const right = { clientId: "invented_id", userName: "invented_name", password: "invented_password" };
	const login = (changes: object) =>
		accepted({ credentialsValue: { ...right, ...changes }, credentialsType: "MQTT_BASIC", status: "SUCCESS" });
	const longest = `!~${"x".repeat(253)}`;
	for (const key of Object.keys(right)) {
		t.is(login({ [key]: longest }).kind, "login", key);
		for (const wrong of [`${longest}x`, "a b", "a\tb", "a\0", "\u007f", "ä", "\ud800", 1, {}])
			t.like(
				failure(() => login({ [key]: wrong })),
				{ code: "bad-answer", key },
				JSON.stringify([key, wrong]),
			);
	}
	for (const absent of ["", null, undefined]) {
		t.like(
			failure(() => login({ password: absent })),
			{ code: "bad-answer", key: "password" },
		);
		t.like(
			failure(() => login({ clientId: absent, userName: absent })),
			{ key: "credentialsValue" },
		);
		t.is(login({ clientId: absent }).kind, "login");
	}
});

test("the longest basic credentials fit into flash, twice", (t) => {
	const flash = new InMemoryFlash(63);
	const vault = openVault(flash, crypto, device().identity);
	const [first, second] = ["1", "2"].map((digit): LoginCredential => {
		const text = digit.repeat(255);
		return { kind: "login", clientId: text, username: text, secret: new Secret(text) };
	}) as [LoginCredential, LoginCredential];
	vault.commit(first);
	vault.accepted();
	vault.commit(second);
	for (const [found, expected] of [
		[vault.load()?.credential, second],
		[vault.load()?.previous, first],
	] as const) {
		t.like(found, { kind: "login", clientId: expected.clientId, username: expected.username });
		t.is(found?.secret.reveal(), expected.secret.reveal());
	}
});

test("invariant 4: anything else is refused, the sample in the documentation too", (t) => {
	const success = (type: unknown, value: unknown) => ({
		status: "SUCCESS",
		credentialsType: type,
		credentialsValue: value,
	});
	for (const body of [
		{ provisionDeviceStatus: "SUCCESS", credentialsType: "ACCESS_TOKEN", accessToken: "sLzc0gDAZPkGMzFVTyUY" },
		success("ACCESS_TOKEN", ""),
		success("ACCESS_TOKEN", "a b"),
		success("ACCESS_TOKEN", "x".repeat(256)),
		success("ACCESS_TOKEN", 1),
		success("MQTT_BASIC", "x"),
		success("MQTT_BASIC", {}),
		success("MQTT_BASIC", { password: "x" }),
		success("MQTT_BASIC", { userName: 1 }),
		success("MQTT_BASIC", { userName: "x".repeat(256) }),
		success("X509_CERTIFICATE", "-----BEGIN CERTIFICATE-----"),
		success(undefined, "x"),
		{},
		null,
	])
		t.is(failure(() => accepted(body)).code, "bad-answer", JSON.stringify(body));
	t.is(failure(() => exchange().accept({ status: 500, body: new Uint8Array(0) })).code, "http-status");
});

test("the server's refusals become codes that say what to do", (t) => {
	const refused = (status: string, errorMsg?: string) => failure(() => accepted({ errorMsg, status }));
	t.like(refused("NOT_FOUND", "Provision data was not found!"), {
		phase: "register",
		code: "bad-product-secret",
		action: "needs-attention",
		cloud: "thingsboard",
		vendorCode: "NOT_FOUND",
		said: "Provision data was not found!",
	});
	t.like(refused("FAILURE", "Failed to provision device!"), { code: "already-activated", vendorCode: "FAILURE" });
	t.like(refused("ODD".repeat(30)), { code: "registration-refused", vendorCode: "ODD".repeat(30).slice(0, 40) });
	t.is(refused("FAILURE", `no ${provisionSecret}`).said, "no [secret]");
});

test("session: an access token is the user name, and basic credentials are sent as a whole", (t) => {
	const plan = device().session({ kind: "key", secret: new Secret(token) }, inputs);
	t.deepEqual(plan.connect, {
		endpoint: { secure: true, host: "things.example", port: 8883, trust: ["public"] },
		clientId: "DEVICE_NAME",
		username: token,
		keepAlive: 240,
	});
	t.is(plan.time, undefined);
	t.is(plan.control, "v1/devices/me/rpc/request/+");
	t.is(plan.event, "v1/devices/me/telemetry");
	t.like(plan.connackError(5), { code: "credential-refused" });
	const secret = new Secret("a-password");
	const { connect } = device().session({ kind: "login", clientId: "c", username: "u", secret }, inputs);
	t.like(connect, { clientId: "c", username: "u" });
	t.is(connect.password, secret);
});

test("a self-hosted server has its own addresses and its own authority", (t) => {
	const own = device({
		endpoints: { register: "https://10.0.0.2:8443", mqtt: "mqtts://10.0.0.2" },
		ca: "own.pem",
		credentials: "basic",
	});
	t.deepEqual(own.endpoints.register, { secure: true, host: "10.0.0.2", port: 8443, trust: ["own.pem"] });
	t.deepEqual(own.endpoints.mqtt, { secure: true, host: "10.0.0.2", port: 8883, trust: ["own.pem"] });
	const plain = { register: "http://10.0.0.2:8080", mqtt: "mqtt://10.0.0.2" };
	t.like(
		failure(() => device({ endpoints: plain })),
		{ code: "bad-configuration", reason: "plain" },
	);
	t.is(device({ endpoints: plain, dangerouslyAllowPlain: true }).endpoints.mqtt?.secure, false);
});

test("a device is named after its MAC address unless configured", (t) => {
	t.like(device(), {
		identity: "thingsboard/anInventedProvisionKey/DEVICE_NAME",
		product: "anInventedProvisionKey",
		name: "DEVICE_NAME",
	});
	t.is(device({ deviceName: undefined }, "A4:D1:8C:DB:C0:20").name, "a4d18cdbc020");
	t.throws(() => device({ cloud: "tencent" }));
});

test("without a secret sessions work and registration names what is missing", (t) => {
	const registered = device({ productSecret: undefined });
	t.deepEqual(registered.secrets, []);
	t.truthy(registered.session({ kind: "key", secret: new Secret(token) }, inputs));
	t.like(
		failure(() => registered.registration(inputs)),
		{ phase: "register", code: "bad-configuration" },
	);
	t.deepEqual(
		device().secrets.map((each) => each.reveal()),
		[provisionSecret],
	);
});

test("telemetry, attributes and remote procedure calls", (t) => {
	const { telemetry, attributes, rpc } = thing();
	t.is(telemetry.topic, "v1/devices/me/telemetry");
	t.is(telemetry.payload({ temperature: 21.5 }), '{"temperature":21.5}');
	t.is(telemetry.payload({ temperature: 21.5 }, 1757491200000), '{"ts":1757491200000,"values":{"temperature":21.5}}');
	t.is(attributes.topic, "v1/devices/me/attributes");
	t.is(attributes.payload({ firmware: "1.0" }), '{"firmware":"1.0"}');
	t.deepEqual(attributes.changes('{"interval":60}'), { values: { interval: 60 }, deleted: [] });
	t.deepEqual(attributes.changes('{"deleted":["interval"]}'), { values: {}, deleted: ["interval"] });
	t.is(rpc.filter, "v1/devices/me/rpc/request/+");
	t.deepEqual(rpc.call("v1/devices/me/rpc/request/7", '{"method":"setLamp","params":{"on":true}}'), {
		id: "7",
		method: "setLamp",
		params: { on: true },
	});
	t.is(rpc.responseTopic("7"), "v1/devices/me/rpc/response/7");
	t.is(rpc.call("v1/devices/me/attributes", '{"method":"setLamp"}'), undefined);
	for (const none of ["", "null", "[]", "1", "{}", '{"method":1}'])
		t.is(rpc.call("v1/devices/me/rpc/request/7", none), undefined);
	for (const none of ["", "null", "[]", "1"]) t.is(attributes.changes(none), undefined);
});
