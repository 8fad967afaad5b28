import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { type Cloud, startCloud } from "@dynreg/cloud";
import {
	createAuthority,
	createKeyPair,
	issueCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import { createTlsServer } from "@dynreg/cloud/internal/mqtt/tls-server";
import { Products } from "@dynreg/cloud/internal/products/products";
import test from "ava";
import { reservedPorts } from "../support/reserved-ports.js";
import {
	type Certificate,
	closed,
	lastConnect,
	lastEntry,
	obtainCertificate,
	open,
	plain,
	refusal,
	registerOwn,
} from "./certificate-device.js";
import { decrypt, login, type Names, obtainPsk, product, registerV1, registerV2, vectors } from "./device.js";

const HOUR = 60 * 60 * 1000;

const certified = "CERTPROD01";
const owned = "OWNCAPRD01";
const customer = await createAuthority({ name: "Customer" });
const keys = await createKeyPair();

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	setUp(cloud);
});
test.after.always(() => cloud.close());

function setUp({ administration }: Cloud): void {
	administration.putProduct("tencent", product.id, { secret: product.secret });
	administration.putProduct("tencent", certified, { secret: product.secret, auth: "certificate" });
	const authority = customer.certificate;
	administration.putProduct("tencent", owned, { secret: product.secret, auth: "private-ca", authority });
}

let count = 0;
const newNames = (productId = certified): Names => ({ productId, deviceName: `board-${++count}` });

const device = ({ productId, deviceName }: Names) => cloud.administration.device("tencent", productId, deviceName);

/** A certificate that the customer's authority has issued, or another one. */
async function ownCertificate(
	{ productId, deviceName }: Names,
	options: { readonly notBefore?: Date; readonly notAfter?: Date } = {},
	authority = customer,
): Promise<Certificate> {
	const names: [string] = [productId + deviceName];
	const { chain, key } = await issueCertificate(authority, { names, purpose: "client", keys, ...options });
	return { cert: new X509Certificate(chain).toString(), key };
}

/** Of a board that has registered with a certificate of its own. */
async function registeredOwn(names: Names): Promise<Certificate> {
	const own = await ownCertificate(names);
	plain(await registerOwn(cloud.urls.http, names, { ClientCert: own.cert }));
	return own;
}

test("v1 and v2 return a certificate and RSA key in the vendor's form", async (t) => {
	const names = newNames();
	const v1 = await registerV1(cloud.urls.http, names);
	const v2 = await registerV2(cloud.urls.http, names);
	const pems = [decrypt(v1.payload ?? "", v1.len ?? 0), plain(v2)].map((text) => {
		t.regex(
			text,
			/^\{"encryptionType":1,"clientCert":"-----BEGIN CERTIFICATE-----\\n[^-]+-----END CERTIFICATE-----\\n","clientKey":"-----BEGIN RSA PRIVATE KEY-----\\n[^-]+-----END RSA PRIVATE KEY-----\\n"\}$/,
		);
		const { clientCert, clientKey } = JSON.parse(text) as { clientCert: string; clientKey: string };
		const certificate = new X509Certificate(clientCert);
		t.is(certificate.subject, `CN=${names.productId}${names.deviceName}`);
		t.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
		t.false(certificate.ca);
		t.true(certificate.checkPrivateKey(createPrivateKey(clientKey)));
		t.is(createPublicKey(clientKey).asymmetricKeyDetails?.modulusLength, 2048);
		return clientKey;
	});
	t.not(pems[0], pems[1]);
	t.true(JSON.stringify(v2).length < 5 * 1024);
});

test("a certificate connects without a password, on mqtts and mtls", async (t) => {
	const names = newNames();
	const certificate = await obtainCertificate(cloud.urls.http, names);
	t.is(device(names).state, "registered");
	for (const port of ["mqtts", "mtls"] as const)
		for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
			t.is(await refusal(cloud, port, names, certificate, { maxVersion }), 0, `${port} ${maxVersion}`);
			t.like(lastConnect(cloud, names), { verdict: "accepted", transport: port });
		}
	t.is(device(names).state, "active");
});

test("what the device does in its session is as with a key", async (t) => {
	const names = newNames();
	const own = `${names.productId}/${names.deviceName}`;
	const client = await open(cloud, "mtls", names, await obtainCertificate(cloud.urls.http, names));
	await client.subscribeAsync(`$sys/operation/result/${own}`);
	const arrived = new Promise<string>((resolve) => client.once("message", (_, payload) => resolve(String(payload))));
	await client.publishAsync(`$sys/operation/${own}`, '{"type":"get","resource":["time"]}');
	t.regex(await arrived, /"ntptime1":\d{13}/);
	t.is(lastEntry(cloud, names)?.transport, "mtls");
	client.end(true);
});

test("an active device needs a reset to register; its certificate stays valid until then", async (t) => {
	const names = newNames();
	const first = await obtainCertificate(cloud.urls.http, names);
	t.is(await refusal(cloud, "mqtts", names, first), 0);
	t.is((await registerV1(cloud.urls.http, names)).code, 1021);
	t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Message, "Device has been activated");
	t.regex(lastEntry(cloud, names)?.reason ?? "", /If its certificate is lost, reset or delete the device/);

	cloud.administration.resetDevice("tencent", names.productId, names.deviceName);
	t.is(device(names).state, "registered");
	const client = await open(cloud, "mqtts", names, first);
	cloud.administration.resetDevice("tencent", names.productId, names.deviceName);
	const gone = closed(client);
	const second = await obtainCertificate(cloud.urls.http, names);
	await gone;
	t.is(await refusal(cloud, "mqtts", names, first), 5);
	t.is(await refusal(cloud, "mqtts", names, second), 0);
});

test("before the first connection only the newest certificate counts", async (t) => {
	const names = newNames();
	const first = await obtainCertificate(cloud.urls.http, names);
	const second = await obtainCertificate(cloud.urls.http, names);
	t.is(await refusal(cloud, "mtls", names, first), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /an older certificate of the device/);
	t.is(await refusal(cloud, "mtls", names, second), 0);
});

test("of concurrent registrations one certificate is valid, and the limit holds", async (t) => {
	const names = newNames();
	const many = await Promise.all([1, 2, 3].map(() => obtainCertificate(cloud.urls.http, names)));
	const codes = [];
	for (const certificate of many) codes.push(await refusal(cloud, "mtls", names, certificate));
	t.deepEqual(codes.sort(), [0, 5, 5]);

	const limited = { secret: product.secret, auth: "certificate", limit: 1 } as const;
	cloud.administration.putProduct("tencent", "CERTLIMIT1", limited);
	const answers = await Promise.all([1, 2, 3].map(() => registerV2(cloud.urls.http, newNames("CERTLIMIT1"))));
	const errors = answers.map(({ Response }) => Response.Error?.Code).filter(Boolean);
	t.deepEqual(errors, ["LocalCloud.LimitReached", "LocalCloud.LimitReached"]);
});

test("a product that is deleted while a certificate is made takes no device any more", async (t) => {
	const products = new Products([], { changed: () => {}, credentialInvalidated: () => {} });
	const settings = { secret: product.secret, auth: "certificate", registration: "automatic", limit: 1 } as const;
	const deleted = products.put("tencent", certified, settings);
	const { cert } = await ownCertificate(newNames());
	products.checkRegistration(deleted, "board");
	products.delete(deleted);
	t.throws(() => products.registerCertificate(deleted, "board", cert), { message: /was deleted while/ });
});

test("a key device needs no certificate where one is requested, and none is checked", async (t) => {
	const names = newNames(product.id);
	const other = newNames();
	const certificate = await obtainCertificate(cloud.urls.http, other);
	const { username, password } = login(names, await obtainPsk(cloud.urls.http, names));
	t.is(await refusal(cloud, "mqtts", names, undefined, { username, password }), 0);
	for (const port of ["mqtts", "mtls"] as const)
		t.is(await refusal(cloud, port, names, certificate, { username, password }), 0);
	t.is(await refusal(cloud, "mtls", names, certificate), 4);
	t.is(lastConnect(cloud, names)?.reason, "The password is missing.");
});

const refusals: readonly [
	what: string,
	certificate: (names: Names) => Promise<Certificate | undefined>,
	reason: RegExp,
	port?: "mqtt",
][] = [
	["none", async () => undefined, /sent no certificate, but product/],
	["no TLS", async () => undefined, /needs TLS/, "mqtt"],
	[
		"another device's",
		() => obtainCertificate(cloud.urls.http, { productId: certified, deviceName: "another" }),
		/for CERTPROD01another\. Expected a certificate for CERTPROD01board-\d+/,
	],
	["one of its name that another authority has issued", ownCertificate, /not from the local cloud/],
	[
		"one that looks as if the local cloud had issued it",
		async (names) => ownCertificate(names, {}, await createAuthority({ name: "dynreg local cloud, devices" })),
		/not from the local cloud/,
	],
];
for (const [what, certificate, reason, port] of refusals)
	test(`refused with CONNACK 5, and explained: a certificate device with ${what}`, async (t) => {
		const names = newNames();
		await obtainCertificate(cloud.urls.http, names);
		const wrong = await certificate(names);
		for (const where of port ? [port] : wrong ? (["mqtts", "mtls"] as const) : (["mqtts"] as const)) {
			t.is(await refusal(cloud, where, names, wrong), 5, where);
			t.like(lastConnect(cloud, names), { verdict: "refused", code: 5, transport: where });
			t.regex(lastConnect(cloud, names)?.reason ?? "", reason);
		}
		t.is(device(names).state, "registered");
	});

test("an unregistered device gets CONNACK 5, whatever its certificate", async (t) => {
	const names = newNames();
	cloud.administration.putDevice("tencent", names.productId, names.deviceName);
	t.is(await refusal(cloud, "mtls", names, await ownCertificate(names)), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /has not registered yet/);
});

for (const [maxVersion, message] of [
	["TLSv1.2", /alert handshake failure/],
	["TLSv1.3", /alert certificate required/],
] as const)
	test.serial(`mtls ends a ${maxVersion} handshake without a certificate by alert`, async (t) => {
		cloud.administration.clearRequests();
		await t.throwsAsync(open(cloud, "mtls", newNames(), undefined, { maxVersion }), { message });
		const [entry, ...more] = cloud.administration.requests();
		t.like(entry, { transport: "mtls", operation: "tls", verdict: "refused" });
		t.regex(entry?.reason ?? "", /sent no certificate, but this port requires one/);
		t.deepEqual(more, []);
	});

test.serial("the journal has non-TLS clients and disconnects on mtls", async (t) => {
	cloud.administration.clearRequests();
	const { port, hostname } = new URL(cloud.urls.mtls);
	for (const bytes of ["GET / HTTP/1.1\r\n\r\n", ""])
		await new Promise<void>((resolve) => {
			const socket = connectPlain(Number(port), hostname, () => socket.end(bytes));
			socket.on("error", () => {}).once("close", () => resolve());
		});
	const reasons = cloud.administration.requests().map(({ reason }) => reason);
	t.is(reasons.length, 2);
	t.regex(reasons[0] ?? "", /sent plain HTTP to a TLS port/);
	t.regex(reasons[1] ?? "", /closed the connection during the TLS handshake/);
});

test("mtls closes an unfinished handshake and records it once", async (t) => {
	const failures: unknown[] = [];
	const { chain, key } = await issueCertificate(customer, { names: ["localhost"], keys });
	const { server } = createTlsServer(
		"mtls",
		{ cert: chain, key, handshakeTimeout: 50 },
		{
			clientCertificate: () => "required",
			onConnection: () => {},
			onSecure: () => t.fail(),
			onFailure: ({ code }) => failures.push(code),
		},
	);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const socket = connectPlain((server.address() as AddressInfo).port, "127.0.0.1");
	socket.on("error", () => {});
	await new Promise((resolve) => socket.once("close", resolve));
	await new Promise((resolve) => server.close(resolve));
	t.deepEqual(failures, ["ERR_TLS_HANDSHAKE_TIMEOUT"]);
});

test("a resumed TLS session still has its certificate, and revoking reaches it", async (t) => {
	for (const port of ["mqtts", "mtls"] as const) {
		const names = newNames();
		const certificate = await obtainCertificate(cloud.urls.http, names);
		const client = await open(cloud, port, names, certificate, { maxVersion: "TLSv1.2" });
		const session = (client.stream as TLSSocket).getSession();
		if (!session) throw new Error("no session");
		client.end(true);
		const resumed = await open(cloud, port, names, certificate, { maxVersion: "TLSv1.2", session });
		t.true((resumed.stream as TLSSocket).isSessionReused(), port);
		const gone = closed(resumed);
		cloud.administration.revokeDevice("tencent", names.productId, names.deviceName);
		await gone;
		t.is(await refusal(cloud, port, names, certificate, { maxVersion: "TLSv1.2", session }), 5, port);
	}
});

test("a revoked certificate is disconnected and refused; the device needs a reset", async (t) => {
	const names = newNames();
	const certificate = await obtainCertificate(cloud.urls.http, names);
	const client = await open(cloud, "mqtts", names, certificate);
	const gone = closed(client);
	cloud.administration.revokeDevice("tencent", names.productId, names.deviceName);
	await gone;
	t.like(device(names), { state: "active", connected: false, certificate: { revoked: true } });
	t.is(await refusal(cloud, "mqtts", names, certificate), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /was revoked/);
	t.is((await registerV2(cloud.urls.http, names)).Response.Error?.Message, "Device has been activated");
	cloud.administration.resetDevice("tencent", names.productId, names.deviceName);
	t.is(await refusal(cloud, "mqtts", names, certificate), 5);
	const next = await obtainCertificate(cloud.urls.http, names);
	t.like(device(names), { certificate: { revoked: false } });
	t.is(await refusal(cloud, "mqtts", names, next), 0);
});

test("a rotated certificate is refused at once; the new one stays in the cloud", async (t) => {
	const names = newNames();
	const certificate = await obtainCertificate(cloud.urls.http, names);
	const client = await open(cloud, "mqtts", names, certificate);
	const gone = closed(client);
	const rotated = cloud.administration.rotateDevice("tencent", names.productId, names.deviceName);
	t.is(await refusal(cloud, "mqtts", names, certificate), 5);
	await gone;
	t.like(await rotated, { state: "active", certificate: { kind: "issued", revoked: false } });
	t.is(await refusal(cloud, "mqtts", names, certificate), 5);
	cloud.administration.resetDevice("tencent", names.productId, names.deviceName);
	t.is(await refusal(cloud, "mqtts", names, await obtainCertificate(cloud.urls.http, names)), 0);
});

test("a board that registers while its certificate is rotated keeps what it was given", async (t) => {
	const products = new Products([], { changed: () => {}, credentialInvalidated: () => {} });
	const settings = { secret: product.secret, auth: "certificate", registration: "automatic", limit: 1 } as const;
	const of = products.put("tencent", certified, settings);
	const device = products.registerCertificate(of, "board", "revoked");
	products.registerCertificate(of, "board", "registered meanwhile");
	products.rotateCertificate(device, "revoked", "rotated");
	t.is(device.certificate, "registered meanwhile");
	products.rotateCertificate(device, "registered meanwhile", "rotated");
	t.is(device.certificate, "rotated");
});

test("the vendor's response to a board with its own certificate, exactly", async (t) => {
	const vector = vectors.tencent_payload.find(({ len }) => len === 20);
	if (!vector) throw new Error("the vector is missing");
	const { productSecret, payload } = vector;
	const names = newNames("VENDORVEC1");
	const authority = customer.certificate;
	cloud.administration.putProduct("tencent", names.productId, { secret: productSecret, auth: "private-ca", authority });
	const body = JSON.stringify({
		ProductId: names.productId,
		DeviceName: names.deviceName,
		EncryptionType: 1,
		ClientCert: (await ownCertificate(names)).cert,
	});
	const { Response } = await registerV2(cloud.urls.http, names, productSecret, { body });
	t.is(Response.Payload, payload);
	t.is(Response.Len, 20);
});

for (const field of ["ClientCert", "clientCert"])
	test(`a board registers with its own certificate as ${field}, and connects with it`, async (t) => {
		const names = newNames(owned);
		const own = await ownCertificate(names);
		t.is(plain(await registerOwn(cloud.urls.http, names, { [field]: own.cert })), '{"encryptionType":1}');
		t.like(device(names), { state: "registered", automatic: true, certificate: { kind: "own", revoked: false } });
		for (const port of ["mqtts", "mtls"] as const) t.is(await refusal(cloud, port, names, own), 0);
		t.like(device(names), { state: "active" });
		const again = await registerOwn(cloud.urls.http, names, { [field]: own.cert });
		t.is(again.Response.Error?.Message, "Device has been activated");
	});

test("ClientCert alone is enough, even with trailing whitespace", async (t) => {
	const names = newNames(owned);
	const { cert } = await ownCertificate(names);
	const ClientCert = cert.replaceAll("\n", " \n");
	t.is(plain(await registerOwn(cloud.urls.http, names, { ClientCert })), '{"encryptionType":1}');
});

const foreign = createAuthority({ name: "Customer" });
const badOwn: readonly [what: string, fields: (names: Names) => Promise<Record<string, unknown>>, reason: RegExp][] = [
	["is missing", async () => ({}), /"ClientCert" is missing/],
	["is no text", async () => ({ ClientCert: 7 }), /Expected a certificate in PEM/],
	[
		"is no certificate",
		async () => ({ ClientCert: "-----BEGIN CERTIFICATE-----\nAAAA" }),
		/Expected a certificate in PEM/,
	],
	[
		"was issued by another authority of the same name",
		async (names) => ({ ClientCert: (await ownCertificate(names, {}, await foreign)).cert }),
		/not from the product's authority/,
	],
	[
		"has a forged signature",
		async (names) => ({ clientCert: forged((await ownCertificate(names)).cert) }),
		/not from the product's authority/,
	],
	[
		"has expired",
		async (names) => {
			const past = { notBefore: new Date(Date.now() - 2 * HOUR), notAfter: new Date(Date.now() - HOUR) };
			return { ClientCert: (await ownCertificate(names, past)).cert };
		},
		/outside its validity period \(expired at 20\d\d-.*Z/,
	],
	[
		"is not valid yet",
		async (names) => ({
			ClientCert: (await ownCertificate(names, { notBefore: new Date(Date.now() + HOUR) })).cert,
		}),
		/outside its validity period \(not valid before 20\d\d-.*Z/,
	],
	[
		"comes as a key",
		async (names) => ({ EncryptionType: 2, ClientCert: (await ownCertificate(names)).cert }),
		/"EncryptionType" is invalid\. Expected 1/,
	],
];
for (const [what, fields, reason] of badOwn)
	test(`refused with a local code and a reason: a board whose certificate ${what}`, async (t) => {
		const names = newNames(owned);
		const { Response } = await registerOwn(cloud.urls.http, names, await fields(names));
		t.is(Response.Error?.Code, "LocalCloud.BadCertificate");
		t.like(lastEntry(cloud, names), { verdict: "refused", code: "LocalCloud.BadCertificate" });
		t.regex(lastEntry(cloud, names)?.reason ?? "", reason);
		t.throws(() => device(names), { message: /has no device/ });
	});

test("v1 has no field for the board's certificate, and says so", async (t) => {
	const names = newNames(owned);
	t.is((await registerV1(cloud.urls.http, names)).code, 900006);
	t.regex(lastEntry(cloud, names)?.reason ?? "", /needs version 2/);
});

test("a wrong signature comes before everything else", async (t) => {
	const answer = await registerV2(cloud.urls.http, newNames(owned), "some-other-secret-0");
	t.is(answer.Response.Error?.Message, "Check signature failed");
});

test.serial("a board's own certificate is refused once its time is up", async (t) => {
	const names = newNames(owned);
	const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
	const own = await ownCertificate(names, { notAfter });
	plain(await registerOwn(cloud.urls.http, names, { ClientCert: own.cert }));
	t.is(device(names).certificate?.expires, notAfter.toISOString());
	t.is(await refusal(cloud, "mtls", names, own), 0);
	await new Promise((resolve) => setTimeout(resolve, notAfter.getTime() + 50 - Date.now()));
	for (const port of ["mqtts", "mtls"] as const) t.is(await refusal(cloud, port, names, own), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /\(expired at/);
});

test("another certificate of the same board and CA is not the registered one", async (t) => {
	const names = newNames(owned);
	await registeredOwn(names);
	t.is(await refusal(cloud, "mtls", names, await ownCertificate(names)), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /registered with another certificate/);
});

test("a revoked certificate of a board's own may not register again, another one may", async (t) => {
	const names = newNames(owned);
	const own = await registeredOwn(names);
	cloud.administration.revokeDevice("tencent", owned, names.deviceName);
	t.is(await refusal(cloud, "mqtts", names, own), 5);
	const { Response } = await registerOwn(cloud.urls.http, names, { ClientCert: own.cert });
	t.is(Response.Error?.Code, "LocalCloud.BadCertificate");
	t.regex(lastEntry(cloud, names)?.reason ?? "", /was revoked/);
	t.is(await refusal(cloud, "mqtts", names, await registeredOwn(names)), 0);
});

test("with the product's authority the certificates of its boards are exchanged", async (t) => {
	const names = newNames("OWNCAPRD02");
	const settings = { secret: product.secret, auth: "private-ca", authority: customer.certificate } as const;
	cloud.administration.putProduct("tencent", names.productId, settings);
	const own = await registeredOwn(names);
	const client = await open(cloud, "mqtts", names, own);
	cloud.administration.putProduct("tencent", names.productId, { limit: 5 });
	t.true(device(names).connected);
	const gone = closed(client);
	const next = await createAuthority();
	cloud.administration.putProduct("tencent", names.productId, { authority: next.certificate });
	await gone;
	t.is(await refusal(cloud, "mqtts", names, own), 5);
	t.regex(lastConnect(cloud, names)?.reason ?? "", /not from the product's authority/);
	cloud.administration.resetDevice("tencent", names.productId, names.deviceName);
	const { cert } = await ownCertificate(names, {}, next);
	t.is(plain(await registerOwn(cloud.urls.http, names, { ClientCert: cert })), '{"encryptionType":1}');
});

test("the broker's port that demands a certificate comes back as it was", async (t) => {
	const other = await startCloud({ ports: reservedPorts() });
	t.teardown(() => other.close());
	setUp(other);
	const names = newNames();
	const certificate = await obtainCertificate(other.urls.http, names);
	const client = await open(other, "mtls", names, certificate);
	const { port, hostname } = new URL(other.urls.mtls);
	const half = connectPlain(Number(port), hostname);
	half.on("error", () => {});
	await new Promise((resolve) => half.once("connect", resolve));
	const gone = closed(client);
	await other.administration.stopBroker();
	await gone;
	t.is(await refusal(other, "mtls", names, certificate), "ECONNREFUSED");
	await other.administration.startBroker();
	t.is(await refusal(other, "mtls", names, certificate), 0);
});

test("certificates, revocations and their CA survive a restart", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-certificates-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const state = join(folder, "state.json");
	const [kept, revoked, own] = [newNames(), newNames(), newNames(owned)];
	const first = await startCloud({ state });
	setUp(first);
	const certificate = await obtainCertificate(first.urls.http, kept);
	const withdrawn = await obtainCertificate(first.urls.http, revoked);
	first.administration.revokeDevice("tencent", certified, revoked.deviceName);
	const ownCert = await ownCertificate(own);
	plain(await registerOwn(first.urls.http, own, { ClientCert: ownCert.cert }));
	// When it was last seen is forgotten with the process.
	const { lastSeen: _, ...view } = first.administration.device("tencent", certified, kept.deviceName);
	await first.close();
	t.false((await readFile(state, "utf8")).includes("RSA PRIVATE KEY"));

	const second = await startCloud({ state });
	t.teardown(() => second.close());
	t.deepEqual(second.administration.device("tencent", certified, kept.deviceName), view);
	t.is(await refusal(second, "mtls", kept, certificate), 0);
	t.is(await refusal(second, "mtls", own, ownCert), 0);
	t.is(await refusal(second, "mtls", revoked, withdrawn), 5);
	t.regex(lastConnect(second, revoked)?.reason ?? "", /was revoked/);
	const next = new X509Certificate((await obtainCertificate(second.urls.http, newNames())).cert);
	const former = new X509Certificate(certificate.cert);
	t.is(authorityKey(next), authorityKey(former));
	t.not(authorityKey(next), authorityKey(new X509Certificate(ownCert.cert)));
});

test("no private key, psk or product secret is in the journal or admin responses", async (t) => {
	const names = newNames();
	const { key } = await obtainCertificate(cloud.urls.http, names);
	await registerOwn(cloud.urls.http, newNames(owned), { ClientCert: key });
	const base = `${cloud.urls.admin}/products/tencent/${certified}`;
	const answers = [JSON.stringify(cloud.administration.requests())];
	for (const [method, path] of [
		["GET", ""],
		["GET", "/devices"],
		["POST", `/devices/${names.deviceName}/revoke`],
		["POST", `/devices/${names.deviceName}/rotate`],
		["GET", `/devices/${names.deviceName}`],
	] as const)
		answers.push(await (await fetch(base + path, { method })).text());
	for (const text of answers) {
		t.false(text.includes("PRIVATE KEY"));
		t.false(text.includes(product.secret));
		for (const line of key.split("\n").slice(1, -2)) t.false(text.includes(line));
	}
	t.regex(
		answers.at(-1) ?? "",
		/"certificate":\{"kind":"issued","expires":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z","revoked":false\}/,
	);
});

test("the administration accepts certificate products and rejects invalid ones", async (t) => {
	const put = async (path: string, body: unknown, method = "PUT") => {
		const response = await fetch(cloud.urls.admin + path, { method, body: JSON.stringify(body) });
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	};
	const path = "/products/tencent/ADMINCERT1";
	const { secret } = product;
	const authority = customer.certificate;
	const leaf = (await ownCertificate(newNames())).cert;
	t.like(await put(path, { secret, auth: "private-ca", authority }), {
		status: 200,
		body: { auth: "private-ca", authority },
	});
	t.like((await put(path, { limit: 3 })).body, { auth: "private-ca", authority, limit: 3 });
	const change = (await put(path, { auth: "certificate" })).body;
	t.is(change.auth, "certificate");
	t.false("authority" in change);
	await put(`${path}/devices/board`, {});
	await put("/products/tencent/ADMINKEY01", { secret });
	await put("/products/tencent/ADMINKEY01/devices/board", {});
	const device = `${path}/devices/board`;
	const cases: [method: string, path: string, body: unknown, status: number, error: RegExp][] = [
		["PUT", "/products/tencent/NEWCERT001", { secret, auth: "private-ca" }, 400, /"authority" is missing/],
		[
			"PUT",
			"/products/tencent/NEWCERT001",
			{ secret, auth: "private-ca", authority: "x" },
			400,
			/Expected a certificate in PEM/,
		],
		[
			"PUT",
			"/products/tencent/NEWCERT001",
			{ secret, auth: "private-ca", authority: leaf },
			400,
			/Expected the certificate of an authority/,
		],
		["PUT", "/products/tencent/NEWCERT001", { secret, authority }, 400, /"private-ca"/],
		["PUT", "/products/tencent/NEWCERT001", { secret, auth: "magic" }, 400, /"key", "certificate" or "private-ca"/],
		["PUT", "/products/tencent/NEWCERT001", { secret, auth: 1 }, 400, /"auth" is invalid\. Expected a string/],
		[
			"PUT",
			"/products/aliyun/a1NewCert",
			{ secret, auth: "certificate" },
			400,
			/"auth" is invalid\. Expected "key"\.$/,
		],
		["PUT", path, { auth: "key" }, 409, /has devices, so "auth" must stay "certificate"/],
		[
			"PUT",
			device,
			{ psk: "AAAAAAAAAAAAAAAAAAAAAA==" },
			400,
			/"psk" is invalid: the devices of product \w+ have certificates/,
		],
		["POST", `${device}/rotate`, { psk: "AAAAAAAAAAAAAAAAAAAAAA==" }, 400, /Leave out "psk"/],
		["POST", `${device}/revoke`, {}, 409, /has no certificate yet/],
		["POST", `${device}/rotate`, {}, 409, /has no certificate yet/],
		[
			"POST",
			"/products/tencent/ADMINKEY01/devices/board/revoke",
			{},
			409,
			/have keys, and only certificates can be revoked/,
		],
		["POST", `/products/tencent/${owned}/devices/nobody/revoke`, {}, 404, /has no device nobody/],
	];
	for (const [method, where, body, status, error] of cases) {
		const reply = await put(where, body, method);
		t.is(reply.status, status, `${method} ${where} ${JSON.stringify(body)}`);
		t.regex(String(reply.body.error), error);
	}
	const names = newNames(owned);
	await registeredOwn(names);
	const reply = await put(`/products/tencent/${owned}/devices/${names.deviceName}/rotate`, {}, "POST");
	t.is(reply.status, 409);
	t.regex(String(reply.body.error), /its own certificate.*Revoke the certificate/);
});

/** With another signature than the one it was issued with. */
function forged(pem: string): string {
	const der = new X509Certificate(pem).raw;
	der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
	return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

/** Which key has issued it: the extension's bytes. */
function authorityKey({ raw }: X509Certificate): string {
	// 2.5.29.35, in DER.
	const at = raw.indexOf(Buffer.from("0603551d23", "hex"));
	return raw.subarray(at, at + 36).toString("hex");
}
