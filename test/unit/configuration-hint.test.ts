import test from "ava";
import { configuredDevice } from "dynreg/clouds";
import { cloudNames } from "dynreg/clouds/schemas";
import { lifecycleOptions } from "dynreg/configuration/readers";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { closest } from "dynreg/messages/closest";
import { configurationSentence } from "dynreg/messages/configuration-sentence";
import { sentence } from "dynreg/messages/sentence";
import { timeServers } from "dynreg/time/sntp";
import { crypto } from "../support/node-crypto.js";

/** What is said of a configuration. @param known whether the configuration is known to the one who says it */
function told(configuration: RawConfiguration, known = true): string {
	try {
		configuredDevice(configuration, crypto, undefined);
		lifecycleOptions(configuration);
		timeServers(configuration.sntp);
		return "";
	} catch (error) {
		return sentence(Failure.from(error), known ? configuration : undefined);
	}
}

const names = cloudNames.join(", ");
const tencent = { productId: "PRODUCT001", deviceName: "board-1" };
const aliyun = { cloud: "aliyun", productKey: "a1sXfakeKey", deviceName: "board-1" };

for (const [configuration, said] of [
	[
		{ productKey: "a1" },
		"productId is missing. Expected 1 to 10 letters and digits. productKey is a key for Alibaba Cloud and Volcengine: set cloud to aliyun or volcengine.",
	],
	[
		{ cloud: "aliyun", productId: "P" },
		"productKey is missing. Expected 1 to 20 letters and digits. productId is a key for Tencent Cloud: set cloud to tencent.",
	],
	[{ cloud: "volcengine", productKey: "k" }, "instanceId is missing. Expected 1 to 40 characters from a-z A-Z 0-9 -."],
	[{ productID: "P" }, "productId is missing. Expected 1 to 10 letters and digits. Rename productID to productId."],
	[{ product_id: "P" }, "productId is missing. Expected 1 to 10 letters and digits. Rename product_id to productId."],
	[{ lampColour: "red" }, "productId is missing. Expected 1 to 10 letters and digits."],
	[{ productId: "P" }, "deviceName is missing. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -."],
	[{ ...tencent, cloud: "Tencent" }, `cloud is invalid: "Tencent". Expected one of ${names}. Did you mean tencent?`],
	[
		{ ...tencent, cloud: "Alibaba Cloud" },
		`cloud is invalid: "Alibaba Cloud". Expected one of ${names}. Did you mean aliyun?`,
	],
	[{ ...tencent, cloud: "qcloud" }, `cloud is invalid: "qcloud". Expected one of ${names}. Did you mean tencent?`],
	[{ ...tencent, cloud: "moon" }, `cloud is invalid: "moon". Expected one of ${names}.`],
	[
		{ ...tencent, deviceName: 1234 },
		"deviceName is invalid: 1234. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -. Put the value between quotes.",
	],
	[
		{ ...tencent, productId: 1234567890 },
		"productId is invalid: 1234567890. Expected 1 to 10 letters and digits. Put the value between quotes.",
	],
	[
		{ ...tencent, productSecret: 1234567890123456 },
		"productSecret is invalid. Expected 16 to 64 characters without spaces, as the console shows it. Put the value between quotes.",
	],
	[
		{ ...tencent, deviceName: true },
		"deviceName is invalid: true. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -. Put the value between quotes.",
	],
	[
		{ ...tencent, deviceName: ["x"] },
		"deviceName is invalid: a list. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.",
	],
	[
		{ ...tencent, deviceName: " board-1" },
		'deviceName is invalid: " board-1". Expected 1 to 48 characters from a-z A-Z 0-9 : _ -. Remove the blanks around the value.',
	],
	[
		{ ...tencent, keepAlive: "240 s" },
		'keepAlive is invalid: "240 s". Expected a whole number from 30 to 900. Leave out the unit.',
	],
	[{ ...tencent, keepAlive: "24,0" }, 'keepAlive is invalid: "24,0". Expected a whole number from 30 to 900.'],
	[{ ...tencent, keepAlive: true }, "keepAlive is invalid: true. Expected a whole number from 30 to 900."],
	[
		{ ...tencent, endpoints: { mqtt: "mqtts://x", regster: "https://x" } },
		'endpoints has an unknown key. Expected {"register": …, "mqtt": …}. Did you mean register?',
	],
	[
		{ ...tencent, endpoints: { mqtt: "mqtts://x", colour: "red" } },
		'endpoints has an unknown key. Expected {"register": …, "mqtt": …}.',
	],
] as const)
	test(`${JSON.stringify(configuration)}: ${said.split(". ").at(-1)}`, (t) => t.is(told(configuration), said));

for (const [region, meant] of [
	...([
		["ap-guangzhou", "china"],
		["na-ashburn", "us-east"],
		["eu-frankfurt", "europe"],
		["us-east-1", "us-east"],
	] as const),
	...([
		["ap_bangkok", "ap-bangkok"],
		["China", "china"],
		["ap-shanghai", "china"],
		["chna", "china"],
	] as const),
] as const)
	test(`Tencent's region ${region} is ${meant}`, (t) =>
		t.is(
			told({ ...tencent, region }),
			`region is invalid: "${region}". Expected one of china, us-east, europe, ap-bangkok. Did you mean ${meant}?`,
		));

for (const [region, meant] of [
	...([
		["cn_shanghai", "cn-shanghai"],
		["CN-Shanghai", "cn-shanghai"],
		["shanghai", "cn-shanghai"],
	] as const),
	...([
		["ap-southeast1", "ap-southeast-1"],
		["singapore", "ap-southeast-1"],
		["us-west", "us-west-1"],
	] as const),
	...([
		["cn-beijng", "cn-beijing"],
		["eu-central", "eu-central-1"],
		["cn-hangzhou", undefined],
		["moon", undefined],
	] as const),
] as const)
	test(`Alibaba's region ${region} is ${meant}`, (t) => {
		const said = told({ ...aliyun, region });
		t.true(said.startsWith(`region is invalid: "${region}". Expected one of cn-shanghai, `), said);
		t.is(/Did you mean (.*)\?$/.exec(said)?.[1], meant);
	});

test("a region that no cloud is known for has the rule and the hint of each", (t) => {
	t.is(
		told({ ...tencent, region: "ap-guangzhou" }, false),
		'region is invalid: "ap-guangzhou". Tencent Cloud: Expected one of china, us-east, europe, ap-bangkok. Did you mean china? Alibaba Cloud: Expected one of cn-shanghai, cn-beijing, ap-southeast-1, ap-northeast-1, us-west-1, us-east-1, eu-central-1. AWS IoT Core: Expected 1 to 20 characters from a-z A-Z 0-9 -. Volcengine: Expected cn-shanghai.',
	);
});

test("a text that breaks another kind of rule has no hint", (t) => {
	t.is(
		told({ ...tencent, deviceName: "a/b" }),
		'deviceName is invalid: "a/b". Expected 1 to 48 characters from a-z A-Z 0-9 : _ -.',
	);
});

test("without the configuration, what a device shows of the value is enough for most hints", (t) => {
	t.regex(told({ ...tencent, deviceName: 1234 }, false), /Put the value between quotes\.$/);
	t.notRegex(told({ ...tencent, deviceName: "with blanks in it, and long" }, false), /quotes/);
	t.is(told({ productKey: "a1" }, false), "productId is missing. Expected 1 to 10 letters and digits.");
	t.regex(told({ ...tencent, endpoints: { mqtt: "host:8883" } }, false), / Begin with mqtts:\/\/\.$/);
	t.notRegex(told({ ...tencent, endpoints: [] }, false), /quotes/);
});

for (const [address, hint] of [
	["https://[::1]:8443", "IPv6 addresses are not supported: use a host name or an IPv4 address."],
	["https://::1", "IPv6 addresses are not supported: use a host name or an IPv4 address."],
	["https://host:99999", "Expected a port from 1 to 65535."],
	["https://host:0", "Expected a port from 1 to 65535."],
	["https://host:", "Expected a port from 1 to 65535."],
	["https://host:http", "Expected a port from 1 to 65535."],
	["host", "Begin with https://."],
	["host.example:8443", "Begin with https://."],
	["mqtts://host", "Begin with https://."],
	["HTTPS://host", "Begin with https://. Use small letters."],
	["https://host/path", "Leave out the path: only host and port are used."],
	["https://host:443/a?b#c", "Leave out the path: only host and port are used."],
	["https://host//", "Leave out the path: only host and port are used."],
	["https://user:word@host", "Leave out user name and password."],
	["https://", "Name the host."],
	["https://:443", "Name the host."],
	["https:// host", "Remove the blanks."],
	["https://服务器.example", "Write the host name in its ASCII form, which begins with xn--."],
	["https://ho*st", undefined],
	["http://", "Name the host."],
	[" https://host ", "Remove the blanks around the value."],
] as const)
	test(`the registration server ${address}: ${hint}`, (t) => {
		for (const configuration of [
			{ ...tencent, endpoints: { register: address } },
			{ ...tencent, "endpoints.register": address },
		]) {
			const said = told(configuration);
			t.true(said.startsWith("endpoints.register is invalid: "), said);
			t.true(said.endsWith(`Expected https://host or https://host:port.${hint === undefined ? "" : ` ${hint}`}`), said);
			t.false(said.includes("user:word"));
		}
	});

test("a time server over HTTPS is told to use HTTP", (t) => {
	t.regex(told({ ...tencent, httpTimeServer: "https://time.example" }), /^httpTimeServer is invalid: .*http:\/\//);
	t.regex(told({ ...tencent, httpTimeServer: "time.example" }), / Begin with http:\/\/\.$/);
});

test("a server of either scheme is told both", (t) => {
	t.regex(told({ ...aliyun, endpoints: { register: "host" } }), / Begin with mqtts:\/\/ or https:\/\/\.$/);
});

for (const [sntp, hint] of [
	["a.example b.example", "Separate servers with commas."],
	[["a.example b.example"], "Separate servers with commas."],
	["a.example;b.example", undefined],
	["a.example,,b.example", "Remove the comma too many."],
	["ntp://a.example", "Leave out the scheme."],
	["a.example/x", "Leave out the path: only host and port are used."],
	["a.example:99999", "Expected a port from 1 to 65535."],
	["[::1]", "IPv6 addresses are not supported: use a host name or an IPv4 address."],
	[["a.example", 5], "Put each server between quotes."],
	[5, "Put the value between quotes."],
	[{}, undefined],
] as const)
	test(`time servers ${JSON.stringify(sntp)}: ${hint}`, (t) => {
		const said = told({ ...tencent, sntp });
		t.true(said.startsWith("sntp is invalid: "), said);
		t.true(said.endsWith(`Expected host or host:port, one or several.${hint === undefined ? "" : ` ${hint}`}`), said);
	});

test("the closest word is at most two slips away, whatever the case", (t) => {
	const words = ["register", "mqtt", "ca"];
	for (const [text, word] of [
		["Register", "register"],
		["regster", "register"],
		["re_gister", "register"],
		["mqqt", "mqtt"],
		["cas", "ca"],
		["x", undefined],
		["", undefined],
		["rgstr", undefined],
		["colour", undefined],
	] as const)
		t.is(closest(text, words), word, text);
	t.is(closest("mqtt", ["mqt", "mqtt", "mqttx"]), "mqtt");
});

test("a missing key in a configuration for an unknown cloud is told for the default one", (t) => {
	t.is(
		configurationSentence({ key: "productId", reason: "missing" }, undefined, { cloud: "nimbus", lampColour: "red" }),
		"productId is missing. Expected 1 to 10 letters and digits.",
	);
});
