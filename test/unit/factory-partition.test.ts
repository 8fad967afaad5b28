import { readFileSync } from "node:fs";
import test from "ava";
import { configuredDevice } from "dynreg/clouds";
import { applyFactoryPartition, factoryKey, factoryLabel, factoryNames } from "dynreg/configuration/factory-partition";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { FailureValues } from "dynreg/contracts/error";
import { Failure } from "dynreg/core/errors";
import { configurationSentence } from "dynreg/messages/configuration-sentence";
import { crypto } from "../support/node-crypto.js";

const mac = "00:00:5e:00:53:01";
const image: RawConfiguration = { ssid: "a network", startupJitter: 5 };
const values = { productId: "FACTORY001", productSecret: "a-secret-of-a-factory", region: "us-east" };

/** What a configuration notes about the partition, for a mistake with these values. */
function noteOf({ factoryNote }: RawConfiguration, mistake: FailureValues): { readonly factory?: string } {
	return typeof factoryNote === "function" ? factoryNote(mistake) : {};
}

/** What the partition and the image say, without the note. */
function settingsOf(configuration: RawConfiguration): [string, unknown][] {
	return Object.entries(configuration).filter(([, value]) => typeof value !== "function");
}

/** What a board says of this configuration. */
function complaint(configuration: RawConfiguration): string {
	try {
		configuredDevice(configuration, crypto, mac);
		return "";
	} catch (error) {
		const failure = Failure.from(error);
		return configurationSentence({ key: "", ...failure, ...noteOf(configuration, failure) }, "tencent");
	}
}

test("what the partition says stands over what the image was built with", (t) => {
	const merged = applyFactoryPartition(
		{ ...image, productId: "IMAGE00001" },
		{ state: "read", values: { ...values, startupJitter: "60" } },
	);
	t.like(merged, { ssid: "a network", startupJitter: "60", productId: "FACTORY001", region: "us-east" });
	const { identity, endpoints } = configuredDevice(merged, crypto, mac);
	t.is(identity, "tencent/FACTORY001/00005e005301");
	t.is(endpoints.mqtt?.host, "FACTORY001.us-east.iotcloud.tencentdevices.com");
});

test("a product is not mixed: what the image says of another one does not count", (t) => {
	const other = {
		cloud: "aliyun",
		productKey: "image0001",
		productSecret: "of-the-image",
		region: "cn-shanghai",
		via: "https",
	};
	const { productSecret: _, ...without } = values;
	const merged = applyFactoryPartition({ ...image, ...other }, { state: "read", values: without });
	t.deepEqual(Object.fromEntries(settingsOf(merged)), { ...image, ...without });
});

test("former names in the partition are read, and stand over the image", (t) => {
	const old = { spread: "60", dateFrom: "http://time.example", via: "https" };
	const current = { startupJitter: "60", httpTimeServer: "http://time.example", registrationTransport: "https" };
	const settings = (changes: RawConfiguration, partition: Readonly<Record<string, string>>) =>
		Object.fromEntries(
			settingsOf(applyFactoryPartition({ ...image, ...changes }, { state: "read", values: partition })),
		);
	t.like(settings({ registrationTransport: "mqtt" }, old), current);
	t.like(settings({}, { ...old, startupJitter: "7", transport: "mqtt" }), {
		...current,
		startupJitter: "7",
		registrationTransport: "mqtt",
	});
	t.false("via" in settings({ via: "https" }, values), "the image's product does not count");
	t.false("registrationTransport" in settings({ registrationTransport: "https" }, values));
});

test("servers may come from either, and the partition's come first", (t) => {
	const nested = { endpoints: { register: "https://image.example.com", mqtt: "mqtts://image.example.com" } };
	const merged = applyFactoryPartition(
		{ ...image, ...nested },
		{ state: "read", values: { ...values, mqtt: "mqtts://factory.example.com:444" } },
	);
	const { endpoints } = configuredDevice(merged, crypto, mac);
	t.is(endpoints.register.host, "image.example.com");
	t.like(endpoints.mqtt, { host: "factory.example.com", port: 444 });
});

test("names that are none of ours do not count: nothing dangerous can be said there", (t) => {
	const strange = {
		dangerouslyAllowPlain: "true",
		ssid: "another",
		toString: "x",
		__proto__x: "y",
		mqtt: "mqtt://plain.example.com",
	};
	const merged = applyFactoryPartition(image, { state: "read", values: { ...values, ...strange } });
	t.is(merged.ssid, "a network");
	t.false(Object.hasOwn(merged, "dangerouslyAllowPlain"));
	t.regex(
		complaint(merged),
		/^endpoints\.mqtt has no TLS, .* Expected mqtts:\/\/host .* The value is from the factory partition "fctry"/,
	);
});

test("without a partition the image's configuration is unchanged", (t) => {
	for (const contents of [
		{ state: "absent" },
		{ state: "empty" },
		{ state: "unreadable", reason: "ESP_ERR 0x1" },
	] as const) {
		const merged = applyFactoryPartition({ ...image, ...values }, contents);
		t.deepEqual(settingsOf(merged), Object.entries({ ...image, ...values }));
		t.is(configuredDevice(merged, crypto, mac).product, "FACTORY001");
		t.is(complaint(merged), "");
	}
});

test("an invalid value is attributed to the partition only if it is from there", (t) => {
	const wrong = { ...values, region: "atlantis" };
	t.is(
		complaint(applyFactoryPartition(image, { state: "read", values: wrong })),
		'region is invalid: "atlantis". Expected one of china, us-east, europe, ap-bangkok. ' +
			'The value is from the factory partition "fctry". Write the partition again (docs/guides/factory.md).',
	);
	const ours = applyFactoryPartition({ ...image, ca: 7 }, { state: "read", values });
	t.regex(
		complaint(ours),
		/^ca is invalid: 7\. Expected the name of a certificate file, or a list of names\. Put the value between quotes\.$/,
	);
	const secret = complaint(
		applyFactoryPartition(image, { state: "read", values: { ...values, productSecret: "too-short-secret\n" } }),
	);
	t.regex(
		secret,
		/^productSecret is invalid: 17 characters\. Expected 16 to 64 .*\. The value is from the factory partition/,
	);
	t.false(secret.includes("too-short"));
});

test("a board without a product says where it should come from, and what to do", (t) => {
	for (const [contents, told] of [
		[
			{ state: "absent" },
			/The board has no factory partition "fctry"\. Build the image with the product's keys, or flash a partition/,
		],
		[{ state: "empty" }, /The factory partition "fctry" is empty\. Flash a partition that dynreg factory made/],
		[
			{ state: "unreadable", reason: "ESP-IDF error 0x105" },
			/"fctry" cannot be read \(ESP-IDF error 0x105\)\. Write the partition again/,
		],
		[
			{ state: "read", values: { startupJitter: "3" } },
			/The factory partition "fctry" does not hold the key\. Write the partition again/,
		],
	] as const)
		t.regex(
			complaint(applyFactoryPartition(image, contents)),
			new RegExp(`^productId is missing\\. Expected .*${told.source}`),
		);
	t.is(complaint(image), "productId is missing. Expected 1 to 10 letters and digits.", "a host that has no flash");
});

test("an error in the image's own keys is reported as before", (t) => {
	const merged = applyFactoryPartition({ ...image, productId: "much-too-long-for-an-id" }, { state: "empty" });
	t.is(complaint(merged), "productId is invalid: 23 characters. Expected 1 to 10 letters and digits.");
});

test("only what is wrong with the configuration is explained", (t) => {
	const merged = applyFactoryPartition(image, { state: "read", values });
	t.deepEqual(noteOf(merged, { reason: "server" }), {});
	t.deepEqual(noteOf(merged, { key: "region", reason: "invalid" }), { factory: "fctry value" });
	t.deepEqual(noteOf(merged, { key: "deviceName", reason: "missing" }), {});
	t.deepEqual(noteOf({ ...values, region: "mars" }, { key: "region", reason: "invalid" }), {});
});

test("another partition label can be configured and is reported", (t) => {
	t.is(factoryLabel({}), "fctry");
	t.is(factoryLabel({ factoryPartition: "" }), "fctry");
	t.is(factoryLabel({ factory: "mfg" }), "mfg", "the former name of the key");
	t.is(factoryLabel({ factoryPartition: "new", factory: "mfg" }), "new");
	const elsewhere = { ...image, factoryPartition: "mfg" };
	t.is(factoryLabel(elsewhere), "mfg");
	t.regex(complaint(applyFactoryPartition(elsewhere, { state: "empty" })), /The factory partition "mfg" is empty/);
});

test("names in the partition are short enough for NVS, and no two mean the same", (t) => {
	const names = factoryNames.split(" ");
	for (const name of names) t.regex(name, /^[a-zA-Z]{2,15}$/);
	const former = { via: "transport", spread: "startupJitter", dateFrom: "httpTimeServer" };
	t.is(new Set(names.map(factoryKey)).size, names.length - Object.keys(former).length);
	for (const [name, now] of Object.entries(former)) {
		t.is(factoryKey(name), factoryKey(now));
		t.true(names.indexOf(name) < names.indexOf(now), `${name} before ${now}, which wins`);
	}
});

test("all names in a partition fit into the buffer of the ESP32 and the simulator", (t) => {
	const source = readFileSync(new URL("../../../hosts/moddable/platforms/esp32/factory.c", import.meta.url), "utf8");
	const [, size] = /\bnames\[(\d+)\]/.exec(source) ?? [];
	t.true(factoryNames.length < Number(size), `${factoryNames.length} characters`);
});
