import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "@dynreg/cli/internal/commands/init";
import {
	configurationKeys,
	invalidHostKeys,
	isOfProductOrDevice,
	isSecret,
	keysOfOtherClouds,
	unknownKeys,
} from "@dynreg/cli/internal/configuration/configuration-keys";
import { flags, keys } from "@dynreg/cli/internal/init/answers";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import test from "ava";
import { cloudSchemas } from "dynreg/clouds/schemas";
import type { Key } from "dynreg/configuration/schema";

test("the keys that are known are those of docs/configuration.md", (t) => {
	const rows = readFileSync(join(project, "docs/configuration.md"), "utf8").matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm);
	const documented = [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, key = ""]) => key));
	t.deepEqual([...new Set(documented)].toSorted(), configurationKeys.toSorted());
});

test("a slip is told with what was meant; a key that is close to none is told without", (t) => {
	t.deepEqual(unknownKeys({ productid: "x", spraed: 3, cas: "ca.pem", lampColour: "red", spread: 3 }), [
		{ key: "productid", meant: "productId" },
		{ key: "spraed", meant: "spread" },
		{ key: "cas", meant: "ca" },
		{ key: "lampColour" },
	]);
	t.deepEqual(unknownKeys({ endpoints: {}, "endpoints.mqtt": "mqtts://localhost" }), []);
	t.deepEqual(unknownKeys({ "endpoints.mqqt": "mqtts://localhost" }), [
		{ key: "endpoints.mqqt", meant: "endpoints.mqtt" },
	]);
});

test("a key that only another cloud has is told with that cloud", (t) => {
	t.deepEqual(keysOfOtherClouds({ productId: "P", region: "china", instanceId: "i", lampColour: "red" }), [
		{ key: "instanceId", of: "Alibaba Cloud" },
	]);
	t.deepEqual(keysOfOtherClouds({ cloud: "aliyun", productId: "P", productKey: "k", protocol: "v1" }), [
		{ key: "productId", of: "Tencent Cloud" },
		{ key: "protocol", of: "Tencent Cloud" },
	]);
	t.deepEqual(keysOfOtherClouds({ cloud: "nimbus", productId: "P" }), []);
});

test("a value that only a board reads is checked, too", (t) => {
	const valid = { vault: "flash", button: "none", led: 2, ssid: "home", factory: "fctry", keepAlive: "of the library" };
	t.deepEqual(invalidHostKeys(valid), []);
	t.deepEqual(invalidHostKeys({ vault: "falsh", button: 49, led: "left" }), [
		{ key: "button", expected: "a whole number from 0 to 48, or none" },
		{ key: "led", expected: "a whole number from 0 to 48, or none" },
		{ key: "vault", expected: "flash" },
	]);
});

test("secrets are those of the schema, and what is named like one", (t) => {
	for (const key of ["productSecret", "password", "clientKey", "clientCertificate", "apiToken", "myPassword"])
		t.true(isSecret(key), key);
	for (const key of ["productId", "ssid", "deviceName", "lampColour"]) t.false(isSecret(key), key);
});

test("an image for a factory partition leaves out what is the product's and the device's", (t) => {
	const left = configurationKeys.filter((key) => !isOfProductOrDevice(key));
	t.deepEqual(
		["cloud", "productId", "productSecret", "region", "deviceName", "clientKey"].filter((key) => left.includes(key)),
		[],
	);
	for (const key of ["ssid", "password", "ca", "endpoints", "spread", "factory"]) t.true(left.includes(key), key);
});

test("the table in the README has the product's keys of each cloud, and their regions", (t) => {
	const [table = ""] =
		/\n\| \| Tencent Cloud \| Alibaba Cloud \|\n(\|.*\n)+/.exec(readFileSync(join(project, "README.md"), "utf8")) ?? [];
	for (const { title, keys } of Object.values(cloudSchemas)) {
		t.true(table.includes(title), title);
		for (const [name, key] of Object.entries<Key>(keys)) if (key.required) t.true(table.includes(`\`${name}\``), name);
		const { of } = keys.region.rule as { readonly of: readonly string[] };
		t.true(table.includes(of.map((each) => `\`${each}\``).join(", ")), title);
	}
});

test("each question of dynreg init has an option that answers it", (t) => {
	for (const key of keys) t.true(Object.hasOwn(command.options ?? {}, flags[key]), key);
});
