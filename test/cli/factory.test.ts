import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startCloud } from "@dynreg/cloud";
import { crypto } from "@dynreg/node/internal/crypto";
import test, { type ExecutionContext } from "ava";
import { configuredDevice } from "dynreg/clouds";
import { applyFactoryPartition } from "dynreg/configuration/factory-partition";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { accessPointConfiguration } from "dynreg/setup/setup-options";
import { dynreg } from "./dynreg.js";
import { parseCsv, readNvsCsv } from "./nvs-csv.js";
import { readPdf, readSvg } from "./read-labels.js";

/** With all that CSV minds. */
const secret = 'a-factory,"secret"#1';
const tencent: RawConfiguration = { productId: "FACTORY001", productSecret: secret, region: "us-east" };
const aliyun: RawConfiguration = { cloud: "aliyun", productKey: "factory0001", productSecret: secret };

/** What the partition holds of a claim: a device reads PEM on one line, too. */
const oneLine = (pem: string) => pem.trim().replaceAll(/\s+/g, " ");

test("a claim certificate goes into the partition on one line, from its files, and is still a pair", async (t) => {
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("aws", "fleet", {});
	const { claimCertificate, claimKey } = await cloud.administration.newBoard("aws", "fleet");
	const pems = { "claim.pem": String(claimCertificate), "claim.key": String(claimKey) };
	const files = { claimCertificate: "claim.pem", claimKey: "claim.key" };
	const aws = { cloud: "aws", templateName: "fleet", endpointPrefix: "a1b2c3", templateParameters: "Batch=7" };
	const { file, run } = await place(t, { ...aws, ...files }, { ...pems, "macs.txt": addresses(2) });
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	const rows = parseCsv(await readFile(file("batch/nvs/fctry.csv"), "utf8"));
	const values = Object.fromEntries(rows.slice(2).map(([name, , , value]) => [name, value]));
	t.is(values.claimCert, oneLine(pems["claim.pem"]));
	t.is(values.claimKey, oneLine(pems["claim.key"]));
	t.is(values.parameters, "Batch=7");
	const partition = { state: "read", values: values as Record<string, string> } as const;
	const board = configuredDevice(applyFactoryPartition({}, partition), crypto, "a4:d1:8c:00:00:01");
	t.is(board.identity, "aws/fleet/a4d18c000001");
	t.is(board.secrets.length, 1);
	const { claimKey: _, ...keyless } = files;
	const incomplete = await place(t, { ...aws, ...keyless }, pems);
	t.regex((await incomplete.run("--names", "lamp-{n}", "--boards", "1").ended).err, /claimKey is missing/);
});

test("labels for set-up mode: the code joins the board's access point, and they are private", async (t) => {
	const setup = { ...tencent, setupSecret: "an-invented-set-up-secret" };
	const { file, run } = await place(t, setup, { "macs.txt": addresses(2) });
	const { code, out, err } = await run("--macs", "macs.txt", "--setup-labels", "--labels", "svg").ended;
	t.is(code, 0, err);
	t.regex(out, /batch\/setup: labels for set-up mode/);
	const labels = readSvg(await readFile(file("batch/setup/labels/sheet-1-of-1.svg"), "utf8"));
	const mac = "a4:d1:8c:00:00:01";
	const { name, password } = accessPointConfiguration(crypto, setup, mac);
	t.is(labels[1]?.code, `WIFI:S:${name};T:WPA;P:${password?.reveal()};;`);
	t.deepEqual(labels[1]?.text, ["dynreg-0001", password?.reveal(), "192.168.4.1"]);
	t.not(labels[0]?.code, labels[1]?.code);
	const files = await tree(file("batch"));
	for (const [path, { mode }] of files) if (/^setup|^nvs/.test(path)) t.is(mode, 0o600, path);
	t.is(await readFile(file("batch/setup/.gitignore"), "utf8"), "*\n");
	// The other label stays without a secret.
	const plain = await readFile(file("batch/labels/sheet-1-of-1.svg"), "utf8");
	t.is(readSvg(plain)[1]?.code, "tencent/FACTORY001/a4d18c000001");
	for (const path of ["batch/summary.json", "batch/batch.json"])
		t.false((await readFile(file(path), "utf8")).includes(password?.reveal() ?? ""), path);
});

test("numbered boards have the access point's name and password in their partition", async (t) => {
	const setup = { ...tencent, setupPassword: '\\;,":<&>' };
	const { file, run } = await place(t, setup);
	const { code, err } = await run("--boards", "2", "--names", "lamp-##", "--setup-labels").ended;
	t.is(code, 0, err);
	const [heads = [], first = [], second = []] = parseCsv(await readFile(file("batch/nvs/values.csv"), "utf8"));
	const value = (row: readonly string[], name: string) => row[heads.indexOf(name)];
	t.deepEqual([value(first, "setupName"), value(second, "setupName")], ["lamp-01", "lamp-02"]);
	t.deepEqual([value(first, "setupPassword"), value(second, "setupPassword")], Array(2).fill(setup.setupPassword));
	const [[label] = []] = readPdf(await readFile(file("batch/setup/labels.pdf")));
	t.is(label?.code, 'WIFI:S:lamp-01;T:WPA;P:\\\\\\;\\,\\"\\:<&>;;');

	const derived = await place(t, { ...tencent, setupSecret: "an-invented-set-up-secret" });
	t.is((await derived.run("--boards", "2", "--names", "lamp-##", "--setup-labels").ended).code, 0);
	const [others = [], ...rows] = parseCsv(await readFile(derived.file("batch/nvs/values.csv"), "utf8"));
	const passwords = rows.map((row) => row[others.indexOf("setupPassword")]);
	t.is(new Set(passwords).size, 2);
	const without = await place(t, tencent);
	t.regex(
		(await without.run("--boards", "2", "--names", "lamp-##", "--setup-labels").ended).err,
		/--setup-labels is invalid without a password\. Set setupPassword/,
	);
	const long = await place(t, { ...tencent, setupPassword: "x".repeat(63), setupName: "y".repeat(32) });
	t.regex(
		(await long.run("--boards", "2", "--names", "lamp-##", "--setup-labels").ended).err,
		/does not fit on a label/,
	);
});

interface Place {
	/** In the place's own folder. */
	readonly file: (name: string) => string;
	/** Runs the command there. */
	readonly run: (...args: string[]) => ReturnType<typeof dynreg>;
}

async function place(
	t: ExecutionContext,
	configuration: RawConfiguration,
	files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Place> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-factory-"));
	t.teardown(() => rm(folder, { recursive: true }));
	const file = (name: string) => join(folder, name);
	await writeFile(file("product.json"), JSON.stringify(configuration));
	for (const [name, content] of Object.entries(files)) await writeFile(file(name), content);
	const located = (arg: string) => (Object.hasOwn(files, arg) ? file(arg) : arg);
	const run: Place["run"] = (...args) =>
		dynreg("factory", "--config", file("product.json"), "--out", file("batch"), ...args.map(located));
	return { file, run };
}

function addresses(count: number): string {
	const bytes = (index: number) =>
		[index >> 16, (index >> 8) & 255, index & 255].map((byte) => byte.toString(16).padStart(2, "0"));
	return Array.from({ length: count }, (_, index) => `a4:d1:8c:${bytes(index).join(":")}\n`).join("");
}

/** Every file below, with its hash, how it may be read and when it was written. */
async function tree(folder: string) {
	const found = new Map<string, { hash: string; mode: number; written: number }>();
	for (const name of (await readdir(folder, { recursive: true })).sort()) {
		const about = await stat(join(folder, name));
		if (!about.isFile()) continue;
		const hash = createHash("sha256")
			.update(await readFile(join(folder, name)))
			.digest("hex");
		found.set(name, { hash, mode: about.mode & 0o777, written: about.mtimeMs });
	}
	return found;
}

const hashes = (files: Awaited<ReturnType<typeof tree>>) => [...files].map(([name, { hash }]) => `${hash} ${name}`);

test("the product's secret may stand in a file of its own, as dynreg init puts it", async (t) => {
	const { productSecret: _, ...rest } = tencent;
	const files = { "product.secret": secret, "macs.txt": addresses(1) };
	const { file, run } = await place(t, { ...rest, productSecretFile: "product.secret" }, files);
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	t.is(
		readNvsCsv(await readFile(file("batch/nvs/fctry.csv"), "utf8"))
			.get("dynreg")
			?.get("productSecret"),
		secret,
	);
});

test("50,000 boards are each in one list once, and a second run has nothing to do", async (t) => {
	t.timeout(500_000);
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(50_000) });
	const began = performance.now();
	const { code, out, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	// Seconds on a machine that has nothing else to do; here, all the other tests.
	t.true(performance.now() - began < 180_000, `${performance.now() - began} ms`);
	t.regex(out, /Done: 50,000 boards, 503 files, \d+\.\d s\n$/);
	t.true(out.includes("batch/import: 500 lists"));

	const lists = (await readdir(file("batch/import"))).sort();
	const names: string[] = [];
	for (const list of lists) {
		const [header, ...rows] = (await readFile(file(`batch/import/${list}`), "utf8")).split("\n").slice(0, -1);
		t.is(header, "DeviceName");
		t.true(rows.length <= 100);
		names.push(...rows);
	}
	t.deepEqual(names.join("\n"), addresses(50_000).trim().replaceAll(":", ""));

	const before = await tree(file("batch"));
	const summary = JSON.parse(await readFile(file("batch/summary.json"), "utf8"));
	t.like(summary, { boards: 50_000, first: "a4d18c000000", last: "a4d18c00c34f" });
	for (const { path, sha256 } of summary.files as { path: string; sha256?: string }[])
		t.is(sha256, path.startsWith("nvs/") ? undefined : before.get(path)?.hash, path);
	t.deepEqual(
		[...before.keys()].sort(),
		["batch.json", "summary.json", ...(summary.files as { path: string }[]).map(({ path }) => path)].sort(),
	);

	const again = await run("--macs", "macs.txt").ended;
	t.is(again.code, 0, again.err);
	t.regex(again.out, /Already done: 50,000 boards, 503 files/);
	t.deepEqual(await tree(file("batch")), before);
});

test("a run that is killed at any moment is run again, and comes to the same bytes", async (t) => {
	t.timeout(300_000);
	const files = { "macs.txt": addresses(20_000) };
	const whole = await place(t, tencent, files);
	t.is((await whole.run("--macs", "macs.txt").ended).code, 0);
	const wanted = hashes(await tree(whole.file("batch")));

	const { file, run } = await place(t, tencent, files);
	for (const seen of ["batch/batch.json", "batch/import/devices-020-of-200.csv", "batch/labels.pdf.part"]) {
		const running = run("--macs", "macs.txt");
		while (!existsSync(file(seen)) && running.process.exitCode === null)
			await new Promise((resolve) => setTimeout(resolve, 1));
		running.process.kill("SIGKILL");
		t.is((await running.ended).code, null, `killed when there is ${seen}`);
		t.false(existsSync(file("batch/summary.json")));
	}
	const before = await tree(file("batch"));
	const { code, out, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	t.regex(out, /Done: 20,000 boards, 203 files, \d+ of them new/);
	const after = await tree(file("batch"));
	t.deepEqual(hashes(after), wanted);
	const finished = [...before].filter(([name]) => !name.endsWith(".part") && name !== ".lock");
	t.true(finished.length > 100);
	for (const [name, { written }] of finished)
		t.is(after.get(name)?.written, written, `${name} was finished and is left alone`);
});

test("another batch or secret in the same folder is refused, nothing is overwritten", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3), "more.txt": addresses(4) });
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	const before = await tree(file("batch"));
	for (const [args, complaint] of [
		[["--macs", "more.txt"], /holds another batch \(its boards, names differ\)\. Choose another folder with --out/],
		[["--macs", "macs.txt", "--labels", "svg"], /its labels differ/],
		[["--macs", "macs.txt", "--rows", "2"], /its rows differ/],
	] as const) {
		const { code, err } = await run(...args).ended;
		t.is(code, 1);
		t.regex(err, complaint);
	}
	await writeFile(file("product.json"), JSON.stringify({ ...tencent, productSecret: "another-factory-secret" }));
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, /fctry\.csv was made with another product secret, or was changed/);
	t.deepEqual(await tree(file("batch")), before);
});

test("a folder with anything else in it is refused", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3) });
	const { code, err } = await dynreg(
		"factory",
		"--config",
		file("product.json"),
		"--out",
		file("."),
		"--macs",
		file("macs.txt"),
	).ended;
	t.is(code, 1);
	t.regex(err, /has other files\. Choose another folder with --out/);
	const product = file("product.json");
	const { err: other } = await dynreg("factory", "--config", product, "--out", product, "--macs", file("macs.txt"))
		.ended;
	t.regex(other, /product\.json is a file\. Choose a folder with --out/);
	t.is((await run("--macs", "macs.txt").ended).code, 0);
});

test("two runs in one folder exclude each other; a stale lock does not matter", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3) });
	await mkdir(file("batch"));
	await writeFile(file("batch/.lock"), String(process.pid));
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, new RegExp(`Process ${process.pid} is using the folder .*batch. Wait for its end, or delete`));
	t.deepEqual(await readdir(file("batch")), [".lock"]);

	const gone = dynreg("factory", "--help");
	await gone.ended;
	await writeFile(file("batch/.lock"), String(gone.process.pid));
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	t.false(existsSync(file("batch/.lock")));
});

test("a missing finished file is made again, a changed one is reported", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3) });
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	const before = hashes(await tree(file("batch")));
	await rm(file("batch/labels.pdf"));
	const { out } = await run("--macs", "macs.txt").ended;
	t.regex(out, /, 1 of them new/);
	t.deepEqual(hashes(await tree(file("batch"))), before);

	await writeFile(file("batch/import/devices-1-of-1.csv"), "DeviceName\nother\n");
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, /devices-1-of-1\.csv was changed after it was made\. Delete the file/);
	for (const changed of ["", "{}", '{"files":{}}', '{"files":[null]}']) {
		await writeFile(file("batch/summary.json"), changed);
		const { code, err } = await run("--macs", "macs.txt").ended;
		t.is(code, 1);
		t.regex(err, /summary\.json was changed after it was made\. Delete the file and run the command again/);
	}
});

test("the same input gives the same bytes, whenever and wherever", async (t) => {
	for (const format of ["pdf", "svg"]) {
		const places = await Promise.all([place(t, aliyun), place(t, aliyun)]);
		for (const { run } of places)
			t.is((await run("--boards", "200", "--names", "lamp-###", "--labels", format).ended).code, 0);
		const [one, other] = await Promise.all(places.map(({ file }) => tree(file("batch"))));
		t.true((one?.size ?? 0) > 5);
		t.deepEqual(hashes(one as never), hashes(other as never));
	}
});

test("the partition files suit ESP-IDF's tool and are readable by the owner only", async (t) => {
	const configuration = {
		...tencent,
		endpoints: { register: "https://gateway.example.com", mqtt: "mqtts://broker.example.com:8884" },
		ca: ["public", "factory-root"],
		sntp: "time.example.com",
		startupJitter: 60,
		ssid: "a network",
	};
	const { file, run } = await place(t, configuration, { "macs.txt": addresses(3) });
	const { code, out, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	t.regex(out, /not in the partition, so required in the image: ssid/);
	t.deepEqual(
		[...readNvsCsv(await readFile(file("batch/nvs/fctry.csv"), "utf8"))].map(([namespace, values]) => [
			namespace,
			Object.fromEntries(values),
		]),
		[
			[
				"dynreg",
				{
					productId: "FACTORY001",
					productSecret: secret,
					region: "us-east",
					register: "https://gateway.example.com",
					mqtt: "mqtts://broker.example.com:8884",
					ca: "public,factory-root",
					startupJitter: "60",
					sntp: "time.example.com",
				},
			],
		],
	);
	t.is((await stat(file("batch/nvs"))).mode & 0o777, 0o700);
	t.is(await readFile(file("batch/nvs/.gitignore"), "utf8"), "*\n");
	for (const [name, { mode }] of await tree(file("batch"))) {
		if (name === "nvs/fctry.csv") t.is(mode, 0o600);
		else if (name !== "nvs/.gitignore") {
			const content = await readFile(file(`batch/${name}`));
			t.false(content.includes("factory,"), name);
			t.false(content.includes(createHash("sha256").update(secret).digest("hex")), name);
		}
	}
});

test("counted boards get a partition each, with their name in it", async (t) => {
	const { file, run } = await place(t, aliyun);
	const { code, err } = await run("--boards", "3", "--names", "lamp-####", "--start", "99").ended;
	t.is(code, 0, err);
	const config = parseCsv(await readFile(file("batch/nvs/config.csv"), "utf8"));
	t.deepEqual(config, [
		["dynreg", "namespace", ""],
		["deviceName", "data", "string"],
		["cloud", "data", "string", "REPEAT"],
		["productSecret", "data", "string", "REPEAT"],
		["productKey", "data", "string", "REPEAT"],
	]);
	t.deepEqual(parseCsv(await readFile(file("batch/nvs/values.csv"), "utf8")), [
		config.slice(1).map(([key = ""]) => key),
		["lamp-0099", "aliyun", secret, "factory0001"],
		["lamp-0100", "", "", ""],
		["lamp-0101", "", "", ""],
	]);
	t.is((await stat(file("batch/nvs/values.csv"))).mode & 0o777, 0o600);
	t.is(
		await readFile(file("batch/import/devices-1-of-1.csv"), "utf8"),
		"DeviceName\nlamp-0099\nlamp-0100\nlamp-0101\n",
	);
});

test("Alibaba lists have up to 10,000 names and keep the template's first row", async (t) => {
	const template = '\uFEFFDeviceName,"Nickname, if any",Note\r\nexample,,\r\n';
	const { file, run } = await place(t, aliyun, { "template.csv": template });
	const { code, err } = await run(
		"--boards",
		"10001",
		"--names",
		"lamp-#####",
		"--template",
		"template.csv",
		"--labels",
		"none",
	).ended;
	t.is(code, 0, err);
	t.deepEqual(await readdir(file("batch/import")), ["devices-1-of-2.csv", "devices-2-of-2.csv"]);
	const [first = "", second = ""] = await Promise.all(
		[1, 2].map((part) => readFile(file(`batch/import/devices-${part}-of-2.csv`), "utf8")),
	);
	t.true(first.startsWith('\uFEFFDeviceName,"Nickname, if any",Note\r\nlamp-00001,,\r\nlamp-00002,,\r\n'));
	t.is(first.split("\r\n").length, 10_002);
	t.is(second, '\uFEFFDeviceName,"Nickname, if any",Note\r\nlamp-10001,,\r\n');
	t.false(existsSync(file("batch/labels.pdf")));
});

const utf16 = (text: string, isBigEndian = false) => {
	const bytes = Buffer.from(text, "utf16le");
	return isBigEndian ? bytes.swap16() : bytes;
};
const address = "a4:d1:8c:db:c0:20\r\n";

for (const [what, content, problem] of [
	["UTF-16 with a byte order mark", utf16(`\uFEFF${address}`), /is text in UTF-16, not in UTF-8/],
	["UTF-16, big-endian, with a byte order mark", utf16(`\uFEFF${address}`, true), /is text in UTF-16/],
	["UTF-16 without a byte order mark", utf16(address.repeat(500)), /is text in UTF-16/],
	["UTF-16, big-endian, without a byte order mark", utf16(address, true), /is text in UTF-16/],
	["UTF-32", Buffer.from("fffe000061000000", "hex"), /is text in UTF-32/],
	[
		"Latin-1",
		Buffer.from(`${address}# f\u{fc}r Reihe 7`, "latin1"),
		/is not in UTF-8: line 2, column 4 has the byte 0xfc/,
	],
	["GBK", Buffer.from("c9e8b1b80d0a", "hex"), /is not in UTF-8: line 1, column 1 has the byte 0xc9/],
	["a spreadsheet", Buffer.from("504b030414000600", "hex"), /is a spreadsheet or another ZIP file, not text/],
	["an old spreadsheet", Buffer.from("d0cf11e0a1b11ae1", "hex"), /is a spreadsheet or a document of an office program/],
	["a compressed file", Buffer.from("1f8b0800", "hex"), /is a compressed file/],
	["a binary file", Buffer.from("7f454c4602010100010000000003003e", "hex"), /is a binary file, not text/],
	["a control character", `${address}a4:d1\u001b[2J`, /is not text: line 2, column 6 has the control character 0x1b/],
] as const)
	test(`a list or template in another format is named: ${what}`, async (t) => {
		const { file, run } = await place(t, aliyun, { "given.txt": content });
		for (const [what, args] of [
			["The list of addresses", ["--macs", "given.txt"]],
			["The template", ["--boards", "1", "--names", "lamp-#", "--template", "given.txt"]],
		] as const) {
			const { code, out, err } = await run(...args).ended;
			t.is(code, 1);
			t.is(out, "");
			t.true(err.includes(`${what} ${file("given.txt")} `), err);
			t.regex(err, problem);
			t.regex(err, /UTF-8(, one address a line|, and keep only its first row)\.\n$/);
			t.false(existsSync(file("batch")));
		}
	});

test("a list that has no end is refused", async (t) => {
	const { run } = await place(t, tencent);
	const { code, err } = await run("--macs", "/dev/zero").ended;
	t.is(code, 1);
	t.regex(err, /The list of addresses \/dev\/zero is longer than 64 MiB/);
});

for (const [what, content, problem] of [
	[
		"a line break in a quoted name",
		'DeviceName,"Nickname\n(optional)"\n',
		/line 1, column 21: a quoted cell has a line/,
	],
	["the same with CRLF, further down", 'DeviceName,Note\r\nlamp,"a\r\nb"\r\n', /line 2, column 8: a quoted cell has a/],
	["a quote that is not closed", 'DeviceName,"Nickname\n', /line 1, column 12: a quote is not closed/],
	["a quote inside a name", 'DeviceName,Nick"name"\n', /line 1, column 16: a quote is inside a cell without quotes/],
	["text after a quote", '"DeviceName"x,Note\n', /line 1, column 13: a cell goes on after its closing quote/],
	["semicolons", "DeviceName;Nickname\n", /line 1, column 11: columns are separated by ";", not by commas/],
	["tabs", "\uFEFFDeviceName\tNickname\n", /line 1, column 11: columns are separated by "\\t", not by commas/],
	["vertical bars", "DeviceName|Nickname\n", /line 1, column 11: columns are separated by "\|"/],
	[
		"a formula",
		'DeviceName,"=HYPERLINK(""http://evil.example"")"\n',
		/line 1, column 13: a column name begins with =, like/,
	],
	["a formula with +", "+1,DeviceName\n", /line 1, column 1: a column name begins with \+/],
	["a formula with -", "DeviceName, -1\n", /line 1, column 12: a column name begins with -/],
	["a formula with @", "DeviceName,@SUM(A1)\n", /line 1, column 12: a column name begins with @/],
	[
		"a row of other length",
		"DeviceName,Note\nlamp,,\n",
		/line 2, column 7: the row has 3 columns, but the first row has 2/,
	],
	["a short row", "DeviceName,Note\nlamp\n", /line 2, column 1: the row has 1 column, but the first row has 2/],
	["nothing", "", /line 1, column 1: the column names are missing/],
	["commas only", ",,\n", /line 1, column 1: the column names are missing/],
	["an empty first line", "\nDeviceName\n", /line 1, column 1: the row of column names is empty/],
	["a web page", "<!DOCTYPE html>\n", /line 1, column 1: the file is a web page/],
	[
		"a lost character",
		"DeviceName,N\ufffdme\n",
		/line 1, column 13: a column name has a character that cannot be printed/,
	],
] as const)
	test(`a template that is no CSV, or no template, is refused with its place: ${what}`, async (t) => {
		const { file, run } = await place(t, aliyun, { "template.csv": content });
		const { code, err } = await run("--boards", "1", "--names", "lamp-#", "--template", "template.csv").ended;
		t.is(code, 1);
		t.true(err.includes(`${file("template.csv")} is not a usable template: `), err);
		t.regex(err, problem);
		t.regex(err, /Download the console's template as CSV in UTF-8, and keep only its first row\.\n$/);
		t.false(existsSync(file("batch")));
	});

for (const [what, template, header] of [
	["one column, with a semicolon in quotes", '"DeviceName; required"\n', '"DeviceName; required"\nlamp-1\n'],
	["doubled quotes", '"Device""Name""",\n', '"Device""Name""",\nlamp-1,\n'],
	["no line end", "DeviceName,Note", "DeviceName,Note\nlamp-1,\n"],
	["empty lines and cells below", "DeviceName,Note\r\n\r\n,,,\r\n", "DeviceName,Note\r\nlamp-1,\r\n"],
	["Chinese", "\u8bbe\u5907\u540d,\u5907\u6ce8\n", "\u8bbe\u5907\u540d,\u5907\u6ce8\nlamp-1,\n"],
] as const)
	test(`a template's first row is kept to the letter: ${what}`, async (t) => {
		const { file, run } = await place(t, aliyun, { "template.csv": template });
		const { code, err } = await run("--boards", "1", "--names", "lamp-#", "--template", "template.csv").ended;
		t.is(code, 0, err);
		t.is(await readFile(file("batch/import/devices-1-of-1.csv"), "utf8"), header);
	});

test("a registration-free product has nothing to import, and that is said", async (t) => {
	const { file, run } = await place(t, { ...aliyun, authType: "regnwl" });
	const { code, out } = await run("--boards", "2", "--names", "lamp-#").ended;
	t.is(code, 0);
	t.regex(out, /^Nothing to import: the boards of a registration-free product may have any name/);
	t.false(existsSync(file("batch/import")));
	const { code: refused, err } = await run("--boards", "2", "--names", "lamp-#", "--rows", "5").ended;
	t.is(refused, 1);
	t.regex(err, /--rows is an option for lists to import/);
});

/** The longest names, and all characters that each platform allows. */
for (const [cloud, configuration, pattern] of [
	["tencent", tencent, "AZaz09:_-".padEnd(44, "x")],
	["aliyun", aliyun, "AZaz09-_@.:".padEnd(28, "x")],
] as const)
	test(`labels are read back by another decoder, from SVG and from PDF: ${cloud}`, async (t) => {
		t.timeout(180_000);
		const product = (configuration.productId ?? configuration.productKey) as string;
		const names = Array.from({ length: 70 }, (_, index) => `${pattern}${String(index + 1).padStart(4, "0")}`);
		for (const format of ["svg", "pdf"]) {
			const { file, run } = await place(t, configuration);
			const { code, err } = await run("--boards", "70", "--names", `${pattern}####`, "--labels", format).ended;
			t.is(code, 0, err);
			const sheets =
				format === "pdf"
					? readPdf(await readFile(file("batch/labels.pdf")))
					: await Promise.all(
							[1, 2].map(async (sheet) =>
								readSvg(await readFile(file(`batch/labels/sheet-${sheet}-of-2.svg`), "utf8")),
							),
						);
			t.deepEqual(
				sheets.map(({ length }) => length),
				[65, 5],
			);
			for (const [index, { code, text }] of sheets.flat().entries()) {
				t.is(code, `${cloud}/${product}/${names[index]}`);
				t.is(text.slice(0, -1).join(""), names[index] as string);
				t.is(text.at(-1), product);
			}
		}
	});

test("lists of addresses may be written in any of the usual ways", async (t) => {
	const list = "\uFEFF# batch 7\r\n\r\nA4:D1:8C:DB:C0:20\r\n  a4-d1-8c-db-c0-21 # second\r\na4d18cdbc022\r\n";
	const { file, run } = await place(t, tencent, { "macs.txt": list });
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	t.is(
		await readFile(file("batch/import/devices-1-of-1.csv"), "utf8"),
		"DeviceName\na4d18cdbc020\na4d18cdbc021\na4d18cdbc022\n",
	);
});

test("lines that are no address, or stand there twice, are named; nothing is made", async (t) => {
	const list = [
		"a4:d1:8c:db:c0:20",
		"a4:d1:8c:db:c0",
		"a4:d1-8c:db:c0:21",
		"g4:d1:8c:db:c0:21",
		"01:00:5e:00:00:01",
		"00:00:00:00:00:00",
		"ff:ff:ff:ff:ff:ff",
		"A4D18CDBC020",
		"a4:d1:8c:db:c0:21:22",
		"x".repeat(200),
	].join("\n");
	const { file, run } = await place(t, tencent, { "macs.txt": list });
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	for (const complaint of [
		/line 2: "a4:d1:8c:db:c0" is invalid\. Expected six pairs/,
		/line 3: "a4:d1-8c:db:c0:21" is invalid/,
		/line 4: "g4:/,
		/line 5: 01:00:5e:00:00:01 is a group address/,
		/line 6: 00:00:00:00:00:00 is invalid/,
		/line 7: ff:ff:ff:ff:ff:ff is a group address/,
		/line 8: A4D18CDBC020 is in line 1 already/,
		/line 9: "a4/,
		/line 10: "x{39}…" is invalid/,
	])
		t.regex(err, complaint);
	t.false(existsSync(file("batch")));
});

test("an EUI-64 is refused, with the address that it was made of", async (t) => {
	const { run } = await place(t, tencent, { "macs.txt": "60:55:f9:ff:fe:f7:2c:a2\n6055F9FFFEF72CA3\n" });
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, /line 1: 60:55:f9:ff:fe:f7:2c:a2 is an EUI-64 of eight bytes\..* probably 60:55:f9:f7:2c:a2\./);
	t.regex(err, /line 2: 6055F9FFFEF72CA3 is an EUI-64 of eight bytes\..* probably 60:55:F9:F7:2C:A3\./);
});

test("addresses that are valid, but hardly a board's, are listed as a warning", async (t) => {
	const list = ["60:55:f9:ff:fe:f7", "6055F9FFFEF8", "02:55:f9:00:00:01", "60:55:f9:ff:ff:fe", "60:55:ff:fe:f9:01"];
	const { file, run } = await place(t, tencent, { "macs.txt": list.join("\n") });
	const { code, err } = await run("--macs", "macs.txt", "--json").ended;
	t.is(code, 0, err);
	t.regex(err, /^Warning: .*macs\.txt has lines to check:\n/);
	t.regex(err, /line 1: 60:55:f9:ff:fe:f7 is probably an EUI-64 without its last two bytes\. Use .* BASE MAC\.\n/);
	t.regex(err, /line 2: 6055F9FFFEF8 is probably an EUI-64/);
	t.regex(err, /line 3: 02:55:f9:00:00:01 is locally administered\./);
	t.is(err.match(/line \d/g)?.length, 3);
	t.is((await readFile(file("batch/import/devices-1-of-1.csv"), "utf8")).split("\n").length, list.length + 2);
});

test("the first ten invalid lines are listed, the rest counted", async (t) => {
	const { run } = await place(t, tencent, { "macs.txt": "nonsense\n".repeat(1234) });
	const { err } = await run("--macs", "macs.txt").ended;
	t.is(err.match(/line \d+:/g)?.length, 10);
	t.regex(err, /and 1,224 more/);
});

for (const [what, configuration, args, complaint] of [
	[
		"three characters at Alibaba",
		aliyun,
		["--boards", "1", "--names", "ab#"],
		/deviceName is invalid: .*Expected 4 to 32 characters/,
	],
	[
		"33 characters at Alibaba",
		aliyun,
		["--boards", "1", "--names", `${"x".repeat(32)}#`],
		/deviceName is invalid: .*Expected 4 to 32/,
	],
	[
		"an @ at Tencent",
		tencent,
		["--boards", "1", "--names", "a@b#"],
		/deviceName is invalid: .*Expected 1 to 48 characters/,
	],
	[
		"49 characters at Tencent",
		tencent,
		["--boards", "1", "--names", `${"x".repeat(48)}#`],
		/deviceName is invalid: .*Expected 1 to 48/,
	],
	[
		"too many for the digits",
		tencent,
		["--boards", "101", "--names", "b-##"],
		/number 101 of the last board has more digits than "b-##" holds \(2\)\. Use b-###\.\n/,
	],
	["no digits", tencent, ["--boards", "1", "--names", "board"], /Expected one run of # for the number/],
	["a name like a formula", aliyun, ["--boards", "1", "--names", "@sum#"], /begins with @, so a spreadsheet takes/],
	["a name like a negative number", tencent, ["--boards", "1", "--names=-#"], /begins with -, so a spreadsheet takes/],
	["two runs of digits", tencent, ["--boards", "1", "--names", "b#-#"], /Expected one run of #/],
	[
		"no boards",
		tencent,
		["--boards", "0", "--names", "b#"],
		/--boards is invalid: "0"\. Expected a whole number from 1/,
	],
	["neither kind of batch", tencent, [], /Expected either --macs, a file of addresses, or --boards, a number/],
	["no pattern", tencent, ["--boards", "1"], /--boards and --names need each other/],
	[
		"a list that is not there",
		tencent,
		["--macs", "/nowhere/macs.txt"],
		/The list of addresses \/nowhere\/macs\.txt cannot be read: no such file/,
	],
	[
		"no secret",
		{ productId: "FACTORY001" },
		["--boards", "1", "--names", "b#"],
		/productSecret is missing, so no board can register/,
	],
	[
		"a short secret",
		{ ...tencent, productSecret: "short" },
		["--boards", "1", "--names", "b#"],
		/productSecret is invalid: .*Expected 16 to 64 characters/,
	],
	[
		"no product",
		{ productSecret: secret },
		["--boards", "1", "--names", "b#"],
		/productId is missing\. Expected 1 to 10 letters and digits/,
	],
	[
		"one board's name",
		{ ...tencent, deviceName: "board-1" },
		["--boards", "1", "--names", "b#"],
		/deviceName belongs to one board, but a batch has many\. Leave out deviceName/,
	],
	[
		"plain transport",
		{ ...tencent, dangerouslyAllowPlain: true },
		["--boards", "1", "--names", "b#"],
		/dangerouslyAllowPlain is for tests only/,
	],
	[
		"a board's own certificate",
		{ ...tencent, clientKey: "k" },
		["--boards", "1", "--names", "b#"],
		/clientKey belongs to one board, but a batch has many\. Leave out clientKey/,
	],
	[
		"a name that no partition can hold",
		{ ...tencent, ca: "röot" },
		["--boards", "1", "--names", "b#"],
		/ca does not fit into a factory partition\. Expected less than 4000 printable ASCII/,
	],
	[
		"a format that is none",
		tencent,
		["--boards", "1", "--names", "b#", "--labels", "png"],
		/--labels is invalid: "png"\. Expected pdf or svg or none/,
	],
] as const)
	test(`refused, with what to do: ${what}`, async (t) => {
		const { file, run } = await place(t, configuration);
		const { code, out, err } = await run(...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.regex(err, complaint);
		t.false(existsSync(file("batch")));
	});

test("--json says it to a program, --help to a person", async (t) => {
	const { file, run } = await place(t, tencent);
	const { out, err } = await run("--boards", "2", "--names", "b#", "--json").ended;
	t.deepEqual(JSON.parse(out), { folder: file("batch"), boards: 2, files: 5, made: 5 });
	t.is(err, "");
	const help = await dynreg("factory", "--help").ended;
	for (const option of [
		"--config",
		"--out",
		"--macs",
		"--boards",
		"--names",
		"--start",
		"--rows",
		"--template",
		"--labels",
		"--json",
	])
		t.true(help.out.includes(option), option);
});

test("Azure: each board has its own key, also by its address, and the group's key is in no file", async (t) => {
	const group = "InventedGroupKeyForTestsInventedGroupKeyForTests";
	const product = { cloud: "azure", idScope: "0ne00111111", productSecret: group };
	const keyFor = (name: string) => createHmac("sha256", Buffer.from(group, "base64")).update(name).digest("base64");
	for (const [options, names] of [
		[
			["--names", "Lamp-##", "--boards", "2"],
			["Lamp-01", "Lamp-02"],
		],
		[
			["--macs", "macs.txt"],
			["a4d18c000000", "a4d18c000001"],
		],
	] as const) {
		const { file, run } = await place(t, product, { "macs.txt": addresses(2) });
		const { code, err } = await run(...options).ended;
		t.is(code, 0, err);
		const rows = parseCsv(await readFile(file("batch/nvs/values.csv"), "utf8"));
		t.deepEqual(rows, [
			["deviceName", "deviceKey", "cloud", "idScope"],
			...names.map((name, index) => [
				...[name, keyFor(name.toLowerCase())],
				...(index === 0 ? ["azure", "0ne00111111"] : ["", ""]),
			]),
		]);
		for (const path of (await tree(file("batch"))).keys())
			t.false((await readFile(join(file("batch"), path), "utf8")).includes(group), path);
	}
});

test("Azure: a batch cannot allow the group's key on its boards", async (t) => {
	const product = { cloud: "azure", idScope: "0ne00111111", productSecret: "InventedSecretOfTheGroup" };
	const { run } = await place(t, { ...product, dangerouslyUseGroupKey: true });
	const { code, err } = await run("--names", "lamp-##", "--boards", "2").ended;
	t.not(code, 0);
	t.regex(err, /dangerouslyUseGroupKey is for tests only\. Leave out dangerouslyUseGroupKey\./);
});
