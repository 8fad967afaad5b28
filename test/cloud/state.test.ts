import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { connect } from "node:tls";
import { startCloud } from "@dynreg/cloud";
import { createAuthority, issueCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { obtainToken, productSecret, refusal, tokenSession } from "./aliyun-device.js";
import { login, obtainPsk, product, registerV2 } from "./device.js";

const day = 24 * 60 * 60 * 1000;
const folder = await mkdtemp(join(tmpdir(), "dynreg-state-"));
test.after.always(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const newPath = () => join(folder, `state-${++count}.json`);

test("products, devices and the authority survive a restart", async (t) => {
	const state = newPath();
	const names = { productId: product.id, deviceName: "survivor" };
	const first = await startCloud({ state });
	first.administration.putProduct("tencent", product.id, { secret: product.secret, limit: 1 });
	await obtainPsk(first.urls.http, names);
	const authority = await readFile(first.ca, "utf8");
	await first.close();

	const second = await startCloud({ state });
	t.teardown(() => second.close());
	t.like(second.administration.product("tencent", product.id), { limit: 1, devices: 1 });
	t.like(second.administration.device("tencent", product.id, "survivor"), { state: "registered", automatic: true });
	t.is(await readFile(second.ca, "utf8"), authority);
	const other = { ...names, deviceName: "one-too-many" };
	t.is((await registerV2(second.urls.http, other)).Response.Error?.Code, "LocalCloud.LimitReached");
});

test("tokens, instances and next secrets survive a restart", async (t) => {
	const state = newPath();
	const names = { productKey: "a1Survivor", deviceName: "board-1" };
	const first = await startCloud({ state });
	const settings = { secret: productSecret, registration: "free", instanceId: "iot-own" } as const;
	first.administration.putProduct("aliyun", names.productKey, settings);
	const token = await obtainToken(first, names);
	first.administration.putDevice("aliyun", names.productKey, names.deviceName, "the-next-token");
	await first.close();

	const second = await startCloud({ state });
	t.teardown(() => second.close());
	t.like(second.administration.product("aliyun", names.productKey), { registration: "free", instanceId: "iot-own" });
	t.like(second.administration.device("aliyun", names.productKey, names.deviceName), { boards: 1, automatic: true });
	t.is(await refusal(second.urls.mqtts, tokenSession(names, token), { ca: await readFile(second.ca) }), 0);
	t.is((await obtainToken(second, names)).deviceToken, "the-next-token");
});

test("a state file from before there were tokens and other platforms still loads", async (t) => {
	const state = newPath();
	const names = { productId: "OLDPRODUCT", deviceName: "veteran" };
	const psk = Buffer.from("of-a-past-cloud!").toString("base64");
	const nextSecret = Buffer.from("handed-out-next!").toString("base64");
	const authority = await createAuthority();
	const hosts: [string, ...string[]] = ["localhost", "127.0.0.1", "gateway.tencentdevices.com"];
	const old = {
		version: 1,
		certificate: { authority, names: hosts, certificate: await issueCertificate(authority, { names: hosts }) },
		products: [
			{
				platform: "tencent",
				id: names.productId,
				secret: product.secret,
				auth: "key",
				registration: "automatic",
				limit: 10,
				devices: [
					{ name: "veteran", automatic: true, state: "active", secret: psk },
					{ name: "recruit", automatic: false, state: "created", nextSecret },
				],
			},
		],
	};
	await writeFile(state, JSON.stringify(old));
	const cloud = await startCloud({ state });
	t.teardown(() => cloud.close());
	t.is(await readFile(cloud.ca, "utf8"), authority.certificate);
	t.like(cloud.administration.product("tencent", names.productId), {
		registration: "automatic",
		limit: 10,
		devices: 2,
	});
	t.like(cloud.administration.device("tencent", names.productId, "veteran"), { state: "active" });
	t.is(await refusal(cloud.urls.mqtt, login(names, psk)), 0);
	t.is(await obtainPsk(cloud.urls.http, { ...names, deviceName: "recruit" }), nextSecret);
});

test("the state is on disk soon after a change, as one whole file for its owner only", async (t) => {
	const state = newPath();
	const cloud = await startCloud({ state });
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	const deadline = Date.now() + 30_000;
	const written = async () => (await readFile(state, "utf8").catch(() => "")).includes(product.id);
	while (!(await written()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
	t.true(await written());
	t.is((await stat(state)).mode & 0o777, 0o600);
	t.false((await readdir(folder)).some((name) => name.endsWith(".next") && name.startsWith(basename(state))));
});

test("a certificate near its end is replaced, its authority kept", async (t) => {
	const state = newPath();
	const first = await startCloud({ state });
	const { ca } = first;
	await first.close();
	const authority = await readFile(ca, "utf8");

	const saved = JSON.parse(await readFile(state, "utf8")) as {
		certificate: { authority: { certificate: string; key: string }; names: [string]; certificate: object };
	};
	const old = await issueCertificate(saved.certificate.authority, {
		names: saved.certificate.names,
		notAfter: new Date(Date.now() + 10 * day),
	});
	saved.certificate.certificate = old;
	await writeFile(state, JSON.stringify(saved));

	await (await startCloud({ state })).close();
	const renewed = JSON.parse(await readFile(state, "utf8")) as { certificate: { certificate: { chain: string } } };
	const leaf = new X509Certificate(renewed.certificate.certificate.chain);
	t.true(Date.parse(leaf.validTo) > Date.now() + 300 * day);
	t.true(leaf.verify(new X509Certificate(authority).publicKey));
});

test("a certificate given takes the place of its own", async (t) => {
	const certificate = await issueCertificate(await createAuthority(), { names: ["elsewhere.example.org"] });
	const cloud = await startCloud({ certificate });
	t.teardown(() => cloud.close());
	await t.throwsAsync(fetch(cloud.urls.https), { message: "fetch failed" });
	t.false(certificate.chain.includes(await readFile(cloud.ca, "utf8")));
});

test("a state file that is not one stops the start with what to do about it", async (t) => {
	const state = newPath();
	await writeFile(state, "{");
	await t.throwsAsync(startCloud({ state }), {
		message: /The state file .* is not JSON from line 1, column 2 on\. Move the file away/,
	});
	await writeFile(state, '{"version":2}');
	await t.throwsAsync(startCloud({ state }), { message: /not a state file of this version/ });
});

test("a state that cannot be written is told when the cloud is closed", async (t) => {
	const inner = await mkdtemp(join(folder, "gone-"));
	const cloud = await startCloud({ state: join(inner, "state.json") });
	// Once it has been written for the first time: what is written while the folder goes would keep it.
	while (!existsSync(join(inner, "state.json"))) await new Promise((resolve) => setTimeout(resolve, 10));
	await rm(inner, { recursive: true });
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	await t.throwsAsync(cloud.close(), { message: /Cannot write the state file/ });
});

test("a port that is taken stops the start, and leaves nothing listening", async (t) => {
	const first = await startCloud();
	t.teardown(() => first.close());
	const port = Number(new URL(first.urls.mqtts).port);
	const free = await startCloud();
	const http = Number(new URL(free.urls.http).port);
	await free.close();
	await t.throwsAsync(startCloud({ ports: { http, mqtts: port } }), {
		message: /mqtts on 127.0.0.1:\d+: another program is using the port\./,
	});
	await t.throwsAsync(fetch(`http://127.0.0.1:${http}`));
});

test("another host address is in the certificate; the administration stays local", async (t) => {
	const cloud = await startCloud({ host: "127.0.0.2" });
	t.teardown(() => cloud.close());
	t.regex(cloud.urls.https, /^https:\/\/127\.0\.0\.2:/);
	t.regex(cloud.urls.admin, /^http:\/\/127\.0\.0\.1:/);
	const ca = await readFile(cloud.ca, "utf8");
	await t.notThrowsAsync(
		new Promise<void>((resolve, reject) => {
			const { port } = new URL(cloud.urls.https);
			const socket = connect({ host: "127.0.0.2", port: Number(port), ca }, () => {
				socket.destroy();
				resolve();
			});
			socket.once("error", reject);
		}),
	);
});

test("only an IPv4 address is a host", async (t) => {
	await t.throwsAsync(startCloud({ host: "::1" }), { message: /Expected an IPv4 address/ });
});
