/** What commands and the local cloud know of each cloud: the same kinds of facts for every one, in one place. */

import test from "ava";
import { cloudProfiles } from "dynreg/clouds/profiles";
import {
	type CloudName,
	cloudNames,
	defaultCloud,
	hasTimeService,
	isPlatformHost,
	keysOf,
	productIdKey,
	registrationScheme,
	sharedKeys,
} from "dynreg/clouds/schemas";
import { satisfies } from "dynreg/configuration/schema";
import type { CloudProfile } from "dynreg/contracts/cloud-profile";
import { Secret } from "dynreg/core/secret";
import { catalogue } from "dynreg/messages/catalogue";
import { crypto } from "../support/node-crypto.js";

const profiles: readonly (readonly [CloudName, CloudProfile])[] = cloudNames.map((name) => [name, cloudProfiles[name]]);

test("the first cloud is the default, in schema and profiles", (t) => {
	t.is(defaultCloud, "tencent");
	t.is(sharedKeys.cloud?.default, defaultCloud);
});

test("an alias is written in small letters and belongs to one cloud", (t) => {
	const aliases = profiles.flatMap(([, profile]) => profile.aliases);
	t.is(new Set(aliases).size, aliases.length);
	for (const alias of aliases) {
		t.regex(alias, /^[a-z]+$/);
		t.false((cloudNames as readonly string[]).includes(alias), alias);
	}
});

for (const [name, profile] of profiles) {
	test(`${name}: the product has a key of its own, a title and a server's domain`, (t) => {
		t.true(keysOf(name)[productIdKey(name)]?.required);
		t.regex(profile.title, /^[A-Z]/);
		for (const domain of profile.domains) {
			t.true(isPlatformHost(domain));
			t.true(isPlatformHost(`broker.${domain}`));
			t.false(isPlatformHost(`not${domain}`));
		}
	});

	test(`${name}: a secret from its console satisfies the key's rule, and a device's secret is told apart`, (t) => {
		const { productSecret } = keysOf(name);
		if (!productSecret) return t.is(profile.productSecretLength, undefined);
		const { productSecretLength = 24, deviceSecret } = profile;
		const secret = "Ab3".repeat(productSecretLength).slice(0, productSecretLength);
		t.true(satisfies(productSecret.rule, secret));
		return t.false(deviceSecret !== undefined && new RegExp(deviceSecret.pattern).test(secret));
	});

	test(`${name}: a root has a name for files, a fingerprint and a last day`, (t) => {
		for (const root of profile.roots) {
			t.regex(root.name, /^[a-z0-9-]+$/);
			t.regex(root.sha256, /^([0-9a-f]{64}|[0-9a-f]{16})$/);
			t.false(Number.isNaN(Date.parse(root.expires)));
		}
		t.is(new Set(profile.roots.map((root) => root.name)).size, profile.roots.length);
	});

	test(`${name}: the catalogue has its messages, by its name and code`, (t) => {
		const codes = Object.entries(profile.messages);
		t.true(codes.length > 1);
		for (const [code, messages] of codes)
			for (const [number, message] of Object.entries(messages))
				t.is(catalogue[code as keyof typeof catalogue].messages[number === "" ? name : `${name} ${number}`], message);
	});
}

test("a device registers over HTTPS or at the broker, as the configuration says", (t) => {
	t.is(registrationScheme({}), "https");
	t.is(registrationScheme({ cloud: "unknown" }), "https");
	t.is(registrationScheme({ cloud: "aliyun" }), "mqtts");
	t.is(registrationScheme({ cloud: "aliyun", registrationTransport: "https" }), "https");
	t.is(registrationScheme({ cloud: "aliyun", via: "https" }), "https", "by the former name");
});

test("a cloud without a registration server of its own registers at the broker, and one says so if it has no clock", (t) => {
	t.is(registrationScheme({ cloud: "aws" }), "mqtts");
	t.true(hasTimeService("tencent"));
	t.false(hasTimeService("aws"));
	t.regex(cloudProfiles.aws.deviceImport.unnecessary?.({}) ?? "", /the template/);
});

test("no names are imported for a product that takes any name", (t) => {
	const { unnecessary } = cloudProfiles.aliyun.deviceImport;
	t.regex(unnecessary?.({ authType: "regnwl" }) ?? "", /any name/);
	t.is(unnecessary?.({}), undefined);
	const { derivedKey } = cloudProfiles.azure;
	const derive = (name: string) => derivedKey?.derive(crypto, group, name).reveal();
	const group = new Secret("AnInventedGroupKey012345");
	t.is(derive("Board-1"), derive("board-1"));
	t.not(derive("board-1"), derive("board-2"));
	t.regex(cloudProfiles.azure.deviceImport.unnecessary?.({}) ?? "", /enrollment group/);
});
