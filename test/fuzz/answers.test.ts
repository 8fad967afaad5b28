/** Invariant 4: whatever a registration endpoint says, it is a credential in full or a `Failure`. */

import { createHmac } from "node:crypto";
import { encryptSecret } from "@dynreg/cloud/internal/platforms/volcengine/payload";
import test from "ava";
import { aliyun } from "dynreg/clouds/aliyun/cloud";
import { aws } from "dynreg/clouds/aws/cloud";
import { azure } from "dynreg/clouds/azure/cloud";
import { field } from "dynreg/clouds/responses";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { decryptPayload } from "dynreg/clouds/tencent/payload";
import { thingsboard } from "dynreg/clouds/thingsboard/cloud";
import { volcengine } from "dynreg/clouds/volcengine/cloud";
import { decryptPayload as decryptSecret } from "dynreg/clouds/volcengine/payload";
import type { HttpExchange, Inputs, MqttExchange, MqttStep, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { backoff } from "dynreg/lifecycle/policy";
import fc from "fast-check";
import { crypto } from "../support/node-crypto.js";
import { credentialOf } from "../support/plans.js";
import { certificate as build, keys } from "../trust/certificate-builder.js";
import { encryptPayload } from "../unit/encrypt-payload.js";
import { recordedBytes } from "./corpus.js";
import { anyText, anyValue, damagedBytes, replaceValue } from "./hostile-values.js";
import { assertNoSecret, checkProperty, outcomeOf } from "./properties.js";

const productSecret = "SampleSecretOfTheTests01";
const psk = "EBESExQVFhcYGRobHB0eHw==";
const names = { productKey: "unitKey0001", deviceName: "board-1" };
const inputs: Inputs = { now: 1_800_000_000_000, random: new Uint8Array(16).fill(7) };

/** What the platform would say. */
const plain = { encryptionType: 2, psk };
const sealed = { len: JSON.stringify(plain).length, payload: encryptPayload(productSecret, JSON.stringify(plain)) };
const v1Answer = { code: 0, message: "success", ...sealed, requestId: "1" };
const v2Answer = { Response: { Len: sealed.len, Payload: sealed.payload, RequestId: "1" } };
const v2Refusal = { Response: { Error: { Code: "InternalError.X", Message: "later" }, RequestId: "1" } };
const aliyunSecret = createHmac("sha256", "made").update("up").digest("hex");
const aliyunAnswer = { code: 200, data: { ...names, deviceSecret: aliyunSecret }, message: "success" };
const volcengineSecret = aliyunSecret.slice(0, 24);
const volcengineAnswer = {
	ResponseMetadata: { Action: "DynamicRegister", Version: "2021-12-14" },
	Result: encryptSecret(volcengineSecret, productSecret),
};
const volcengineRefusal = { ResponseMetadata: { Error: { CodeN: 10000030, Message: "The parameter %s is invalid." } } };
const pushedKey = { ...names, deviceSecret: aliyunSecret };
const pushedToken = { ...names, clientId: "handed-out-1", deviceToken: `^1^1800000000^${aliyunSecret}` };

function tencentExchange(change: RawConfiguration): HttpExchange {
	const configuration = { productId: "PRODUCT001", productSecret, deviceName: "board-1", ...change };
	return tencent.device(configuration, crypto, undefined).registration(inputs) as HttpExchange;
}

function aliyunExchange<Exchange>(change: RawConfiguration): Exchange {
	return aliyun.device({ ...names, productSecret, ...change }, crypto, undefined).registration(inputs) as Exchange;
}

function volcengineExchange(): HttpExchange {
	const configuration = { ...names, productSecret, instanceId: "unit-instance" };
	return volcengine.device(configuration, crypto, undefined).registration(inputs) as HttpExchange;
}

const thingsboardToken = { credentialsValue: "made-up-token", credentialsType: "ACCESS_TOKEN", status: "SUCCESS" };
const thingsboardLogin = {
	credentialsValue: { clientId: "board-1", userName: "a-name", password: "made-up-words" },
	credentialsType: "MQTT_BASIC",
	status: "SUCCESS",
};
const thingsboardRefusal = { errorMsg: "Failed to provision device!", status: "FAILURE" };

function thingsboardExchange(): HttpExchange {
	const configuration = { host: "things.test", provisionKey: "unit", productSecret, deviceName: "board-1" };
	const device = thingsboard.device({ cloud: "thingsboard", ...configuration }, crypto, undefined);
	return device.registration(inputs, device.proposal?.(inputs)) as HttpExchange;
}

/** Also base64. */
const azureKey = "SampleDeviceKeyOfTests01";
const azureAssigned = {
	operationId: "5.316aac5bdc130deb.b1e02da8",
	status: "assigned",
	registrationState: {
		registrationId: "board-1",
		assignedHub: "hub.azure-devices.net",
		deviceId: "board-1",
		status: "assigned",
	},
};
const azureAssigning = { operationId: "5.316aac5bdc130deb.b1e02da8", status: "assigning" };
const azureRefusal = { errorCode: 401002, trackingId: "1", message: `Unauthorized ${azureKey}` };

function azureExchange<Exchange>(registrationTransport: "https" | "mqtt"): Exchange {
	const configuration = {
		...{ cloud: "azure", idScope: "0ne00111111", deviceName: "board-1" },
		...{ deviceKey: azureKey, registrationTransport },
	};
	return azure.device(configuration, crypto, undefined).registration(inputs) as Exchange;
}

/** A credential that names a hub and a device, the next request, or a failure. */
function judgeAzure(outcome: Credential | Failure | HttpExchange | MqttStep | undefined): void {
	if (outcome === undefined) return;
	if (outcome instanceof Failure) assertNoSecret(outcome, azureKey);
	else if ("request" in outcome) {
		if (!/^[\x21-\x7e]+$/.test(outcome.request.path)) throw new Error(`path ${outcome.request.path}`);
	} else if (!("kind" in outcome)) {
		if (!/^[\x21\x24-\x2a\x2c-\x7e]+$/.test(outcome.publish?.topic ?? "")) throw new Error("no topic");
	} else if (!/^[\w.-]{1,253}\/[!$'()*,\-.:=?@\w%]{1,128}$/.test(outcome.assigned ?? ""))
		throw new Error(`assigned ${outcome.assigned}`);
}

/** A credential with nothing missing, or a failure that does not tell what was secret in the answer. */
function judge(outcome: Credential | Failure | HttpExchange | MqttStep | undefined): void {
	if (outcome === undefined) return;
	if (outcome instanceof Failure) {
		assertNoSecret(outcome, productSecret, psk, aliyunSecret, volcengineSecret);
		return;
	}
	const result = credentialOf(outcome);
	const secret = result.secret.reveal();
	// ThingsBoard's may be longer than the others'.
	if (result.kind === "key" && !/^[\x21-\x7e]{1,255}$/.test(secret)) throw new Error("no secret");
	if (result.kind === "token")
		if (!/^[\x21-\x7e]{1,64}$/.test(result.clientId) || !/^[\x21-\x7e]{1,512}$/.test(secret))
			throw new Error("no token");
	if (result.kind === "login") {
		const { clientId, username } = result;
		if (![clientId, username].every((part) => /^[\x21-\x7e]{0,255}$/.test(part))) throw new Error("no names");
		if (!clientId && !username) throw new Error("no name");
		if (!/^[\x21-\x7e]{1,255}$/.test(secret)) throw new Error("no password");
	}
	if (result.kind === "certificate")
		if (result.certificates.length === 0 || result.certificates.some(({ length }) => length === 0) || !secret)
			throw new Error("no certificate");
}

const http: readonly (readonly [string, HttpExchange, ...unknown[]])[] = [
	["Tencent v1", tencentExchange({ protocol: "v1" }), v1Answer, { code: 1021, message: "Device has been activated" }],
	["Tencent v2", tencentExchange({ protocol: "v2" }), v2Answer, v2Refusal],
	[
		"Alibaba over HTTPS",
		aliyunExchange<HttpExchange>({ registrationTransport: "https" }),
		aliyunAnswer,
		{ code: 6289, message: "no" },
	],
	["Volcengine", volcengineExchange(), volcengineAnswer, volcengineRefusal],
	["ThingsBoard", thingsboardExchange(), thingsboardToken, thingsboardLogin, thingsboardRefusal],
];

for (const [what, { accept }, ...answers] of http) {
	test(`${what}: any body is a credential or a failure`, async (t) => {
		for (const answer of answers)
			await checkProperty(t, replaceValue(answer), (body) => judge(outcomeOf(() => accept({ status: 200, body }))), {
				runs: 3000,
				recorded: recordedBytes("answers"),
			});
	});

	test(`${what}: a refusal in any words is a failure without the secrets in them`, async (t) => {
		const words = fc
			.tuple(anyText, fc.constantFrom(productSecret, encodeURIComponent(productSecret)))
			.map((parts) => parts.join(""));
		await checkProperty(t, fc.tuple(anyValue, fc.oneof(words, anyValue)), ([code, message]) => {
			const error = { Code: code, CodeN: code, Message: message };
			const body = {
				...{ code, message, Response: { Error: error }, ResponseMetadata: { Error: error } },
				...{ status: code, errorMsg: message },
			};
			judge(outcomeOf(() => accept({ status: 200, body: crypto.utf8(JSON.stringify(body)) })));
		});
	});

	test(`${what}: any status and header is a failure, with a delay of at most a day`, async (t) => {
		const date = fc
			.date({ noInvalidDate: false })
			.map((each) => (Number.isNaN(Number(each)) ? "Invalid" : each.toUTCString()));
		const header = fc.option(
			fc.oneof(anyText, date, fc.bigInt().map(String), fc.constantFrom("9".repeat(5000), "-1", "1e999", "0x10", "٣")),
			{ nil: undefined },
		);
		await checkProperty(t, fc.tuple(fc.integer({ min: 0, max: 999 }), header, header), ([status, retryAfter, date]) => {
			const reply = {
				status,
				body: new Uint8Array(0),
				...(retryAfter === undefined ? {} : { retryAfter }),
				...(date === undefined ? {} : { date }),
			};
			const failure = outcomeOf(() => accept(reply));
			if (!(failure instanceof Failure)) throw new Error("accepted");
			const seconds = backoff(1, 0.5, failure);
			if (!(seconds >= 5 && seconds <= 86_400 + 300)) throw new Error(`${seconds} s`);
		});
	});
}

for (const [what, authType, answer] of [
	["a secret", "register", pushedKey],
	["a token", "regnwl", pushedToken],
] as const)
	test(`Alibaba over MQTT, ${what}: any message is a credential, a failure or ignored`, async (t) => {
		const { accept } = aliyunExchange<MqttExchange>({ authType });
		const topics = fc.oneof(fc.constantFrom("/ext/register", "/ext/regnwl"), anyText);
		await checkProperty(
			t,
			fc.tuple(topics, replaceValue(answer)),
			([topic, payload]) => judge(outcomeOf(() => accept(topic, payload))),
			{
				runs: 4000,
				recorded: recordedBytes("answers").map((payload) => ["/ext/regnwl", payload] as [string, Uint8Array]),
			},
		);
	});

for (const [what, answer] of Object.entries({ azureAssigned, azureAssigning, azureRefusal })) {
	const statuses = fc.oneof(fc.constantFrom(200, 202, 401, 404), fc.integer({ min: 0, max: 999 }));

	test(`Azure over HTTPS, ${what}: any body is a credential, the next request or a failure`, async (t) => {
		const { accept } = azureExchange<HttpExchange>("https");
		await checkProperty(
			t,
			fc.tuple(statuses, replaceValue(answer), fc.option(anyText, { nil: undefined })),
			([status, body, retryAfter]) => {
				const reply = { status, body, ...(retryAfter !== undefined && { retryAfter }) };
				judgeAzure(outcomeOf(() => accept(reply)));
			},
			{ runs: 4000 },
		);
	});

	test(`Azure over MQTT, ${what}: any message is a credential, the next request, a failure or ignored`, async (t) => {
		const { accept } = azureExchange<MqttExchange>("mqtt");
		const ours = fc
			.tuple(statuses, anyText)
			.map(([status, text]) => `$dps/registrations/res/${status}/?$rid=0&${text}`);
		await checkProperty(
			t,
			fc.tuple(fc.oneof(ours, anyText), replaceValue(answer)),
			([topic, payload]) => judgeAzure(outcomeOf(() => accept(topic, payload))),
			{ runs: 4000 },
		);
	});
}

const ownershipToken = "an-invented-ownership-token";
const pem = (label: string, bytes: Uint8Array) =>
	`-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${label}-----\n`;
const awsKey = keys.server.privateKey.export({ type: "pkcs1", format: "der" });
const awsPair = {
	certificatePem: pem("CERTIFICATE", build({ subject: "board", issuer: "CA", key: keys.server, signer: keys.root })),
	privateKey: pem("RSA PRIVATE KEY", awsKey),
};
const createdKeys = { certificateId: "1", ...awsPair, certificateOwnershipToken: ownershipToken };
const claimed = aws
	.device(
		{
			cloud: "aws",
			templateName: "fleet",
			deviceName: "board-1",
			claimCertificate: awsPair.certificatePem,
			claimKey: awsPair.privateKey,
			"endpoints.mqtt": "mqtts://broker",
		},
		crypto,
		undefined,
	)
	.registration(inputs) as MqttExchange;
const registering = claimed.accept(
	"$aws/certificates/create/json/accepted",
	crypto.utf8(JSON.stringify(createdKeys)),
) as MqttStep;
const awsRefusal = { statusCode: 400, errorCode: "InvalidParameters" };
const claimSecret = awsKey.toString("base64");

// Each step knows the secret that its request was made with.
for (const [what, step, topic, answer, sent] of [
	["keys and certificate", claimed, "$aws/certificates/create/json", createdKeys, claimSecret],
	[
		"the thing",
		registering,
		"$aws/provisioning-templates/fleet/provision/json",
		{ thingName: "board-1" },
		ownershipToken,
	],
] as const)
	test(`AWS, ${what}: any message is the next step, a credential, a failure or ignored`, async (t) => {
		const check = ([from, payload]: [string, Uint8Array]) => {
			const outcome = outcomeOf(() => step.accept(from, payload));
			if (outcome instanceof Failure) assertNoSecret(outcome, claimSecret, sent);
			else if (outcome && "kind" in outcome) {
				judge(outcome);
				if (!/^[\w:-]{1,128}$/.test(outcome.assigned ?? "")) throw new Error("no name");
			} else if (outcome && !JSON.parse(outcome.publish?.payload ?? "").certificateOwnershipToken)
				throw new Error("no token");
		};
		for (const [suffix, right] of [
			["/accepted", answer],
			["/rejected", { ...awsRefusal, errorMessage: sent }],
		] as const)
			await checkProperty(t, fc.tuple(fc.oneof(fc.constant(topic + suffix), anyText), replaceValue(right)), check, {
				runs: 1500,
				recorded: recordedBytes("answers").map((payload) => [topic + suffix, payload] as [string, Uint8Array]),
			});
	});

const open = (payload: unknown, length: unknown) =>
	outcomeOf(() =>
		decryptPayload(
			crypto,
			new Secret(productSecret),
			field({ payload }, "payload", "string"),
			field({ length }, "length", "number"),
			undefined,
		),
	);

test("Tencent's payload: any payload with any length is a credential or a failure", async (t) => {
	const payload = fc.oneof(
		anyValue,
		damagedBytes(Buffer.from(sealed.payload)).map((bytes) => Buffer.from(bytes).toString()),
	);
	await checkProperty(t, fc.tuple(payload, fc.oneof(anyValue, fc.integer({ min: 0, max: 80 }))), ([payload, length]) =>
		judge(open(payload, length)),
	);
});

test("Tencent's payload: any plain text, well encrypted, is a credential or a failure", async (t) => {
	const certificate = {
		encryptionType: 1,
		clientCert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
		clientKey: "x",
	};
	for (const right of [plain, certificate])
		await checkProperty(
			t,
			replaceValue(right),
			(bytes) => {
				const result = open(encryptPayload(productSecret, Buffer.from(bytes)), bytes.length);
				judge(result);
			},
			{ runs: 3000, recorded: recordedBytes("plains") },
		);
});

test("Volcengine's payload, of any bytes and any length, is a device secret or a failure", async (t) => {
	const secret = new Secret(productSecret);
	const bytes = fc.uint8Array({ maxLength: 96 }).map((each) => Buffer.from(each).toString("base64"));
	const valid = fc.constant(volcengineAnswer.Result.payload);
	const length = fc.oneof(fc.integer({ min: -1, max: 100 }), fc.double());
	await checkProperty(t, fc.tuple(fc.oneof(bytes, valid, anyText), length), ([payload, len]) =>
		judge(outcomeOf((): Credential => ({ kind: "key", secret: decryptSecret(crypto, secret, payload, len) }))),
	);
});
