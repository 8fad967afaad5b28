/** The local cloud as Azure: registrations over HTTPS and MQTT, and sessions at a hub. */

import { readFileSync } from "node:fs";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import { open, refusal, until } from "./aliyun-device.js";
import {
	groupKey,
	keyFor,
	register,
	resourceOf,
	send,
	session,
	soon,
	type TokenFields,
	token,
} from "./azure-device.js";

let cloud: Cloud;
let options: { readonly ca: Buffer };
test.before(async () => {
	cloud = await startCloud();
	options = { ca: readFileSync(cloud.ca) };
});
test.after.always(() => cloud.close());

let count = 0;
/** The ID scope of a product of a test's own. */
function newScope(change: ProductChange = {}): string {
	const scope = `0ne${String(++count).padStart(8, "0")}`;
	cloud.administration.putProduct("azure", scope, { secret: groupKey, ...change });
	return scope;
}

const hubOf = (scope: string) => `hub-${scope.toLowerCase()}.azure-devices.net`;
const entries = (scope: string) => cloud.administration.requests().filter(({ product }) => product === scope);
const device = (scope: string, name = "board-1") => cloud.administration.device("azure", scope, name);
const connectCode = (fields: ReturnType<typeof session>) => refusal(cloud.urls.mqtts, fields, options);

test("a registration is assigning at first, then assigned, and its device connects", async (t) => {
	const scope = newScope();
	const resource = resourceOf(scope, "board-1");
	const authorization = token({ key: keyFor("board-1"), sr: resource, skn: "registration" });
	const first = await send(cloud, "PUT", `/${resource}/register`, authorization, '{"registrationId":"board-1"}');
	t.like(first, { status: 202, retryAfter: "3" });
	t.is(first.body.status, "assigning");
	const second = await send(cloud, "GET", `/${resource}/operations/${first.body.operationId}`, authorization);
	t.like(second, { status: 200, retryAfter: undefined });
	t.like(second.body, { operationId: first.body.operationId, status: "assigned" });
	const { registrationState } = second.body;
	t.like(registrationState, { registrationId: "board-1", deviceId: "board-1", assignedHub: hubOf(scope) });
	t.is(await connectCode(session(hubOf(scope), "board-1")), 0);
	t.like(device(scope), { state: "active", automatic: true });
	t.deepEqual(
		entries(scope)
			.slice(0, 3)
			.map(({ operation, verdict }) => `${operation} ${verdict}`),
		["register/dps accepted", "register/dps-status accepted", "connect accepted"],
	);
});

test("names in other letters are the same device", async (t) => {
	const scope = newScope();
	const { body } = await register(cloud, scope, "BOARD-1", { key: keyFor("board-1") });
	t.is(body.registrationState.deviceId, "board-1");
});

test("an active device may register again, and its session goes on", async (t) => {
	const scope = newScope();
	await register(cloud, scope, "board-1");
	const client = await open(cloud.urls.mqtts, session(hubOf(scope), "board-1"), options);
	const { body } = await register(cloud, scope, "board-1");
	t.is(body.status, "assigned");
	t.true(device(scope).connected);
	t.true(entries(scope).some(({ reason }) => reason === "Assigning a hub, again."));
	client.end(true);
});

test("another hub of the product refuses the device until it has registered again", async (t) => {
	const scope = newScope();
	await register(cloud, scope, "board-1");
	const instanceId = "other-hub.azure-devices.net";
	cloud.administration.putProduct("azure", scope, { instanceId });
	t.is(await connectCode(session(hubOf(scope), "board-1")), 5);
	const { body } = await register(cloud, scope, "board-1");
	t.is(body.registrationState.assignedHub, instanceId);
	t.is(await connectCode(session(instanceId, "board-1")), 0);
});

test("a disabled enrollment is a state, not an error", async (t) => {
	const scope = newScope({ registration: "off" });
	const { status, body } = await register(cloud, scope, "board-1");
	t.is(status, 200);
	t.like(body, { status: "disabled" });
	t.like(entries(scope).at(-1), { verdict: "refused", code: "disabled" });
});

test("an individual enrollment has a key of its own", async (t) => {
	const scope = newScope({ registration: "pre-created" });
	const own = Buffer.from("the device's own key!").toString("base64");
	cloud.administration.putDevice("azure", scope, "board-1", own);
	t.like((await register(cloud, scope, "board-1")).body, { errorCode: 401002 });
	t.like((await register(cloud, scope, "board-1", { key: own })).body, { status: "assigned" });
	t.is(await connectCode(session(hubOf(scope), "board-1", { key: own })), 0);
	t.like(await register(cloud, scope, "board-2"), { status: 404 });
	t.like((await register(cloud, scope, "board-2")).body, { errorCode: 404201 });
});

test("the limit of registered devices is one", async (t) => {
	const scope = newScope({ limit: 0 });
	t.like((await register(cloud, scope, "board-1")).body, { errorCode: 900005 });
});

const own = (scope: string) => resourceOf(scope, "board-1");
for (const [what, fields, reason] of [
	["the group's key", { key: groupKey }, /The key is the group's/],
	["another device's key", { key: keyFor("board-2") }, /probably another device's/],
	["the key as text", { key: Buffer.from(keyFor("board-1")).toString("base64") }, /Expected its decoded bytes/],
	["a hexadecimal signature", { encoding: "hex" }, /hexadecimal/],
	["no skn", { skn: undefined }, /skn=registration/],
	["a token that has expired", { se: 1_700_000_000 }, /has expired.*clock/],
	["a token for another device", { sr: "0ne1/registrations/board-2" }, /another resource/],
	["a token without an end", { se: Number.NaN }, /malformed/],
] as const)
	test(`401002: ${what}`, async (t) => {
		const scope = newScope();
		const { status, body } = await register(cloud, scope, "board-1", fields as Partial<TokenFields>);
		const isMalformed = what.endsWith("without an end");
		t.is(status, isMalformed ? 400 : 401);
		t.like(body, isMalformed ? { errorCode: 900001 } : { errorCode: 401002, message: "Unauthorized" });
		t.regex(entries(scope).at(-1)?.reason ?? "", reason);
		t.throws(() => device(scope), undefined, "no device was created");
	});

test("what was signed by mistake is named", async (t) => {
	const scope = newScope();
	const se = soon();
	const encoded = encodeURIComponent(own(scope));
	for (const [fields, reason] of [
		[{ sr: encoded, text: `${own(scope)}\n${se}` }, /signed without the percent-encoding/],
		[{ text: `${encoded}\n${se}` }, /signed with percent-encoding/],
		[{ text: `${own(scope)}${se}` }, /line feed/],
	] as const) {
		t.is((await register(cloud, scope, "board-1", { se, ...fields })).status, 401);
		t.regex(entries(scope).at(-1)?.reason ?? "", reason);
	}
	t.is(entries(scope).at(-1)?.expected?.stringToSign, `${own(scope)}\n${se}`);
	t.is((await register(cloud, scope, "board-1", { sr: encoded })).status, 200, "both forms are right");
});

test("an unknown ID scope, a malformed name, a body for another device and no token are refused", async (t) => {
	t.like((await register(cloud, "0neUnknown", "board-1")).body, { errorCode: 401002 });
	const scope = newScope();
	t.like((await register(cloud, scope, "board.")).body, { errorCode: 900001 });
	const authorization = token({ key: keyFor("board-1"), sr: own(scope), skn: "registration" });
	for (const body of ["", "[]", '{"registrationId":"board-2"}', '{"registrationId":5}'])
		t.is((await send(cloud, "PUT", `/${own(scope)}/register`, authorization, body)).status, 400, body);
	t.is((await send(cloud, "PUT", `/${own(scope)}/register`, undefined, "{}")).status, 400);
	t.is((await send(cloud, "GET", `/${own(scope)}/operations/5.0.0`, authorization)).status, 400);
	t.is((await send(cloud, "GET", `/%E0%A4%A/registrations/%E0%A4%A/operations/%E0%A4%A`, authorization)).status, 400);
	t.is((await send(cloud, "POST", `/${own(scope)}/register`, authorization, "{}")).status, 405);
});

/** A CONNECT that registers. */
const registration = (scope: string, fields: Partial<TokenFields> = {}) => ({
	clientId: "board-1",
	username: `${own(scope)}/api-version=2019-03-31&ClientVersion=test%2F1`,
	password: token({ key: keyFor("board-1"), sr: own(scope), skn: "registration", ...fields }),
});

const registering = "$dps/registrations/PUT/iotdps-register/?$rid=";
const querying = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=";
const responses = "$dps/registrations/res/";

test("over MQTT: the same, by messages with the number of their request", async (t) => {
	const scope = newScope();
	const client = await open(cloud.urls.mqtts, registration(scope), options);
	await client.subscribeAsync(`${responses}#`, { qos: 1 });
	client.publish(`${registering}a`, '{"registrationId":"board-1"}', { qos: 1 });
	await until(() => client.got.length === 1);
	const [topic, text = ""] = client.got[0] ?? [];
	t.is(topic, `${responses}202/?$rid=a&retry-after=3`);
	const { operationId } = JSON.parse(text);
	client.publish(`${querying}b&operationId=${operationId}`, " ", { qos: 1 });
	await until(() => client.got.length === 2);
	t.is(client.got[1]?.[0], `${responses}200/?$rid=b`);
	t.like(JSON.parse(client.got[1]?.[1] ?? ""), { status: "assigned" });
	client.end(true);
	t.is(await connectCode(session(hubOf(scope), "board-1")), 0);
});

test("over MQTT: a wrong token is answered in the response, and other topics are refused", async (t) => {
	const scope = newScope();
	const client = await open(cloud.urls.mqtts, registration(scope, { key: groupKey }), options);
	const [granted] = await client.subscribeAsync(`${responses}#`, { qos: 1 });
	t.is(granted?.qos, 1);
	await t.throwsAsync(client.subscribeAsync("devices/board-1/messages/devicebound/#"));
	client.publish(`${registering}1`, '{"registrationId":"board-1"}', { qos: 1 });
	await until(() => client.got.length === 1);
	t.is(client.got[0]?.[0], `${responses}401/?$rid=1`);
	t.like(JSON.parse(client.got[0]?.[1] ?? ""), { errorCode: 401002 });
	const ended = new Promise<void>((resolve) => client.once("close", () => resolve()));
	client.publish("devices/board-1/messages/events/", "x");
	await ended;
	t.regex(entries(scope).find(({ code }) => code === 401002)?.reason ?? "", /The key is the group's/);
});

test("over MQTT: the client id has to be the registration id", async (t) => {
	const scope = newScope();
	t.is(await refusal(cloud.urls.mqtts, { ...registration(scope), clientId: "board-2" }, options), 2);
});

test("a hub refuses tokens that are wrong, for another resource, or have expired", async (t) => {
	const scope = newScope();
	await register(cloud, scope, "board-1");
	const hub = hubOf(scope);
	t.is(await connectCode(session(hub, "board-1", { key: groupKey })), 5);
	t.regex(entries(scope).at(-1)?.reason ?? "", /The key is the group's/);
	t.is(await connectCode(session(hub, "board-1", { se: 1_700_000_000 })), 5);
	t.regex(entries(scope).at(-1)?.reason ?? "", /has expired/);
	t.is(await connectCode(session(hub, "board-1", { skn: "device" })), 5);
	t.is(await connectCode(session(hub, "board-1", { sr: `${hub}%2Fdevices%2Fboard-2` })), 5);
	t.is(await connectCode({ ...session(hub, "board-1"), clientId: "board-2" }), 2);
	t.is(await connectCode({ ...session(hub, "board-1"), password: "" }), 5);
	t.is(await connectCode(session(hub, "board-2")), 5);
	t.is(await connectCode(session("unknown.azure-devices.net", "board-1")), 5);
	cloud.administration.putDevice("azure", scope, "board-3");
	t.is(await connectCode(session(hub, "board-3")), 5);
	t.regex(entries(scope).at(-1)?.reason ?? "", /has not registered/);
});

test("a device with a rotated key is refused by service and hub", async (t) => {
	const scope = newScope();
	await register(cloud, scope, "board-1");
	cloud.administration.rotateDevice("azure", scope, "board-1");
	t.is(await connectCode(session(hubOf(scope), "board-1")), 5);
	t.is((await register(cloud, scope, "board-1")).status, 401);
});

test("a device sends events with and without properties, and receives commands", async (t) => {
	const scope = newScope();
	await register(cloud, scope, "board-1");
	const client = await open(cloud.urls.mqtts, session(hubOf(scope), "board-1"), options);
	await client.subscribeAsync("devices/board-1/messages/devicebound/#", { qos: 1 });
	await client.publishAsync("devices/board-1/messages/events/", "1", { qos: 1 });
	await client.publishAsync("devices/board-1/messages/events/%24.ct=text", "2", { qos: 1 });
	await cloud.administration.sendMessage("azure", scope, "board-1", '{"lamp":"on"}');
	await until(() => client.got.length === 1);
	t.deepEqual(client.got, [["devices/board-1/messages/devicebound/", '{"lamp":"on"}']]);
	await t.throwsAsync(client.subscribeAsync("devices/board-2/messages/devicebound/#"));
	const ended = new Promise<void>((resolve) => client.once("close", () => resolve()));
	client.publish("devices/board-2/messages/events/", "x");
	await ended;
	t.pass();
});

test("a hub ends a session minutes after its token has expired", async (t) => {
	// A hundred times faster than this test.
	const fast = await startCloud({ timeScale: 100 });
	t.teardown(() => fast.close());
	fast.administration.putProduct("azure", "0neFast", { secret: groupKey });
	await register(fast, "0neFast", "board-1");
	const fields = session(hubOf("0neFast"), "board-1", { se: Math.floor(Date.now() / 1000) + 2 });
	const client = await open(fast.urls.mqtts, fields, { ca: readFileSync(fast.ca), keepalive: 0 });
	await new Promise<void>((resolve) => client.once("close", () => resolve()));
	const last = fast.administration
		.requests()
		.filter(({ operation }) => operation === "disconnect")
		.at(-1);
	t.regex(last?.reason ?? "", /token has expired/);
});
