import { readFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type Cloud, type JournalEntry, startCloud } from "@dynreg/cloud";
import test from "ava";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { reservedPorts } from "../support/reserved-ports.js";
import { type LoginOptions, login, type Names, obtainPsk, product, registerV2, vectors } from "./device.js";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
});
test.after.always(() => cloud.close());

let count = 0;
const newNames = (): Names => ({ productId: product.id, deviceName: `board-${++count}` });

const entries = (names: Names): JournalEntry[] =>
	cloud.administration.requests().filter((entry) => entry.device === names.deviceName);
const last = (names: Names): JournalEntry | undefined => entries(names).at(-1);

/** What the client passes on to `node:tls`, though its own types do not say so. */
type TlsLimits = Pick<ConnectionOptions, "maxVersion" | "ciphers" | "pskCallback" | "checkServerIdentity">;

type Options = IClientOptions & TlsLimits & { readonly login?: LoginOptions; readonly url?: string };

/** Connects once; a refusal rejects with the CONNACK return code as `code`. */
async function connect(names: Names, psk: string, options: Options = {}): Promise<MqttClient> {
	const { login: loginOptions, url = cloud.urls.mqtt, ...rest } = options;
	const client = await connectAsync(url, { ...login(names, psk, loginOptions), reconnectPeriod: 0, ...rest }, false);
	client.on("error", () => {});
	return client;
}

async function refusal(names: Names, psk: string, options: Options = {}): Promise<number> {
	try {
		const client = await connect(names, psk, options);
		client.end(true);
		return 0;
	} catch (error) {
		return (error as { code: number }).code;
	}
}

const once = (client: MqttClient, event: "close" | "message"): Promise<unknown[]> =>
	new Promise((resolve) => client.once(event, (...values: unknown[]) => resolve(values)));

async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("it did not happen within 30 s");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

for (const vector of vectors.tencent_mqtt)
	test(`the vendor SDKs' login ${vector.username} is accepted`, async (t) => {
		const [productId, deviceName] = [vector.clientId.slice(0, 10), vector.clientId.slice(10)];
		cloud.administration.putProduct("tencent", productId, { secret: product.secret });
		cloud.administration.putDevice("tencent", productId, deviceName);
		cloud.administration.rotateDevice("tencent", productId, deviceName, vector.psk);
		const { clientId, username, password } = vector;
		const client = await connectAsync(cloud.urls.mqtt, { clientId, username, password, reconnectPeriod: 0 }, false);
		t.true(client.connected);
		client.end(true);
	});

test("a registered device connects with either algorithm and becomes active", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	t.is(cloud.administration.device("tencent", product.id, names.deviceName).state, "registered");
	for (const method of ["hmacsha1", "hmacsha256"] as const) {
		const fields = login(names, psk, { method });
		const [digest, name] = fields.password.split(";");
		t.is(await refusal(names, psk, { password: `${digest?.toUpperCase()};${name}` }), 0);
		t.is(await refusal(names, psk, { login: { method } }), 0);
	}
	t.is(cloud.administration.device("tencent", product.id, names.deviceName).state, "active");
});

test("an active device cannot register before a reset; its psk stays valid", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	t.is(await refusal(names, psk), 0);
	t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Message, "Device has been activated");
	t.regex(last(names)?.reason ?? "", /reset or delete the device/);

	cloud.administration.resetDevice("tencent", product.id, names.deviceName);
	t.is(await refusal(names, psk), 0);
	t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Message, "Device has been activated");

	cloud.administration.resetDevice("tencent", product.id, names.deviceName);
	const next = await obtainPsk(cloud.urls.http, names);
	t.is(await refusal(names, psk), 5);
	t.is(await refusal(names, next), 0);
});

test("before activation only the psk handed out last counts", async (t) => {
	const names = newNames();
	const first = await obtainPsk(cloud.urls.http, names);
	const second = await obtainPsk(cloud.urls.http, names);
	t.is(await refusal(names, first), 5);
	t.is(await refusal(names, second), 0);
});

test("MQTT 3.1 is spoken as well, with client ids as long as names are", async (t) => {
	const names = { productId: product.id, deviceName: "n".repeat(48) };
	const psk = await obtainPsk(cloud.urls.http, names);
	t.is(await refusal(names, psk, { protocolId: "MQIsdp", protocolVersion: 3 }), 0);
	t.is(await refusal(names, psk, { protocolVersion: 4 }), 0);
});

test("the broker speaks TLS 1.2; clients without its CA refuse it", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const ca = readFileSync(cloud.ca);
	const tls = { url: cloud.urls.mqtts, maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } as const;
	t.is(await refusal(names, psk, { ...tls, ca }), 0);
	t.is(entries(names).find((entry) => entry.operation === "connect")?.transport, "mqtts");
	await t.throwsAsync(connect(names, psk, tls), { message: /self-signed certificate/ });
});

test("the certificate has the platform's own host names", async (t) => {
	const servernames = [
		"gateway.tencentdevices.com",
		"ap-guangzhou.gateway.tencentdevices.com",
		"S3EUVBRJLB.iotcloud.tencentdevices.com",
		"S3EUVBRJLB.ap-bangkok.iothub.tencentdevices.com",
	];
	for (const servername of servernames) {
		const port = Number(new URL(cloud.urls.mqtts).port);
		await t.notThrowsAsync(
			new Promise<void>((resolve, reject) => {
				const socket = connectTls({ port, host: "127.0.0.1", servername, ca: readFileSync(cloud.ca) }, () => {
					socket.destroy();
					resolve();
				});
				socket.once("error", reject);
			}),
			servername,
		);
	}
});

test("TLS-PSK with the psk replaces the password of that device", async (t) => {
	const names = newNames();
	const other = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	await obtainPsk(cloud.urls.http, other);
	const { clientId, username } = login(names, psk);
	const tls: Options = {
		maxVersion: "TLSv1.2",
		ciphers: "PSK-AES128-CBC-SHA:@SECLEVEL=0",
		pskCallback: () => ({ psk: Buffer.from(psk, "base64"), identity: clientId }),
		checkServerIdentity: () => undefined,
	};
	const connectAs = async (fields: IClientOptions): Promise<number> => {
		try {
			(await connectAsync(cloud.urls.mqtts, { ...tls, ...fields, reconnectPeriod: 0 }, false)).end(true);
			return 0;
		} catch (error) {
			return (error as { code: number }).code;
		}
	};
	t.is(await connectAs({ clientId, username }), 0);
	const foreign = login(other, psk);
	t.is(await connectAs({ clientId: foreign.clientId, username: foreign.username }), 2);
});

test("without TLS-PSK a missing password is refused", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const { clientId, username } = login(names, psk);
	const socketOptions = { clientId, username, reconnectPeriod: 0 };
	const error = await t.throwsAsync(connectAsync(cloud.urls.mqtt, socketOptions, false));
	t.is((error as unknown as { code: number }).code, 4);
	t.is(last(names)?.reason, "The password is missing.");
});

const wrongLogins: readonly [what: string, options: (psk: string) => Options, code: number, reason: RegExp][] = [
	["another psk", () => ({ login: { key: Buffer.alloc(16, 7) } }), 5, /older psk, or another device's/],
	["the product secret", () => ({ login: { key: product.secret } }), 5, /with the product secret/],
	["the psk's text", (psk) => ({ login: { key: psk } }), 5, /base64 text/],
	["a psk without its ==", (psk) => ({ login: { key: psk.slice(0, 22) } }), 3, /lost its ==/],
	["a password without a method", () => ({ password: "00ff" }), 4, /hex digest, a semicolon/],
	["an expiry in the past", () => ({ login: { expiry: 1600000000 } }), 4, /expired \d+ s ago/],
	["an expiry that is no number", () => ({ login: { expiry: "never" } }), 4, /seconds since 1970/],
	["too many parts", () => ({ login: { expiry: "1;2" } }), 4, /four parts/],
];
for (const [what, options, code, reason] of wrongLogins)
	test(`refused with CONNACK ${code}, and explained: a login with ${what}`, async (t) => {
		const names = newNames();
		const psk = await obtainPsk(cloud.urls.http, names);
		t.is(await refusal(names, psk, options(psk)), code);
		t.like(last(names), { operation: "connect", verdict: "refused", code });
		t.regex(last(names)?.reason ?? "", reason);
	});

test("an expiry of any length is accepted, milliseconds as well", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	for (const expiry of [Math.ceil(Date.now() / 1000) + 60, Date.now(), "9223372036854775807", "92233720368547758"])
		t.is(await refusal(names, psk, { login: { expiry } }), 0, String(expiry));
});

test("an unknown device gets CONNACK 2, an unregistered one CONNACK 5", async (t) => {
	const names = newNames();
	t.is(await refusal(names, "AAAAAAAAAAAAAAAAAAAAAA=="), 2);
	cloud.administration.putDevice("tencent", product.id, names.deviceName);
	t.is(await refusal(names, "AAAAAAAAAAAAAAAAAAAAAA=="), 5);
	t.regex(last(names)?.reason ?? "", /has not registered yet/);
});

test("a client that belongs to no platform is refused with CONNACK 4", async (t) => {
	for (const fields of [{}, { username: "someone", password: "something" }]) {
		const error = await t.throwsAsync(connectAsync(cloud.urls.mqtt, { ...fields, reconnectPeriod: 0 }, false));
		t.is((error as unknown as { code: number }).code, 4);
	}
});

test("MQTT 5 is refused with CONNACK 1", async (t) => {
	const { port } = new URL(cloud.urls.mqtt);
	const answer = await exchange(Number(port), Buffer.from("101000044d5154540502003c000003616263", "hex"), 4);
	t.is(answer[0], 0x20);
	t.is(answer[3], 1);
});

test("a device gets what is sent to its control topic", async (t) => {
	const names = newNames();
	const client = await connect(names, await obtainPsk(cloud.urls.http, names));
	const control = `${product.id}/${names.deviceName}/control`;
	await t.throwsAsync(cloud.administration.sendMessage("tencent", product.id, names.deviceName, "early"), {
		message: /has not subscribed/,
	});
	await client.subscribeAsync(control, { qos: 1 });
	const arrived = once(client, "message");
	await cloud.administration.sendMessage("tencent", product.id, names.deviceName, "on");
	const [topic, payload] = await arrived;
	t.is(topic, control);
	t.is(String(payload), "on");
	client.end(true);
	await once(client, "close");
	await until(() => last(names)?.operation === "disconnect");
	await t.throwsAsync(cloud.administration.sendMessage("tencent", product.id, names.deviceName, "late"), {
		message: /not connected/,
	});
});

test("a device may subscribe to its own topics only, and not with QoS 2", async (t) => {
	const names = newNames();
	const own = `${product.id}/${names.deviceName}`;
	const client = await connect(names, await obtainPsk(cloud.urls.http, names));
	const granted = async (topic: string, qos: 0 | 1 | 2 = 1): Promise<number> => {
		try {
			return (await client.subscribeAsync(topic, { qos }))[0]?.qos ?? -1;
		} catch {
			return 128;
		}
	};
	t.is(await granted(`${own}/control`), 1);
	t.is(await granted(`${own}/data`, 0), 0);
	t.is(await granted(`$sys/operation/result/${own}`), 1);
	t.is(await granted(`$rrpc/rxd/${own}/+`), 1);
	t.is(await granted(`${own}/control`, 2), 128);
	t.is(await granted(`${own}/event`), 128);
	t.is(await granted(`${product.id}/other/control`), 128);
	t.is(await granted(`${product.id}/+/control`), 128);
	t.is(await granted("#"), 128);
	t.is(await granted("$SYS/#"), 128);
	t.like(last(names), { operation: "subscribe", verdict: "refused" });
	client.end(true);
});

const refusedMessages: readonly [what: string, topic: string, qos: 0 | 2, size: number, reason: RegExp][] = [
	["on another device's topic", "TESTPROD01/other/event", 0, 1, /may not publish/],
	["on a topic for receiving", "control", 0, 1, /may not publish/],
	["with QoS 2", "event", 2, 1, /does not support QoS 2/],
	["of more than 16 KB", "event", 0, 16 * 1024 + 1, /16385 bytes/],
];
for (const [what, topic, qos, size, reason] of refusedMessages)
	test(`a message ${what} ends the connection, and says so in the journal`, async (t) => {
		const names = newNames();
		const client = await connect(names, await obtainPsk(cloud.urls.http, names));
		const closed = once(client, "close");
		const full = topic.includes("/") ? topic : `${product.id}/${names.deviceName}/${topic}`;
		client.publish(full, Buffer.alloc(size), { qos }, () => {});
		await closed;
		await until(() => last(names)?.operation === "disconnect");
		t.true(entries(names).some((entry) => entry.operation === "publish" && reason.test(entry.reason)));
		t.regex(last(names)?.reason ?? "", /refused a message/);
	});

test("an event of 16 KB is accepted", async (t) => {
	const names = newNames();
	const client = await connect(names, await obtainPsk(cloud.urls.http, names));
	await client.publishAsync(`${product.id}/${names.deviceName}/event`, Buffer.alloc(16 * 1024), { qos: 1 });
	t.like(last(names), { operation: "publish", verdict: "accepted" });
	client.end(true);
});

test("nothing is retained, and no will is sent", async (t) => {
	const names = newNames();
	const data = `${product.id}/${names.deviceName}/data`;
	const psk = await obtainPsk(cloud.urls.http, names);
	const first = await connect(names, psk, {
		will: { topic: data, payload: Buffer.from("gone"), qos: 0, retain: false },
	});
	await first.publishAsync(data, "old", { qos: 1, retain: true });
	first.stream.destroy();
	const second = await connect(names, psk);
	const got: string[] = [];
	second.on("message", (_topic, payload) => got.push(payload.toString()));
	await second.subscribeAsync(data, { qos: 1 });
	const arrived = once(second, "message");
	await second.publishAsync(data, "new", { qos: 1 });
	await arrived;
	t.deepEqual(got, ["new"]);
	second.end(true);
});

test("the platform sends the time, even to a client that has just subscribed", async (t) => {
	const names = newNames();
	const own = `${product.id}/${names.deviceName}`;
	const fields = login(names, await obtainPsk(cloud.urls.http, names));
	const { port } = new URL(cloud.urls.mqtt);
	const all = Buffer.concat([
		connectPacket(fields),
		packet(0x82, Buffer.of(0, 1), text(`$sys/operation/result/${own}`), Buffer.of(0)),
		packet(0x30, text(`$sys/operation/${own}`), Buffer.from('{"type": "get", "resource": ["time"]}')),
	]);
	const before = Date.now();
	const answer = (await exchange(Number(port), all, 40 + 4 + 5 + own.length)).toString("latin1");
	const json = /\{.*\}/.exec(answer)?.[0] ?? "";
	const { type, time, ntptime1, ntptime2 } = JSON.parse(json) as Record<string, number>;
	t.is(type as unknown, "get");
	t.true((ntptime1 ?? 0) >= before && (ntptime2 ?? 0) <= Date.now());
	t.is(time, Math.floor((ntptime1 ?? 0) / 1000));
});

test("a newer connection of the same client id ends the older one", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const older = await connect(names, psk);
	const closed = once(older, "close");
	const newer = await connect(names, psk);
	await closed;
	t.true(newer.connected);
	t.true(cloud.administration.device("tencent", product.id, names.deviceName).connected);
	t.true(entries(names).some((entry) => entry.operation === "disconnect" && /newer connection/.test(entry.reason)));
	newer.end(true);
});

test("a silent connection is closed after 1.5 times its keep-alive", async (t) => {
	const names = newNames();
	const { port } = new URL(cloud.urls.mqtt);
	const fields = login(names, await obtainPsk(cloud.urls.http, names));
	const started = Date.now();
	await exchange(Number(port), connectPacket(fields, 1), Number.POSITIVE_INFINITY);
	t.true(Date.now() - started > 1400);
	t.true(Date.now() - started < 9000);
	t.regex(last(names)?.reason ?? "", /keep-alive/);
});

test("a rotated psk ends the connection and is refused from then on", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connect(names, psk);
	const closed = once(client, "close");
	cloud.administration.rotateDevice("tencent", product.id, names.deviceName);
	await closed;
	t.is(await refusal(names, psk), 5);
	t.is(cloud.administration.device("tencent", product.id, names.deviceName).state, "active");
	cloud.administration.resetDevice("tencent", product.id, names.deviceName);
	t.is(await refusal(names, await obtainPsk(cloud.urls.http, names)), 0);
});

test("a deleted device is disconnected and unknown", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connect(names, psk);
	const closed = once(client, "close");
	cloud.administration.deleteDevice("tencent", product.id, names.deviceName);
	await closed;
	t.is(await refusal(names, psk), 2);
});

test("the operator can disconnect a device, which may come back", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connect(names, psk);
	const closed = once(client, "close");
	cloud.administration.disconnectDevice("tencent", product.id, names.deviceName);
	await closed;
	t.throws(() => cloud.administration.disconnectDevice("tencent", product.id, names.deviceName), {
		message: /not connected/,
	});
	t.is(await refusal(names, psk), 0);
});

test("a stopped broker takes all connections with it and comes back on the same ports", async (t) => {
	const other = await startCloud({ ports: reservedPorts() });
	t.teardown(() => other.close());
	other.administration.putProduct("tencent", product.id, { secret: product.secret });
	const names = newNames();
	const psk = await obtainPsk(other.urls.http, names);
	const client = await connect(names, psk, { url: other.urls.mqtt });
	const half = connectPlain(Number(new URL(other.urls.mqtts).port), "127.0.0.1");
	half.on("error", () => {});
	await new Promise((resolve) => half.once("connect", resolve));
	const closed = once(client, "close");
	await other.administration.stopBroker();
	await closed;
	await t.throwsAsync(connect(names, psk, { url: other.urls.mqtt }), { code: "ECONNREFUSED" });
	await other.administration.startBroker();
	t.is(await refusal(names, psk, { url: other.urls.mqtt }), 0);
});

test("no psk and no product secret is in the journal, whatever a device does with them", async (t) => {
	const names = newNames();
	const psk = await obtainPsk(cloud.urls.http, names);
	const client = await connect(names, psk);
	await client.subscribeAsync(`${product.id}/${psk}`).catch(() => {});
	await client.subscribeAsync(`${product.id}/${product.secret}`).catch(() => {});
	client.end(true);
	const journal = JSON.stringify(cloud.administration.requests());
	t.true(journal.includes("[secret]"));
	t.false(journal.includes(psk));
	t.false(journal.includes(product.secret));
});

function text(value: string): Buffer {
	const bytes = Buffer.from(value);
	return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function packet(type: number, ...parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const length: number[] = [];
	for (let left = body.length; left > 0 || length.length === 0; left >>= 7)
		length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
	return Buffer.concat([Buffer.of(type, ...length), body]);
}

function connectPacket(fields: ReturnType<typeof login>, keepAlive = 60): Buffer {
	const head = Buffer.concat([text("MQTT"), Buffer.of(4, 0xc2, 0, keepAlive)]);
	return packet(0x10, head, text(fields.clientId), text(fields.username), text(fields.password));
}

/** What comes back to these bytes: so many, or all until the other side closes. */
function exchange(port: number, bytes: Buffer, enough: number): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const socket = connectPlain(port, "127.0.0.1", () => socket.write(bytes));
		let got = Buffer.alloc(0);
		socket.on("data", (chunk) => {
			got = Buffer.concat([got, chunk]);
			if (got.length >= enough) socket.destroy();
		});
		socket.once("close", () => resolve(got));
		socket.once("error", reject);
	});
}
