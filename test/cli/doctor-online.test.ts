/** `dynreg doctor --online`, and what it says of a configuration: against the local cloud, with every certificate. */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Check } from "@dynreg/cli/internal/doctor/check";
import { checkClock, checkClockOnline, publicServers } from "@dynreg/cli/internal/doctor/clock";
import { checkServers } from "@dynreg/cli/internal/doctor/servers";
import { type CertificateKind, type Cloud, startCloud } from "@dynreg/cloud";
import { createClock } from "@dynreg/node/internal/clock";
import { crypto } from "@dynreg/node/internal/crypto";
import test, { type ExecutionContext } from "ava";
import { configuredDevice } from "dynreg/clouds";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Clock } from "dynreg/contracts/host";
import { dynreg } from "./dynreg.js";

const secret = "aMadeUpProductSecret0123";
const never = new AbortController().signal;
let cloud: Cloud;
let folder: string;

test.before(async () => {
	cloud = await startCloud();
	folder = await mkdtemp(join(tmpdir(), "dynreg-online-"));
});
test.after.always(async () => {
	await cloud.close();
	await rm(folder, { recursive: true });
});

const hostClock = (start?: number) => createClock({ power: never, start });
const tencent = (more: RawConfiguration = {}): RawConfiguration => ({
	productId: "ONLINE0001",
	productSecret: secret,
	deviceName: "board-1",
	ca: cloud.ca,
	endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
	...more,
});
const reached = (configuration: RawConfiguration, host: Clock = hostClock()) =>
	checkServers(configuredDevice(configuration, crypto, undefined), host, []);
const states = (checks: readonly Check[]) => checks.map(({ id, state }) => `${id.replace("online-", "")} ${state}`);
const find = (checks: readonly Check[], id: string) => {
	const found = checks.find((check) => check.id === id);
	if (found) return found;
	throw new Error(`there is no check ${id} among ${states(checks).join(", ")}`);
};

test.serial("servers that are right: name, connection and certificate of both, each a step", async (t) => {
	const checks = await reached(tencent());
	t.deepEqual(states(checks), [
		...["register-name ok", "register-connection ok", "register-certificate ok"],
		...["mqtt-name ok", "mqtt-connection ok", "mqtt-certificate ok"],
	]);
	t.regex(find(checks, "online-mqtt-certificate").detail, /issued by .* until \d{4}-\d\d-\d\d \(TLSv1\.[23]\)/);
});

for (const [kind, code, advice] of [
	["wrong-name", "certificate-wrong-name", /Set the endpoint to a name that is in the certificate/],
	["expired", "certificate-expired", /Renew the certificate at the server/],
	["not-yet-valid", "certificate-not-yet-valid", /Check this device's clock first/],
	["wrong-root", "certificate-untrusted", /Check the endpoint\. If the server has a private authority/],
	["short-key", "certificate-weak", /Renew the certificate at the server/],
	["missing-intermediate", "certificate-incomplete", /Configure the server to send the whole chain/],
] as const)
	test.serial(`a broker certificate that is ${kind} is reported with a fix`, async (t) => {
		await cloud.administration.setCertificate(kind as CertificateKind, "mqtts");
		t.teardown(() => cloud.administration.setCertificate("good", "mqtts"));
		const checks = await reached(tencent());
		t.deepEqual(states(checks).slice(2), [
			"register-certificate ok",
			"mqtt-name ok",
			"mqtt-connection ok",
			"mqtt-certificate missing",
		]);
		const { detail, fix } = find(checks, "online-mqtt-certificate");
		t.true(detail.startsWith(`${code}: The certificate`) || detail.startsWith(`${code}: A certificate`), detail);
		t.regex(fix ?? "", advice);
	});

test.serial("an authority that is not the server's, and one that is not there", async (t) => {
	const other = await startCloud({ state: join(folder, "other.json") });
	t.teardown(() => other.close());
	const wrong = await reached(tencent({ ca: other.ca }));
	t.regex(find(wrong, "online-register-certificate").detail, /^certificate-(untrusted|incomplete): /);
	const nowhere = await reached(tencent({ ca: join(folder, "nowhere.pem") }));
	t.regex(find(nowhere, "online-register-certificate").detail, /^certificate-untrusted: .*nowhere\.pem/);
});

test.serial("a closed port, and a port without TLS", async (t) => {
	const checks = await reached(
		tencent({ endpoints: { register: "https://localhost:1", mqtt: cloud.urls.mqtt.replace("mqtt:", "mqtts:") } }),
	);
	t.deepEqual(states(checks), [
		...["register-name ok", "register-connection missing"],
		...["mqtt-name ok", "mqtt-connection ok", "mqtt-certificate missing"],
	]);
	t.regex(find(checks, "online-register-name").detail, /^localhost is 127\.0\.0\.1$/);
	t.regex(
		find(checks, "online-register-connection").detail,
		/^connect-failed: Cannot connect to localhost:1\. Likely causes: /,
	);
	t.regex(find(checks, "online-register-connection").fix ?? "", /Check the endpoint, and that the server is reachable/);
	t.regex(find(checks, "online-mqtt-certificate").detail, /^(tls-failed|connection-lost): /);
});

test.serial("an unknown host name", async (t) => {
	const checks = await reached(tencent({ endpoints: { mqtt: "mqtts://nowhere.invalid", register: cloud.urls.https } }));
	t.deepEqual(states(checks).slice(3), ["mqtt-name missing"]);
	t.is(
		find(checks, "online-mqtt-name").detail,
		"dns-failed: The host name nowhere.invalid cannot be resolved. Likely causes: a wrong name, or a network without DNS.",
	);
});

test.serial("a server that accepts the connection and stays silent times out after 10 s", async (t) => {
	const server = createServer((socket) => socket.on("error", () => {}));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => server.close());
	const { port } = server.address() as { port: number };
	const checks = await reached(
		tencent({ endpoints: { register: cloud.urls.https, mqtt: `mqtts://127.0.0.1:${port}` } }),
	);
	t.regex(find(checks, "online-mqtt-certificate").detail, /^timeout: /);
});

test.serial("plain endpoints have no certificate to look at", async (t) => {
	const endpoints = { register: cloud.urls.http, mqtt: cloud.urls.mqtt };
	const checks = await reached(tencent({ endpoints, dangerouslyAllowPlain: true }));
	t.deepEqual(states(checks), ["register-name ok", "register-connection ok", "mqtt-name ok", "mqtt-connection ok"]);
});

test.serial("Alibaba's boards register at the broker: it is reached for once", async (t) => {
	const configuration = { cloud: "aliyun", productKey: "online00001", deviceName: "board-1", ca: cloud.ca };
	const checks = await reached({ ...configuration, endpoints: { mqtt: cloud.urls.mqtts } });
	t.deepEqual(states(checks), ["mqtt-name ok", "mqtt-connection ok", "mqtt-certificate ok"]);
});

test.serial("certificates are held against the clock that is given: in 2099 they have expired", async (t) => {
	const checks = await reached(tencent(), hostClock(Date.parse("2099-12-31")));
	t.regex(find(checks, "online-register-certificate").detail, /^certificate-expired: /);
});

test("a clock: now, and 1970", (t) => {
	t.is(checkClock(hostClock()).state, "ok");
	const { state, detail, fix } = checkClock(hostClock(0));
	t.is(state, "missing");
	t.regex(detail, /before the build date of dynreg$/);
	t.regex(fix ?? "", /timedatectl set-ntp true/);
});

const sntp = () => cloud.urls.sntp.replace("sntp://", "");
const asked = (t: ExecutionContext, configuration: RawConfiguration) => {
	t.timeout(60_000);
	return checkClockOnline(hostClock(), configuration, configuredDevice(configuration, crypto, undefined), []);
};

test.serial("the clock, online: what a time server says of it, right or an hour off", async (t) => {
	t.like(await asked(t, tencent({ sntp: sntp() })), { state: "ok" });
	cloud.administration.setTime({ offset: 3600 });
	t.teardown(() => cloud.administration.setTime({ offset: 0 }));
	const { state, detail } = await asked(t, tencent({ sntp: sntp() }));
	t.is(state, "missing");
	t.regex(detail, /^3600 s behind, according to 127\.0\.0\.1:\d+$/);
});

test.serial("the online clock check falls back to the registration server's Date", async (t) => {
	cloud.administration.setTime({ silent: true });
	t.teardown(() => cloud.administration.setTime({ silent: false }));
	const configuration = tencent({ sntp: sntp() });
	const device = configuredDevice(configuration, crypto, undefined);
	const web = await checkClockOnline(hostClock(), configuration, device, [], []);
	t.is(web.state, "ok");
	t.regex(
		web.detail,
		/^(right|1 s (ahead|behind)), according to 127\.0\.0\.1; no time server responded \(127\.0\.0\.1\)$/,
	);
	const nobody = await checkClockOnline(hostClock(), configuration, undefined, [], []);
	t.is(nobody.state, "warning");
	t.regex(nobody.fix ?? "", /Allow UDP port 123, or set sntp to a time server of this network/);
});

test.serial("the clock, online: a wrong time server in the configuration is one sentence", async (t) => {
	const { state, detail } = await asked(t, tencent({ sntp: "http://not/a/server" }));
	t.is(state, "missing");
	t.regex(detail, /^sntp is invalid: .*Expected host or host:port/);
});

test("the time servers are those that boards ask", async (t) => {
	const file = fileURLToPath(new URL("../../../hosts/moddable/device/clock.ts", import.meta.url));
	const source = await readFile(file, "utf8");
	t.true(source.includes(`publicServers = [${publicServers.map((name) => `"${name}"`).join(", ")}];`));
});

/** A configuration in a file of its own, as `dynreg doctor` is given it. */
async function written(name: string, configuration: RawConfiguration, mode = 0o600): Promise<string> {
	const file = join(folder, `${name}.json`);
	await writeFile(file, JSON.stringify(configuration), { mode });
	return file;
}

interface Told {
	readonly healthy: boolean;
	readonly ready: Record<string, boolean>;
	readonly checks: readonly Check[];
}

async function doctor(t: ExecutionContext, ...args: string[]): Promise<Told & { code: number | null }> {
	t.timeout(120_000);
	const { code, out, err } = await dynreg("doctor", "--json", ...args).ended;
	t.is(err, "");
	t.false(out.includes(secret));
	return { ...(JSON.parse(out) as Told), code };
}

test.serial("the command: all of it together is healthy, and a broker that is gone is not", async (t) => {
	const file = await written("online", tencent({ sntp: sntp() }));
	const well = await doctor(t, "--for", "try", "--config", file, "--online");
	t.deepEqual(
		well.checks.filter(({ state }) => state === "missing"),
		[],
	);
	t.is(well.code, 0);
	t.true(well.healthy);
	t.deepEqual(well.ready, { try: true });

	await cloud.administration.stopBroker();
	t.teardown(() => cloud.administration.startBroker());
	const ill = await doctor(t, "--for", "try", "--config", file, "--online");
	t.is(ill.code, 1);
	t.false(ill.healthy);
	t.is(find(ill.checks, "online-mqtt-connection").state, "missing");
});

test.serial("--online without a configuration and a wrong --for are refused", async (t) => {
	t.regex((await dynreg("doctor", "--online").ended).err, /Name the configuration with --config/);
	t.regex(
		(await dynreg("doctor", "--for", "moon").ended).err,
		/--for is invalid: "moon"\. Expected try or sim or esp32 or/,
	);
});

for (const [what, configuration, state, detail] of [
	["none", { productSecret: undefined }, "warning", /only boards that have registered already/],
	["the console's", {}, "ok", /^24 letters and digits, as in the console$/],
	["too long for the console's", { productSecret: `${secret}45` }, "warning", /^26 characters; .* has 24 letters/],
	["a device's", { productSecret: "AAECAwQFBgcICQoLDA0ODw==" }, "warning", /looks like a device's psk/],
	[
		"Alibaba's",
		{ cloud: "aliyun", productKey: "a1sXfakeKey", productSecret: "0123456789abcdef" },
		"ok",
		/^16 letters and digits/,
	],
	[
		"an Alibaba device's",
		{ cloud: "aliyun", productKey: "a1sXfakeKey", productSecret: "0123456789abcdef0123456789abcdef" },
		"warning",
		/looks like a DeviceSecret/,
	],
] as const)
	test.serial(`a product secret for a real platform: ${what}`, async (t) => {
		const file = await written("secret", {
			productId: "ONLINE0001",
			deviceName: "board-1",
			productSecret: secret,
			...configuration,
		});
		const found = find((await doctor(t, "--for", "try", "--config", file)).checks, "product-secret");
		t.is(found.state, state, found.detail);
		t.regex(found.detail, detail);
		t.is(found.fix === undefined, state === "ok");
	});

test.serial("the secret's file: readable by others, in a repository, ignored, private", async (t) => {
	const kept = async (file: string) =>
		find((await doctor(t, "--for", "try", "--config", file)).checks, "product-secret-file");
	const open = await kept(await written("open", tencent(), 0o644));
	t.is(open.state, "warning");
	t.regex(open.fix ?? "", /^chmod 600 .*open\.json$/);
	t.is((await kept(await written("closed", tencent()))).state, "ok");

	const repository = join(folder, "repository");
	await mkdir(repository);
	spawnSync("git", ["init"], { cwd: repository });
	const { productSecret: _, ...rest } = tencent();
	const file = join(repository, "board.json");
	await writeFile(file, JSON.stringify({ ...rest, productSecretFile: "product.secret" }));
	await writeFile(join(repository, "product.secret"), `${secret}\n`, { mode: 0o600 });
	const taken = await kept(file);
	t.is(taken.state, "warning");
	t.regex(taken.fix ?? "", /^echo product\.secret >> .*\/repository\/\.gitignore$/);
	await writeFile(join(repository, ".gitignore"), "product.secret\n");
	t.is((await kept(file)).state, "ok");

	await writeFile(file, JSON.stringify(tencent()), { mode: 0o600 });
	await rm(join(repository, "product.secret"));
	spawnSync("chmod", ["600", file]);
	t.regex((await kept(file)).fix ?? "", /Set productSecretFile to a file that git ignores/);
});

test.serial("plain endpoints and a device name for one board are said", async (t) => {
	const endpoints = { register: cloud.urls.http, mqtt: cloud.urls.mqtt };
	const file = await written("plain", tencent({ endpoints, dangerouslyAllowPlain: true }));
	const { checks } = await doctor(t, "--for", "try", "--config", file);
	t.is(find(checks, "endpoint-mqtt").state, "warning");
	t.regex(find(checks, "endpoint-mqtt").detail, /without TLS/);
	t.regex(find(checks, "device-name").detail, /^board-1, for one board only/);
});

test.serial("a ca that holds no certificate is missing, and named", async (t) => {
	await written("letter", {});
	const ca = join(dirname(await written("with-ca", tencent({ ca: "letter.json" }))), "letter.json");
	const { code, checks } = await doctor(t, "--for", "try", "--config", join(dirname(ca), "with-ca.json"));
	t.is(code, 1);
	t.is(find(checks, "configuration").state, "missing");
	t.regex(
		find(checks, "configuration").detail,
		/^ca is invalid: .*letter\.json holds no certificate\. Expected certificates in PEM/,
	);
});

for (const [what, change, complaint] of [
	["both a secret and a file for it", { productSecretFile: "x" }, /productSecret and productSecretFile are both set/],
	[
		"a secret's file that is not there",
		{ productSecret: undefined, productSecretFile: "x" },
		/^productSecretFile is invalid: there is no file of this name \(1 characters\)\./,
	],
	[
		"a secret's file that has no name",
		{ productSecret: undefined, productSecretFile: 7 },
		/Expected the name of a file/,
	],
	["a wrong region", { region: "moon" }, /^region is invalid: "moon"\. Expected one of china, us-east/],
] as const)
	test.serial(`a configuration with ${what}`, async (t) => {
		const file = await written("wrong", tencent(change));
		const { code, checks } = await doctor(t, "--for", "try", "--config", file);
		t.is(code, 1);
		t.is(find(checks, "configuration").state, "missing");
		t.regex(find(checks, "configuration").detail, complaint);
	});
