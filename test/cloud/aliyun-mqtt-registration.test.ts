import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import {
	closed,
	entries,
	type Fields,
	form,
	hmac,
	type Names,
	type Options,
	obtain,
	obtainSecret,
	obtainToken,
	open,
	post,
	productSecret,
	refusal,
	registration,
	session,
	tokenSession,
	until,
	vectors,
} from "./aliyun-device.js";

let cloud: Cloud;
let ca: Buffer;
test.before(async () => {
	cloud = await startCloud();
	ca = readFileSync(cloud.ca);
});
test.after.always(() => cloud.close());

let count = 0;
/** A device of a test's own, created ahead. */
function newDevice(change: ProductChange = {}): Names {
	const names = { productKey: `a1Mqtt${++count}`, deviceName: "board-1" };
	cloud.administration.putProduct("aliyun", names.productKey, { secret: productSecret, ...change });
	cloud.administration.putDevice("aliyun", names.productKey, names.deviceName);
	return names;
}

const secretOf = async (names: Names): Promise<string> =>
	(JSON.parse((await obtain(cloud, registration("register", names)))[1]) as { deviceSecret: string }).deviceSecret;

const refused = (fields: Partial<Fields>, options: Options = {}): Promise<number> =>
	refusal(cloud.urls.mqtts, fields, { ca, ...options });

for (const vector of vectors.aliyun_register_sign)
	test(`the password of ${vector.origin} registers`, async (t) => {
		const { productKey, deviceName, random, sign, signMethod } = vector;
		const other = await startCloud();
		t.teardown(() => other.close());
		other.administration.putProduct("aliyun", productKey, { secret: vector.productSecret });
		other.administration.putDevice("aliyun", productKey, deviceName);
		const clientId = `any|random=${random},authType=register,securemode=2,signmethod=${signMethod}|`;
		const [topic] = await obtain(other, { clientId, username: `${deviceName}&${productKey}`, password: sign });
		t.is(topic, "/ext/register");
	});

for (const vector of vectors.aliyun_negative)
	test(`refused with CONNACK 4: ${vector.what}`, async (t) => {
		const [, deviceName = "", productKey = "", random = ""] =
			/^deviceName(.*)productKey(.*)random(.*)$/.exec(vector.stringToSign) ?? [];
		cloud.administration.putProduct("aliyun", productKey, { secret: vector.productSecret });
		cloud.administration.putDevice("aliyun", productKey, deviceName);
		const clientId = `x|random=${random},authType=register,securemode=2,signmethod=${vector.signMethod}|`;
		t.is(await refused({ clientId, username: `${deviceName}&${productKey}`, password: vector.bad }), 4);
		const entry = entries(cloud, { productKey, deviceName }).at(-1);
		t.like(entry, { operation: "register/mqtt", verdict: "refused", code: 4 });
		t.is(entry?.expected?.stringToSign, vector.stringToSign);
		t.regex(entry?.reason ?? "", /The algorithm is hmacsha1\. Expected hmacsha256/);
	});

test("register hands out a device secret that connects", async (t) => {
	const names = newDevice();
	const [topic, json] = await obtain(cloud, registration("register", names));
	t.is(topic, "/ext/register");
	t.regex(
		json,
		new RegExp(`^\\{"productKey":"${names.productKey}","deviceName":"board-1","deviceSecret":"[0-9a-f]{32}"\\}$`),
	);
	t.like(entries(cloud, names)[0], { transport: "mqtts", operation: "register/mqtt", verdict: "accepted" });
	const { deviceSecret } = JSON.parse(json) as { deviceSecret: string };
	t.is(await refusal(cloud.urls.mqtt, session(names, deviceSecret)), 0);
});

test("regnwl gives any name a client id and a token that connect", async (t) => {
	const names = { ...newDevice({ registration: "free" }), deviceName: "unheard-of" };
	const [topic, json] = await obtain(cloud, registration("regnwl", names));
	t.is(topic, "/ext/regnwl");
	const token = JSON.parse(json) as { clientId: string; deviceToken: string };
	t.deepEqual(Object.keys(token), ["productKey", "deviceName", "clientId", "deviceToken"]);
	t.true(token.clientId.length > 0 && token.clientId.length <= 64);
	t.like(entries(cloud, names)[0], { operation: "register/regnwl", verdict: "accepted" });
	t.like(cloud.administration.device("aliyun", names.productKey, "unheard-of"), {
		state: "registered",
		automatic: true,
		boards: 1,
	});
	t.is(await refused(tokenSession(names, token)), 0);
	t.is(cloud.administration.device("aliyun", names.productKey, "unheard-of").state, "active");
});

test("a secret or token given for a device is handed out next", async (t) => {
	const names = newDevice({ registration: "free" });
	const fix = (secret: string) => cloud.administration.putDevice("aliyun", names.productKey, names.deviceName, secret);
	fix("a-device-secret-for-this");
	t.is(await secretOf(names), "a-device-secret-for-this");
	t.true(fix("a-token-for-this").nextSecretFixed);
	t.is((await obtainToken(cloud, names)).deviceToken, "a-token-for-this");
	t.not((await obtainToken(cloud, names)).deviceToken, "a-token-for-this");
});

test("securemode 2 and -2 are accepted, in any parameter order and case", async (t) => {
	const names = newDevice({ registration: "free" });
	for (const authType of ["register", "regnwl"] as const)
		for (const securemode of ["2", "-2"]) {
			const { clientId, username, password } = registration(authType, names, { securemode });
			t.is(await refused({ clientId, username, password: password.toLowerCase() }), 0, clientId);
		}
	const { username, password } = registration("register", names);
	const clientId = `${"c".repeat(64)}|signmethod=HmacSHA256,securemode=2,random=567824173,authType=register|`;
	for (const keepalive of [0, 5, 60_000]) t.is(await refused({ clientId, username, password }, { keepalive }), 0);
});

test("the response follows the CONNACK at once, without a subscription", async (t) => {
	const names = newDevice({ registration: "free" });
	for (const [authType, topic] of [
		["register", "/ext/register"],
		["regnwl", "/ext/regnwl"],
	] as const) {
		const subscribe = packet(0x82, Buffer.of(0, 1), text(topic), Buffer.of(0));
		const ping = Buffer.of(0xc0, 0);
		const sent = Buffer.concat([connectPacket(registration(authType, names)), subscribe, ping]);
		const got = await exchange(sent, (bytes) => bytes.at(-2) === 0xd0);
		const packets = [...split(got)];
		t.deepEqual(packets[0], { type: 0x20, body: Buffer.of(0, 0) });
		t.is(packets[1]?.type, 0x30);
		t.is(packets[1]?.body.subarray(2, 2 + topic.length).toString(), topic);
		// Then the refused SUBACK, and the PINGRESP.
		t.deepEqual(packets[2], { type: 0x90, body: Buffer.of(0, 1, 0x80) });
		t.deepEqual(packets[3], { type: 0xd0, body: Buffer.of() });
	}
});

test("a connection that registers may neither publish nor subscribe, and is no session", async (t) => {
	const names = newDevice();
	const own = `/${names.productKey}/${names.deviceName}/user`;
	const client = await open(cloud.urls.mqtts, registration("register", names), { ca });
	t.like(cloud.administration.device("aliyun", names.productKey, names.deviceName), {
		state: "registered",
		connected: false,
	});
	t.throws(() => cloud.administration.disconnectDevice("aliyun", names.productKey, names.deviceName), {
		message: /not connected/,
	});
	await t.throwsAsync(client.subscribeAsync(`${own}/get`));
	t.true(client.connected);
	const gone = closed(client);
	client.publish(`${own}/update`, "x");
	await gone;
	await until(() => entries(cloud, names).at(-1)?.operation === "disconnect");
	t.true(entries(cloud, names).some(({ reason }) => /may not subscribe/.test(reason)));
	t.true(entries(cloud, names).some(({ reason }) => /may not publish/.test(reason)));
});

test("it is dropped after 15 s", async (t) => {
	const names = newDevice();
	const client = await open(cloud.urls.mqtts, registration("register", names), { ca });
	const connected = Date.now();
	await closed(client);
	const lasted = Date.now() - connected;
	t.true(lasted > 14_500 && lasted < 28_000, String(lasted));
	await until(() => entries(cloud, names).at(-1)?.operation === "disconnect");
	t.regex(entries(cloud, names).at(-1)?.reason ?? "", /lasts at most 15 s/);
});

test("before activation each registration replaces the secret, over MQTT and HTTPS", async (t) => {
	const names = newDevice();
	const secrets = [await secretOf(names), await obtainSecret(cloud, names), await secretOf(names)];
	t.is(new Set(secrets).size, 3);
	t.is(await refusal(cloud.urls.mqtt, session(names, secrets[0] ?? "")), 4);
	t.is(await refusal(cloud.urls.mqtt, session(names, secrets[1] ?? "")), 4);
	t.is(await refusal(cloud.urls.mqtt, session(names, secrets[2] ?? "")), 0);
});

test("an active device is refused until it is reset, and its session goes on", async (t) => {
	const names = newDevice();
	const client = await open(cloud.urls.mqtt, session(names, await secretOf(names)));
	t.is(await refused(registration("register", names)), 5);
	const entry = entries(cloud, names).at(-1);
	t.like(entry, { operation: "register/mqtt", verdict: "refused", code: 5 });
	t.regex(entry?.reason ?? "", /has connected before.*reset or delete the device/);
	t.like(JSON.parse(await post(cloud.urls.http, form(names))), { code: 6289 });
	t.true(client.connected);
	cloud.administration.resetDevice("aliyun", names.productKey, names.deviceName);
	t.true(client.connected);
	const ended = closed(client);
	const secret = await secretOf(names);
	await ended;
	t.is(await refusal(cloud.urls.mqtt, session(names, secret)), 0);
});

test("five boards can share a name; a sixth is refused until a reset", async (t) => {
	const names = newDevice({ registration: "free" });
	const tokens = [];
	for (let board = 0; board < 5; board++) tokens.push(await obtainToken(cloud, names));
	t.is(new Set(tokens.map(({ clientId }) => clientId)).size, 5);
	t.is(new Set(tokens.map(({ deviceToken }) => deviceToken)).size, 5);
	const clients = await Promise.all(tokens.map((token) => open(cloud.urls.mqtts, tokenSession(names, token), { ca })));
	t.is(await refused(registration("regnwl", names)), 5);
	t.regex(entries(cloud, names).at(-1)?.reason ?? "", /limit of 5 boards with the name board-1 is reached.*reset/);
	t.true(clients.every((client) => client.connected));

	const ended = Promise.all(clients.map(closed));
	cloud.administration.resetDevice("aliyun", names.productKey, names.deviceName);
	await ended;
	t.like(cloud.administration.device("aliyun", names.productKey, names.deviceName), {
		state: "created",
		connected: false,
	});
	const [old] = tokens;
	if (old) t.is(await refused(tokenSession(names, old)), 4);
	t.regex(entries(cloud, names).at(-1)?.reason ?? "", /boards must register again/);
	t.is(await refused(tokenSession(names, await obtainToken(cloud, names))), 0);
});

test("boards register while others of their name are connected, which goes on", async (t) => {
	const names = newDevice({ registration: "free" });
	const first = await open(cloud.urls.mqtts, tokenSession(names, await obtainToken(cloud, names)), { ca });
	const second = await open(cloud.urls.mqtts, tokenSession(names, await obtainToken(cloud, names)), { ca });
	t.true(first.connected && second.connected);
	t.is(await refused(registration("register", names)), 5);
	for (const client of [first, second]) client.end(true);
});

test("a registration-free product gives secrets to names created before", async (t) => {
	const names = newDevice({ registration: "free" });
	t.is(await refusal(cloud.urls.mqtt, session(names, await secretOf(names))), 0);
	t.is(await refused(registration("register", { ...names, deviceName: "never-created" })), 5);
});

const alter = (change: Parameters<typeof registration>[2]) => (names: Names) => registration("register", names, change);
const refusals: readonly [
	what: string,
	fields: (names: Names) => Partial<Fields>,
	code: number,
	reason: RegExp,
	product?: ProductChange,
][] = [
	["without random", alter({ random: undefined }), 2, /parameter random is missing/],
	["with random spelled Random", alter({ random: undefined, Random: "1" }), 2, /The client id has Random instead/],
	["without signmethod", alter({ signmethod: undefined }), 2, /parameter signmethod is missing/],
	["with an unknown signmethod", alter({ signmethod: "crc32" }), 2, /signmethod is invalid\. Expected one of hmacmd5/],
	["without securemode", alter({ securemode: undefined }), 2, /parameter securemode is missing/],
	["with securemode=3", alter({ securemode: "3" }), 2, /Expected 2 or -2/],
	[
		"with an unknown authType",
		alter({ authType: "regwnl" }),
		2,
		/authType is invalid\. Expected one of register, regnwl, connwl/,
	],
	[
		"whose client id lacks its last bar",
		(names) => ({ ...registration("register", names), clientId: "x|authType=register" }),
		2,
		/client id is malformed/,
	],
	[
		"whose client id has a parameter without a value",
		(names) => ({ ...registration("register", names), clientId: "x|authType=register,random|" }),
		2,
		/Expected name=value/,
	],
	[
		"whose client id is too long",
		(names) => {
			const fields = registration("register", names);
			return { ...fields, clientId: fields.clientId.replace(/^[^|]+/, "c".repeat(65)) };
		},
		2,
		/65 characters before its first \|\. At most 64/,
	],
	[
		"that names another instance",
		alter({ instanceId: "iot-other" }),
		2,
		/names the instance iot-other\. Product \w+ belongs to the instance iot-own/,
		{ instanceId: "iot-own" },
	],
	[
		"with another product secret",
		alter({ secret: "another-secret-00" }),
		4,
		/board's productSecret is probably another product's/,
	],
	["without a password", (names) => ({ ...registration("register", names), password: "" }), 4, /password is missing/],
	[
		"of a name that was not created",
		(names) => registration("register", { ...names, deviceName: "never-created" }),
		5,
		/has no device never-created/,
	],
	["while registration is off", alter({}), 5, /registration of product \w+ is off/, { registration: "off" }],
	[
		"for a token, in a product that gives none",
		(names) => registration("regnwl", names),
		5,
		/issues no tokens.*Set "registration" to "free"/,
	],
	[
		"for a token, where no more devices may be created",
		(names) => registration("regnwl", { ...names, deviceName: "surplus" }),
		5,
		/its "limit" is 0/,
		{ registration: "free", limit: 0 },
	],
];
for (const [what, make, code, reason, change] of refusals)
	test(`refused with CONNACK ${code}, and explained: a registration ${what}`, async (t) => {
		const names = newDevice(change);
		t.is(await refused(make(names)), code);
		const entry = cloud.administration.requests().findLast((one) => one.product === names.productKey);
		t.like(entry, { transport: "mqtts", verdict: "refused", code });
		t.truthy(entry?.device);
		t.regex(entry?.reason ?? "", reason);
	});

test("naming the product's instance is optional and not signed", async (t) => {
	const names = newDevice({ instanceId: "iot-own" });
	t.is(await refused(registration("register", names, { instanceId: "iot-own" })), 0);
	t.is(await refused(registration("register", names)), 0);
	t.is(await refused(registration("register", newDevice(), { instanceId: "iot-any" })), 0);
});

test("an unknown product and a malformed user name are refused with CONNACK 4", async (t) => {
	const names = newDevice();
	t.is(await refused(registration("register", { ...names, productKey: "a1Unknown" })), 4);
	const { clientId, password } = registration("register", names);
	const malformed = ["board-1", `${names.productKey}&b&c`, `no&${names.productKey}`, "&", "board-1&not-a-key"];
	for (const username of malformed) t.is(await refused({ clientId, username, password }), 4, username);
	const reason = /The user name is invalid\. Expected the device name, an & and the productKey/;
	const explained = cloud.administration.requests().filter((entry) => entry.code === 4 && reason.test(entry.reason));
	t.is(explained.length, malformed.length);
});

test("whitespace in the client id's parameters does not prevent registration", async (t) => {
	for (const separator of [", ", ",\n", " ,\r\n "]) {
		const fields = registration("register", newDevice());
		t.is(await refused({ ...fields, clientId: fields.clientId.replaceAll(",", separator) }), 0);
	}
});

test("over plain TCP a registration is refused with CONNACK 2", async (t) => {
	const names = newDevice({ registration: "free" });
	for (const authType of ["register", "regnwl"] as const) {
		t.is(await refusal(cloud.urls.mqtt, registration(authType, names)), 2);
		t.regex(entries(cloud, names).at(-1)?.reason ?? "", /A registration requires TLS/);
	}
	t.is(cloud.administration.device("aliyun", names.productKey, names.deviceName).state, "created");
});

test("a client that knows only RSA key exchange with CBC registers", async (t) => {
	const names = newDevice();
	const client = await open(cloud.urls.mqtts, registration("register", names), {
		ca,
		ciphers: "AES128-SHA",
		maxVersion: "TLSv1.2",
	});
	await until(() => client.got.length > 0);
	t.is(client.got[0]?.[0], "/ext/register");
	client.end(true);
});

test("no secret and no token is in the journal, whatever a board sends in its place", async (t) => {
	const names = newDevice({ registration: "free", instanceId: "iot-own" });
	const secret = await secretOf(names);
	const { clientId, deviceToken } = await obtainToken(cloud, names);
	for (const one of [secret, deviceToken, productSecret]) {
		await refused(registration("regnwl", names, { instanceId: one }));
		await refused(registration("register", { ...names, deviceName: one }));
		await refused({ ...registration("register", names), password: hmac("hmacsha256", one, one) });
		await refused(tokenSession({ ...names, deviceName: one }, { clientId, deviceToken }));
		await refused(session(names, "wrong-secret", { id: one, securemode: "2" }));
	}
	const client = await open(cloud.urls.mqtts, tokenSession(names, { clientId, deviceToken }), { ca });
	await client.subscribeAsync(`/nowhere/${deviceToken}/${secret}`).catch(() => {});
	client.end(true);
	const journal = JSON.stringify(cloud.administration.requests().filter((one) => one.product === names.productKey));
	t.true(journal.includes("[secret]"));
	for (const one of [secret, deviceToken, productSecret]) t.false(journal.includes(one));
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

function* split(bytes: Buffer): Iterable<{ readonly type: number; readonly body: Buffer }> {
	for (let start = 0; start < bytes.length; ) {
		const type = bytes[start++] ?? 0;
		let length = 0;
		for (let shift = 0, more = true; more; shift += 7) {
			const byte = bytes[start++] ?? 0;
			length |= (byte & 0x7f) << shift;
			more = byte > 0x7f;
		}
		yield { type, body: bytes.subarray(start, start + length) };
		start += length;
	}
}

function connectPacket({ clientId, username, password }: Fields): Buffer {
	const head = Buffer.concat([text("MQTT"), Buffer.of(4, 0xc2, 0, 60)]);
	return packet(0x10, head, text(clientId), text(username), text(password));
}

/** What comes back to these bytes over TLS, until it is enough. */
function exchange(bytes: Buffer, enough: (got: Buffer) => boolean): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const port = Number(new URL(cloud.urls.mqtts).port);
		const socket = connectTls({ port, host: "127.0.0.1", ca }, () => socket.write(bytes));
		let got = Buffer.alloc(0);
		socket.on("data", (chunk: Buffer) => {
			got = Buffer.concat([got, chunk]);
			if (enough(got)) socket.destroy();
		});
		socket.once("close", () => resolve(got));
		socket.once("error", reject);
	});
}
