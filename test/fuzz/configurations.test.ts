/** Whatever stands in a configuration: a device, or one sentence that names the key and shows no secret. */

import test from "ava";
import { configuredDevice } from "dynreg/clouds";
import { formerNames } from "dynreg/clouds/schemas";
import { number, webServer } from "dynreg/configuration/readers";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { timeServers } from "dynreg/time/sntp";
import fc from "fast-check";
import { crypto } from "../support/node-crypto.js";
import { anyText, anyValue } from "./hostile-values.js";
import { assertNoSecret, checkProperty, outcomeOf } from "./properties.js";

const tencent: RawConfiguration = {
	productId: "PRODUCT001",
	productSecret: "SampleSecretOfTheTests01",
	deviceName: "board-1",
};
const aliyun: RawConfiguration = {
	cloud: "aliyun",
	productKey: "unitKey0001",
	productSecret: "s".repeat(16),
	deviceName: "board-1",
};
const volcengine: RawConfiguration = {
	cloud: "volcengine",
	productKey: "unitKey0001",
	productSecret: "SampleSecretOfTheTests01",
	instanceId: "unit-instance",
	deviceName: "board-1",
};
const azure: RawConfiguration = {
	cloud: "azure",
	idScope: "0ne00111111",
	deviceKey: "SampleDeviceKeyOfTests01",
	productSecret: "SampleGroupKeyOfTheTests",
	deviceName: "board-1",
};

const keys = [
	...["cloud", "productId", "productKey", "productSecret", "deviceName", "region", "service", "protocol", "signMethod"],
	...["auth", "clientCertificate", "clientKey", "endpoints", "endpoints.register", "endpoints.mqtt", "ca"],
	...["authType", "instanceId", "dangerouslyAllowPlain", "registrationTransport", "startupJitter", "httpTimeServer"],
	...["idScope", "deviceKey", "dangerouslyUseGroupKey", "tokenLifetime"],
	...["sntp", "__proto__", ...Object.keys(formerNames)],
];

/** All that reads a configuration at power-up. */
function read(configuration: RawConfiguration): void {
	configuredDevice(configuration, crypto, "a4:d1:8c:db:c0:20");
	number(configuration, "startupJitter", 0, 3600, 3);
	webServer(configuration, "httpTimeServer");
	timeServers(configuration.sntp);
}

function refusal(configuration: RawConfiguration): Failure | undefined {
	const result = outcomeOf(() => read(configuration));
	if (!(result instanceof Failure)) return undefined;
	// What the device says is made a sentence on the desk.
	const { phase, code, action, key, reason } = result;
	const said = sentence(result, configuration);
	if (said === `${key} ${reason}`) throw new Error(`no sentence of "${said}"`);
	return new Failure(phase, code, action, { said });
}

function isOneSentence(failure: Failure): void {
	const { code, action } = failure;
	const message = sentence(failure);
	if (code !== "bad-configuration" || action !== "needs-attention") throw new Error(`${code} ${action}`);
	if (!message.endsWith(".") || /[\r\n]/.test(message)) throw new Error(`no sentence: ${message}`);
}

const kinds = [
	["Tencent", tencent],
	["Alibaba", aliyun],
	["Volcengine", volcengine],
	["Azure", azure],
] as const;

for (const [what, right] of kinds)
	for (const key of keys)
		test(`${what}: anything in ${key} is read, or refused in one sentence`, (t) =>
			checkProperty(
				t,
				anyValue,
				(value) => {
					const failure = refusal({ ...right, dangerouslyAllowPlain: true, [key]: value });
					if (failure === undefined) return;
					isOneSentence(failure);
					assertNoSecret(failure, String(right.productSecret));
				},
				{ runs: 300 },
			));

test("a whole configuration of anything is read, or refused in one sentence", async (t) => {
	const configuration = fc.dictionary(fc.oneof(fc.constantFrom(...keys), anyText), anyValue, { maxKeys: 12 });
	await checkProperty(t, configuration, (each) => {
		const failure = refusal(each);
		if (failure) isOneSentence(failure);
	});
});

test("invariant 8: a secret in the place of anything else, or around it, is not shown", async (t) => {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_!#*".split("");
	const secret = fc.string({ unit: fc.constantFrom(...letters), minLength: 16, maxLength: 44 });
	const around = fc.constantFrom<(secret: string) => unknown>(
		(secret) => secret,
		(secret) => [secret],
		(secret) => ({ [secret]: secret, register: secret }),
		(secret) => `${secret},${secret}`,
		(secret) => ` ${secret}\n`,
		(secret) => `https://${secret}@example.org`,
		(secret) => `http://example.org/?secret=${secret}`,
		(secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n`,
	);
	await checkProperty(
		t,
		fc.tuple(fc.constantFrom(tencent, aliyun, azure, volcengine), fc.constantFrom(...keys), secret, around),
		([right, key, secret, put]) => {
			const failure = refusal({ ...right, [key]: put(secret) });
			if (failure) assertNoSecret(failure, secret);
		},
		{ runs: 6000 },
	);
});
