/** That the schemas, from which documents, types and questions come, say what the firmware does. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { clouds, configuredDevice } from "dynreg/clouds";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { type CloudName, cloudNames, everyKey, formerNames, keysOf, withCurrentNames } from "dynreg/clouds/schemas";
import { applyFactoryPartition, factoryKey, factoryNames } from "dynreg/configuration/factory-partition";
import { factoryName, type Key, type Rule, ruleInWords, satisfies } from "dynreg/configuration/schema";
import type { CloudDevice, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { configurationSentence } from "dynreg/messages/configuration-sentence";
import { type Configuration, start } from "dynreg/start";
import { timeServers } from "dynreg/time/sntp";
import fc from "fast-check";
import { anyText, anyValue } from "../fuzz/hostile-values.js";
import { checkProperty } from "../fuzz/properties.js";
import { crypto } from "../support/node-crypto.js";
import { certificate as build, keys } from "../trust/certificate-builder.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The least that is valid. */
function least(cloud: CloudName): RawConfiguration {
	const required = Object.entries(keysOf(cloud)).filter(([, key]) => key.required);
	return { cloud, ...Object.fromEntries(required.map(([name]) => [name, "PRODUCT1"])), deviceName: "board-1" };
}

/** What a cloud with a claim certificate registers with; the others do not read it. */
const claim: RawConfiguration = {
	claimCertificate: pem("CERTIFICATE", build({ subject: "claim", issuer: "CA", key: keys.server, signer: keys.root })),
	claimKey: pem("PRIVATE KEY", keys.server.privateKey.export({ type: "pkcs8", format: "der" })),
};

function pem(label: string, bytes: Uint8Array): string {
	return `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${label}-----\n`;
}

interface EffectiveConfiguration {
	readonly device: CloudDevice;
	/** Milliseconds that the first request was put off. */
	readonly wait: number;
}

/** All that reads a configuration. @throws Failure */
function readEffective(configuration: RawConfiguration): EffectiveConfiguration {
	let wait = -1;
	let failure: Error | undefined;
	const host = {
		crypto,
		clock: { ticks: () => 0 },
		random: (count: number) => new Uint8Array(count).fill(255),
		timers: {
			after(duration: number) {
				wait = duration;
				return () => {};
			},
		},
		network: { mac: () => undefined },
		log: (event: BoardEvent) => {
			if (event.event !== "failed") return;
			const { event: _, phase, code, action, ...values } = event;
			failure = new Failure(phase, code, action, values);
		},
	} as unknown as Host;
	start(host, configuration as Configuration, () => {}).catch(() => {});
	if (failure !== undefined) throw failure;
	timeServers(configuration.sntp);
	return { device: configuredDevice(configuration, crypto, undefined), wait };
}

/** What the readers say of this value: nothing, or a mistake. */
function mistake(configuration: RawConfiguration): string | undefined {
	try {
		readEffective(configuration);
		return undefined;
	} catch (error) {
		if (error instanceof Failure && error.code === "bad-configuration" && error.action === "needs-attention")
			return error.message.replace("bad-configuration ", "");
		throw error;
	}
}

const samples: readonly unknown[] = [
	...["", " ", "a", "A1b2", "a-b", "a_b", "a:b", "a@b.c", "a b", "é", "none", "true", "false", true, false],
	...["abcdefghij", "abcdefghijk", "a".repeat(20), "a".repeat(21), "a".repeat(32), "a".repeat(33), "a".repeat(48)],
	...["a".repeat(49), "a".repeat(64), "a".repeat(65), "with space in it", "0123456789abcdef", "0123456789abcde"],
	...[
		-1,
		0,
		1,
		29,
		30,
		30.5,
		240,
		900,
		901,
		1200,
		1201,
		3600,
		3601,
		"0",
		"30",
		"900",
		"1200",
		"3600",
		"1e2",
		"0x20",
		"007",
		" 30",
		"30 ",
		"+30",
	],
	...[null, undefined, [30], ["30"], ["a b"], "true ", "False", { register: null }, { mqtt: "", x: 1 }],
	...["https://host", "https://host:8443/", "https://host:0", "https://host:65535", "https://host:65536", "https://"],
	...["https://a/b", "https://a:1:2", "https://a:", "https://a:01", "mqtts://host", "mqtts://host:8883", "mqtt://host"],
	...[
		"mqtt://host:1883",
		"http://host",
		"http://host:80/",
		"http://host//",
		"ftp://host",
		"host",
		"host:123",
		"host:0",
	],
	...["host:1, host", "a,b", "a,,b", ",", " host ", [], ["a"], ["a", "b:5"], ["a", ""], [5], {}, { a: 1 }],
	...Object.values(everyKey).flatMap(({ rule }) => (rule.kind === "choice" ? rule.of : [])),
];

const value = fc.oneof(
	fc.constantFrom(...samples),
	fc.string({ unit: fc.constantFrom(..."aZ09:_-@. é/".split("")), maxLength: 66 }),
	fc.integer({ min: -2, max: 4000 }),
	anyText,
	anyValue,
);

/** Any value. A secret is like no other: it would be found in what is said of the other keys. */
function valueFor(key: Key): fc.Arbitrary<unknown> {
	return value.map((each) => nearly(key, each));
}

function nearly({ rule }: Key, each: unknown): unknown {
	return rule.kind === "secret" && typeof each === "string" ? `~s~${each.slice(3)}` : each;
}

/** What the schema says of this value. */
function expected(
	name: string,
	{ rule, blank, required }: Key,
	given: unknown,
	base: RawConfiguration,
): string | undefined {
	if (given == null || (blank && given === ""))
		return required || name === "deviceName" ? `${name} missing` : undefined;
	const effective: Rule =
		rule.kind === "endpoint" && rule.or && base[rule.or.key] === rule.or.value
			? { kind: "endpoint", scheme: rule.or.scheme }
			: rule;
	if (satisfies(effective, given)) return undefined;
	if (effective.kind === "endpoints" && given instanceof Object && !Array.isArray(given)) return `${name} unknown`;
	if (effective.kind === "endpoint" && typeof given === "string") {
		const plain = effective.scheme.slice(0, -1);
		if (given.startsWith(`${plain}://`) && satisfies(effective, given.replace(plain, effective.scheme)))
			return `${name} plain`;
	}
	return given === "" ? `${name} missing` : `${name} invalid`;
}

for (const cloud of cloudNames) {
	const keys = Object.entries(keysOf(cloud)).filter(([, { host, rule }]) => !host && rule.kind !== "words");
	for (const [name, key] of keys) {
		const { rule } = key;
		if (name === "cloud") continue;
		const bases = [
			least(cloud),
			...(rule.kind === "endpoint" && rule.or ? [{ ...least(cloud), [rule.or.key]: rule.or.value }] : []),
		];
		for (const [index, base] of bases.entries())
			test(`${cloud}${index === 0 ? "" : `, ${JSON.stringify(base)}`}: ${name} is ${ruleInWords(rule)}`, (t) =>
				checkProperty(
					t,
					valueFor(key),
					(given) => {
						const said = mistake({ ...base, [name]: given });
						const wanted = rule.kind === "switch" ? undefined : expected(name, key, given, base);
						if (wanted !== said && !(wanted?.endsWith(" invalid") && said?.startsWith(`${wanted} `)))
							if (wanted !== said) throw new Error(`${JSON.stringify(given)}: ${said}, not ${wanted}`);
					},
					{ runs: 300, recorded: samples.map((each) => nearly(key, each)) },
				));
	}

	test(`${cloud}: what is required is missing where it is not there, and nothing else is`, (t) => {
		t.is(mistake(least(cloud)), undefined);
		for (const [name, { required }] of Object.entries(keysOf(cloud)).filter(([name]) => name !== "cloud"))
			t.is(
				mistake({ ...least(cloud), [name]: undefined }),
				required || name === "deviceName" ? `${name} missing` : undefined,
				name,
			);
	});

	test(`${cloud}: the defaults are those of the schema`, (t) => {
		for (const [name, { default: otherwise, host }] of Object.entries(keysOf(cloud))) {
			if (otherwise === undefined || host || name === "cloud") continue;
			// Base64, too.
			const secret = "ASecretOfTheSchemaTests0";
			const own = Object.hasOwn(keysOf(cloud), "deviceKey") ? { deviceKey: secret } : {};
			const base = { ...least(cloud), productSecret: secret, ...own, ...claim };
			const plain = readEffective({ ...base, [name]: undefined });
			t.deepEqual(comparable(readEffective({ ...base, [name]: otherwise })), comparable(plain), name);
			const other = another(keysOf(cloud)[name] as Key);
			if (other !== undefined)
				t.notDeepEqual(comparable(readEffective({ ...base, [name]: other })), comparable(plain), `${name}: ${other}`);
		}
	});
}

/** A valid value that is not the default. */
function another({ rule, default: otherwise }: Key): unknown {
	if (rule.kind === "number") return rule.min === otherwise ? rule.max : rule.min;
	return rule.kind === "choice" ? rule.of.find((each) => each !== otherwise) : undefined;
}

/** All that a configuration decides. */
function comparable({ device, wait }: EffectiveConfiguration): unknown {
	const inputs = { now: 1_700_000_000_000, random: Uint8Array.from({ length: 16 }, (_, index) => index) };
	const secret = new Secret("AAECAwQFBgcICQoLDA0ODw==");
	const key: Credential = { kind: "key", secret, assigned: "hub.example/board-1" };
	const reveal = (_name: string, each: unknown) => (each instanceof Secret ? each.reveal() : each);
	const data = { wait, ...device, plan: device.session(key, inputs), registration: device.registration(inputs) };
	return JSON.parse(JSON.stringify(data, reveal));
}

test("plain transport takes true, and nothing that only looks like it", (t) => {
	const plain = { ...least("tencent"), "endpoints.mqtt": "mqtt://host" };
	for (const given of [true, "true"]) t.is(mistake({ ...plain, dangerouslyAllowPlain: given }), undefined);
	for (const given of [undefined, false, "false", "", 1, "yes", "TRUE", { toString: 1 }, [true]])
		t.is(mistake({ ...plain, dangerouslyAllowPlain: given }), "endpoints.mqtt plain");
});

test("a switch, and what is free, are what the schema says", (t) => {
	for (const given of [true, false, "true", "false"]) t.true(satisfies({ kind: "switch" }, given));
	for (const given of [0, 1, "", "yes", null]) t.false(satisfies({ kind: "switch" }, given));
	for (const given of ["x", " ", "a".repeat(33), "é".repeat(17)])
		t.true(satisfies({ kind: "words", words: "a text" }, given));
	for (const given of [
		"",
		5,
		true,
		["x"],
		{},
		"x".repeat(33),
		"é".repeat(17),
		"\u{1f600}".repeat(9),
		"\ud800".repeat(11),
	])
		t.false(satisfies({ kind: "words", words: "a text", max: 32 }, given));
	for (const given of ["x".repeat(32), "é".repeat(16), "\u{1f600}".repeat(8)])
		t.true(satisfies({ kind: "words", words: "a text", max: 32 }, given));
	t.is(ruleInWords({ kind: "words", words: "a text", max: 32 }), "a text, up to 32 bytes");
	t.is(ruleInWords({ kind: "words", words: "a text" }), "a text");
	t.is(ruleInWords({ kind: "words", words: "a text", min: 2, max: 3 }), "a text, 2 to 3 bytes");
	t.is(ruleInWords({ kind: "words", words: "a text", min: 2 }), "a text, 2 bytes or more");
	t.false(satisfies({ kind: "words", words: "a text", min: 2 }, "x"));
	t.true(satisfies({ kind: "words", words: "a text", min: 2 }, "é"));
	for (const given of ["0.0.0.0", "192.168.4.1", "255.199.249.10"]) t.true(satisfies({ kind: "ipv4" }, given), given);
	for (const given of ["1.2.3", "1.2.3.4.5", "1.2.3.4.", "256.1.1.1", "01.1.1.1", "1.2..4", "a.b.c.d", "1.2.3.4\n", 5])
		t.false(satisfies({ kind: "ipv4" }, given), String(given));
	t.is(ruleInWords({ kind: "ipv4" }), "an IPv4 address, such as 192.168.4.1");
	const label = { kind: "text", min: 1, max: 16, others: "_-", except: "nvs" } as const;
	for (const given of ["fctry", "a-b_c", "x".repeat(16), "NVS"]) t.true(satisfies(label, given), given);
	for (const given of ["nvs", "x".repeat(17), "a b", 5]) t.false(satisfies(label, given), String(given));
	t.is(ruleInWords(label), "1 to 16 characters from a-z A-Z 0-9 _ -, but not nvs");
	t.true(satisfies({ kind: "number", min: 0, max: 48, none: true }, "none"));
	t.is(ruleInWords({ kind: "number", min: 0, max: 48, none: true }), "a whole number from 0 to 48, or none");
	t.is(ruleInWords({ kind: "choice", of: ["flash"] }), "flash");
});

test("the clouds of the schema are those of the firmware, in its order", (t) => {
	t.deepEqual(cloudNames, Object.keys(clouds) as CloudName[]);
	t.is(mistake({ ...least("tencent"), cloud: "nimbus" }), 'cloud invalid "nimbus"');
});

test("a protocol and a way to register that exclude another key are in conflict", async (t) => {
	const conflicts = cloudNames.flatMap((cloud) =>
		Object.entries(keysOf(cloud)).flatMap(([name, { conflict, host }]) =>
			conflict && !host ? [`${cloud} ${name}`] : [],
		),
	);
	t.deepEqual(conflicts, [
		"tencent protocol",
		"tencent endpoints.mqtt",
		"aliyun registrationTransport",
		"aliyun endpoints.register",
		"aliyun endpoints.mqtt",
		"aws endpoints.mqtt",
	]);
	t.is(
		mistake({ ...least("aliyun"), registrationTransport: "https", authType: "regnwl" }),
		"registrationTransport conflict",
	);
});

test("the factory partition has the schema's names and overrides the product", (t) => {
	const named = Object.entries(everyKey).flatMap(([key, schema]) => {
		const name = factoryName(key, schema);
		return name === undefined ? [] : [{ name, key, isProduct: schema.of === "product" }];
	});
	t.deepEqual(
		named.map(({ name }) => name).toSorted(),
		factoryNames
			.split(" ")
			.filter((name) => !Object.hasOwn(formerNames, name))
			.toSorted(),
	);
	const image = { ...Object.fromEntries(named.map(({ key }) => [key, "of the image"])), ssid: "of the image" };
	const product = named.filter(({ isProduct }) => isProduct);
	t.true(product.length > 8);
	for (const { name, key, isProduct } of named) {
		t.is(factoryKey(name), key);
		const merged = applyFactoryPartition(image, { state: "read", values: { [name]: "of the partition" } });
		t.is(merged[key], "of the partition");
		const others = Object.entries(merged).filter(([each]) => each !== key && each !== "factoryNote");
		t.is(others.length, isProduct ? named.length - product.length + 1 : named.length, name);
		for (const [, each] of others) t.is(each, "of the image");
	}
});

/** Keys that tests and the simulator read, and no device. */
const ofTests = ["now", "pressed"];
/** What the host itself adds. */
const ofHost = ["factoryNote"];

test("each key that the sources read is in the schema, and each of the schema is read", (t) => {
	const sources = ["modules", "src", "hosts/moddable"].flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((path) => path.endsWith(".ts") && !/(schemas?|sentence|contracts.*|d)\.ts$/.test(path))
			.map((path) => readFileSync(join(root, folder, path), "utf8").replace(/ from ".*"/g, "")),
	);
	const found = sources.flatMap((source) => [
		...[...source.matchAll(/\b(?:config|configuration)\??\.(\w+)/g)].map(([, name = ""]) => name),
		...[...source.matchAll(/\b(?:text|choice|number|webServer)\(\s*configuration,\s*"([\w.]+)"/g)].map(
			([, name = ""]) => name,
		),
		...[...source.matchAll(/\{ ([\w, ]+?)(?: = [^,]*)? \}: RawConfiguration/g)].flatMap(([, names = ""]) =>
			names.split(", "),
		),
	]);
	t.true(found.length > 20);
	for (const name of new Set(found))
		if (![...ofTests, ...ofHost].includes(name)) t.true(Object.hasOwn({ ...everyKey, ...formerNames }, name), name);
	for (const [name, { only }] of Object.entries(everyKey))
		if (only !== "Desktop commands" && !name.startsWith("endpoints."))
			t.true(
				sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)),
				name,
			);
});

test("a key by its former name is read as by its name", (t) => {
	const jitter = (configuration: RawConfiguration) => readEffective({ ...least("tencent"), ...configuration }).wait;
	t.is(Math.round(jitter({ spread: 100 })), 100_000);
	t.is(jitter({ spread: "100" }), jitter({ startupJitter: 100 }));
	t.is(mistake({ ...least("tencent"), spread: -1 }), "spread invalid -1");
	t.is(mistake({ ...least("tencent"), dateFrom: "ftp://x" }), 'dateFrom invalid "ftp://x"');
	t.is(mistake({ ...least("aliyun"), via: "coap" }), 'via invalid "coap"');
	t.is(mistake({ ...least("aliyun"), via: "https", authType: "regnwl" }), "via conflict");
	const { register } = readEffective({ ...least("aliyun"), via: "https", productSecret: "x" }).device.endpoints;
	t.is(register.host, "iot-auth.cn-shanghai.aliyuncs.com");
});

test("the former name of a key is ignored if the current one is set", (t) => {
	const both = { startupJitter: 7, spread: -1, httpTimeServer: "http://new.example", dateFrom: "ftp://x" };
	t.is(Math.round(readEffective({ ...least("tencent"), ...both }).wait), 7000);
	t.is(mistake({ ...least("aliyun"), registrationTransport: "mqtt", via: "coap" }), undefined);
	t.is(
		mistake({ ...least("aliyun"), registrationTransport: "coap", via: "mqtt" }),
		'registrationTransport invalid "coap"',
	);
});

test("a mistake by a former name becomes a sentence with the rule of the key", (t) => {
	t.is(
		configurationSentence({ key: "spread", reason: "invalid", value: "-1" }),
		"spread is invalid: -1. Expected a whole number from 0 to 3600.",
	);
	t.is(
		configurationSentence({ key: "via", reason: "invalid", value: '"coap"' }, "aliyun"),
		'via is invalid: "coap". Expected one of mqtt, https.',
	);
	t.is(configurationSentence({ key: "lampColour", reason: "missing" }), "lampColour is missing.");
	t.is(configurationSentence({ key: "lampColour" }), "lampColour is invalid.");
});

test("former key names are read as current ones, which take precedence", (t) => {
	t.deepEqual(
		withCurrentNames({
			cloud: "aliyun",
			spread: 5,
			via: "https",
			vault: "flash",
			factory: "mfg",
			dateFrom: "http://x",
		}),
		{
			cloud: "aliyun",
			startupJitter: 5,
			registrationTransport: "https",
			storage: "flash-log",
			factoryPartition: "mfg",
			httpTimeServer: "http://x",
		},
	);
	t.deepEqual(withCurrentNames({ startupJitter: 1, spread: 5, vault: "flush" }), {
		startupJitter: 1,
		storage: "flush",
	});
	t.deepEqual(withCurrentNames({ lampColour: "red" }), { lampColour: "red" });
});

test("a mistake becomes a sentence with the rule of the schema", (t) => {
	const cloud = "tencent";
	for (const [message, sentence] of [
		["productId missing", "productId is missing. Expected 1 to 10 letters and digits."],
		['productId invalid "a b"', 'productId is invalid: "a b". Expected 1 to 10 letters and digits.'],
		["productId invalid #17", "productId is invalid: 17 characters. Expected 1 to 10 letters and digits."],
		["region invalid {}", "region is invalid: an object. Expected one of china, us-east, europe, ap-bangkok."],
		["ca invalid []", "ca is invalid: a list. Expected the name of a certificate file, or a list of names."],
		[
			"productSecret invalid",
			"productSecret is invalid. Expected 16 to 64 characters without spaces, as the console shows it.",
		],
		["endpoints unknown", 'endpoints has an unknown key. Expected {"register": …, "mqtt": …}.'],
		[
			"clientCertificate unsupported",
			"clientCertificate is not for RSA, the only kind that a board can use. Expected PEM text in both clientCertificate and clientKey: a certificate, and an unencrypted RSA key.",
		],
		[
			"clientCertificate weak",
			"clientCertificate is too weak. Expected a certificate for RSA with 2048 bits or more, signed without SHA-1 or MD5.",
		],
		[
			"clientKey mismatched",
			"clientKey is not the private key of the first certificate in clientCertificate. Expected the device's own certificate first, and its own key.",
		],
		["protocol conflict", "protocol is v1, but v1 cannot send a clientCertificate. Expected v2."],
		[
			"endpoints.mqtt plain",
			"endpoints.mqtt has no TLS, so everything would be sent in plain text. Expected mqtts://host or mqtts://host:port. For tests only, set dangerouslyAllowPlain to true.",
		],
		[
			'cloud invalid "aliyun"',
			'cloud is "aliyun", but this image does not include "aliyun". Build the image with "aliyun".',
		],
		["keepAlive invalid 901", "keepAlive is invalid: 901. Expected a whole number from 30 to 900."],
		["lampColour missing", "lampColour is missing."],
		["productKey missing", "productKey is missing."],
	] as const)
		t.is(configurationSentence(mistakeIn(message), cloud), sentence);
});

test("a late error names its purpose", (t) => {
	t.is(
		configurationSentence({ ...mistakeIn("claimCertificate missing"), phase: "register" }, "aws"),
		"claimCertificate is missing. A device without a credential registers with the claim certificate. Expected PEM text in both claimCertificate and claimKey: a certificate, and an unencrypted RSA key.",
	);
	t.is(
		configurationSentence(mistakeIn("claimKey mismatched"), "aws"),
		"claimKey is not the private key of claimCertificate. Expected the claim certificate first, and its own key.",
	);
	t.is(
		configurationSentence({ ...mistakeIn("productSecret missing"), phase: "register" }, "aliyun"),
		"productSecret is missing. A device without a credential registers with the secret. Expected 1 to 64 characters without spaces, as the console shows it.",
	);
	t.is(
		configurationSentence({ ...mistakeIn("ssid missing"), phase: "network" }),
		"ssid is missing. The image has no Wi-Fi network: build the image with ssid=… and password=…, or include set-up mode. Expected the name of a Wi-Fi network, up to 32 bytes.",
	);
	t.regex(
		configurationSentence({ ...mistakeIn("setup missing"), phase: "network" }),
		/application does not use it: pass the result of withSetup to Device/,
	);
	t.is(
		configurationSentence({ ...mistakeIn("setupPassword missing"), phase: "network" }),
		"setupPassword is missing. Set-up mode's access point needs a password, since anyone near could read the customer's password or choose the network: set setupPassword, or setupSecret for another password on each board. Expected a Wi-Fi password, 8 to 64 bytes.",
	);
	t.is(
		configurationSentence({ ...mistakeIn("storage missing"), phase: "store" }),
		"storage is missing. Set-up mode writes a network to flash, and with the SDK's preferences a power cut meanwhile could lose the credential: include manifest_flash_log.json and set storage=flash-log. Expected flash-log.",
	);
});

test("without a known cloud the rules of each cloud are shown", (t) => {
	const sentence = configurationSentence(mistakeIn("deviceName missing"));
	t.true(
		sentence.startsWith(
			"deviceName is missing. Tencent Cloud: Expected 1 to 48 characters from a-z A-Z 0-9 : _ -. Alibaba Cloud: Expected 4 to 32 characters from a-z A-Z 0-9 _ @ . : -. ",
		),
	);
	for (const { title } of Object.values(cloudProfiles)) t.true(sentence.includes(`${title}: Expected `), title);
	t.is(
		configurationSentence(mistakeIn("productKey missing")),
		"productKey is missing. Alibaba Cloud: Expected 1 to 20 letters and digits. Volcengine: Expected 1 to 64 characters from a-z A-Z 0-9 _ -.",
	);
	t.is(
		configurationSentence({ ...mistakeIn("endpoints.mqtt conflict"), phase: "connect" }),
		"Tencent Cloud, AWS IoT Core: endpoints.mqtt has no TLS, but a device with a certificate authenticates by TLS. Expected mqtts://. Alibaba Cloud: endpoints.mqtt has no TLS, but a device must not send its token in plain text. Expected mqtts://.",
	);
});

/** "keepAlive invalid 901" */
function mistakeIn(text: string) {
	const [key = "", reason = "", ...value] = text.split(" ");
	return value.length === 0 ? { key, reason } : { key, reason, value: value.join(" ") };
}

/** Whether a value of one type is one of the other. */
type Is<One, Other> = One extends Other ? true : false;

test("an application's configuration is checked by the compiler", (t) => {
	const valid: readonly Configuration[] = [
		{ productId: "PRODUCT001" },
		{ cloud: "tencent", productId: "P", region: "europe", startupJitter: 0, ca: ["public", "own.pem"] },
		{ cloud: "aliyun", productKey: "k", region: "us-west-1", "endpoints.mqtt": "mqtts://host", keepAlive: "60" },
	];
	t.is(valid.length, 3);
	const refused: readonly false[] = [
		false satisfies Is<{ readonly productId: 5 }, Configuration>,
		false satisfies Is<{ readonly productSecret: string }, Configuration>,
		false satisfies Is<{ readonly cloud: "aliyun"; readonly productId: string }, Configuration>,
		false satisfies Is<{ readonly productId: string; readonly region: "cn-shanghai" }, Configuration>,
		false satisfies Is<{ readonly productId: string; readonly httpTimeServer: "https://host" }, Configuration>,
	];
	t.is(refused.length, 5);
});
