import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	parseConfigurationFile,
	productSecretFile,
	readConfigurationFile,
} from "@dynreg/cli/internal/configuration/configuration-file";
import { readProduct } from "@dynreg/cli/internal/factory/read-product";
import { imageConfiguration } from "@dynreg/cli/internal/flash/board-configuration";
import { firmwareFolder } from "@dynreg/cli/internal/state/folders";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";

const secret = "a-made-up-product-secret";
const tencent = { productId: "PRODUCT001", productSecret: secret, deviceName: "board-1" };
const folder = await mkdtemp(join(tmpdir(), "dynreg-configuration-"));
const { certificate, key: privateKey } = await createAuthority();
test.after.always(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function written(contents: string | Uint8Array | RawConfiguration): Promise<string> {
	const file = join(folder, `board-${++count}.json`);
	const isText = typeof contents === "string" || contents instanceof Uint8Array;
	await writeFile(file, isText ? contents : JSON.stringify(contents));
	return file;
}

/** What is said, and warned of before. */
function told(read: () => unknown): string {
	try {
		read();
		return "";
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return sentence(error);
	}
}

for (const [what, contents, complaint] of [
	["with a comma too many", '{\n  "productId": "P",\n}', /from line 3, column 1 on\. Remove the comma before the }\.$/],
	["with a comment", "{\n  // mine\n}", /from line 2, column 3 on\. JSON has no comments: remove the comment\.$/],
	[
		"with a key twice",
		'{"ca": "a",\n"ca": "b"}',
		/has the same key twice, at line 2, column 1\. Remove one of them\.$/,
	],
	["with __proto__", '{"__proto__": {}}', /has the key __proto__, .* at line 1, column 2\. Remove the key\.$/],
	["that is nested too deep", '{"a":'.repeat(20_000), /is nested more than 64 levels deep at line 1, column \d+\./],
	["that is empty", "", /is empty\. Expected JSON\.$/],
	["of blanks", "\ufeff \n", /is empty\. Expected JSON\.$/],
	[
		"in UTF-16",
		Buffer.from('\ufeff{"a": "P"}', "utf16le"),
		/is text in UTF-16, not in UTF-8\. Save the file as text in UTF-8\.$/,
	],
	["in UTF-16 without a mark", Buffer.from('{"a": "P"}', "utf16le"), /is text in UTF-16, not in UTF-8\./],
	["in UTF-16, the other way round", Buffer.from("feff007b007d", "hex"), /is text in UTF-16, not in UTF-8\./],
	[
		"in Latin-1",
		Buffer.from('{"ssid":\n "caf\xe9"}', "latin1"),
		/is not in UTF-8: line 2, column 6 has the byte 0xe9\. Save the file as text in UTF-8\.$/,
	],
	["that is a list", "[]", /is invalid\. Expected a JSON object\.$/],
	["that is a text", '"x"', /is invalid\. Expected a JSON object\.$/],
	["that is null", "null", /is invalid\. Expected a JSON object\.$/],
] as const)
	test(`a configuration ${what} is one sentence with the place, and says what to do`, async (t) => {
		const file = await written(contents);
		const said = told(() => readConfigurationFile(file));
		t.true(said.startsWith(`The configuration ${file} `), said);
		t.regex(said, complaint);
		t.is(
			told(() => parseConfigurationFile(file)),
			said,
		);
		t.is(
			told(() => readProduct(file)),
			said,
		);
		t.is(
			told(() => imageConfiguration(file, false, firmwareFolder)),
			said,
		);
	});

test("a byte order mark is dropped, here and in the secret's file", async (t) => {
	await writeFile(join(folder, "product.secret"), `\ufeff${secret}\r\n`);
	const { productSecret: _, ...rest } = tencent;
	const file = await written(`\ufeff${JSON.stringify({ ...rest, productSecretFile: "product.secret" })}`);
	t.deepEqual(readConfigurationFile(file), { ...rest, productSecret: secret });
	t.is(productSecretFile(file), join(folder, "product.secret"));
});

test("a configuration that is a folder is a sentence", async (t) => {
	await mkdir(join(folder, "folder.json"));
	t.regex(
		told(() => readConfigurationFile(join(folder, "folder.json"))),
		/cannot be read: the path is a folder\. Check the file's name and permissions\.$/,
	);
});

for (const key of ["ca", "clientKey", "clientCertificate", "productSecretFile"])
	for (const value of [secret, `${secret}+/${"x".repeat(300)}==`, `${secret}\0`, `${secret}/${secret}`])
		test(`a secret of ${value.length} characters in the place of a file's name in ${key} is not shown`, async (t) => {
			const { productSecret: _, ...rest } = tencent;
			const file = await written({ ...rest, [key]: value });
			const said = told(() => readConfigurationFile(file));
			t.regex(said, new RegExp(`^${key} .* of this name \\(${value.length} characters\\)`));
			t.false(said.includes(secret));
		});

test("a name like that of a file is shown where there is none, with its folder", async (t) => {
	for (const [key, said] of [
		["ca", /^ca is invalid: there is no file \/.*none\.pem\. Expected the name of a certificate file\.$/],
		[
			"clientKey",
			/^clientKey is invalid: there is no file \/.*none\.pem\. Expected the key in PEM, or the name of its file\.$/,
		],
		["clientCertificate", /there is no file \/.*none\.pem\. Expected the certificate in PEM/],
		["productSecretFile", /^productSecretFile is invalid: there is no file \/.*none\.pem\. Write/],
	] as const) {
		const file = await written({ productId: "PRODUCT001", [key]: "none.pem" });
		t.regex(
			told(() => readConfigurationFile(file)),
			said,
		);
	}
	const { deviceName } = tencent;
	const file = await written({ productId: "PRODUCT001", deviceName, ca: "folder.d" });
	await mkdir(join(folder, "folder.d"));
	t.regex(
		told(() => readConfigurationFile(file)),
		/^ca is invalid: .*folder\.d is a folder\. Expected/,
	);
});

for (const key of ["deviceName", "region", "cloud", "productId", "sntp", "ca", "lampColour"])
	test(`the product's secret as ${key} is refused by every command, and not shown`, async (t) => {
		const file = await written({ ...tencent, [key]: secret });
		for (const read of [readConfigurationFile, parseConfigurationFile, readProduct]) {
			const said = told(() => read(file));
			t.is(said, `${key} has the value of productSecret. Correct ${key}: its value is public.`);
		}
	});

test("former names and likely typos are warned of once, in every command but the doctor", async (t) => {
	const former = { spread: 5, vault: "flash", productSecrt: "x", lampColour: "red", led: 2, ids: 3 };
	const file = await written({ ...tencent, ...former });
	for (const read of [readConfigurationFile, parseConfigurationFile]) {
		const warnings: string[] = [];
		read(file, (each) => warnings.push(each));
		t.deepEqual(warnings, [
			`${file}: "spread" is the former name of "startupJitter", and is not read from version 0.2.0 on. Rename spread to startupJitter.`,
			`${file}: "vault" is the former name of "storage", and is not read from version 0.2.0 on. Replace vault with "storage": "flash-log".`,
			`${file}: dynreg does not know the key "productSecrt". Did you mean productSecret?`,
		]);
	}
});

test("flash and factory refuse a value that only a board, or only sometimes, is read", async (t) => {
	for (const [change, said] of [
		[{ storage: "Flash" }, /^storage is invalid: "Flash"\. Expected flash-log\. Did you mean flash-log\?$/],
		[{ sntp: 5 }, /^sntp is invalid: 5\./],
		[{ dangerouslyAllowPlain: "no" }, /^dangerouslyAllowPlain is (invalid: "no"|for tests only)/],
		[{ button: 99 }, /^button is invalid: 99\./],
		[{ startupJitter: "0,5" }, /^startupJitter is invalid: "0,5"\./],
	] as const) {
		const file = await written({ ...tencent, ...change });
		t.regex(
			told(() => imageConfiguration(file, false, firmwareFolder)),
			said,
		);
		t.regex(
			told(() => imageConfiguration(file, true, firmwareFolder)),
			said,
		);
	}
});

const der = Buffer.from(certificate.replace(/-----.*-----|\s/g, ""), "base64");
for (const [what, contents, said] of [
	["nothing", "", "nothing. Expected certificates in PEM, or one in DER."],
	["a letter", "dear friend", "no certificate. Expected certificates in PEM, or one in DER."],
	[
		"OpenSSL's own format",
		certificate.replaceAll(" CERT", " TRUSTED CERT"),
		"a certificate in OpenSSL's own format. Convert the file: openssl x509 -in FILE -out ca.pem",
	],
	["a key", privateKey, "a private key. Name the authority's certificate. Keep the key secret."],
	["a damaged certificate", certificate.replace("\nMII", "\nMI*"), "a damaged certificate. Copy the file again."],
	["a text in UTF-16", Buffer.from(certificate, "utf16le"), "a text in UTF-16. Save the file in UTF-8."],
	["a certificate cut off", der.subarray(0, 500), "no certificate. Expected certificates in PEM, or one in DER."],
] as const)
	test(`a ca that holds ${what} is refused with what it holds`, async (t) => {
		const ca = join(folder, `ca-${++count}.pem`);
		await writeFile(ca, contents);
		const file = await written({ ...tencent, ca });
		t.is(
			told(() => readConfigurationFile(file)),
			`ca is invalid: ${ca} holds ${said.replace("FILE", ca)}`,
		);
	});

test("a ca in PKCS #12 or PKCS #7 is refused with the command that converts it", async (t) => {
	const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
	await writeFile(join(folder, "one.pem"), certificate);
	await writeFile(join(folder, "one.key"), privateKey, { mode: 0o600 });
	openssl("pkcs12", "-export", "-in", "one.pem", "-inkey", "one.key", "-passout", "pass:", "-out", "one.p12");
	openssl("crl2pkcs7", "-nocrl", "-certfile", "one.pem", "-out", "one.p7b");
	openssl("crl2pkcs7", "-nocrl", "-certfile", "one.pem", "-outform", "DER", "-out", "two.p7b");
	openssl("pkey", "-in", "one.key", "-outform", "DER", "-out", "key.der");
	for (const [ca, said] of [
		["one.p12", /one\.p12 holds PKCS #12\. Convert the file: openssl pkcs12 -in .*one\.p12 -nokeys -out ca\.pem$/],
		["one.p7b", /one\.p7b holds PKCS #7\. Convert the file: openssl pkcs7 -print_certs -in .*one\.p7b -out ca\.pem$/],
		["two.p7b", /two\.p7b holds PKCS #7\. Convert the file: openssl pkcs7 -print_certs -inform DER -in /],
		["key.der", /key\.der holds a private key\. Name the authority's certificate\./],
	] as const) {
		const file = await written({ ...tencent, ca });
		t.regex(
			told(() => readConfigurationFile(file)),
			said,
		);
	}
});

test("a ca that cannot be read is not one that holds no certificate", async (t) => {
	if (process.getuid?.() === 0) return t.pass("root reads everything");
	const ca = join(folder, "closed.pem");
	await writeFile(ca, certificate);
	await chmod(ca, 0);
	const file = await written({ ...tencent, ca });
	return t.regex(
		told(() => readConfigurationFile(file)),
		/^ca is invalid: .*closed\.pem cannot be read: permission denied\./,
	);
});
