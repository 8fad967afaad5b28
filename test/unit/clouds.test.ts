import test from "ava";
import { clouds as allClouds } from "dynreg/clouds";
import { type CloudName, cloudNames, keysOf } from "dynreg/clouds/schemas";
import * as esp8266 from "dynreg/clouds-esp8266";
import type { Cloud } from "dynreg/contracts/cloud";
import { crypto } from "../support/node-crypto.js";

/** `src/clouds-<name>.ts` */
interface OneCloud {
	readonly clouds: Readonly<Record<string, Cloud>>;
	readonly configuredDevice: Cloud["device"];
}

const secret = "AnInventedProductSecret1";

/** The keys that every device of a cloud needs. */
function required(name: CloudName): Readonly<Record<string, string>> {
	const keys = Object.entries(keysOf(name)).filter(([, key]) => key.required);
	return Object.fromEntries(keys.map(([key]) => [key, "A1b"]));
}

test("the default cloud is first in the image and in the schemas", (t) => {
	t.deepEqual(Object.keys(allClouds), cloudNames);
});

test("the application's image for an ESP8266 has the clouds that fit, with the same default", (t) => {
	const names = Object.keys(esp8266.clouds) as CloudName[];
	t.is(names[0], cloudNames[0]);
	for (const name of names) t.is(esp8266.clouds[name as keyof typeof esp8266.clouds], allClouds[name]);
	const configuration = { ...required("tencent"), productSecret: secret };
	t.is(esp8266.configuredDevice(configuration, crypto, "a4:d1:8c:db:c0:20").identity, "tencent/A1b/a4d18cdbc020");
	const others = cloudNames.filter((name) => !names.includes(name));
	t.true(others.length > 0);
	for (const cloud of others)
		t.throws(() => esp8266.configuredDevice({ ...required(cloud), cloud }, crypto, undefined), {
			message: /^bad-configuration cloud invalid /,
		});
});

for (const name of cloudNames)
	test(`an image for ${name} has it for its default, and speaks to no other`, async (t) => {
		const { clouds, configuredDevice } = (await import(`dynreg/clouds-${name}`)) as OneCloud;
		t.deepEqual(Object.keys(clouds), [name]);
		t.is(clouds[name], allClouds[name]);
		const configuration = { ...required(name), productSecret: secret };
		const device = configuredDevice(configuration, crypto, "a4:d1:8c:db:c0:20");
		t.is(device.identity, `${name}/${device.product}/a4d18cdbc020`);
		t.is(device.product, "A1b");
		for (const cloud of cloudNames.filter((each) => each !== name))
			t.throws(() => configuredDevice({ ...configuration, cloud }, crypto, undefined), {
				message: /^bad-configuration cloud invalid /,
			});
	});
