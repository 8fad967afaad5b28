/** A ThingsBoard device as its server's code sees it, against the local cloud: HTTP and MQTT, each refusal. */

import { request } from "node:http";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";

const secret = "made-up-provision-secret";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

let count = 0;
/** A device profile of a test's own. */
function profile(change: ProductChange = {}): string {
	const key = `profile${++count}`;
	cloud.administration.putProduct("thingsboard", key, { secret, ...change });
	return key;
}

interface Answer {
	readonly status: number;
	readonly body: string;
}

function post(body: unknown): Promise<Answer> {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const message = request(`${cloud.urls.http}/api/v1/provision`, { method: "POST" }, (response) => {
			let received = "";
			response.setEncoding("utf8").on("data", (chunk: string) => {
				received += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body: received }));
		});
		message.on("error", reject).end(text);
	});
}

const provision = async (key: string, name: string, more: object = {}) =>
	JSON.parse((await post(own(key, name, more))).body);
const own = (key: string, name: string, more: object = {}) => ({
	deviceName: name,
	provisionDeviceKey: key,
	provisionDeviceSecret: secret,
	...more,
});

const failure = { errorMsg: "Failed to provision device!", status: "FAILURE" };
const notFound = { errorMsg: "Provision data was not found!", status: "NOT_FOUND" };

/** @returns the CONNACK's code */
async function connackOf(options: IClientOptions): Promise<number> {
	try {
		const client = await connectAsync(cloud.urls.mqtt, { reconnectPeriod: 0, ...options });
		await client.endAsync(true);
		return 0;
	} catch (error) {
		return (error as { readonly code: number }).code;
	}
}

test("a new device gets an access token of 20 letters and digits, and connects with it", async (t) => {
	const key = profile();
	const answer = await provision(key, "board-1");
	t.like(answer, { credentialsType: "ACCESS_TOKEN", status: "SUCCESS" });
	t.regex(answer.credentialsValue, /^[A-Za-z0-9]{20}$/);
	t.is(await connackOf({ username: answer.credentialsValue, clientId: "" }), 0);
	t.is(cloud.administration.device("thingsboard", key, "board-1").state, "active");
});

test("the name is taken from the first success on, online or not", async (t) => {
	const key = profile();
	t.is((await provision(key, "board-1")).status, "SUCCESS");
	t.deepEqual(await provision(key, "board-1"), failure);
	cloud.administration.resetDevice("thingsboard", key, "board-1");
	t.deepEqual(await provision(key, "board-1"), failure);
	cloud.administration.deleteDevice("thingsboard", key, "board-1");
	t.is((await provision(key, "board-1")).status, "SUCCESS");
});

test("a device brings its own token, or its own client id, user name and password", async (t) => {
	const key = profile();
	t.deepEqual(await provision(key, "board-1", { credentialsType: "ACCESS_TOKEN", token: "test_token" }), {
		credentialsValue: "test_token",
		credentialsType: "ACCESS_TOKEN",
		status: "SUCCESS",
	});
	t.is(await connackOf({ username: "test_token" }), 0);
	const basic = { clientId: "test_clientId", username: "test_username", password: "test_password" };
	t.deepEqual(await provision(key, "board-2", { credentialsType: "MQTT_BASIC", ...basic }), {
		credentialsValue: { clientId: "test_clientId", userName: "test_username", password: "test_password" },
		credentialsType: "MQTT_BASIC",
		status: "SUCCESS",
	});
	t.is(await connackOf(basic), 0);
	t.is(await connackOf({ ...basic, password: "another" }), 5);
	t.is(await connackOf({ ...basic, clientId: "another" }), 5);
	t.is(await connackOf({ clientId: "nobody's" }), 2);
});

test("a device that was created beforehand keeps its credential, and ignores what it brings", async (t) => {
	const key = profile({ registration: "pre-created" });
	t.deepEqual(await provision(key, "board-1"), failure, "not created");
	cloud.administration.putDevice("thingsboard", key, "board-1");
	const first = await provision(key, "board-1", { credentialsType: "ACCESS_TOKEN", token: "test_token" });
	t.not(first.credentialsValue, "test_token");
	t.deepEqual(await provision(key, "board-1"), failure, "provisioned already");
	// As without the attribute provisionState.
	cloud.administration.resetDevice("thingsboard", key, "board-1");
	t.deepEqual(await provision(key, "board-1"), first);
});

test("an unknown key, a wrong secret and provisioning that is off get the same response", async (t) => {
	t.deepEqual(await provision("no-such-profile", "board-1"), notFound);
	t.deepEqual(await provision(profile({ secret: "another-provision-secret" }), "board-1"), notFound);
	t.deepEqual(await provision(profile({ registration: "off" }), "board-1"), notFound);
});

test("a request without a name gets a made-up one, each time another", async (t) => {
	const key = profile();
	for (let made = 0; made < 2; made++) t.is((await provision(key, "")).status, "SUCCESS");
	t.is(cloud.administration.devices("thingsboard", key).length, 2);
});

test("a malformed request is refused, and the journal says what is wrong", async (t) => {
	const key = profile();
	for (const [body, reason] of [
		["no JSON", /not a JSON object/],
		[[], /not a JSON object/],
		[{ deviceName: "board-1", provisionDeviceKey: key }, /"provisionDeviceSecret" is missing/],
		[own(key, "board-1", { token: 7 }), /"token" is invalid/],
		[own(key, "board-1", { hash: "PEM" }), /takes no certificate/],
	] as const) {
		t.is((await post(body)).status, 400);
		t.true(cloud.administration.requests().some((entry) => entry.code === "FAILURE" && reason.test(entry.reason)));
	}
	t.deepEqual(await provision(key, "two words"), failure);
});

test("CONNACK 5 says what is wrong with a user name", async (t) => {
	const key = profile();
	for (const [username, reason] of [
		["nobody's", /No device has this access token/],
		[secret, /provisionDeviceKey or provisionDeviceSecret/],
		[key, /provisionDeviceKey or provisionDeviceSecret/],
	] as const) {
		t.is(await connackOf({ username }), 5);
		t.true(cloud.administration.requests().some((entry) => entry.code === 5 && reason.test(entry.reason)));
	}
});

/** A connection for provisioning, as the vendor's SDK for Python makes it. */
const provisioning = (): Promise<MqttClient> =>
	connectAsync(cloud.urls.mqtt, { username: "provision", clientId: "", reconnectPeriod: 0 });

/** @returns the response, or undefined if the connection ends or nothing comes */
function answerTo(client: MqttClient, body: unknown): Promise<string | undefined> {
	return new Promise((resolve) => {
		client.once("message", (_, payload) => resolve(payload.toString()));
		client.once("close", () => resolve(undefined));
		client.publish("/provision/request", JSON.stringify(body));
		setTimeout(() => resolve(undefined), 500);
	});
}

test("over MQTT, the user provision subscribes and asks", async (t) => {
	const key = profile();
	const client = await provisioning();
	await client.subscribeAsync("/provision/response");
	const answer = JSON.parse((await answerTo(client, own(key, "board-1"))) ?? "{}");
	t.is(answer.status, "SUCCESS");
	t.deepEqual(JSON.parse((await answerTo(client, own(key, "board-1"))) ?? "{}"), failure);
	await client.endAsync(true);
	t.is(await connackOf({ username: answer.credentialsValue }), 0);
});

test("over MQTT, a response that nothing has subscribed to is lost, and the journal says so", async (t) => {
	const key = profile();
	const client = await provisioning();
	t.is(await answerTo(client, own(key, "board-1")), undefined);
	t.true(
		cloud.administration
			.requests()
			.some(({ operation, reason }) => operation === "register/provision-mqtt" && /has not subscribed/.test(reason)),
	);
	await client.endAsync(true);
});

test("over MQTT, the user provision may do nothing else", async (t) => {
	const client = await provisioning();
	await t.throwsAsync(client.subscribeAsync("v1/devices/me/attributes"));
	const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
	client.publish("v1/devices/me/telemetry", "{}");
	await closed;
	t.pass();
});

test.serial("over MQTT, a fault drops the connection in place of the response", async (t) => {
	const key = profile();
	cloud.administration.setFaults([{ operation: "register/provision-mqtt", fault: "drop", count: 1 }]);
	const client = await provisioning();
	await client.subscribeAsync("/provision/response");
	t.is(await answerTo(client, own(key, "board-1")), undefined);
	t.like(cloud.administration.device("thingsboard", key, "board-1"), { state: "registered" });
});

test("telemetry and attributes become the device's properties", async (t) => {
	const key = profile();
	const { credentialsValue } = await provision(key, "board-1");
	const client = await connectAsync(cloud.urls.mqtt, { username: credentialsValue, reconnectPeriod: 0 });
	await client.publishAsync("v1/devices/me/telemetry", '{"temperature":21.5}', { qos: 1 });
	await client.publishAsync("v1/devices/me/telemetry", '[{"ts":1,"values":{"humidity":40}},{"a":1}]', { qos: 1 });
	await client.publishAsync("v1/devices/me/attributes", '{"firmware":"1.0"}', { qos: 1 });
	await client.publishAsync("v1/devices/me/telemetry", "no JSON", { qos: 1 });
	await client.endAsync();
	const response = await fetch(`${cloud.urls.admin}/products/thingsboard/${key}/devices/board-1/state`);
	const { properties } = (await response.json()) as { readonly properties: unknown };
	t.deepEqual(properties, { temperature: 21.5, humidity: 40, a: 1, firmware: "1.0" });
});
