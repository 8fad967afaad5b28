import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { dynreg } from "./dynreg.js";
import { parse, readNvsCsv } from "./nvs-csv.js";
import { readPdf, readSvg } from "./sheets.js";

/** With all that CSV minds. */
const secret = 'a-factory,"secret"#1';
const tencent: RawConfiguration = { productId: "FACTORY001", productSecret: secret, region: "us-east" };
const aliyun: RawConfiguration = { cloud: "aliyun", productKey: "factory0001", productSecret: secret };

interface Place {
	/** In the place's own folder. */
	readonly file: (name: string) => string;
	/** Runs the command there. */
	readonly run: (...args: string[]) => ReturnType<typeof dynreg>;
}

async function place(
	t: ExecutionContext,
	configuration: RawConfiguration,
	files: Readonly<Record<string, string>> = {},
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
	t.regex(out, /Done: 20,000 boards, 203 files, \d+ of them made now/);
	const after = await tree(file("batch"));
	t.deepEqual(hashes(after), wanted);
	const finished = [...before].filter(([name]) => !name.endsWith(".part") && name !== ".lock");
	t.true(finished.length > 100);
	for (const [name, { written }] of finished)
		t.is(after.get(name)?.written, written, `${name} was finished and is left alone`);
});

test("another batch in the same folder is refused, and so is another secret; nothing is overwritten", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3), "more.txt": addresses(4) });
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	const before = await tree(file("batch"));
	for (const [args, complaint] of [
		[["--macs", "more.txt"], /holds another batch \(its boards, names differ\): choose another folder with --out/],
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
	t.regex(err, /fctry\.csv was made with another product secret, or has been changed/);
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
	t.regex(err, /has other files in it: choose another folder with --out/);
	const product = file("product.json");
	const { err: other } = await dynreg("factory", "--config", product, "--out", product, "--macs", file("macs.txt"))
		.ended;
	t.regex(other, /product\.json is a file: choose a folder with --out/);
	t.is((await run("--macs", "macs.txt").ended).code, 0);
});

test("two runs at a time do not get into each other's way, and what one left behind that is gone does not matter", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3) });
	await mkdir(file("batch"));
	await writeFile(file("batch/.lock"), String(process.pid));
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, new RegExp(`process ${process.pid} is at work in .*batch: wait until it is done, or delete`));
	t.deepEqual(await readdir(file("batch")), [".lock"]);

	const gone = dynreg("factory", "--help");
	await gone.ended;
	await writeFile(file("batch/.lock"), String(gone.process.pid));
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	t.false(existsSync(file("batch/.lock")));
});

test("a finished file that is gone is made anew, and one that has changed is told", async (t) => {
	const { file, run } = await place(t, tencent, { "macs.txt": addresses(3) });
	t.is((await run("--macs", "macs.txt").ended).code, 0);
	const before = hashes(await tree(file("batch")));
	await rm(file("batch/labels.pdf"));
	const { out } = await run("--macs", "macs.txt").ended;
	t.regex(out, /, 1 of them made now/);
	t.deepEqual(hashes(await tree(file("batch"))), before);

	await writeFile(file("batch/import/devices-1-of-1.csv"), "DeviceName\nother\n");
	const { code, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 1);
	t.regex(err, /devices-1-of-1\.csv has been changed since it was made: delete it/);
	for (const changed of ["", "{}", '{"files":{}}', '{"files":[null]}']) {
		await writeFile(file("batch/summary.json"), changed);
		const { code, err } = await run("--macs", "macs.txt").ended;
		t.is(code, 1);
		t.regex(err, /summary\.json has been changed since it was made: delete it, and run this again/);
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

test("the partition is one that ESP-IDF's tool takes: its owner's only, and the one file with the secret", async (t) => {
	const configuration = {
		...tencent,
		endpoints: { register: "https://gateway.example.com", mqtt: "mqtts://broker.example.com:8884" },
		ca: ["public", "factory-root"],
		sntp: "time.example.com",
		spread: 60,
		ssid: "a network",
	};
	const { file, run } = await place(t, configuration, { "macs.txt": addresses(3) });
	const { code, out, err } = await run("--macs", "macs.txt").ended;
	t.is(code, 0, err);
	t.regex(out, /not in the partition, so they belong in the image: ssid/);
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
					spread: "60",
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
	const config = parse(await readFile(file("batch/nvs/config.csv"), "utf8"));
	t.deepEqual(config, [
		["dynreg", "namespace", ""],
		["deviceName", "data", "string"],
		["cloud", "data", "string", "REPEAT"],
		["productKey", "data", "string", "REPEAT"],
		["productSecret", "data", "string", "REPEAT"],
	]);
	t.deepEqual(parse(await readFile(file("batch/nvs/values.csv"), "utf8")), [
		config.slice(1).map(([key = ""]) => key),
		["lamp-0099", "aliyun", "factory0001", secret],
		["lamp-0100", "", "", ""],
		["lamp-0101", "", "", ""],
	]);
	t.is((await stat(file("batch/nvs/values.csv"))).mode & 0o777, 0o600);
	t.is(
		await readFile(file("batch/import/devices-1-of-1.csv"), "utf8"),
		"DeviceName\nlamp-0099\nlamp-0100\nlamp-0101\n",
	);
});

test("Alibaba Cloud takes 10,000 names at a time, and the first row of its template stays as it is", async (t) => {
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

test("a template that is a spreadsheet is refused", async (t) => {
	const { run } = await place(t, aliyun, { "template.xlsx": "PK\u0003\u0004\u0014\u0000" });
	const { code, err } = await run("--boards", "1", "--names", "lamp-#", "--template", "template.xlsx").ended;
	t.is(code, 1);
	t.regex(err, /is no CSV file: download the console's template as CSV/);
});

test("a registration-free product has nothing to import, and that is said", async (t) => {
	const { file, run } = await place(t, { ...aliyun, authType: "regnwl" });
	const { code, out } = await run("--boards", "2", "--names", "lamp-#").ended;
	t.is(code, 0);
	t.regex(out, /^nothing to import: a registration-free product has none: its boards may have any name/);
	t.false(existsSync(file("batch/import")));
	const { code: refused, err } = await run("--boards", "2", "--names", "lamp-#", "--rows", "5").ended;
	t.is(refused, 1);
	t.regex(err, /--rows is for lists to import, and a registration-free product has none/);
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
		/line 2: "a4:d1:8c:db:c0" is no MAC address: six pairs/,
		/line 3: "a4:d1-8c:db:c0:21" is no MAC address/,
		/line 4: "g4:/,
		/line 5: 01:00:5e:00:00:01 is the address of a group, which no board has/,
		/line 6: 00:00:00:00:00:00 is the address of no board/,
		/line 7: ff:ff:ff:ff:ff:ff is the address of a group/,
		/line 8: A4D18CDBC020 stands in line 1 already/,
		/line 9: "a4/,
		/line 10: "x{39}…" is no MAC address/,
	])
		t.regex(err, complaint);
	t.false(existsSync(file("batch")));
});

test("of very many wrong lines the first ten are told, and how many more there are", async (t) => {
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
		/number 101, and "b-##" has room for 2 digits: write b-###\n/,
	],
	["no digits", tencent, ["--boards", "1", "--names", "board"], /needs one run of # where the number goes/],
	["two runs of digits", tencent, ["--boards", "1", "--names", "b#-#"], /needs one run of #/],
	["no boards", tencent, ["--boards", "0", "--names", "b#"], /--boards is "0": it must be a whole number from 1/],
	["neither kind of batch", tencent, [], /give either --macs, a file of addresses, or --boards, a number/],
	["no pattern", tencent, ["--boards", "1"], /--boards and --names go together/],
	[
		"a list that is not there",
		tencent,
		["--macs", "/nowhere/macs.txt"],
		/the list of addresses \/nowhere\/macs\.txt cannot be read: there is no such file/,
	],
	[
		"no secret",
		{ productId: "FACTORY001" },
		["--boards", "1", "--names", "b#"],
		/productSecret is missing, and no board can register/,
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
		/deviceName is one board's own, and a batch has many; leave it out/,
	],
	[
		"plain transport",
		{ ...tencent, dangerouslyAllowPlain: true },
		["--boards", "1", "--names", "b#"],
		/no factory partition can allow it/,
	],
	[
		"a board's own certificate",
		{ ...tencent, clientKey: "k" },
		["--boards", "1", "--names", "b#"],
		/clientKey is one board's own, and a batch has many; leave it out/,
	],
	[
		"a name that no partition can hold",
		{ ...tencent, ca: "röot" },
		["--boards", "1", "--names", "b#"],
		/ca must be less than 4000 printable ASCII/,
	],
	[
		"a format that is none",
		tencent,
		["--boards", "1", "--names", "b#", "--labels", "png"],
		/--labels is "png": it must be pdf or svg or none/,
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
