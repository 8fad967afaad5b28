import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import {
	closed,
	entries,
	type Fields,
	hmac,
	type Names,
	type Options,
	obtainSecret,
	obtainToken,
	open,
	productSecret,
	refusal,
	session,
	type Token,
	tokenSession,
	until,
	vectors,
} from "./aliyun-device.js";

const productKey = "a1Session00";

let cloud: Cloud;
let ca: Buffer;
test.before(async () => {
	cloud = await startCloud();
	ca = readFileSync(cloud.ca);
	cloud.administration.putProduct("aliyun", productKey, { secret: productSecret, registration: "free" });
});
test.after.always(() => cloud.close());

let count = 0;
function newNames(): Names {
	return { productKey, deviceName: `board-${++count}` };
}

interface WithSecret extends Names {
	readonly secret: string;
}

async function newDevice(): Promise<WithSecret> {
	const names = newNames();
	cloud.administration.putDevice("aliyun", productKey, names.deviceName);
	return { ...names, secret: await obtainSecret(cloud, names) };
}

async function newBoard(names: Names = newNames()): Promise<Names & { readonly token: Token }> {
	return { ...names, token: await obtainToken(cloud, names) };
}

async function twoBoards() {
	const names = newNames();
	return [await newBoard(names), await newBoard(names)] as const;
}

const view = ({ deviceName }: Names) => cloud.administration.device("aliyun", productKey, deviceName);
const lastReason = (names: Names): string => entries(cloud, names).at(-1)?.reason ?? "";

const overTcp = (fields: Partial<Fields>, options: Options = {}): Promise<number> =>
	refusal(cloud.urls.mqtt, fields, options);
const overTls = (fields: Partial<Fields>, options: Options = {}): Promise<number> =>
	refusal(cloud.urls.mqtts, fields, { ca, ...options });

for (const vector of vectors.aliyun_session)
	test(`the password of ${vector.origin} is accepted`, async (t) => {
		const [, id = "", deviceName = "", key = "", timestamp] =
			/^clientId(.+)deviceName(.+)productKey(.+?)(?:timestamp(\d+))?$/.exec(vector.content) ?? [];
		cloud.administration.putProduct("aliyun", key, { secret: productSecret });
		cloud.administration.putDevice("aliyun", key, deviceName);
		cloud.administration.rotateDevice("aliyun", key, deviceName, vector.deviceSecret);
		const signed = timestamp === undefined ? "" : `timestamp=${timestamp},`;
		const fields = { username: `${deviceName}&${key}`, password: vector.password };
		const clientId = (securemode: number) =>
			`${id}|${signed}_ss=1,_v=sdk-c-4.2.0,securemode=${securemode},signmethod=${vector.signMethod},ext=3|`;
		t.is(await overTcp({ ...fields, clientId: clientId(3) }), 0);
		t.is(await overTls({ ...fields, clientId: clientId(2) }), 0);
	});

test("any client id, sign method and case connects; the first connection activates", async (t) => {
	const device = await newDevice();
	t.is(view(device).state, "registered");
	for (const signmethod of ["hmacmd5", "hmacsha1", "hmacsha256"])
		for (const timestamp of [undefined, "0", String(Date.now())]) {
			const fields = session(device, device.secret, { id: "anything at all", signmethod, timestamp });
			t.is(await overTcp(fields), 0);
			t.is(await overTcp({ ...fields, password: fields.password.toUpperCase() }), 0);
		}
	t.is(view(device).state, "active");
});

test("whitespace in the client id's parameters is ignored, with secret or token", async (t) => {
	const device = await newDevice();
	const board = await newBoard();
	const spread: ((clientId: string) => string)[] = [
		(clientId) => clientId.replaceAll(",", ", "),
		(clientId) => clientId.replaceAll(",", " ,\r\n\t"),
		(clientId) => clientId.replace("|", "| ").replace(/\|$/, " |\n"),
		(clientId) => clientId.replace("securemode=", "securemode = "),
		// As Link SDK for C does.
		(clientId) => clientId.replace(/\|$/, ",|"),
	];
	for (const change of spread) {
		const own = session(device, device.secret);
		t.is(await overTcp({ ...own, clientId: change(own.clientId) }), 0, change(own.clientId));
		const shared = tokenSession(board, board.token);
		t.is(await overTls({ ...shared, clientId: change(shared.clientId) }), 0, change(shared.clientId));
	}
	for (const list of [" ", "securemode=3,\n=x,signmethod=hmacsha256", "secure mode=3"]) {
		const { clientId, ...others } = session(device, device.secret);
		t.is(await overTcp({ ...others, clientId: `${clientId.split("|")[0]}|${list}|` }), 2, list);
	}
	// The id is signed as it stands.
	t.is(await overTcp(session(device, device.secret, { id: " with blanks " })), 0);
});

test("securemode 2 demands TLS, 3 demands plain TCP", async (t) => {
	const device = await newDevice();
	t.is(await overTls(session(device, device.secret, { securemode: "2" })), 0);
	t.is(await overTcp(session(device, device.secret, { securemode: "2" })), 2);
	t.regex(lastReason(device), /securemode is 2 \(TLS\) on a plain TCP connection/);
	t.is(await overTls(session(device, device.secret, { securemode: "3" })), 2);
	t.regex(lastReason(device), /securemode is 3 \(plain TCP\) on a TLS connection/);
});

test("a keep-alive outside 30 to 1200 s is refused with CONNACK 2", async (t) => {
	const device = await newDevice();
	const board = await newBoard();
	for (const [keepalive, code] of [
		[0, 2],
		[29, 2],
		[30, 0],
		[1200, 0],
		[1201, 2],
	] as const) {
		t.is(await overTcp(session(device, device.secret), { keepalive }), code, String(keepalive));
		t.is(await overTls(tokenSession(board, board.token), { keepalive }), code, String(keepalive));
	}
	t.true(entries(cloud, device).some(({ reason }) => /keep-alive is 29 s\. Expected 30 to 1200 s/.test(reason)));
});

const signed = (device: WithSecret, key: string | Buffer, content: (id: string) => string): Fields => ({
	...session(device, device.secret),
	password: hmac("hmacsha256", key, content(`${productKey}.${device.deviceName}`)),
});
const usual =
	({ deviceName }: Names) =>
	(id: string) =>
		`clientId${id}deviceName${deviceName}productKey${productKey}timestamp2524608000000`;

const wrongLogins: readonly [
	what: string,
	fields: (device: WithSecret) => Partial<Fields>,
	code: number,
	reason: RegExp,
][] = [
	["another secret", (device) => session(device, "another-secret"), 4, /older deviceSecret, or another device's/],
	["the product secret", (device) => session(device, productSecret), 4, /The key is the productSecret/],
	[
		"the secret decoded from hex",
		(device) => signed(device, Buffer.from(device.secret, "hex"), usual(device)),
		4,
		/decoded from hex\. Expected the deviceSecret as text/,
	],
	[
		"the secret itself",
		(device) => ({ ...session(device, device.secret), password: device.secret }),
		4,
		/a secret itself/,
	],
	[
		"a timestamp that is not signed",
		(device) => signed(device, device.secret, (id) => usual(device)(id).replace(/timestamp.*/, "")),
		4,
		/timestamp is not signed/,
	],
	[
		"another order",
		(device) =>
			signed(
				device,
				device.secret,
				(id) => `productKey${productKey}clientId${id}deviceName${device.deviceName}timestamp2524608000000`,
			),
		4,
		/in the order productKey, clientId, deviceName, timestamp\. Expected clientId, deviceName, productKey, timestamp\./,
	],
	[
		"the whole client id",
		(device) => signed(device, device.secret, () => usual(device)(session(device, device.secret).clientId)),
		4,
		/The whole client id is signed/,
	],
	[
		"another sign method",
		(device) => ({
			...session(device, device.secret),
			password: session(device, device.secret, { signmethod: "hmacsha1" }).password,
		}),
		4,
		/The algorithm is hmacsha1\. Expected hmacsha256/,
	],
	["no password", (device) => ({ ...session(device, device.secret), password: "" }), 4, /password is missing/],
	[
		"no securemode",
		(device) => session(device, device.secret, { securemode: undefined }),
		2,
		/parameter securemode is missing/,
	],
	["securemode=-2", (device) => session(device, device.secret, { securemode: "-2" }), 2, /authType=connwl is missing/],
	[
		"securemode=1",
		(device) => session(device, device.secret, { securemode: "1" }),
		2,
		/Expected 2 \(TLS\) or 3 \(TCP\)/,
	],
	[
		"no signmethod",
		(device) => session(device, device.secret, { signmethod: undefined }),
		2,
		/parameter signmethod is missing/,
	],
	[
		"a name that does not exist",
		({ secret }) => session({ productKey, deviceName: "not-there" }, secret),
		4,
		/has no device not-there/,
	],
	[
		"a product that does not exist",
		({ deviceName, secret }) => session({ productKey: "a1Gone", deviceName }, secret),
		4,
		/product a1Gone does not exist/,
	],
];
for (const [what, make, code, reason] of wrongLogins)
	test(`refused with CONNACK ${code}, and explained: a session with ${what}`, async (t) => {
		const device = await newDevice();
		t.is(await overTcp(make(device)), code);
		const entry = cloud.administration
			.requests()
			.findLast((one) => one.operation === "connect" && one.code === code && reason.test(one.reason));
		t.like(entry, { transport: "mqtt", verdict: "refused" });
		t.false(JSON.stringify(entry).includes(device.secret));
	});

test("a wrong signature is reported with the expected string", async (t) => {
	const device = await newDevice();
	await overTcp(session(device, "another-secret", { id: "board" }));
	t.deepEqual(entries(cloud, device).at(-1)?.expected, {
		algorithm: "hmacsha256",
		stringToSign: usual(device)("board"),
	});
});

test("a device that never registered, and one that is gone, are refused with CONNACK 4", async (t) => {
	const names = newNames();
	cloud.administration.putDevice("aliyun", productKey, names.deviceName);
	t.is(await overTcp(session(names, "whatever-secret")), 4);
	t.regex(lastReason(names), /has no deviceSecret\. Let the board register/);
	const device = await newDevice();
	const client = await open(cloud.urls.mqtt, session(device, device.secret));
	const ended = closed(client);
	cloud.administration.deleteDevice("aliyun", productKey, device.deviceName);
	await ended;
	t.is(await overTcp(session(device, device.secret)), 4);
});

test("a token connects as it is, over TLS and TCP, with securemode=-2", async (t) => {
	const board = await newBoard();
	const { token } = board;
	t.is(await overTls(tokenSession(board, token)), 0);
	t.is(await overTls(tokenSession(board, token, { _v: "x", ext: "1" })), 0);
	t.is(await overTcp(tokenSession(board, token)), 0);
	const cases: [fields: Partial<Fields>, code: number, reason: RegExp][] = [
		[tokenSession(board, token, { securemode: "2" }), 2, /authType is connwl, but securemode is not -2/],
		[tokenSession(board, { ...token, clientId: "0123" }), 4, /The client id is unknown/],
		[tokenSession(board, { ...token, deviceToken: "0123" }), 4, /Expected the board's latest token itself/],
		[
			tokenSession(board, { ...token, deviceToken: token.deviceToken.toUpperCase() }),
			4,
			/token in another letter case/,
		],
		[tokenSession(board, { ...token, deviceToken: productSecret }), 4, /The password is the productSecret/],
		[
			tokenSession(board, { ...token, deviceToken: (await newBoard(board)).token.deviceToken }),
			4,
			/token of another board/,
		],
		[tokenSession({ productKey, deviceName: "not-there" }, token), 4, /has no device not-there/],
		[tokenSession(board, { ...token, deviceToken: "" }), 4, /password is missing/],
	];
	for (const [fields, code, reason] of cases) {
		t.is(await refusal(cloud.urls.mqtts, fields, { ca }), code, String(reason));
		t.true(
			cloud.administration.requests().some((one) => one.code === code && reason.test(one.reason)),
			String(reason),
		);
	}
});

test("TLS-PSK with the device secret replaces the password of that device", async (t) => {
	const device = await newDevice();
	const other = await newDevice();
	const { deviceName, secret } = device;
	const text = `id${productKey}&${deviceName}timestamp2524608000000`;
	const identity = `devicename|hmacsha256|${productKey}&${deviceName}|2524608000000`;
	const tls = (key: string): Options => ({
		maxVersion: "TLSv1.2",
		ciphers: "PSK-AES128-CBC-SHA:@SECLEVEL=0",
		pskCallback: () => ({ psk: Buffer.from(key), identity }),
		checkServerIdentity: () => undefined,
	});
	const key = createHmac("sha256", secret).update(text).digest("hex").toUpperCase();
	const fields = session(device, secret, { securemode: "2" });
	const { clientId, username } = fields;
	t.is(await refusal(cloud.urls.mqtts, fields, tls(key)), 0);
	t.is(await refusal(cloud.urls.mqtts, { clientId, username }, tls(key)), 0);
	t.is(await refusal(cloud.urls.mqtts, { ...fields, password: "00" }, tls(key)), 4);
	t.is(await refusal(cloud.urls.mqtts, { clientId, username: `${other.deviceName}&${productKey}` }, tls(key)), 4);
	t.regex(lastReason(other), /does not match the TLS-PSK identity/);
	await t.throwsAsync(open(cloud.urls.mqtts, { clientId, username }, tls(key.toLowerCase())));
});

test("a new connection of a device replaces the older one, whatever the client id", async (t) => {
	const device = await newDevice();
	const older = await open(cloud.urls.mqtt, session(device, device.secret, { id: "one" }));
	const ended = closed(older);
	const newer = await open(cloud.urls.mqtt, session(device, device.secret, { id: "two" }));
	await ended;
	t.true(newer.connected);
	t.true(view(device).connected);
	await until(() => entries(cloud, device).some(({ reason }) => /newer connection of the same device/.test(reason)));
	newer.end(true);
});

test("a new connection of a board replaces only that board's older one", async (t) => {
	const first = await newBoard();
	const second = await newBoard(first);
	const other = await open(cloud.urls.mqtts, tokenSession(second, second.token), { ca });
	const older = await open(cloud.urls.mqtts, tokenSession(first, first.token), { ca });
	const ended = closed(older);
	const newer = await open(cloud.urls.mqtts, tokenSession(first, first.token, { ext: "1" }), { ca });
	await ended;
	t.true(newer.connected && other.connected);
	newer.end(true);
	await until(() => entries(cloud, first).at(-1)?.operation === "disconnect");
	t.true(view(first).connected);
	cloud.administration.disconnectDevice("aliyun", productKey, first.deviceName);
	await closed(other);
	t.false(view(first).connected);
});

test("devices with equal client ids leave each other alone", async (t) => {
	const [one, two] = [await newDevice(), await newDevice()];
	const first = await open(cloud.urls.mqtt, session(one, one.secret, { id: "same", timestamp: undefined }));
	const second = await open(cloud.urls.mqtt, session(two, two.secret, { id: "same", timestamp: undefined }));
	await first.subscribeAsync(`/${productKey}/${one.deviceName}/user/get`);
	t.true(first.connected && second.connected);
	for (const client of [first, second]) client.end(true);
});

test("a rotated secret ends the connection, and so does a rotated token", async (t) => {
	const device = await newDevice();
	const board = await newBoard(device);
	const clients = [
		await open(cloud.urls.mqtt, session(device, device.secret)),
		await open(cloud.urls.mqtts, tokenSession(board, board.token), { ca }),
	];
	const ended = Promise.all(clients.map(closed));
	cloud.administration.rotateDevice("aliyun", productKey, device.deviceName, "a-known-secret");
	await ended;
	t.is(await overTcp(session(device, device.secret)), 4);
	t.is(await overTls(tokenSession(board, board.token)), 4);
	t.is(await overTcp(session(device, "a-known-secret")), 0);
});

test("the platform sends the time to the board that asked, and to no other of the name", async (t) => {
	const [one, two] = await twoBoards();
	const asking = await open(cloud.urls.mqtts, tokenSession(one, one.token), { ca });
	const silent = await open(cloud.urls.mqtts, tokenSession(two, two.token), { ca });
	const own = `/ext/ntp/${productKey}/${one.deviceName}`;
	for (const client of [asking, silent]) await client.subscribeAsync(`${own}/response`);
	const before = Date.now();
	await asking.publishAsync(`${own}/request`, '{"deviceSendTime":"1571724098000"}');
	await until(() => asking.got.length > 0);
	const [topic, json = ""] = asking.got[0] ?? [];
	t.is(topic, `${own}/response`);
	t.regex(json, /^\{"deviceSendTime":"1571724098000","serverRecvTime":"\d{13}","serverSendTime":"\d{13}"\}$/);
	const { serverRecvTime, serverSendTime } = JSON.parse(json) as Record<string, string>;
	t.true(Number(serverRecvTime) >= before && Number(serverSendTime) <= Date.now());
	t.deepEqual(silent.got, []);
	for (const client of [asking, silent]) client.end(true);
});

test("property posts are acknowledged by id, or refused with 460, to the sender", async (t) => {
	const [one, two] = await twoBoards();
	const client = await open(cloud.urls.mqtts, tokenSession(one, one.token), { ca });
	const silent = await open(cloud.urls.mqtts, tokenSession(two, two.token), { ca });
	const post = `/sys/${productKey}/${one.deviceName}/thing/event/property/post`;
	// A filter that covers the post itself: it must not come back.
	await client.subscribeAsync(`/sys/${productKey}/${one.deviceName}/#`);
	await silent.subscribeAsync(`/sys/${productKey}/${one.deviceName}/#`);
	const answer = async (payload: string): Promise<string | undefined> => {
		const already = client.got.length;
		await client.publishAsync(post, payload, { qos: 1 });
		await until(() => client.got.length > already);
		t.is(client.got.length, already + 1);
		t.is(client.got.at(-1)?.[0], `${post}_reply`);
		return client.got.at(-1)?.[1];
	};
	t.is(
		await answer('{"id":"42","version":"1.0","params":{"led":1},"method":"thing.event.property.post"}'),
		'{"code":200,"data":{},"id":"42","message":"success","method":"thing.event.property.post","version":"1.0"}',
	);
	t.like(JSON.parse((await answer("{")) ?? ""), { code: 460, message: "The payload is not a JSON object." });
	t.like(JSON.parse((await answer('{"id":"43"}')) ?? ""), {
		code: 460,
		id: "43",
		message: '"params" is missing. Expected an object.',
	});
	t.deepEqual(silent.got, []);
	for (const one of [client, silent]) one.end(true);
});

test("a device may subscribe to what is its own, and to nothing else", async (t) => {
	const device = await newDevice();
	const client = await open(cloud.urls.mqtt, session(device, device.secret));
	const own = `${productKey}/${device.deviceName}`;
	const granted = async (topic: string, qos: 0 | 1 | 2 = 1): Promise<number> => {
		try {
			return (await client.subscribeAsync(topic, { qos }))[0]?.qos ?? -1;
		} catch {
			return 128;
		}
	};
	const allowed = [
		`/${own}/user/get`,
		`/${own}/user/#`,
		`/${own}/user/+/set`,
		`/sys/${own}/thing/service/property/set`,
		`/sys/${own}/thing/event/property/post_reply`,
		`/sys/${own}/#`,
		`/sys/${own}/thing/event/+/post_reply`,
		`/ext/ntp/${own}/response`,
		`/ext/ntp/${own}/#`,
		`/ext/error/${own}`,
	];
	for (const topic of allowed) t.is(await granted(topic), 1, topic);
	const foreign = [
		"#",
		"+/#",
		"/#",
		`/${own}/#`,
		`/${own}/user/`,
		`/${own}/data`,
		`/${productKey}/+/user/get`,
		`/${productKey}/other/user/get`,
		`/sys/${productKey}/other/#`,
		`/sys/${productKey}/#`,
		`/ext/+/${own}/response`,
		`/ext/ntp/${productKey}/other/response`,
		`/ext/ntp/${own}/request`,
		`/sys/${own}/thing/event/property/post`,
		"/ext/register",
		"$SYS/#",
	];
	for (const topic of foreign) t.is(await granted(topic), 128, topic);
	t.is(await granted(`/${own}/user/get`, 2), 128);
	client.end(true);
});

test("a device may publish what is its own; anything else ends the connection", async (t) => {
	const device = await newDevice();
	const own = `${productKey}/${device.deviceName}`;
	const reopen = () => open(cloud.urls.mqtt, session(device, device.secret));
	const client = await reopen();
	for (const topic of [
		`/${own}/user/update`,
		`/sys/${own}/thing/event/alarm/post`,
		`/sys/${own}/thing/service/property/set_reply`,
	])
		await client.publishAsync(topic, "{}", { qos: 1 });
	t.true(client.connected);
	client.end(true);
	for (const topic of [
		`/${productKey}/other/user/update`,
		`/sys/${own}/other`,
		`/ext/ntp/${own}/response`,
		`/sys/${own}/thing/event/property/post_reply`,
	]) {
		const other = await reopen();
		const ended = closed(other);
		other.publish(topic, "{}");
		await ended;
		t.true(
			entries(cloud, device).some(({ reason }) => reason.includes(`may not publish on ${topic}`)),
			topic,
		);
	}
});

test("custom topics work both ways; a command reaches all subscribed boards", async (t) => {
	const [one, two] = await twoBoards();
	const { deviceName } = one;
	const first = await open(cloud.urls.mqtts, tokenSession(one, one.token), { ca });
	const second = await open(cloud.urls.mqtts, tokenSession(two, two.token), { ca });
	const { administration } = cloud;
	await t.throwsAsync(administration.sendMessage("aliyun", productKey, deviceName, "early"), {
		message: /not subscribed/,
	});
	await first.subscribeAsync(`/${productKey}/${deviceName}/user/#`, { qos: 1 });
	await second.subscribeAsync(`/${productKey}/${deviceName}/user/+`, { qos: 0 });
	await administration.sendMessage("aliyun", productKey, deviceName, "on");
	await administration.sendMessage("aliyun", productKey, deviceName, "deep", `/${productKey}/${deviceName}/user/a/b`);
	await until(() => first.got.length === 2 && second.got.length === 1);
	t.deepEqual(second.got, [[`/${productKey}/${deviceName}/user/get`, "on"]]);
	t.deepEqual(first.got[1], [`/${productKey}/${deviceName}/user/a/b`, "deep"]);
	await first.publishAsync(`/${productKey}/${deviceName}/user/update`, "up", { qos: 1 });
	await t.throwsAsync(
		administration.sendMessage(
			"aliyun",
			productKey,
			deviceName,
			"x",
			`/sys/${productKey}/${deviceName}/thing/event/property/post`,
		),
		{ message: /device .* cannot receive on the topic/ },
	);
	for (const client of [first, second]) client.end(true);
});

test("the certificate has the platform's own host names", async (t) => {
	const servernames = [
		"iot-auth.cn-shanghai.aliyuncs.com",
		"a1sXfakeKey.iot-as-mqtt.cn-shanghai.aliyuncs.com",
		"a1sXfakeKey.iot-as-mqtt.cn-beijing.aliyuncs.com",
		"a1sXfakeKey.iot-as-mqtt.eu-central-1.aliyuncs.com",
		"iot-060a02ng.mqtt.iothub.aliyuncs.com",
	];
	const port = Number(new URL(cloud.urls.mqtts).port);
	for (const servername of servernames)
		await t.notThrowsAsync(
			new Promise<void>((resolve, reject) => {
				const socket = connectTls({ port, host: "127.0.0.1", servername, ca }, () => {
					socket.destroy();
					resolve();
				});
				socket.once("error", reject);
			}),
			servername,
		);
});

test("a client that knows only RSA key exchange with CBC connects", async (t) => {
	const device = await newDevice();
	const tls = { ciphers: "AES128-SHA", maxVersion: "TLSv1.2" } as const;
	t.is(await overTls(session(device, device.secret, { securemode: "2" }), tls), 0);
});

test("clients of Tencent and of no platform are distinguished", async (t) => {
	for (const fields of [{}, { clientId: "someone", username: "someone", password: "x" }])
		t.is(await overTcp(fields), 4);
	t.is(await overTcp({ clientId: "x|securemode=3|" }), 4);
	t.is(await overTcp({ clientId: "x", username: "board-1&key", password: "x" }), 2);
	const username = "PRODUCT001board;12010126;x7K2q;2147483647";
	t.is(await overTcp({ clientId: "PRODUCT001board", username, password: "00;hmacsha1" }), 2);
});
