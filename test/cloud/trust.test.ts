import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { createAuthority, issueCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { reservedPorts } from "../support/reserved-ports.js";
import { type Certificate, obtainCertificate, open } from "./certificate-device.js";
import { product } from "./device.js";

const DAY = 24 * 60 * 60 * 1000;
const ports = ["https", "mqtts", "mtls"] as const;

let cloud: Cloud;
let certificate: Certificate;
const names = { productId: "TRUSTPROD1", deviceName: "board" };
test.before(async () => {
	cloud = await startCloud({ ports: reservedPorts() });
	cloud.administration.putProduct("tencent", names.productId, { secret: product.secret, auth: "certificate" });
	certificate = await obtainCertificate(cloud.urls.http, names);
});
test.after.always(() => cloud.close());

interface Handshake {
	/** The error code of a client that trusts the cloud's authority; undefined if it is content. */
	readonly refused: string | undefined;
	/** What the server sent, the leaf first. */
	readonly chain: readonly X509Certificate[];
	readonly bits: number | undefined;
	readonly key: string | undefined;
}

/** With TLS 1.2, as boards have it. */
async function handshake(url: string, options: ConnectionOptions = {}): Promise<Handshake> {
	const { port } = new URL(url);
	const connection = { host: "127.0.0.1", port: Number(port), servername: "localhost", maxVersion: "TLSv1.2" } as const;
	const trusting = { ...connection, ...certificate, ca: readFileSync(cloud.ca), ciphers: "DEFAULT:@SECLEVEL=1" };
	const refused = await new Promise<string | undefined>((resolve) => {
		const socket = connect({ ...trusting, ...options }, () => {
			socket.destroy();
			resolve(undefined);
		});
		socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
	});
	const chain = await new Promise<X509Certificate[]>((resolve, reject) => {
		const socket: TLSSocket = connect({ ...trusting, ca: [], rejectUnauthorized: false }, () => {
			const found: X509Certificate[] = [];
			for (let one = socket.getPeerX509Certificate(); one; one = one.issuerCertificate) found.push(one);
			socket.destroy();
			resolve(found);
		});
		socket.once("error", reject);
	});
	const leaf = chain[0]?.publicKey;
	return { refused, chain, bits: leaf?.asymmetricKeyDetails?.modulusLength, key: leaf?.asymmetricKeyType };
}

const kinds = [
	["good", undefined],
	["expired", "CERT_HAS_EXPIRED"],
	["not-yet-valid", "CERT_NOT_YET_VALID"],
	["wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
	["wrong-root", /^(SELF_SIGNED_CERT_IN_CHAIN|CERT_SIGNATURE_FAILURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/],
	["short-key", undefined],
	["ec", undefined],
	["missing-intermediate", /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)$/],
	["with-intermediate", undefined],
] as const;
for (const [kind, refused] of kinds)
	test.serial(`every TLS port shows a certificate of kind ${kind}, and clients judge it`, async (t) => {
		const shown = await cloud.administration.setCertificate(kind);
		t.deepEqual(shown, { https: kind, mqtts: kind, mtls: kind });
		for (const port of ports) {
			const { refused: code } = await handshake(cloud.urls[port]);
			if (refused instanceof RegExp) t.regex(code ?? "", refused, port);
			else t.is(code, refused, port);
		}
	});

test.serial("expired and not-yet-valid certificates are one day off", async (t) => {
	const dates = async (kind: "expired" | "not-yet-valid") => {
		await cloud.administration.setCertificate(kind, "https");
		const [leaf] = (await handshake(cloud.urls.https)).chain;
		return { from: Date.parse(leaf?.validFrom ?? ""), to: Date.parse(leaf?.validTo ?? "") };
	};
	const near = (time: number, due: number): boolean => Math.abs(time - due) < 60_000;
	const expired = await dates("expired");
	t.true(near(expired.to, Date.now() - DAY));
	t.true(expired.from < Date.now() - 300 * DAY);
	const early = await dates("not-yet-valid");
	t.true(near(early.from, Date.now() + DAY));
	t.true(early.to > Date.now() + 300 * DAY);
});

test.serial("short-key is RSA 1024, ec is P-256 under an RSA root", async (t) => {
	await cloud.administration.setCertificate("short-key", "mqtts");
	t.like(await handshake(cloud.urls.mqtts), { bits: 1024, key: "rsa" });
	const strict = await handshake(cloud.urls.mqtts, { ciphers: "DEFAULT:@SECLEVEL=2" });
	t.not(strict.refused, undefined);
	await cloud.administration.setCertificate("ec", "mqtts");
	const { chain, key } = await handshake(cloud.urls.mqtts);
	t.is(key, "ec");
	t.is(chain[1]?.publicKey.asymmetricKeyType, "rsa");
	t.is((await handshake(cloud.urls.mqtts, { maxVersion: "TLSv1.3" })).refused, undefined);
	await cloud.administration.setCertificate("good", "mqtts");
	t.like(await handshake(cloud.urls.mqtts), { bits: 2048, key: "rsa" });
});

test.serial("with-intermediate sends the intermediate, missing-intermediate does not", async (t) => {
	const root = new X509Certificate(readFileSync(cloud.ca));
	await cloud.administration.setCertificate("with-intermediate");
	const { chain } = await handshake(cloud.urls.mtls);
	t.is(chain.length, 2);
	t.true(chain[1]?.ca);
	t.true(chain[1]?.verify(root.publicKey));
	t.not(chain[1]?.fingerprint256, root.fingerprint256);
	await cloud.administration.setCertificate("missing-intermediate");
	const alone = (await handshake(cloud.urls.mtls)).chain;
	t.deepEqual(
		alone.map(({ fingerprint256 }) => fingerprint256),
		[chain[0]?.fingerprint256],
	);
	await cloud.administration.setCertificate("good");
	t.is((await handshake(cloud.urls.mtls)).chain[1]?.fingerprint256, root.fingerprint256);
});

test.serial("each port has its own, which outlasts a stop of the broker", async (t) => {
	await cloud.administration.setCertificate("good");
	await cloud.administration.setCertificate("expired", "mqtts");
	t.deepEqual(await cloud.administration.setCertificate("wrong-name", "mtls"), {
		https: "good",
		mqtts: "expired",
		mtls: "wrong-name",
	});
	for (const again of [false, true]) {
		if (again) {
			await cloud.administration.stopBroker();
			await cloud.administration.startBroker();
		}
		const codes = await Promise.all(ports.map(async (port) => (await handshake(cloud.urls[port])).refused));
		t.deepEqual(codes, [undefined, "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"]);
	}
});

test.serial("what is connected stays so, and a TLS session of before is not resumed", async (t) => {
	await cloud.administration.setCertificate("good");
	const client = await open(cloud, "mtls", names, certificate);
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(cloud.ca) });
	t.teardown(() => agent.destroy());
	const fetched = () =>
		new Promise<boolean>((resolve, reject) => {
			const request = get(cloud.urls.https, { agent }, (response) =>
				response.resume().once("end", () => resolve(request.reusedSocket)),
			).once("error", reject);
		});
	t.false(await fetched());
	const sessions: Record<string, Buffer> = {};
	for (const port of ports) {
		const session = await sessionOf(cloud.urls[port]);
		t.true(await resumes(cloud.urls[port], session), port);
		sessions[port] = session;
	}

	await cloud.administration.setCertificate("expired");
	t.true(await fetched());
	t.true(client.connected);
	for (const port of ports) {
		const session = sessions[port] ?? Buffer.alloc(0);
		t.is((await handshake(cloud.urls[port], { session })).refused, "CERT_HAS_EXPIRED", port);
	}
	client.end(true);
});

test("of concurrent changes the last one stays", async (t) => {
	const other = await startCloud();
	t.teardown(() => other.close());
	const kinds = ["short-key", "wrong-root", "good"] as const;
	await Promise.all(kinds.map((kind) => other.administration.setCertificate(kind)));
	t.deepEqual(other.administration.certificate(), { https: "good", mqtts: "good", mtls: "good" });
	t.is((await handshake(other.urls.https, { ca: readFileSync(other.ca) })).refused, undefined);
});

test.serial("certificates are exchanged over HTTP as well, and what cannot be gets a sentence", async (t) => {
	const ask = async (method: string, body?: unknown) => {
		const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
		const response = await fetch(`${cloud.urls.admin}/certificate`, init);
		return { status: response.status, body: (await response.json()) as Record<string, string> };
	};
	const good = { https: "good", mqtts: "good", mtls: "good" };
	t.deepEqual(await ask("PUT", { kind: "good" }), { status: 200, body: good });
	t.deepEqual((await ask("PUT", { kind: "expired", at: "https" })).body, { ...good, https: "expired" });
	t.deepEqual((await ask("GET")).body, { ...good, https: "expired" });
	const { warning = "", ...shown } = (await ask("PUT", { kind: "good", at: "mutual" })).body;
	t.deepEqual(shown, { ...good, https: "expired" });
	t.regex(warning, /^The port "mutual" is deprecated.* Use "mtls"\.$/);
	const cases: [body: unknown, error: RegExp][] = [
		[{}, /"kind" is missing\. Expected a string/],
		[{ kind: "bad" }, /"kind" is invalid\. Expected "good", "expired", .* or "with-intermediate"/],
		[{ kind: "good", at: "http" }, /"at" is invalid\. Expected "https", "mqtts" or "mtls"/],
		[{ kind: "good", at: 1 }, /"at" is invalid\. Expected a string/],
		[{ kind: "good", At: "https" }, /"At" is unknown\. Known keys: kind, at/],
	];
	for (const [body, error] of cases) {
		const reply = await ask("PUT", body);
		t.is(reply.status, 400);
		t.regex(reply.body.error ?? "", error);
	}
	t.deepEqual((await ask("GET")).body, { ...good, https: "expired" });
});

test("a custom certificate is shown until another kind is selected", async (t) => {
	const given = await issueCertificate(await createAuthority(), { names: ["localhost"] });
	const other = await startCloud({ certificate: given });
	t.teardown(() => other.close());
	t.deepEqual(other.administration.certificate(), { https: "custom", mqtts: "custom", mtls: "custom" });
	await other.administration.setCertificate("good", "https");
	t.deepEqual(other.administration.certificate(), { https: "good", mqtts: "custom", mtls: "custom" });
	t.is((await handshake(other.urls.https, { ca: readFileSync(other.ca) })).refused, undefined);
});

test("a CA without room for intermediates is explained", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-trust-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const state = join(folder, "state.json");
	await (await startCloud({ state })).close();
	const saved = JSON.parse(await readFile(state, "utf8")) as { certificate: Record<string, unknown> };
	const authority = await createAuthority();
	const certificate = await issueCertificate(authority, { names: ["localhost"] });
	await writeFile(state, JSON.stringify({ ...saved, certificate: { ...saved.certificate, authority, certificate } }));
	const old = await startCloud({ state });
	t.teardown(() => old.close());
	const body = JSON.stringify({ kind: "with-intermediate" });
	const response = await fetch(`${old.urls.admin}/certificate`, { method: "PUT", body });
	t.is(response.status, 409);
	t.regex(await response.text(), /Start the cloud with another state file/);
	t.is((await old.administration.setCertificate("expired")).https, "expired");
});

/** A session that can be resumed. */
function sessionOf(url: string): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const socket = connect({ ...resuming(url) }, () => {});
		socket.once("session", (session) => {
			socket.destroy();
			resolve(session);
		});
		socket.once("error", reject);
	});
}

function resumes(url: string, session: Buffer): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const socket = connect({ ...resuming(url), session }, () => {
			resolve(socket.isSessionReused());
			socket.destroy();
		});
		socket.once("error", reject);
	});
}

function resuming(url: string): ConnectionOptions {
	const { port } = new URL(url);
	const ca = readFileSync(cloud.ca);
	return { host: "127.0.0.1", port: Number(port), servername: "localhost", maxVersion: "TLSv1.2", ca, ...certificate };
}
