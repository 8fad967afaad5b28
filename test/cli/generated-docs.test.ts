import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { cloudFolders, cloudLists } from "@dynreg/tools/cloud-lists";
import { configurationTypes, typesFile } from "@dynreg/tools/configuration-documents";
import { generatedParts } from "@dynreg/tools/generated-parts";
import { pageFile, setupPage } from "@dynreg/tools/setup-page";
import test from "ava";
import { cloudNames } from "dynreg/clouds/schemas";
import { catalogue } from "dynreg/messages/catalogue";
import { dynreg } from "./dynreg.js";

const parts = await generatedParts();

test("dynreg explain shows what happened and what to do", async (t) => {
	const { code, out } = await dynreg("explain", "already-activated").ended;
	t.is(code, 0);
	t.regex(
		out,
		/^already-activated \(registration\)\n {2}tencent:\n {2}what happened: .*\n {2}what to do: {4}Reset or delete the device/,
	);
	t.false(out.includes("`"));
});

test("dynreg explain without a code lists all codes", async (t) => {
	const { code, out } = await dynreg("explain").ended;
	t.is(code, 0);
	for (const name of Object.keys(catalogue)) t.regex(out, new RegExp(`^${name} `, "m"));
});

test("dynreg explain shows the general meaning of a code, or of a cloud, before special ones", async (t) => {
	const { out } = await dynreg("explain", "tls-failed", "http-status", "credential-refused", "registration-refused")
		.ended;
	t.regex(out, /^tls-failed .*\n {2}what happened: The TLS handshake with SERVER failed/m);
	t.regex(out, /^http-status .*\n {2}what happened: .* responded with HTTP NUMBER/m);
	t.regex(out, /^credential-refused .*\n {2}what happened: .*CONNACK.*\n.*\n {2}with a server:\n/m);
	for (const cloud of cloudNames)
		t.is(
			out.split("\n").find((line) => line.startsWith(`  ${cloud}`)),
			`  ${cloud}:`,
		);
});

test("an unknown code gets a pointer to the list", async (t) => {
	const { code, err } = await dynreg("explain", "no-such-code").ended;
	t.is(code, 1);
	t.regex(err, /There is no error code "no-such-code"/);
});

test("the signatures of the wire examples can be computed from what the document says", async (t) => {
	const examples = (await readFile(join(project, "docs/reference/wire.md"), "utf8")).split("\n### ").slice(1);
	const keys: Readonly<Record<string, string>> = {
		"the product secret": "an-example-of-a-secret",
		"the device secret": "an-example-of-a-device-secret",
		"the device secret, decoded from base64": "sixteen bytes...",
	};
	const signed = examples.flatMap((example) => {
		const [, sent = "", hash = "", encoding = "", key = "", lines = ""] =
			/^([\s\S]*)\n\nsigned with HMAC-(\w+), ([\w ]+); key: (.*):\n([\s\S]*?)\n```/.exec(example) ?? [];
		return sent === "" ? [] : [{ sent, hash, encoding, key, text: lines.replace(/^ {2}/gm, "") }];
	});
	t.is(signed.length, 9);
	for (const { sent, hash, encoding, key, text } of signed) {
		const digest = createHmac(hash, keys[key] ?? "")
			.update(text)
			.digest();
		const hex = digest.toString("hex");
		const encoded = encoding === "base64" ? digest.toString("base64") : encoding === "hexadecimal" ? hex : btoa(hex);
		t.true(sent.includes(encoded), sent);
	}
});

for (const { document, name, text } of parts)
	test(`${document} says of ${name} what the code says: npm run docs writes it`, async (t) => {
		const written = await readFile(join(project, document), "utf8");
		t.true(written.includes(`<!-- ${name}:begin -->\n\n${text}\n\n<!-- ${name}:end -->`));
	});

test(`${typesFile} has the types that come from the schemas: npm run docs writes it`, async (t) => {
	t.is(await readFile(join(project, typesFile), "utf8"), configurationTypes());
});

test("the clouds are those that have a folder, the default first", (t) => {
	t.deepEqual(cloudFolders(), cloudNames);
});

for (const [path, text] of cloudLists())
	test(`${path} lists the clouds that have a folder: npm run docs writes it`, async (t) => {
		t.is(await readFile(join(project, path), "utf8"), text);
	});

test("another cloud's folder is all that the lists need", (t) => {
	const lists = cloudLists([...cloudFolders(), "zebra"]);
	t.regex(
		lists.get("modules/clouds/profiles.ts") ?? "",
		/import \{ profile as zebra \} .*readonly zebra: typeof zebra;.*\{ tencent, aliyun, .*zebra \}/s,
	);
	t.regex(lists.get("cloud/platforms/platforms.ts") ?? "", /\[tencent, aliyun, .*zebra\]/);
	t.regex(lists.get("src/clouds.ts") ?? "", /import \{ zebra \} from "dynreg\/clouds\/zebra\/cloud"/);
	t.regex(lists.get("src/clouds-zebra.ts") ?? "", /configuredDevice = zebra\.device/);
	t.regex(lists.get("src/manifest_zebra.json") ?? "", /"dynreg\/clouds": "\.\/clouds-zebra"/);
	t.regex(lists.get("manifest_zebra.json") ?? "", /"\.\/src\/manifest_zebra\.json"/);
});

test(`${pageFile} has the page that comes from the texts: npm run docs writes it`, async (t) => {
	t.is(await readFile(join(project, pageFile), "utf8"), setupPage());
});
