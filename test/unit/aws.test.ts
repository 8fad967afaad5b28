/** AWS IoT Core: fleet provisioning by claim, and the session that follows. */

import test from "ava";
import { aws } from "dynreg/clouds/aws/cloud";
import type { CloudDevice, Inputs, MqttExchange, MqttStep, RawConfiguration } from "dynreg/contracts/cloud";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { decode, encode } from "dynreg/credential-store/record";
import { sentence } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { credentialOf } from "../support/plans.js";
import { certificate as build, keys, type Parts } from "../trust/certificate-builder.js";
import { utcTime } from "../trust/der-writer.js";

const issue = (changes: Partial<Parts> = {}) =>
	`-----BEGIN CERTIFICATE-----\n${Buffer.from(
		build({ subject: "AWS IoT Certificate", issuer: "CA", key: keys.server, signer: keys.root, ...changes }),
	).toString("base64")}\n-----END CERTIFICATE-----\n`;
const pkcs1 = keys.server.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const pkcs8 = keys.server.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const claimKey = keys.other.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const claimCertificate = issue({ subject: "claim", key: keys.other });
const inputs: Inputs = { now: 1_800_000_000_000, random: new Uint8Array(16) };
const token = "an-invented-ownership-token";

const board: RawConfiguration = {
	cloud: "aws",
	templateName: "fleet",
	endpointPrefix: "a1b2c3",
	deviceName: "device_1234",
	claimCertificate,
	claimKey,
};

function device(changes: RawConfiguration = {}, mac?: string): CloudDevice {
	return aws.device({ ...board, ...changes }, crypto, mac);
}

function registration(changes: RawConfiguration = {}, given = inputs): MqttExchange {
	return device(changes).registration(given) as MqttExchange;
}

function failure(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const json = (value: unknown) => crypto.utf8(JSON.stringify(value));
const create = "$aws/certificates/create/json";
const provision = "$aws/provisioning-templates/fleet/provision/json";
const created = {
	certificateId: "0123456789abcdef",
	certificatePem: issue(),
	privateKey: pkcs1,
	certificateOwnershipToken: token,
};
const provisioned = { deviceConfiguration: {}, thingName: "thing-1234" };

/** The second step, after the platform has made a certificate. */
function secondStep(changes: RawConfiguration = {}, response: unknown = created): MqttStep {
	const step = registration(changes).accept(`${create}/accepted`, json(response));
	if (!step || "kind" in step) throw new Error("no second step");
	return step;
}

/** The topics are those of the vendor's Fleet Provisioning library 203803d, the order of a run of its JavaScript SDK 1.28.0. */
test("it subscribes to both responses of a request before the request, on one connection", (t) => {
	const { connect, subscribe, publish } = registration();
	t.deepEqual(subscribe, [`${create}/accepted`, `${create}/rejected`]);
	t.deepEqual(publish, { topic: create, payload: "{}" });
	t.deepEqual(connect.endpoint, {
		secure: true,
		host: "a1b2c3-ats.iot.us-east-1.amazonaws.com",
		port: 8883,
		trust: ["public"],
	});
	t.is(connect.clientId, "device_1234");
	t.regex(connect.username, /^\?SDK=/);
	t.false("password" in connect);
	t.is(connect.certificate?.certificates.length, 1);
	const second = secondStep();
	t.deepEqual(second.subscribe, [`${provision}/accepted`, `${provision}/rejected`]);
	t.is(second.publish?.topic, provision);
	t.deepEqual(JSON.parse(second.publish?.payload ?? ""), {
		certificateOwnershipToken: token,
		parameters: { SerialNumber: "device_1234" },
	});
});

test("the credential is the new certificate, with the thing's name, and flash keeps both", (t) => {
	for (const privateKey of [pkcs1, pkcs8]) {
		const second = secondStep({}, { ...created, privateKey });
		const credential = credentialOf(second.accept(`${provision}/accepted`, json(provisioned)));
		t.like(credential, { kind: "certificate", assigned: "thing-1234" });
		const record = { generation: 1, identity: "aws/fleet/device_1234", active: false, refusals: 0 };
		const read = decode(crypto, encode(crypto, { ...record, credential, previous: undefined }))?.credential;
		t.like(read, { kind: "certificate", assigned: "thing-1234" });
		t.deepEqual((read as CertificateCredential).certificates, (credential as CertificateCredential).certificates);
		t.is(read?.secret.reveal(), credential.secret.reveal());
	}
});

test("the template's other parameters go with the serial number", (t) => {
	const { publish } = secondStep({ templateParameters: "Location=Seattle=WA,Batch=" });
	t.deepEqual(JSON.parse(publish?.payload ?? "").parameters, {
		Location: "Seattle=WA",
		Batch: "",
		SerialNumber: "device_1234",
	});
});

test("invariant 5: a message on another topic is ignored in either step", (t) => {
	const first = registration();
	const second = secondStep();
	for (const topic of ["", create, `${create}/accepted/x`, "$aws/certificates/create-from-csr/json/accepted"])
		t.is(first.accept(topic, json(created)), undefined, topic);
	for (const topic of [`${create}/accepted`, `${create}/rejected`, provision])
		t.is(second.accept(topic, json(provisioned)), undefined, topic);
});

for (const [what, changes, values] of [
	["without a certificate", { certificatePem: undefined }, { reason: "invalid", key: "certificatePem" }],
	["without a key", { privateKey: undefined }, { reason: "invalid", key: "privateKey" }],
	["with a key that is no text", { privateKey: 5 }, { reason: "no-string", key: "privateKey" }],
	[
		"without a token",
		{ certificateOwnershipToken: undefined },
		{ reason: "invalid", key: "certificateOwnershipToken" },
	],
	["with an empty token", { certificateOwnershipToken: "" }, { reason: "invalid", key: "certificateOwnershipToken" }],
	["with another certificate's key", { privateKey: claimKey }, { reason: "mismatched" }],
	["with a certificate that is none", { certificatePem: "x" }, { reason: "no-certificate" }],
	["with a key that is none", { privateKey: "x" }, { reason: "no-certificate" }],
	["with a certificate on a curve", { certificatePem: issue({ key: keys.p256 }) }, { reason: "unsupported" }],
	[
		"with a certificate that has expired",
		{ certificatePem: issue({ from: utcTime("260101000000Z"), to: utcTime("260201000000Z") }) },
		{ reason: "expired" },
	],
] as const)
	test(`invariant 4: nothing is registered ${what}`, (t) => {
		const error = failure(() => secondStep({}, { ...created, ...changes }));
		t.like(error, { code: "bad-answer", phase: "register", action: "retry", ...values });
	});

test("invariant 4: a thing's name that is none is refused", (t) => {
	const second = secondStep();
	for (const thingName of [undefined, null, 5, "", "a/b", "a+", "#", "a b", "é", "a".repeat(129), {}]) {
		const error = failure(() => second.accept(`${provision}/accepted`, json({ ...provisioned, thingName })));
		t.like(error, { code: "bad-answer", reason: "invalid", key: "thingName" }, String(thingName));
	}
	for (const thingName of ["a", "Az09:_-", "a".repeat(128)])
		t.is(credentialOf(second.accept(`${provision}/accepted`, json({ thingName }))).assigned, thingName);
	for (const payload of ["", "[]", "no JSON"])
		t.is(failure(() => second.accept(`${provision}/accepted`, crypto.utf8(payload))).code, "bad-answer");
});

for (const [what, response, action, values, told] of [
	[
		"as users have reported it (aws-iot-device-sdk-js-v2, issue 69)",
		{
			statusCode: 400,
			errorCode: "InvalidCertificateOwnershipToken",
			errorMessage: "Certificate ownership token cannot be empty.",
		},
		"retry",
		{ vendorCode: "InvalidCertificateOwnershipToken", said: "Certificate ownership token cannot be empty." },
		/ownership token is no longer valid\. The device retries/,
	],
	[
		"for a parameter, as users have reported it",
		{
			statusCode: 400,
			errorCode: "InvalidParameters",
			errorMessage: "Cannot resolve reference value: AWS::Region",
		},
		"needs-attention",
		{ vendorCode: "InvalidParameters", said: "Cannot resolve reference value: AWS::Region" },
		/Compare templateParameters/,
	],
	["by number only", { statusCode: 403 }, "needs-attention", { vendorCode: 403 }, /policy/],
	["when it is busy", { statusCode: 429, errorCode: "Made up" }, "wait", { vendorCode: "Made up" }, /policy/],
	["when it fails", { statusCode: 500, errorMessage: 7 }, "wait", { vendorCode: 500, said: "7" }, /overloaded/],
	["without a word", {}, "needs-attention", {}, /no reason given/],
	["in words of another kind", { statusCode: {}, errorCode: [], errorMessage: {} }, "needs-attention", {}, /policy/],
] as const)
	test(`a request that is rejected ${what} is reported`, (t) => {
		for (const [step, topic] of [
			[registration(), create],
			[secondStep(), provision],
		] as const) {
			const error = failure(() => step.accept(`${topic}/rejected`, json(response)));
			t.like(error, { phase: "register", code: "registration-refused", action, cloud: "aws", ...values });
			t.regex(sentence(error), told);
		}
	});

test("invariant 8: a rejection that repeats the token does not reach the log", (t) => {
	const response = json({ statusCode: 400, errorMessage: `what is ${token}?` });
	const error = failure(() => secondStep().accept(`${provision}/rejected`, response));
	t.is(error.said, "what is [secret]?");
	t.is(failure(() => secondStep().accept(`${provision}/rejected`, crypto.utf8("{"))).code, "bad-answer");
});

test("a refused CONNACK of the registration is the platform's refusal", (t) => {
	const { connackError } = registration();
	t.like(connackError(3), { code: "broker-unavailable", action: "retry", connackCode: 3, cloud: "aws" });
	t.like(connackError(1), { code: "mqtt-refused", action: "needs-attention" });
	for (const code of [2, 4, 5])
		t.like(connackError(code), { phase: "register", code: "registration-refused", connackCode: code });
});

test("registration needs a valid claim certificate, and TLS", (t) => {
	const without = { claimCertificate: undefined, claimKey: undefined };
	t.deepEqual(device(without).secrets, []);
	const missing = failure(() => registration(without));
	t.like(missing, { code: "bad-configuration", phase: "register", key: "claimCertificate", reason: "missing" });
	const old = { from: utcTime("260101000000Z"), to: utcTime("260201000000Z"), key: keys.other };
	const expired = failure(() => registration({ claimCertificate: issue(old) }));
	t.like(expired, { phase: "register", key: "claimCertificate", reason: "expired" });
	t.notThrows(() => registration({ claimCertificate: issue(old) }, { ...inputs, now: undefined }));
	const plain = { "endpoints.mqtt": "mqtt://host", dangerouslyAllowPlain: true };
	t.like(
		failure(() => registration(plain)),
		{ phase: "register", key: "endpoints.mqtt", reason: "conflict" },
	);
});

test("a claim certificate that no connection can be opened with is refused, with the key at fault", (t) => {
	for (const [changes, key, reason] of [
		[{ claimCertificate: "" }, "claimCertificate", "missing"],
		[{ claimKey: undefined }, "claimKey", "missing"],
		[{ claimKey: pkcs1 }, "claimKey", "mismatched"],
		[{ claimKey: "x" }, "claimKey", "invalid"],
		[{ claimCertificate: "x" }, "claimCertificate", "invalid"],
		[{ claimCertificate: issue({ key: keys.p256 }) }, "claimCertificate", "unsupported"],
	] as const)
		t.like(
			failure(() => device(changes)),
			{ phase: "configuration", key, reason },
			`${key} ${reason}`,
		);
});

test("a device has the template's name, its own and the claim's key as its secret", (t) => {
	const { identity, product, name, secrets, credentialKind, endpoints } = device();
	t.is(identity, "aws/fleet/device_1234");
	t.is(product, "fleet");
	t.is(name, "device_1234");
	t.is(credentialKind, "certificate");
	t.is(secrets.length, 1);
	t.is(endpoints.mqtt, endpoints.register);
	t.is(device({ deviceName: undefined }, "a4:d1:8c:db:c0:20").name, "a4d18cdbc020");
	t.throws(() => device({ cloud: "tencent" }), { message: /^bad-configuration cloud invalid/ });
});

test("the broker is the account's endpoint in its region, or any address", (t) => {
	const host = (changes: RawConfiguration) => device(changes).endpoints.mqtt?.host;
	t.is(host({ region: "eu-central-1" }), "a1b2c3-ats.iot.eu-central-1.amazonaws.com");
	t.is(host({ endpointPrefix: undefined, "endpoints.mqtt": "mqtts://broker" }), "broker");
	t.is(host({ endpointPrefix: undefined, endpoints: { mqtt: "mqtts://broker:443" } }), "broker");
	const alpn = (mqtt: string) => device({ endpoints: { mqtt } }).endpoints.mqtt?.alpn;
	t.is(alpn("mqtts://broker:443"), "x-amzn-mqtt-ca");
	t.is(alpn("mqtts://broker:8443"), undefined);
	t.like(
		failure(() => device({ endpointPrefix: undefined })),
		{ key: "endpointPrefix", reason: "missing" },
	);
});

test("the template's parameters are names and values", (t) => {
	for (const templateParameters of ["x", "=x", "a=b,", "SerialNumber=5", 5, ["a=b"]])
		t.like(
			failure(() => device({ templateParameters })),
			{ key: "templateParameters", reason: "invalid" },
		);
	for (const templateParameters of ["", undefined]) t.notThrows(() => device({ templateParameters }));
});

test("the session's client id and topics are the thing's", (t) => {
	const certificate = credentialOf(secondStep().accept(`${provision}/accepted`, json(provisioned)));
	const plan = device().session(certificate, inputs);
	t.is(plan.connect.clientId, "thing-1234");
	t.is(plan.connect.certificate, certificate as CertificateCredential);
	t.false("password" in plan.connect);
	t.is(plan.connect.keepAlive, 240);
	t.is(plan.control, "thing-1234/control");
	t.is(plan.event, "thing-1234/event");
	t.is(plan.time, undefined);
	t.is(plan.connackError(5).code, "credential-refused");
	const own = { controlTopic: "$aws/things/{thingName}/{thingName}", eventTopic: "all" };
	const other = device(own).session(certificate, inputs);
	t.is(other.control, "$aws/things/thing-1234/thing-1234");
	t.is(other.event, "all");
	const { assigned: _, ...nameless } = certificate as CertificateCredential & { assigned?: string };
	t.is(device().session(nameless, inputs).connect.clientId, "device_1234");
	const plain = device({ "endpoints.mqtt": "mqtt://host", dangerouslyAllowPlain: true });
	t.like(
		failure(() => plain.session(certificate, inputs)),
		{ phase: "connect", key: "endpoints.mqtt" },
	);
});
