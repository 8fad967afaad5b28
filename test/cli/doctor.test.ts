import { createHash, X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@dynreg/cli/internal/command-line/usage-error";
import { manifestOf } from "@dynreg/cli/internal/sdk/image";
import { checkRoots, lookFor, type Root, rootFolders, roots, rootsToAdd } from "@dynreg/cli/internal/sdk/roots";
import { library } from "@dynreg/cli/internal/state/folders";
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

test("doctor --roots lists every root with what it vouches for, its fingerprint, its end and where it is", async (t) => {
	const { code, out, err } = await dynreg("doctor", "--roots").ended;
	t.is(code, 0, err);
	for (const { name, sha256, expires, vouchesFor } of roots)
		for (const part of [name, sha256, expires, vouchesFor]) t.true(out.includes(part), part);
	t.regex(out, /dynreg doctor --config FILE --online\n$/);
});

test("doctor --json says the same to a program, and marks what expires within two years", async (t) => {
	const { code, out } = await dynreg("doctor", "--json").ended;
	t.is(code, 0);
	const told = JSON.parse(out) as { roots: { name: string; expires: string; expiring: boolean; found: string[] }[] };
	t.deepEqual(
		told.roots.map(({ name }) => name),
		roots.map(({ name }) => name),
	);
	for (const { expires, expiring } of told.roots)
		t.is(expiring, Date.parse(expires) < Date.now() + 2 * 365.25 * 86_400_000, expires);
	t.true(told.roots.find(({ name }) => name === "digicert-global-root-ca")?.found.includes("Node"));
});

test("a configuration for the real Tencent Cloud needs the vendor's own root: which, what for and where it is had", async (t) => {
	const file = await config("tencent", { productId: "PRODUCT001" });
	const { code, out } = await dynreg("doctor", "--config", file).ended;
	if (lookFor(roots[0] as Root).found.length) return t.is(code, 0);
	t.is(code, 1);
	t.regex(
		out,
		/tencent-iothub is not here\n +Put it into certs\/ as tencent-iothub\.pem: .*broker at 8883.*published in /,
	);
	return t.false(out.includes(secret));
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
		t.regex(out, /All that .* needs is here\.\n$/);
	}
});

test("a wrong configuration is said, and nothing of it shown", async (t) => {
	const file = await config("wrong", { productId: "much-too-long-for-an-id" });
	const { code, out } = await dynreg("doctor", "--config", file).ended;
	t.is(code, 1);
	t.regex(out, /missing +Configuration +productId is invalid: 23 characters\. Expected 1 to 10 letters and digits/);
});

test("every private root that a configuration can trust is in the table", (t) => {
	const names = new Set(roots.map(({ name }) => name));
	for (const configuration of [
		...["china", "us-east", "europe", "ap-bangkok"].flatMap((region) =>
			["v1", "v2"].flatMap((protocol) =>
				["hub", "explorer"].map((service) => ({ productId: "PRODUCT001", region, protocol, service })),
			),
		),
		...["mqtt", "https"].map((via) => ({ cloud: "aliyun", productKey: "a1sXfakeKey", via })),
	]) {
		const { register, mqtt } = configuredDevice(configuration, crypto, "00:00:5e:00:53:01").endpoints;
		for (const name of [...register.trust, ...mqtt.trust]) t.true(name === "public" || names.has(name), name);
	}
});

test("a file in certs/ that is not what its name says is refused, with the right one's fingerprint and source", async (t) => {
	const certs = await mkdtemp(join(tmpdir(), "dynreg-certs-"));
	t.teardown(() => rm(certs, { recursive: true }));
	const { certificate } = await createAuthority();
	const { raw } = new X509Certificate(certificate);
	const ours: Root = { ...(roots[0] as Root), sha256: createHash("sha256").update(raw).digest("hex") };

	t.deepEqual(lookFor(ours, [certs]), { found: [] });
	for (const [ending, content] of [
		["pem", certificate],
		["der", raw],
	] as const) {
		const file = join(certs, `tencent-iothub.${ending}`);
		await writeFile(file, content);
		t.deepEqual(lookFor(ours, [certs]), { found: [file] });
		t.throws(() => checkRoots([certs]), {
			message: /is not Tencent Iothub.*3b1fa1e1149e3f3b.*published in Tencent's C SDK/,
		});
		await rm(file);
	}
	await writeFile(join(certs, "tencent-iothub.crt"), "no certificate");
	t.throws(() => checkRoots([certs]), { message: /tencent-iothub\.crt is no certificate\. Put it into certs\// });
});

test("the public roots of the table are the SDK's and Node's, to the last bit", (t) => {
	for (const root of roots.filter(({ source }) => "sdk" in source)) {
		const { found } = lookFor(root);
		// Node has let GlobalSign's first root go; the SDK is not everywhere.
		if (root.name !== "globalsign-root-ca") t.true(found.includes("Node"), root.name);
	}
});

test("private roots are looked for in --certs, beside the application, and in the library, in this order", async (t) => {
	const application = await mkdtemp(join(tmpdir(), "dynreg-roots-"));
	t.teardown(() => rm(application, { recursive: true }));
	const given = join(application, "given");
	t.throws(() => rootFolders(given, application), { instanceOf: UsageError, message: /there is no such folder/ });
	await mkdir(given);
	await mkdir(join(application, "certs"));
	const folders = rootFolders(given, application);
	t.deepEqual(folders, [given, join(application, "certs"), join(library, "certs")]);
	t.deepEqual(rootFolders(undefined, library), [join(library, "certs")]);

	const here = folders.filter((folder) => folder !== join(library, "certs"));
	t.is(findCertificateFile(here, "alibaba-iot-root"), undefined);
	await writeFile(join(application, "certs", "alibaba-iot-root.der"), "");
	t.is(findCertificateFile(folders, "alibaba-iot-root"), join(application, "certs", "alibaba-iot-root.der"));
	await writeFile(join(given, "alibaba-iot-root.pem"), "");
	t.is(findCertificateFile(folders, "alibaba-iot-root"), join(given, "alibaba-iot-root.pem"));

	// Whoever runs the tests may have the real ones in the clone: those come with every image.
	const added = findCertificateFile([join(library, "certs")], "alibaba-iot-root")
		? []
		: [join(given, "alibaba-iot-root.pem")];
	t.deepEqual(rootsToAdd(here), added);
	const image = manifestOf("/image", { application, configuration: {}, resources: [], roots: ["/certs/a.b.pem"] });
	t.like(image, { resources: { "*": ["/certs/a.b"] } });
});
