/** Fleet provisioning by claim, with a client that knows nothing of the library. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdminError, type Cloud, startCloud } from "@dynreg/cloud";
import { createConversation } from "@dynreg/cloud/internal/platforms/aws/conversation";
import type { PlatformContext } from "@dynreg/cloud/internal/platforms/platform";
import type { Product } from "@dynreg/cloud/internal/products/product";
import test from "ava";
import type { IClientOptions } from "mqtt";
import { hostOfPort443, port443MissingReason } from "../support/port-443.js";
import {
	ask,
	type Certificate,
	closed,
	createKeys,
	createTopic,
	lastEntry,
	obtain,
	open,
	prepare,
	provisionTopic,
	refusal,
	registerThing,
	template,
} from "./aws-device.js";

let cloud: Cloud;
let claim: Certificate;
test.before(async () => {
	cloud = await startCloud();
	claim = await prepare(cloud);
});
test.after.always(() => cloud.close());

let count = 0;
const newSerial = () => `board-${++count}`;
const device = (serial: string, id = template) => cloud.administration.device("aws", id, serial);

test.serial("a claim certificate registers a thing, whose certificate connects", async (t) => {
	const serial = newSerial();
	const client = await open(cloud, serial, claim);
	t.like(lastEntry(cloud, "claim"), { verdict: "accepted", product: template, device: serial });
	const keys = await createKeys(client);
	t.deepEqual(Object.keys(keys), ["certificateId", "certificatePem", "privateKey", "certificateOwnershipToken"]);
	t.regex(keys.certificateId, /^[0-9a-f]{64}$/);
	t.regex(keys.privateKey, /^-----BEGIN RSA PRIVATE KEY-----\n/);
	t.true(new X509Certificate(keys.certificatePem).checkPrivateKey(createPrivateKey(keys.privateKey)));
	const own = { cert: keys.certificatePem, key: keys.privateKey };
	t.is(await refusal(cloud, serial, own), 5, "the certificate is pending");
	t.deepEqual(await registerThing(client, keys.certificateOwnershipToken, serial), {
		verdict: "accepted",
		body: { deviceConfiguration: {}, thingName: serial },
	});
	client.end(true);
	t.like(lastEntry(cloud, "register/thing"), { verdict: "accepted", product: template, device: serial });
	t.is(device(serial).state, "registered");
	for (const port of ["mqtts", "mtls"] as const) t.is(await refusal(cloud, serial, own, { port }), 0, port);
	t.is(device(serial).state, "active");
});

(port443MissingReason ? test.skip : test.serial)(
	"port 443 is for clients that name the protocol by ALPN",
	async (t) => {
		const other = await startCloud({ host: hostOfPort443, ports: { mqtts: 443 } });
		t.teardown(() => other.close());
		const offering = (...ALPNProtocols: string[]) =>
			(ALPNProtocols.length > 0 ? { ALPNProtocols } : {}) as Omit<IClientOptions, "port">;
		const own = await prepare(other);
		for (const [protocols, code] of [
			[["x-amzn-mqtt-ca"], 0],
			[["mqtt"], 5],
			[[], 5],
		] as const)
			t.is(await refusal(other, "board", own, offering(...protocols)), code, protocols.join());
		t.regex(lastEntry(other, "connect")?.reason ?? "", /x-amzn-mqtt-ca by ALPN/);
		t.is(await refusal(other, "board", own, { port: "mtls" }), 0, "any other port");
	},
);

test.serial("the user name may be absent, or that of the vendor's SDKs", async (t) => {
	const serial = newSerial();
	const own = await obtain(cloud, claim, serial);
	for (const username of ["?SDK=IoTDeviceSDK/JS&Version=1.28.0&Metadata=(a=1;b=2)", "?SDK=x", ""])
		t.is(await refusal(cloud, serial, own, { username }), 0, username);
});

test.serial("the request may be empty, and a response is for those who have subscribed", async (t) => {
	const client = await open(cloud, newSerial(), claim);
	t.regex((await createKeys(client, "")).certificatePem, /CERTIFICATE/);
	await client.unsubscribeAsync(`${createTopic}/accepted`);
	const before = cloud.administration.requests().length;
	await client.publishAsync(createTopic, "{}", { qos: 1 });
	const heard = await new Promise<string>((resolve) => {
		const timer = setInterval(() => {
			const entry = cloud.administration
				.requests()
				.slice(before)
				.find(({ operation }) => operation === "claim/certificate");
			if (!entry) return;
			clearInterval(timer);
			resolve(entry.reason);
		}, 5);
	});
	t.regex(heard, /The board has not subscribed to \$aws\/certificates\/create\/json\/accepted/);
	client.end(true);
});

test.serial("an ownership token is valid once, on its connection", async (t) => {
	const serial = newSerial();
	const client = await open(cloud, serial, claim);
	const { certificateOwnershipToken: token } = await createKeys(client);
	const other = await open(cloud, newSerial(), claim);
	const invalid = {
		verdict: "rejected",
		body: {
			statusCode: 400,
			errorCode: "InvalidCertificateOwnershipToken",
			errorMessage: "The certificate ownership token is invalid.",
		},
	} as const;
	t.deepEqual(await registerThing(other, token, serial), invalid);
	t.is((await registerThing(client, token, serial)).verdict, "accepted");
	t.deepEqual(await registerThing(client, token, serial), invalid);
	t.regex(lastEntry(cloud, "register/thing")?.reason ?? "", /was used before/);
	t.deepEqual(await registerThing(client, "", serial), invalid);
	for (const each of [client, other]) each.end(true);
});

test.serial("an ownership token lives an hour", async (t) => {
	const product = { platform: "aws", id: template, registration: "automatic" } as Product;
	const conversation = createConversation(product);
	const certificates = {
		issue: async () => ({ certificate: new X509Certificate(claim.cert).toString(), key: claim.key }),
	};
	const at = (now: number) => ({ certificates, now, products: {} }) as unknown as PlatformContext;
	const { message } = await conversation.respond(createTopic, Buffer.of(), at(0));
	const { certificateOwnershipToken } = JSON.parse(message.payload);
	const request = Buffer.from(JSON.stringify({ certificateOwnershipToken, parameters: { SerialNumber: "x" } }));
	const { outcome } = await conversation.respond(provisionTopic, request, at(3_600_001));
	t.like(outcome, { verdict: "refused", code: "InvalidCertificateOwnershipToken" });
	t.regex(outcome.reason, /older than an hour/);
});

test.serial("a connection has a limited number of pending certificates", async (t) => {
	const conversation = createConversation({ platform: "aws", id: template } as Product);
	const certificates = {
		issue: async () => ({ certificate: new X509Certificate(claim.cert).toString(), key: claim.key }),
	};
	const context = { certificates, now: 0 } as unknown as PlatformContext;
	for (let pending = 0; pending < 16; pending++)
		t.is((await conversation.respond(createTopic, Buffer.of(), context)).outcome.verdict, "accepted");
	const { message, outcome } = await conversation.respond(createTopic, Buffer.of(), context);
	t.is(message.topic, `${createTopic}/rejected`);
	t.is(outcome.code, "LocalCloud.LimitReached");
});

test.serial("a malformed request is rejected with the vendor's code, and the journal says why", async (t) => {
	const client = await open(cloud, newSerial(), claim);
	const { certificateOwnershipToken: token } = await createKeys(client);
	for (const [payload, code, reason] of [
		["no JSON", "InvalidParameters", /not JSON/],
		["[]", "InvalidCertificateOwnershipToken", /is missing/],
		["null", "InvalidCertificateOwnershipToken", /is missing/],
		[{ certificateOwnershipToken: 5 }, "InvalidCertificateOwnershipToken", /is missing/],
		[{ certificateOwnershipToken: token }, "InvalidParameters", /"SerialNumber" is missing/],
		[{ certificateOwnershipToken: token, parameters: { SerialNumber: "a/b" } }, "InvalidParameters", /128 characters/],
	] as const) {
		const { verdict, body } = await ask(client, provisionTopic, payload);
		t.is(verdict, "rejected");
		t.is(body.errorCode, code);
		t.regex(lastEntry(cloud, "register/thing")?.reason ?? "", reason);
	}
	t.is((await registerThing(client, token, newSerial())).verdict, "accepted", "the token is still valid");
	client.end(true);
});

test.serial(
	"a repeated registration gives another certificate, and the first stays valid until it is revoked",
	async (t) => {
		const serial = newSerial();
		const first = await obtain(cloud, claim, serial);
		t.is(await refusal(cloud, serial, first), 0);
		const second = await obtain(cloud, claim, serial);
		t.regex(lastEntry(cloud, "register/thing")?.reason ?? "", /earlier certificates stay valid/);
		for (const own of [first, second, first]) t.is(await refusal(cloud, serial, own), 0);
		cloud.administration.revokeDevice("aws", template, serial);
		for (const own of [first, second]) t.is(await refusal(cloud, serial, own), 5);
		t.regex(lastEntry(cloud, "connect")?.reason ?? "", /revoked/);
		t.is(await refusal(cloud, serial, await obtain(cloud, claim, serial)), 0);
	},
);

test.serial("who may register is the product's setting", async (t) => {
	const certificate = await prepare(cloud, "closed");
	const register = async (serial: string) => {
		const client = await open(cloud, serial, certificate);
		const { certificateOwnershipToken: token } = await createKeys(client);
		const topic = "$aws/provisioning-templates/closed/provision/json";
		const request = { certificateOwnershipToken: token, parameters: { SerialNumber: serial } };
		const { body } = await ask(client, topic, request);
		client.end(true);
		return body.errorCode ?? body.thingName;
	};
	cloud.administration.putProduct("aws", "closed", { registration: "pre-created" });
	cloud.administration.putDevice("aws", "closed", "known");
	t.is(await register("unknown"), "LocalCloud.ThingNotCreated");
	t.is(await register("known"), "known");
	cloud.administration.putProduct("aws", "closed", { registration: "off" });
	t.is(await register("known"), "LocalCloud.RegistrationOff");
	cloud.administration.putProduct("aws", "closed", { registration: "automatic", limit: 0 });
	t.is(await register("unknown"), "LocalCloud.LimitReached");
});

test.serial("the thing's name is the template's, and client id and topics are of that name", async (t) => {
	const certificate = await prepare(cloud, "named");
	cloud.administration.putProduct("aws", "named", { thingPrefix: "lamp_" });
	const client = await open(cloud, "1", certificate);
	const keys = await createKeys(client);
	const request = { certificateOwnershipToken: keys.certificateOwnershipToken, parameters: { SerialNumber: "1" } };
	const { body } = await ask(client, "$aws/provisioning-templates/named/provision/json", request);
	t.is(body.thingName, "lamp_1");
	client.end(true);
	const own = { cert: keys.certificatePem, key: keys.privateKey };
	t.is(await refusal(cloud, "1", own), 5);
	t.regex(lastEntry(cloud, "connect")?.reason ?? "", /No thing has the name 1\./);
	const session = await open(cloud, "lamp_1", own);
	const arrived = new Promise<string>((resolve) =>
		session.once("message", (topic, text) => resolve(`${topic} ${text}`)),
	);
	await session.subscribeAsync("lamp_1/control");
	await session.publishAsync("lamp_1/event", "hello", { qos: 1 });
	await cloud.administration.sendMessage("aws", "named", "1", "on");
	t.is(await arrived, "lamp_1/control on");
	session.end(true);
});

for (const [what, use] of [
	["a message", (client: Awaited<ReturnType<typeof open>>, topic: string) => client.publish(topic, "x", { qos: 1 })],
	["a subscription", (client: Awaited<ReturnType<typeof open>>, topic: string) => client.subscribe(topic)],
] as const)
	test.serial(`${what} that the policy does not allow ends the connection`, async (t) => {
		const serial = newSerial();
		const own = await obtain(cloud, claim, serial);
		for (const [certificate, topics] of [
			[claim, ["$aws/provisioning-templates/another/provision/json", `${serial}/event`, "#"]],
			[own, ["other/event", createTopic]],
		] as const)
			for (const topic of topics) {
				const client = await open(cloud, serial, certificate);
				const end = closed(client);
				use(client, topic);
				await end;
				t.regex(lastEntry(cloud, what === "a message" ? "publish" : "subscribe")?.reason ?? "", /connection is closed/);
			}
	});

test.serial("a certificate is needed, of this thing, over TLS", async (t) => {
	const serial = newSerial();
	await obtain(cloud, claim, serial);
	const other = await obtain(cloud, claim, newSerial());
	t.is(await refusal(cloud, serial, undefined, { username: "?SDK=x" }), 5);
	t.regex(lastEntry(cloud, "connect")?.reason ?? "", /sent no certificate/);
	t.is(await refusal(cloud, serial, undefined, { port: "mqtt", username: "?SDK=x" }), 5);
	t.regex(lastEntry(cloud, "connect")?.reason ?? "", /needs TLS/);
	t.is(await refusal(cloud, serial, other), 5);
	t.regex(lastEntry(cloud, "connect")?.reason ?? "", /not the thing's/);
});

test.serial("a claim certificate of another product, or a key of its own, changes nothing here", async (t) => {
	const id = "second";
	const certificate = await prepare(cloud, id);
	const again = await cloud.administration.newBoard("aws", id);
	t.is(again.claimKey, certificate.key, "the key stays");
	const client = await open(cloud, newSerial(), certificate);
	const end = closed(client);
	client.subscribe(`${provisionTopic}/accepted`);
	await end;
	t.pass();
});

test.serial("the key of the claim certificate may be given, and must be one", async (t) => {
	const status = (act: () => unknown) => t.throws<AdminError>(act as () => never)?.message;
	const { administration } = cloud;
	administration.putProduct("aws", "given", { secret: claim.key });
	t.is((await administration.newBoard("aws", "given", "board")).claimKey, claim.key);
	for (const secret of ["x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
		t.regex(
			status(() => administration.putProduct("aws", "given", { secret })) ?? "",
			/RSA key of the claim certificate/,
		);
	t.regex(
		status(() =>
			administration.putProduct("tencent", "PREFIXED01", { secret: "0123456789abcdef", thingPrefix: "x" }),
		) ?? "",
		/no template/,
	);
	t.regex(status(() => administration.putProduct("aws", "given", { thingPrefix: "a/b" })) ?? "", /thingPrefix/);
	administration.deleteProduct("aws", "given");
});

test.serial("a cloud that restarts still knows claims, things and earlier certificates", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-aws-"));
	t.teardown(() => rm(folder, { recursive: true }));
	const state = join(folder, "cloud.json");
	const before = await startCloud({ state });
	const certificate = await prepare(before);
	before.administration.putProduct("aws", template, { thingPrefix: "t-" });
	const first = await obtain(before, certificate, "1");
	const second = await obtain(before, certificate, "1");
	await before.close();
	const after = await startCloud({ state });
	t.teardown(() => after.close());
	t.is(after.administration.product("aws", template).thingPrefix, "t-");
	for (const own of [first, second, await obtain(after, certificate, "1")]) t.is(await refusal(after, "t-1", own), 0);
});

for (const [fault, reason] of [
	["wrong-secret", /another secret or private key/],
	["not-json", /not JSON/],
	["duplicate", /sent twice/],
] as const)
	test.serial(`a response can have the fault ${fault}`, async (t) => {
		cloud.administration.setFaults([{ operation: "claim/certificate", fault, count: 1 }]);
		t.teardown(() => cloud.administration.setFaults([]));
		const client = await open(cloud, newSerial(), claim);
		const created = createKeys(client);
		if (fault === "not-json") {
			created.catch(() => {});
			const text = await new Promise<string>((resolve) => client.once("message", (_, bytes) => resolve(String(bytes))));
			t.throws(() => JSON.parse(text));
		} else {
			const { certificatePem, privateKey } = await created;
			const isPair = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKey));
			t.is(isPair, fault !== "wrong-secret");
		}
		t.regex(lastEntry(cloud, "claim/certificate")?.reason ?? "", reason);
		client.end(true);
	});

test.serial("the CONNECT with a claim certificate can be refused by a fault", async (t) => {
	cloud.administration.setFaults([{ operation: "claim", fault: "connack", code: 3, count: 1 }]);
	t.teardown(() => cloud.administration.setFaults([]));
	t.is(await refusal(cloud, newSerial(), claim), 3);
});
