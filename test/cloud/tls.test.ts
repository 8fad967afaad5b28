/** How the broker's TLS ports negotiate: the client's order, pre-shared keys of TLS 1.2 and 1.3, certificate requests. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import * as aliyun from "./aliyun-device.js";
import { obtainCertificate } from "./certificate-device.js";
import { login, obtainPsk, product } from "./device.js";

const key = { productKey: "tlsProduct1", deviceName: "board-1" };

let cloud: Cloud;
let ca: Buffer;
test.before(async () => {
	cloud = await startCloud();
	ca = readFileSync(cloud.ca);
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	cloud.administration.putProduct("aliyun", key.productKey, { secret: aliyun.productSecret });
	cloud.administration.putDevice("aliyun", key.productKey, key.deviceName);
});
test.after.always(() => cloud.close());

let count = 0;
async function newDevice() {
	const names = { productId: product.id, deviceName: `board-${++count}` };
	const psk = await obtainPsk(cloud.urls.http, names);
	return { ...names, psk, ...login(names, psk), identity: names.productId + names.deviceName };
}

const anyName = { checkServerIdentity: () => undefined };
const withKey = (identity: string, psk: Buffer): aliyun.Options => ({
	pskCallback: () => ({ psk, identity }),
	...anyName,
});

function shake(url: string, options: ConnectionOptions): Promise<TLSSocket> {
	const { port } = new URL(url);
	return new Promise((resolve, reject) => {
		const socket: TLSSocket = connect({ host: "127.0.0.1", port: Number(port), ca, ...options }, () => resolve(socket));
		socket.once("error", reject);
	});
}

async function cipher(url: string, options: ConnectionOptions): Promise<string> {
	const socket = await shake(url, { servername: "localhost", ...options });
	const { name } = socket.getCipher();
	socket.destroy();
	return name;
}

const orders: readonly (readonly [first: string, ...rest: string[]])[] = [
	["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"],
	["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA", "AES256-SHA"],
	["ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256"],
	["AES256-SHA", "AES128-SHA"],
	["AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256"],
];
for (const port of ["https", "mqtts"] as const)
	test(`at ${port} the client's order of cipher suites counts`, async (t) => {
		for (const order of orders)
			t.is(
				await cipher(cloud.urls[port], { maxVersion: "TLSv1.2", ciphers: `${order.join(":")}:@SECLEVEL=0` }),
				order[0],
			);
	});

test("a client that prefers PSK over RSA connects without a password", async (t) => {
	const { identity, psk, clientId, username, deviceName } = await newDevice();
	const bytes = Buffer.from(psk, "base64");
	const offers = [
		"PSK-AES128-CBC-SHA:PSK-AES256-CBC-SHA:AES128-SHA",
		"PSK-AES256-CBC-SHA:AES256-SHA",
		"PSK-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
		"ECDHE-PSK-AES128-CBC-SHA256:ECDHE-RSA-AES128-SHA",
		"PSK-AES128-CBC-SHA256:PSK-AES256-GCM-SHA384",
	];
	for (const ciphers of offers) {
		const tls = { maxVersion: "TLSv1.2", ciphers: `${ciphers}:@SECLEVEL=0`, ...withKey(identity, bytes) } as const;
		t.is(await cipher(cloud.urls.mqtts, tls as ConnectionOptions), ciphers.split(":")[0] ?? "");
		t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username }, tls), 0, ciphers);
	}
	t.is(cloud.administration.device("tencent", product.id, deviceName).state, "active");
});

test("a client that prefers certificates over PSK needs its password", async (t) => {
	const { identity, psk, clientId, username, password } = await newDevice();
	const tls = {
		ca,
		maxVersion: "TLSv1.2",
		ciphers: "ECDHE-RSA-AES128-GCM-SHA256:PSK-AES128-CBC-SHA:@SECLEVEL=0",
		...withKey(identity, Buffer.from(psk, "base64")),
	} as const;
	t.is(await cipher(cloud.urls.mqtts, tls as ConnectionOptions), "ECDHE-RSA-AES128-GCM-SHA256");
	t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username }, tls), 4);
	t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username, password }, tls), 0);
});

const versions = [
	["TLS 1.2", { maxVersion: "TLSv1.2", ciphers: "PSK-AES128-CBC-SHA:@SECLEVEL=0" }],
	["TLS 1.3", { minVersion: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256" }],
	// What OpenSSL's clients offer: SHA-384 first, with which the key cannot be used.
	["TLS 1.3, SHA-384 first", { minVersion: "TLSv1.3", ciphers: "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256" }],
] as const;
for (const [version, options] of versions) {
	test(`${version}: a pre-shared key replaces the password, for its device alone`, async (t) => {
		const { identity, psk, clientId, username, password } = await newDevice();
		const other = await newDevice();
		const tls = { ...options, ...withKey(identity, Buffer.from(psk, "base64")) } as aliyun.Options;
		t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username }, tls), 0);
		t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username, password }, tls), 0);
		t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId: other.clientId, username: other.username }, tls), 2);
	});

	test(`${version}: an Alibaba device connects with its pre-shared key`, async (t) => {
		const names = { ...key, deviceName: `board-${version.replaceAll(/\W/g, "-")}` };
		cloud.administration.putDevice("aliyun", names.productKey, names.deviceName);
		const secret = await aliyun.obtainSecret(cloud, names);
		const id = `${names.productKey}&${names.deviceName}`;
		const psk = createHmac("sha256", secret).update(`id${id}timestamp2524608000000`).digest("hex").toUpperCase();
		const { clientId, username } = aliyun.session(names, secret, { securemode: "2" });
		const tls = withKey(`devicename|hmacsha256|${id}|2524608000000`, Buffer.from(psk));
		t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username }, { ...options, ...tls } as aliyun.Options), 0);
		const wrong = withKey(`devicename|hmacsha256|${id}|2524608000000`, Buffer.from(psk.toLowerCase()));
		await t.throwsAsync(
			aliyun.open(cloud.urls.mqtts, { clientId, username }, { ...options, ...wrong } as aliyun.Options),
		);
		await aliyun.until(() => aliyun.entries(cloud, names).some(({ operation }) => operation === "tls"));
		t.like(
			aliyun.entries(cloud, names).findLast(({ operation }) => operation === "tls"),
			{
				transport: "mqtts",
				verdict: "refused",
			},
		);
		t.regex(
			aliyun.entries(cloud, names).findLast(({ operation }) => operation === "tls")?.reason ?? "",
			/TLS-PSK key does not belong to the identity.*Expected the upper-case hex text of HMAC-SHA256/,
		);
	});

	test(`${version}: a wrong PSK is in the journal with device and reason only`, async (t) => {
		const { identity, psk, deviceName } = await newDevice();
		const wrongKeys = [Buffer.from(psk), Buffer.alloc(16), Buffer.from(psk, "base64").subarray(0, 15)];
		for (const wrong of wrongKeys) {
			await t.throwsAsync(shake(cloud.urls.mqtts, { ...options, ...withKey(identity, wrong) } as ConnectionOptions));
		}
		const journal = () => cloud.administration.requests().filter(({ device }) => device === deviceName);
		const failed = () => journal().filter(({ operation }) => operation === "tls");
		await aliyun.until(() => failed().length === wrongKeys.length);
		for (const entry of failed()) {
			t.like(entry, { transport: "mqtts", product: product.id, verdict: "refused" });
			t.regex(
				entry.reason,
				/The TLS-PSK key does not belong to the identity TESTPROD01board-\d+\. Expected the 16 bytes of the psk/,
			);
			t.false(entry.reason.includes(psk));
		}
	});

	test(`${version}: a PSK identity without device or key is in the journal`, async (t) => {
		const created = `created-${count}-${version.length}`;
		cloud.administration.putDevice("tencent", product.id, created);
		const connectAs = (identity: string) =>
			shake(cloud.urls.mqtts, {
				...options,
				...withKey(identity, Buffer.alloc(16)),
				rejectUnauthorized: false,
			} as ConnectionOptions).then(
				(socket) => socket.destroy(),
				() => {},
			);
		const nobody = `${product.id}nobody-${version.length}`;
		await connectAs(nobody);
		await connectAs(product.id + created);
		const reasons = () => cloud.administration.requests().filter(({ operation }) => operation === "tls");
		await aliyun.until(() => reasons().some(({ device }) => device === created));
		t.true(reasons().some(({ reason }) => reason.startsWith(`No device has the TLS-PSK identity ${nobody}.`)));
		t.regex(
			reasons().findLast(({ device }) => device === created)?.reason ?? "",
			/has no secret yet\. Let the device register first/,
		);
	});
}

test("a resumed session proves no pre-shared key: its CONNECT needs the password", async (t) => {
	const { identity, psk, clientId, username, password } = await newDevice();
	const tls = { minVersion: "TLSv1.3", ...withKey(identity, Buffer.from(psk, "base64")) } as aliyun.Options;
	const first = await shake(cloud.urls.mqtts, tls as ConnectionOptions);
	const session = await new Promise<Buffer>((resolve) => first.once("session", resolve));
	first.destroy();
	const resumed = { minVersion: "TLSv1.3", session, ...anyName } as aliyun.Options;
	t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username }, resumed), 4);
	t.is(await aliyun.refusal(cloud.urls.mqtts, { clientId, username, password }, resumed), 0);
});

/** The types of the server's handshake messages up to ServerHelloDone, with TLS 1.2. */
async function serverMessages(url: string): Promise<number[]> {
	const types: number[] = [];
	const tcp = connectTcp(Number(new URL(url).port), "127.0.0.1");
	let records = Buffer.alloc(0);
	const relay = new Duplex({
		read() {},
		write: (chunk, _, done) => tcp.write(chunk, () => done()),
	});
	tcp.on("data", (chunk: Buffer) => {
		records = Buffer.concat([records, chunk]);
		relay.push(chunk);
	});
	const options = { socket: relay, servername: "localhost", ca, maxVersion: "TLSv1.2" } as const;
	await new Promise<void>((resolve) =>
		connect(options)
			.once("secureConnect", resolve)
			.once("error", () => resolve()),
	);
	tcp.destroy();
	let handshake = Buffer.alloc(0);
	for (let start = 0; start + 5 <= records.length; start += 5 + records.readUInt16BE(start + 3)) {
		if (records[start] !== 22) break;
		handshake = Buffer.concat([handshake, records.subarray(start + 5, start + 5 + records.readUInt16BE(start + 3))]);
	}
	for (let start = 0; start + 4 <= handshake.length; start += 4 + handshake.readUIntBE(start + 1, 3))
		types.push(handshake[start] ?? 0);
	return types;
}

const certificateRequest = 13;

test("mqtts requests a certificate only if a product has certificate devices", async (t) => {
	const other = await startCloud();
	t.teardown(() => other.close());
	const { administration, urls } = other;
	const isAsked = async (port: "https" | "mqtts" | "mtls") =>
		(await serverMessages(urls[port])).includes(certificateRequest);
	administration.putProduct("tencent", product.id, { secret: product.secret });
	t.false(await isAsked("mqtts"));
	t.true(await isAsked("mtls"));
	t.false(await isAsked("https"));
	const names = { productId: "CERTPROD01", deviceName: "board-1" };
	administration.putProduct("tencent", names.productId, { secret: product.secret, auth: "certificate" });
	t.true(await isAsked("mqtts"));
	t.false(await isAsked("https"));
	const { cert, key: privateKey } = await obtainCertificate(urls.http, names);
	const fields = login(names, "AAAAAAAAAAAAAAAAAAAAAA==");
	const tls = { ca: readFileSync(other.ca), cert, key: privateKey };
	t.is(await aliyun.refusal(urls.mqtts, { clientId: fields.clientId, username: fields.username }, tls), 0);
	// A device with a key connects beside it, without a certificate.
	const board = { productId: product.id, deviceName: "board-2" };
	const psk = await obtainPsk(urls.http, board);
	t.is(await aliyun.refusal(urls.mqtts, login(board, psk), { ca: readFileSync(other.ca) }), 0);
	administration.deleteProduct("tencent", names.productId);
	t.false(await isAsked("mqtts"));
});
