import { createHash, X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@dynreg/cli/internal/command-line/usage-error";
import { diagnoseConfiguration } from "@dynreg/cli/internal/doctor/configuration";
import { manifestOf } from "@dynreg/cli/internal/sdk/application-image";
import {
	checkRoots,
	findRoot,
	type PlatformRoot,
	platformRoots,
	rootFolders,
	rootsToAdd,
} from "@dynreg/cli/internal/sdk/root-certificates";
import { libraryFolder } from "@dynreg/cli/internal/state/folders";
import { startCloud } from "@dynreg/cloud";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { findCertificateFile } from "@dynreg/node/internal/certificate-file";
import { crypto } from "@dynreg/node/internal/crypto";
import test from "ava";
import { configuredDevice } from "dynreg/clouds";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { dynreg } from "./dynreg.js";

const secret = "a-made-up-product-secret";
const folder = await mkdtemp(join(tmpdir(), "dynreg-doctor-"));
test.after.always(() => rm(folder, { recursive: true }));

async function config(name: string, configuration: RawConfiguration): Promise<string> {
	const file = join(folder, `${name}.json`);
	await writeFile(file, JSON.stringify({ productSecret: secret, deviceName: "board-1", ...configuration }));
	return file;
}

test("doctor --roots lists each root's purpose, fingerprint, expiry and location", async (t) => {
	const { code, out, err } = await dynreg("doctor", "--roots").ended;
	t.is(code, 0, err);
	for (const { name, sha256, expires, vouchesFor } of platformRoots)
		for (const part of [name, sha256, expires, vouchesFor]) t.true(out.includes(part), part);
	t.regex(out, /dynreg doctor --config FILE --online\n$/);
});

test("doctor --json has the same results and marks roots that expire in two years", async (t) => {
	const { code, out } = await dynreg("doctor", "--json").ended;
	t.is(code, 0);
	const told = JSON.parse(out) as { roots: { name: string; expires: string; expiring: boolean; found: string[] }[] };
	t.deepEqual(
		told.roots.map(({ name }) => name),
		platformRoots.map(({ name }) => name),
	);
	for (const { expires, expiring } of told.roots)
		t.is(expiring, Date.parse(expires) < Date.now() + 2 * 365.25 * 86_400_000, expires);
	t.true(told.roots.find(({ name }) => name === "digicert-global-root-ca")?.found.includes("Node"));
});

test("a configuration for Tencent Cloud needs the vendor's private root", async (t) => {
	const file = await config("tencent", { productId: "PRODUCT001" });
	const { code, out } = await dynreg("doctor", "--config", file).ended;
	if (findRoot(platformRoots[0] as PlatformRoot).found.length) return t.is(code, 0);
	t.is(code, 1);
	t.regex(out, /tencent-iothub is missing\n +Save .*broker at 8883.* as certs\/tencent-iothub\.pem\. Source: /);
	return t.false(out.includes(secret));
});

test("the doctor says what set-up mode lacks, without its secrets", async (t) => {
	const product = { productId: "PRODUCT001" };
	const diagnosed = async (name: string, keys: RawConfiguration) =>
		diagnoseConfiguration(await config(name, { ...product, ...keys }), [], false).checks.find(
			({ id }) => id === "setup",
		);
	t.is(await diagnosed("without-setup", {}), undefined);
	t.like(await diagnosed("no-password", { setup: "lost" }), {
		state: "missing",
		detail: "the access point has no password",
	});
	t.like(await diagnosed("open", { dangerouslyOpenSetup: "true" }), { state: "warning" });
	for (const keys of [{ setupPassword: "access-point-pass" }, { setupSecret: "an-invented-set-up-secret" }]) {
		const check = await diagnosed("password", keys);
		t.is(check?.state, "ok");
		t.notRegex(check?.detail ?? "", /access-point-pass|invented/);
	}
});

test("a configuration for Volcengine needs the certificate that the vendor's SDK pins, unless ca names others", async (t) => {
	const product = { cloud: "volcengine", productKey: "unitKey0001", instanceId: "unit-instance" };
	const { code, out } = await dynreg("doctor", "--config", await config("volcengine", product)).ended;
	if (findRoot(platformRoots.find(({ name }) => name === "volcengine-mqtt") as PlatformRoot).found.length === 0) {
		t.is(code, 1);
		t.regex(
			out,
			/volcengine-mqtt is missing\n +Save Server certificate.*broker at 8883.* as certs\/volcengine-mqtt\.pem\./,
		);
	}
	// The lengths of its secrets are not established.
	t.regex(out, /ok +Product secret +24 characters\n/);
	const other = await dynreg("doctor", "--config", await config("volcengine-ca", { ...product, ca: ["public"] })).ended;
	t.is(other.code, 0, other.out);
	t.false(other.out.includes("volcengine-mqtt"));
});

test("a claim certificate is checked in the place of a product's secret", async (t) => {
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("aws", "fleet", {});
	const { productSecret: _, ...board } = await cloud.administration.newBoard("aws", "fleet", "board-1");
	const file = join(folder, "aws.json");
	await writeFile(file, JSON.stringify(board));
	const { out } = await dynreg("doctor", "--config", file).ended;
	t.regex(out, /Claim certificate +with its key, valid until \d{4}-/);
	t.notRegex(out, /Product secret|PRIVATE KEY/);
	const { claimCertificate: __, claimKey: ___, ...registered } = board;
	await writeFile(file, JSON.stringify(registered));
	t.regex((await dynreg("doctor", "--config", file).ended).out, /missing: only boards that have registered/);
});

test("a configuration that trusts public roots only, or one of its own, needs nothing", async (t) => {
	const { certificate } = await createAuthority();
	await writeFile(join(folder, "ours.pem"), certificate);
	for (const [name, configuration] of [
		["aliyun", { cloud: "aliyun", productKey: "a1sXfakeKey" }],
		["local", { productId: "PRODUCT001", ca: "ours.pem" }],
	] as const) {
		const { code, out } = await dynreg("doctor", "--config", await config(name, configuration)).ended;
		t.is(code, 0, out);
		t.regex(out, /everything required is present\.\n$/);
	}
});

test("a former key name is a warning; the current name takes precedence", async (t) => {
	const former = { productKey: "k", cloud: "aliyun", spread: 5, via: "https", dateFrom: "http://x", vault: "flash" };
	const file = await config("former", { ...former, factory: "mfg", startupJitter: 3 });
	const { checks } = diagnoseConfiguration(file, [], false);
	t.deepEqual(
		checks
			.filter(({ id }) => id.endsWith("-key"))
			.map(({ id, state, detail, fix }) => [id, state, detail, fix])
			.toSorted(),
		[
			...(
				[
					["dateFrom", "httpTimeServer", "Rename dateFrom to httpTimeServer."],
					["factory", "factoryPartition", "Rename factory to factoryPartition."],
				] as const
			).map(([key, name, fix]) => [
				"former-key",
				"warning",
				`"${key}" is the former name of "${name}", and is not read from version 0.2.0 on`,
				fix,
			]),
			[
				"former-key",
				"warning",
				'"spread" and "startupJitter" are both set: "startupJitter" applies',
				"Remove spread, the former name.",
			],
			[
				"former-key",
				"warning",
				'"vault" is the former name of "storage", and is not read from version 0.2.0 on',
				'Replace vault with "storage": "flash-log".',
			],
			[
				"former-key",
				"warning",
				'"via" is the former name of "registrationTransport", and is not read from version 0.2.0 on',
				"Rename via to registrationTransport.",
			],
		],
	);
});

test("the keys of a device's lifecycle are read as the firmware reads them, under both names", async (t) => {
	for (const [key, value] of [
		["startupJitter", "abc"],
		["startupJitter", "0,5"],
		["spread", 3601],
		["httpTimeServer", "ftp://x"],
		["httpTimeServer", "https://x"],
		["dateFrom", "ftp://x"],
	] as const) {
		const file = await config("lifecycle", { productId: "PRODUCT001", [key]: value });
		const { checks, device } = diagnoseConfiguration(file, [], false);
		t.is(device, undefined, key);
		const [found] = checks;
		t.like(found, { id: "configuration", state: "missing" });
		t.regex(found?.detail ?? "", new RegExp(`^${key} is invalid`));
	}
});

test("a wrong configuration is said, and nothing of it shown", async (t) => {
	const file = await config("wrong", { productId: "much-too-long-for-an-id" });
	const { code, out } = await dynreg("doctor", "--config", file).ended;
	t.is(code, 1);
	t.regex(out, /missing +Configuration +productId is invalid: 23 characters\. Expected 1 to 10 letters and digits/);
});

test("every private root that a configuration can trust is in the table", (t) => {
	const names = new Set(platformRoots.map(({ name }) => name));
	for (const configuration of [
		...["china", "us-east", "europe", "ap-bangkok"].flatMap((region) =>
			["v1", "v2"].flatMap((protocol) =>
				["hub", "explorer"].map((service) => ({ productId: "PRODUCT001", region, protocol, service })),
			),
		),
		...["mqtt", "https"].map((via) => ({ cloud: "aliyun", productKey: "a1sXfakeKey", via })),
		{ cloud: "volcengine", productKey: "unitKey0001", instanceId: "unit-instance" },
	]) {
		const { register, mqtt } = configuredDevice(configuration, crypto, "00:00:5e:00:53:01").endpoints;
		for (const name of [...register.trust, ...(mqtt?.trust ?? [])]) t.true(name === "public" || names.has(name), name);
	}
});

test("a file in certs/ with another certificate is refused with the right fingerprint", async (t) => {
	const certs = await mkdtemp(join(tmpdir(), "dynreg-certs-"));
	t.teardown(() => rm(certs, { recursive: true }));
	const { certificate } = await createAuthority();
	const { raw } = new X509Certificate(certificate);
	const ours: PlatformRoot = {
		...(platformRoots[0] as PlatformRoot),
		sha256: createHash("sha256").update(raw).digest("hex"),
	};

	t.deepEqual(findRoot(ours, [certs]), { found: [] });
	for (const [ending, content] of [
		["pem", certificate],
		["der", raw],
	] as const) {
		const file = join(certs, `tencent-iothub.${ending}`);
		await writeFile(file, content);
		t.deepEqual(findRoot(ours, [certs]), { found: [file] });
		t.throws(() => checkRoots([certs]), {
			message: /is not Tencent Iothub.*3b1fa1e1149e3f3b.*Source: Tencent's C SDK/,
		});
		await rm(file);
	}
	await writeFile(join(certs, "tencent-iothub.crt"), "no certificate");
	t.throws(() => checkRoots([certs]), { message: /tencent-iothub\.crt is not a certificate\. Save Tencent Iothub/ });
});

test("the public roots of the table are the SDK's and Node's, to the last bit", (t) => {
	for (const root of platformRoots.filter(({ source }) => "sdk" in source)) {
		const { found } = findRoot(root);
		// Node has let GlobalSign's first root go; the SDK is not everywhere.
		if (root.name !== "globalsign-root-ca") t.true(found.includes("Node"), root.name);
	}
});

test("private roots are searched in --certs, the application, then the library", async (t) => {
	const application = await mkdtemp(join(tmpdir(), "dynreg-roots-"));
	t.teardown(() => rm(application, { recursive: true }));
	const given = join(application, "given");
	t.throws(() => rootFolders(given, application), {
		instanceOf: UsageError,
		message: /--certs is invalid: there is no folder/,
	});
	await mkdir(given);
	await mkdir(join(application, "certs"));
	const folders = rootFolders(given, application);
	t.deepEqual(folders, [given, join(application, "certs"), join(libraryFolder, "certs")]);
	t.deepEqual(rootFolders(undefined, libraryFolder), [join(libraryFolder, "certs")]);

	const here = folders.filter((folder) => folder !== join(libraryFolder, "certs"));
	t.is(findCertificateFile(here, "alibaba-iot-root"), undefined);
	await writeFile(join(application, "certs", "alibaba-iot-root.der"), "");
	t.is(findCertificateFile(folders, "alibaba-iot-root"), join(application, "certs", "alibaba-iot-root.der"));
	await writeFile(join(given, "alibaba-iot-root.pem"), "");
	t.is(findCertificateFile(folders, "alibaba-iot-root"), join(given, "alibaba-iot-root.pem"));

	// The clone may contain real ones: those are in every image.
	const added = findCertificateFile([join(libraryFolder, "certs")], "alibaba-iot-root")
		? []
		: [join(given, "alibaba-iot-root.pem")];
	t.deepEqual(rootsToAdd(here), added);
	const image = manifestOf("/image", { application, configuration: {}, resources: [], roots: ["/certs/a.b.pem"] });
	t.like(image, { resources: { "*": ["/certs/a.b"] } });
});

test("Azure: the device's key is checked, the hub is unknown, and the group's key on a board is a warning", async (t) => {
	const azure = { cloud: "azure", idScope: "0ne00111111", productSecret: "InventedSecretOfTheGroup" };
	for (const [name, change, expected] of [
		["azure-derived", {}, /Device key.*the board's own key \(deviceKey\)/],
		["azure-unnamed", { deviceName: undefined }, /Device key.*missing: only boards.*\n +Set deviceKey\./],
		[
			"azure-group",
			{ dangerouslyUseGroupKey: true },
			/can impersonate every device\n +Leave out dangerouslyUseGroupKey/,
		],
	] as const) {
		const { code, out } = await dynreg("doctor", "--config", await config(name, { ...azure, ...change })).ended;
		t.is(code, 0, out);
		t.regex(out, expected);
		t.regex(out, /Broker.*the one that registration assigns/);
		t.false(out.includes(azure.productSecret));
	}
});
