import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	createAuthority,
	createKeyPair,
	issueCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import { type RunningServers, startServers } from "@dynreg/conformance/internal/peers/servers";
import { createHost } from "@dynreg/node/internal/host";
import test from "ava";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";

let folder: string;
let running: RunningServers;

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-node-"));
	running = await startServers();
});

test.after.always(async () => {
	await running.close();
	await rm(folder, { recursive: true, force: true });
});

const log = () => {};

test("stored values are private and there for the next host", async (t) => {
	const store = join(folder, "flash");
	createHost({ store, log }).storage.set("key", Uint8Array.of(1, 2, 255));
	t.deepEqual(createHost({ store, log }).storage.get("key"), Uint8Array.of(1, 2, 255));
	createHost({ store, log }).storage.delete("key");
	t.is(createHost({ store, log }).storage.get("key"), undefined);
	t.is((await stat(store)).mode & 0o777, 0o600);
	t.deepEqual(
		(await readdir(folder)).filter((name) => name.startsWith("flash")),
		["flash"],
	);
});

test("a store that is no flash is storage-failed and left alone", async (t) => {
	const store = join(folder, "letter");
	await writeFile(store, "dear friend");
	const failure = t.throws(() => createHost({ store, log }), { instanceOf: Failure });
	t.is(`${failure?.phase} ${failure?.code}`, "store storage-failed");
	t.is(await readFile(store, "utf8"), "dear friend");
});

test("a store in a missing folder is reported at power-up", (t) => {
	const store = join(folder, "nowhere", "flash");
	const failure = t.throws(() => createHost({ store, log }), { instanceOf: Failure });
	t.is(`${failure?.phase} ${failure?.code}`, "store storage-failed");
});

test("what could not be written is not there", async (t) => {
	const gone = join(folder, "gone");
	await mkdir(gone);
	const { storage } = createHost({ store: join(gone, "flash"), log });
	storage.set("key", Uint8Array.of(1));
	await rm(gone, { recursive: true });
	for (const write of [
		() => storage.set("key", Uint8Array.of(2)),
		() => storage.set("other", Uint8Array.of(3)),
		() => storage.delete("key"),
	]) {
		const failure = t.throws(write, { instanceOf: Failure });
		t.is(`${failure?.phase} ${failure?.code}`, "store storage-failed");
	}
	t.deepEqual(storage.get("key"), Uint8Array.of(1));
	t.is(storage.get("other"), undefined);
});

test("a key that a board would not take is refused here too", (t) => {
	const { storage } = createHost({ log });
	for (const key of ["", "sixteen000000000", "Upper", "a-b"])
		t.throws(() => storage.set(key, Uint8Array.of(1)), { instanceOf: Failure }, key);
});

test("a clock that begins unset is unknown until it has been synced", async (t) => {
	const { clock } = createHost({ now: 0, log });
	t.is(clock.now(), undefined);
	await clock.sync(30_000);
	t.true(Math.abs((clock.now() ?? 0) - Date.now()) < 1000);
});

test("a clock that begins at some date keeps it", async (t) => {
	const { clock } = createHost({ now: Date.UTC(2031, 0, 1), log });
	await clock.sync(30_000);
	t.true(Math.abs((clock.now() ?? 0) - Date.UTC(2031, 0, 1)) < 1000);
});

test("a clock older than the firmware is unknown, and one a day behind is not", (t) => {
	const day = 24 * 60 * 60 * 1000;
	t.is(createHost({ now: Date.now() - 400 * day, log }).clock.now(), undefined);
	t.not(createHost({ now: Date.now(), log }).clock.now(), undefined);
});

test("without a response from time servers an unknown clock stays unknown", async (t) => {
	const [first] = running.servers.sntp;
	for (const sntp of ["127.0.0.1:1", ["nonexistent.invalid", "127.0.0.1:1"]]) {
		const { clock } = createHost({ now: 0, sntp, log });
		const failure = await t.throwsAsync(clock.sync(500), { instanceOf: Failure });
		t.is(`${failure?.phase} ${failure?.code}`, "clock clock-unknown");
		t.true(failure?.message.includes("127.0.0.1"));
		t.is(clock.now(), undefined);
	}
	const { clock } = createHost({ now: 0, sntp: `nonexistent.invalid,${first}`, log });
	await clock.sync(4000);
	t.true(Math.abs((clock.now() ?? 0) - Date.now()) < 1000);
});

test("invalid time servers are reported when needed", async (t) => {
	const { clock } = createHost({ now: 0, sntp: "ntp://somewhere", log });
	const failure = await t.throwsAsync(clock.sync(500), { instanceOf: Failure });
	t.is(`${failure?.phase} ${failure?.code}`, "clock bad-configuration");
});

test("without time servers, what a board asks is the computer's clock", async (t) => {
	const { clock } = createHost({ now: 0, log });
	t.is(clock.now(), undefined);
	await clock.sync(500);
	t.true(Math.abs((clock.now() ?? 0) - Date.now()) < 1000);
});

test("an authority that cannot be read means that no server is trusted", async (t) => {
	const { http } = createHost({ log });
	const endpoint = {
		secure: true,
		host: "localhost",
		port: running.servers.https,
		trust: [join(folder, "nowhere.pem")],
	};
	const request = { endpoint, method: "GET", path: "/echo", headers: [], body: "", maxResponseBytes: 100 } as const;
	const failure = await t.throwsAsync(http.request(request, 30_000), { instanceOf: Failure });
	t.is(`${failure?.phase} ${failure?.code}`, "register certificate-untrusted");
});

test("a bare name is a PEM or DER certificate in the host's folder", async (t) => {
	const certs = join(folder, "certs");
	await mkdir(certs);
	const { ca, name: host, https: port } = running.servers;
	const pem = await readFile(ca, "utf8");
	const der = createHost({ log }).crypto.fromPem(pem);
	for (const [file, contents] of [
		["one.pem", pem],
		["two.crt", `${pem}\n`],
		["three.cer", der],
		["four.der", der],
		["dotted.name.pem", pem],
	] as const)
		await writeFile(join(certs, file), contents);
	const { http } = createHost({ certs: [join(folder, "nothing"), certs], log });
	const ask = (...trust: string[]) => {
		const endpoint = { secure: true, host, port, trust };
		return http.request(
			{ endpoint, method: "GET", path: "/echo", headers: [], body: "", maxResponseBytes: 500 },
			30_000,
		);
	};
	for (const trust of ["one", "two", "three", "four", ca]) t.is((await ask(trust)).status, 200, trust);
	t.is((await ask("five", "four")).status, 200);
	for (const trust of ["five", "dotted.name", "one.pem"]) {
		const failure = await t.throwsAsync(ask(trust), { instanceOf: Failure });
		t.is(`${failure?.phase} ${failure?.code}`, "register certificate-untrusted");
		t.true(failure?.message.includes(trust));
	}
	const letter = join(folder, "letter.pem");
	await writeFile(letter, "dear friend");
	t.is((await t.throwsAsync(ask(letter), { instanceOf: Failure }))?.code, "certificate-untrusted");
});

test("a device certificate with a short key is refused before sending", async (t) => {
	const { chain, key } = await issueCertificate(await createAuthority(), {
		names: ["d"],
		keys: await createKeyPair("RSA 1024"),
	});
	const { mqtt, crypto } = createHost({ log });
	const endpoint = { secure: true, host: "localhost", port: running.servers.closed, trust: [running.servers.ca] };
	const secret = new Secret(crypto.base64(crypto.fromPem(key)));
	const certificate = { kind: "certificate", certificates: [crypto.fromPem(chain)], secret } as const;
	const options = { endpoint, clientId: "c", username: "u", keepAlive: 60, certificate };
	const connecting = mqtt.connect(options, { message() {}, closed() {} }, 30_000);
	const failure = await t.throwsAsync(connecting, { instanceOf: Failure });
	t.is(`${failure?.phase} ${failure?.code} ${failure?.action}`, "connect tls-failed needs-attention");
});

test("power off cuts every connection, and nothing settles any more", async (t) => {
	const power = new AbortController();
	const deaf = createSocket("udp4").bind(0, "127.0.0.1");
	t.teardown(() => deaf.close());
	await once(deaf, "listening");
	const sntp = `127.0.0.1:${deaf.address().port}`;
	const { http, mqtt, timers, clock } = createHost({ power: power.signal, now: 0, sntp, log });
	const { name: host, silent, http: web, mqtt: broker } = running.servers;
	const settled: string[] = [];
	const watch = (name: string, work: Promise<unknown>) =>
		work.then(
			() => settled.push(name),
			() => settled.push(name),
		);
	const request = { method: "GET", path: "/stall", headers: [], body: "", maxResponseBytes: 100 } as const;
	const options = { clientId: "c", username: "u", keepAlive: 60 };
	const events = { message() {}, closed: () => settled.push("closed") };
	const endpoint = (port: number) => ({ secure: false, host, port, trust: [] });

	const connection = await mqtt.connect({ ...options, endpoint: endpoint(broker) }, events, 30_000);
	watch("http", http.request({ ...request, endpoint: endpoint(web) }, 200));
	watch("mqtt", mqtt.connect({ ...options, endpoint: endpoint(silent) }, events, 200));
	timers.after(100, () => settled.push("timer"));
	watch("sync", clock.sync(200));
	await new Promise((resolve) => setTimeout(resolve, 50));
	power.abort();
	watch("http afterwards", http.request({ ...request, endpoint: endpoint(web) }, 200));
	watch("mqtt afterwards", mqtt.connect({ ...options, endpoint: endpoint(broker) }, events, 200));
	timers.after(0, () => settled.push("timer afterwards"))();
	timers.after(0, () => settled.push("timer afterwards"));
	watch("sync afterwards", clock.sync(200));
	await new Promise((resolve) => setTimeout(resolve, 400));
	t.deepEqual(settled, []);
	await t.throwsAsync(connection.publish("t", "x"), { instanceOf: Failure });
});
