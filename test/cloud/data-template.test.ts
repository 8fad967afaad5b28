import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import { connectAsync, type MqttClient } from "mqtt";
import { login, type Names, obtainPsk, product } from "./device.js";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
});
test.after.always(() => cloud.close());

type Kind = "property" | "event" | "action";

/** A device that hears all that comes down. */
class Thing {
	readonly names: Names;
	readonly #client: MqttClient;
	readonly #got: [topic: string, text: string][] = [];
	#wake = () => {};

	constructor(names: Names, client: MqttClient) {
		this.names = names;
		this.#client = client;
		client.on("message", (topic, payload) => {
			this.#got.push([topic, String(payload)]);
			this.#wake();
		});
	}

	topic(direction: "up" | "down", kind: Kind): string {
		return `$thing/${direction}/${kind}/${this.names.productId}/${this.names.deviceName}`;
	}

	/** The next message of this kind, as text. */
	async next(kind: Kind): Promise<string> {
		while (this.#got.length === 0)
			await new Promise<void>((resolve, reject) => {
				const deadline = setTimeout(() => reject(new Error(`nothing came down for ${kind} within 30 s`)), 30_000);
				this.#wake = () => {
					clearTimeout(deadline);
					resolve();
				};
			});
		const [topic, text] = this.#got.shift() ?? ["", ""];
		if (topic !== this.topic("down", kind)) throw new Error(`${topic} was not expected: ${text}`);
		return text;
	}

	async send(kind: Kind, message: unknown): Promise<void> {
		const text = typeof message === "string" ? message : JSON.stringify(message);
		await this.#client.publishAsync(this.topic("up", kind), text, { qos: 1 });
	}

	async ask(kind: Kind, message: unknown): Promise<string> {
		await this.send(kind, message);
		return this.next(kind);
	}

	/** What the platform knows of it. */
	async status(): Promise<unknown> {
		const reply = JSON.parse(await this.ask("property", { method: "get_status", clientToken: "s" })) as {
			data: unknown;
		};
		return reply.data;
	}

	get heard(): number {
		return this.#got.length;
	}

	end(): void {
		this.#client.end(true);
	}
}

let count = 0;
const newNames = (): Names => ({ productId: product.id, deviceName: `thing-${++count}` });

async function start(names: Names, at = cloud, psk?: string): Promise<Thing> {
	const fields = login(names, psk ?? (await obtainPsk(at.urls.http, names)));
	const client = await connectAsync(at.urls.mqtt, { ...fields, reconnectPeriod: 0 }, false);
	const thing = new Thing(names, client);
	for (const kind of ["property", "event", "action"] as const) await client.subscribeAsync(thing.topic("down", kind));
	return thing;
}

/** The operator sends it something. */
function tell(thing: Thing, kind: Kind, message: object): Promise<void> {
	const { productId, deviceName } = thing.names;
	const payload = JSON.stringify(message);
	return cloud.administration.sendMessage("tencent", productId, deviceName, payload, thing.topic("down", kind));
}

test("reports are confirmed, to the byte as in the vendor's run log", async (t) => {
	const thing = await start(newNames());
	const params = { power_switch: 0, color: 0, brightness: 0, name: "dev001" };
	t.is(
		await thing.ask("property", { method: "report", clientToken: "0WUKPUCOTC-2", params }),
		'{"method":"report_reply","clientToken":"0WUKPUCOTC-2","code":0,"status":"success"}',
	);
	t.is(
		await thing.ask("property", { method: "get_status", clientToken: "0WUKPUCOTC-1" }),
		'{"method":"get_status_reply","clientToken":"0WUKPUCOTC-1","code":0,"status":"success","data":{"reported":{"power_switch":0,"color":0,"brightness":0,"name":"dev001"}}}',
	);
	t.is(
		await thing.ask("property", { method: "report_info", clientToken: "0WUKPUCOTC-0", params: { imei: "11-22" } }),
		'{"method":"report_info_reply","clientToken":"0WUKPUCOTC-0","code":0,"status":"success"}',
	);
	const event = { method: "event_post", clientToken: "0WUKPUCOTC-8", eventId: "status_report", type: "info" };
	t.is(
		await thing.ask("event", { ...event, timestamp: 0, params: { status: 1, message: "light on" } }),
		'{"method":"event_reply","clientToken":"0WUKPUCOTC-8","code":0,"status":"","data":{}}',
	);
	thing.end();
});

test("get_status returns the last reported values, or nothing", async (t) => {
	const thing = await start(newNames());
	t.deepEqual(await thing.status(), {});
	await thing.ask("property", { method: "report", clientToken: "1", params: { lamp: 1, level: 5 } });
	await thing.ask("property", { method: "report", clientToken: "2", params: { lamp: 0, __proto__x: 1 } });
	t.deepEqual(await thing.status(), { reported: { lamp: 0, level: 5, __proto__x: 1 } });
	const other = await start(newNames());
	t.deepEqual(await other.status(), {});
	thing.end();
	other.end();
});

test("what was reported outlasts the connection, and ends with the device", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const first = await start(names, cloud, psk);
	await first.ask("property", { method: "report", clientToken: "1", params: { lamp: 1 } });
	first.end();
	const second = await start(names, cloud, psk);
	t.deepEqual(await second.status(), { reported: { lamp: 1 } });
	second.end();
	cloud.administration.deleteDevice("tencent", product.id, names.deviceName);
	const third = await start(names);
	t.deepEqual(await third.status(), {});
	third.end();
});

test("a command waits until the device has replied to it", async (t) => {
	const thing = await start(newNames());
	const control = { method: "control", clientToken: "c-1", params: { lamp: 1, level: 5 } };
	await tell(thing, "property", control);
	t.deepEqual(JSON.parse(await thing.next("property")), control);
	await tell(thing, "property", { method: "control", clientToken: "c-2", params: { level: 7 } });
	await thing.next("property");
	t.deepEqual(await thing.status(), { control: { lamp: 1, level: 7 } });
	await thing.send("property", { method: "control_reply", code: 0, clientToken: "c-1" });
	t.deepEqual(await thing.status(), { control: { level: 7 } });
	await thing.send("property", { method: "control_reply", code: 0, clientToken: "unheard of" });
	await thing.send("property", { method: "control_reply", code: 0, clientToken: "c-2" });
	t.deepEqual(await thing.status(), {});
	t.is(thing.heard, 0);
	thing.end();
});

test("pending commands are sent after a restart and can be cleared", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const first = await start(names, cloud, psk);
	await tell(first, "property", { method: "control", clientToken: "c-1", params: { lamp: 1 } });
	first.end();
	const second = await start(names, cloud, psk);
	t.deepEqual(await second.status(), { control: { lamp: 1 } });
	t.is(
		await second.ask("property", { method: "clear_control", clientToken: "x" }),
		'{"method":"clear_control_reply","clientToken":"x","code":0,"status":"success"}',
	);
	t.deepEqual(await second.status(), {});
	second.end();
});

test("an action is delivered, and its response needs no response", async (t) => {
	const thing = await start(newNames());
	const action = { method: "action", clientToken: "a-1", actionId: "blink", timestamp: 1, params: { times: 3 } };
	await tell(thing, "action", action);
	t.deepEqual(JSON.parse(await thing.next("action")), action);
	await thing.send("action", { method: "action_reply", clientToken: "a-1", code: 0, response: { err_code: 0 } });
	await thing.send("action", "{");
	t.deepEqual(await thing.status(), {});
	thing.end();
});

const malformed: readonly [what: string, kind: Kind, message: unknown, reply: object, status: RegExp][] = [
	["no JSON", "property", "{", {}, /not a JSON object/],
	["a list", "property", [], {}, /not a JSON object/],
	[
		"no method",
		"property",
		{ clientToken: "1" },
		{ clientToken: "1" },
		/"method" is invalid\. Expected report or report_info or/,
	],
	[
		"a method of Object's",
		"property",
		{ method: "toString", clientToken: "1" },
		{ clientToken: "1" },
		/"method" is invalid/,
	],
	[
		"a property method",
		"event",
		{ method: "report", clientToken: "1", params: {} },
		{},
		/"method" is invalid\. Expected event_post\.$/,
	],
	[
		"no token",
		"property",
		{ method: "report", params: {} },
		{ method: "report_reply" },
		/"clientToken" is missing\. Expected a string/,
	],
	[
		"a token that is no text",
		"property",
		{ method: "get_status", clientToken: 1 },
		{ method: "get_status_reply" },
		/"clientToken" is missing\. Expected a string/,
	],
	[
		"no params",
		"property",
		{ method: "report", clientToken: "1" },
		{ method: "report_reply", clientToken: "1" },
		/"params" is missing\. Expected an object/,
	],
	[
		"params that are a list",
		"property",
		{ method: "report", clientToken: "1", params: [1] },
		{ method: "report_reply" },
		/"params" is missing\. Expected an object/,
	],
	[
		"no event",
		"event",
		{ method: "event_post", clientToken: "1", params: {} },
		{ method: "event_reply" },
		/"eventId" is missing\. Expected a string/,
	],
];
for (const [what, kind, message, reply, status] of malformed)
	test(`a malformed ${kind} message with ${what} gets the local cloud's code`, async (t) => {
		const thing = await start(newNames());
		const answer = JSON.parse(await thing.ask(kind, message)) as { code: number; status: string };
		t.like(answer, { ...reply, code: 900001 });
		t.regex(answer.status, status);
		t.deepEqual(await thing.status(), {});
		thing.end();
	});

test("without a subscription a report counts but gets no response", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connectAsync(cloud.urls.mqtt, { ...login(names, psk), reconnectPeriod: 0 }, false);
	const up = `$thing/up/property/${product.id}/${names.deviceName}`;
	await client.publishAsync(up, '{"method":"report","clientToken":"1","params":{"lamp":1}}', { qos: 1 });
	client.end(true);
	const thing = await start(names, cloud, psk);
	t.deepEqual(await thing.status(), { reported: { lamp: 1 } });
	thing.end();
});

test("what was reported is not kept in the state file", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-thing-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const state = join(folder, "state.json");
	const other = await startCloud({ state });
	other.administration.putProduct("tencent", product.id, { secret: product.secret });
	const thing = await start(newNames(), other);
	await thing.ask("property", { method: "report", clientToken: "1", params: { lampOfThisTest: 1 } });
	thing.end();
	await other.close();
	const text = await readFile(state, "utf8");
	t.true(text.includes(thing.names.deviceName));
	t.false(text.includes("lampOfThisTest"));
});
