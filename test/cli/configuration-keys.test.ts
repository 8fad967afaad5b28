import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "@dynreg/cli/internal/commands/init";
import {
	configurationKeys,
	formerKeys,
	invalidKeys,
	isOfProductOrDevice,
	isSecret,
	keyOfMisplacedSecret,
	keysOfOtherClouds,
	unknownKeys,
} from "@dynreg/cli/internal/configuration/configuration-keys";
import { optionNames, questionKeys } from "@dynreg/cli/internal/init/answers";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test from "ava";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { cloudNames, formerNames, keysOf } from "dynreg/clouds/schemas";
import { type CloudSchema, type Key, satisfies } from "dynreg/configuration/schema";

test("the keys that are known are those of docs/reference/configuration.md", (t) => {
	const rows = readFileSync(join(project, "docs/reference/configuration.md"), "utf8").matchAll(
		/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm,
	);
	const documented = [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, key = ""]) => key));
	const names = [...configurationKeys, ...Object.keys(formerNames)];
	t.deepEqual(
		documented.filter((key) => !names.includes(key)),
		[],
	);
	t.deepEqual(
		configurationKeys.filter((key) => !documented.includes(key)),
		[],
	);
});

test("an unknown key gets a suggestion if one is close", (t) => {
	t.deepEqual(unknownKeys({ productid: "x", startupJiter: 3, cas: "ca.pem", lampColour: "red", startupJitter: 3 }), [
		{ key: "productid", suggestion: "productId" },
		{ key: "startupJiter", suggestion: "startupJitter" },
		{ key: "cas", suggestion: "ca" },
		{ key: "lampColour" },
	]);
	t.deepEqual(unknownKeys({ endpoints: {}, "endpoints.mqtt": "mqtts://localhost" }), []);
	t.deepEqual(unknownKeys({ "endpoints.mqqt": "mqtts://localhost" }), [
		{ key: "endpoints.mqqt", suggestion: "endpoints.mqtt" },
	]);
});

test("a key of another cloud is reported with that cloud", (t) => {
	t.deepEqual(keysOfOtherClouds({ productId: "P", region: "china", instanceId: "i", lampColour: "red" }), [
		{ key: "instanceId", clouds: "Alibaba Cloud, Volcengine" },
	]);
	t.deepEqual(keysOfOtherClouds({ cloud: "aliyun", productId: "P", productKey: "k", protocol: "v1" }), [
		{ key: "productId", clouds: "Tencent Cloud" },
		{ key: "protocol", clouds: "Tencent Cloud" },
	]);
	t.deepEqual(keysOfOtherClouds({ cloud: "nimbus", productId: "P" }), []);
});

/** None of them is a value of any key that is a text, a number or a choice. */
const wrongTypes = [[], ["a b", 5], {}, { a: 1 }, true, false, 0.5, -1];

test("every key of every cloud is checked: wrong types, blanks, another case", (t) => {
	for (const cloud of cloudNames)
		for (const [key, { rule, blank, secret, only }] of Object.entries<Key>(keysOf(cloud))) {
			// The firmware reads these itself.
			if (rule.kind === "endpoint") continue;
			const found = (value: unknown) => invalidKeys({ cloud, [key]: value }).find((each) => each.key === key)?.message;
			if (key === "cloud") continue;
			for (const none of [null, undefined, ...(blank ? [""] : [])]) t.is(found(none), undefined, `${key}: ${none}`);
			if (!blank && rule.kind !== "servers") t.regex(found("") ?? "", new RegExp(`^${key} is missing\\. Expected `));
			for (const value of wrongTypes) {
				if (satisfies(rule, value)) continue;
				const message = found(value) ?? "";
				t.regex(
					message,
					new RegExp(`^${key.replace(".", "\\.")} (is invalid|has an unknown key)`),
					`${key}: ${JSON.stringify(value)}`,
				);
				t.regex(message, /Expected /);
				if (secret || only === "Desktop commands") t.notRegex(message, /is invalid: /, key);
			}
			if (rule.kind === "choice")
				for (const value of rule.of)
					for (const wrong of [value.toUpperCase(), ` ${value}`, `${value} `, [value]])
						t.truthy(found(wrong), `${key}: ${wrong}`);
		}
});

test("a value that only a board reads is checked, too", (t) => {
	const valid = { storage: "flash-log", button: "none", led: 2, ssid: "home", factoryPartition: "fctry" };
	t.deepEqual(invalidKeys(valid), []);
	t.deepEqual(invalidKeys({ storage: "falsh", button: 49, led: "left", ssid: 5, password: 12345678 }), [
		{ key: "storage", message: 'storage is invalid: "falsh". Expected flash-log.' },
		{ key: "button", message: "button is invalid: 49. Expected a whole number from 0 to 48, or none." },
		{ key: "led", message: 'led is invalid: "left". Expected a whole number from 0 to 48, or none.' },
		{
			key: "ssid",
			message:
				"ssid is invalid: 5. Expected the name of a Wi-Fi network, up to 32 bytes. Put the value between quotes.",
		},
		{
			key: "password",
			message:
				"password is invalid. Expected the password of the Wi-Fi network, up to 64 bytes. Put the value between quotes.",
		},
	]);
});

test("values that used to pass are refused, in one sentence", (t) => {
	for (const [key, value, message] of [
		["sntp", 5, "sntp is invalid: 5. Expected host or host:port, one or several. Put the value between quotes."],
		[
			"sntp",
			"a.example b.example",
			"sntp is invalid: 19 characters. Expected host or host:port, one or several. Separate servers with commas.",
		],
		[
			"sntp",
			["a.example b.example"],
			"sntp is invalid: a list. Expected host or host:port, one or several. Separate servers with commas.",
		],
		["dangerouslyAllowPlain", "yes", 'dangerouslyAllowPlain is invalid: "yes". Expected true or false.'],
		["vault", "Flash", 'vault is invalid: "Flash". Expected flash-log. Did you mean flash-log?'],
		[
			"httpTimeServer",
			"https://time.example",
			'httpTimeServer is invalid: "https://time.example". Expected http://host or http://host:port. Begin with http://.',
		],
		[
			"dateFrom",
			"https://x",
			'dateFrom is invalid: "https://x". Expected http://host or http://host:port. Begin with http://.',
		],
		[
			"factoryPartition",
			"nvs",
			'factoryPartition is invalid: "nvs". Expected 1 to 16 characters from a-z A-Z 0-9 _ -, but not nvs.',
		],
		["startupJitter", " ", 'startupJitter is invalid: " ". Expected a whole number from 0 to 3600.'],
		["spread", "3s", 'spread is invalid: "3s". Expected a whole number from 0 to 3600. Leave out the unit.'],
		["endpoints", [], 'endpoints is invalid: a list. Expected {"register": …, "mqtt": …}.'],
		[
			"endpoints",
			{ mqqt: "mqtts://x" },
			'endpoints is invalid: an object. Expected {"register": …, "mqtt": …}. Did you mean mqtt?',
		],
	] as const)
		t.deepEqual(invalidKeys({ [key]: value }), [{ key, message }]);
	// The firmware ignores the former name where both are set.
	t.deepEqual(invalidKeys({ spread: "3s", startupJitter: 3 }), []);
});

test("the product's secret is found in the place of any public value, however deep", (t) => {
	const productSecret = "made-up-secret-of-a-test";
	for (const [key, value] of [
		["deviceName", productSecret],
		["region", productSecret],
		["cloud", productSecret],
		["ca", ["a.pem", productSecret]],
		["endpoints", { mqtt: `mqtts://${productSecret}` }],
		["lampColour", `x${productSecret}x`],
	] as const)
		t.is(keyOfMisplacedSecret({ productId: "P", productSecret, [key]: value }), key);
	t.is(keyOfMisplacedSecret({ productId: "P", productSecret, password: productSecret, ssid: "x" }), undefined);
	t.is(keyOfMisplacedSecret({ productId: "P", productSecret: "short", deviceName: "short" }), undefined);
	t.is(keyOfMisplacedSecret({ productId: "P", deviceName: productSecret }), undefined);
});

test("former names are known, with the names of today", (t) => {
	t.deepEqual(unknownKeys({ spread: 3, via: "https", dateFrom: "http://x", vault: "flash", factory: "fctry" }), []);
	t.deepEqual(formerKeys({ spread: 3, dateFrom: "http://x", httpTimeServer: "http://y" }), [
		{ key: "spread", name: "startupJitter", isIgnored: false },
		{ key: "dateFrom", name: "httpTimeServer", isIgnored: true },
	]);
	t.deepEqual(keysOfOtherClouds({ productId: "P", via: "https" }), [{ key: "via", clouds: "Alibaba Cloud, Azure" }]);
	t.deepEqual(invalidKeys({ vault: "flash" }), []);
	t.true(isOfProductOrDevice("via"));
	t.false(isOfProductOrDevice("spread"));
});

test("secrets are those of the schema, and what is named like one", (t) => {
	for (const key of ["productSecret", "password", "clientKey", "clientCertificate", "apiToken", "myPassword"])
		t.true(isSecret(key), key);
	for (const key of ["productId", "ssid", "deviceName", "lampColour"]) t.false(isSecret(key), key);
});

test("an image for a factory partition omits the keys of product and device", (t) => {
	const left = configurationKeys.filter((key) => !isOfProductOrDevice(key));
	t.deepEqual(
		["cloud", "productId", "productSecret", "region", "deviceName", "clientKey"].filter((key) => left.includes(key)),
		[],
	);
	for (const key of ["ssid", "password", "ca", "endpoints", "startupJitter", "factoryPartition"])
		t.true(left.includes(key), key);
});

test("the table in the README has a row for each cloud, with the product's keys and the regions", (t) => {
	const readme = readFileSync(join(project, "README.md"), "utf8");
	for (const [cloud, profile] of Object.entries<CloudSchema>(cloudProfiles)) {
		const { title, keys } = profile;
		const [row = ""] = new RegExp(`^\\| ${title} \\| \`${cloud}\`.*$`, "m").exec(readme) ?? [];
		for (const [name, key] of Object.entries(keys)) if (key.required) t.true(row.includes(`\`${name}\``), name);
		if (keys.region?.rule.kind !== "choice") continue;
		t.true(row.includes(keys.region.rule.of.map((each) => `\`${each}\``).join(", ")), title);
	}
});

test("each question of dynreg init has an option", (t) => {
	for (const key of questionKeys) t.true(Object.hasOwn(command.options ?? {}, optionNames[key]), key);
});
