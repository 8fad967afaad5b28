import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { readConfigurationFile } from "@dynreg/cli/internal/configuration/configuration-file";
import { findLocalCloud } from "@dynreg/cli/internal/init/local-cloud";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { crypto } from "@dynreg/node/internal/crypto";
import test, { type ExecutionContext } from "ava";
import { configuredDevice } from "dynreg/clouds";
import { type ProgramResult, program } from "./dynreg.js";
import { ended, init, mode, read } from "./run-init.js";

const secret = "aMadeUpProductSecret0123";

let home: string;
let cloud: Cloud;
test.before(async () => {
	home = await realpath(await mkdtemp(join(tmpdir(), "dynreg-init-")));
	cloud = await startCloud();
});
test.after.always(async () => {
	await cloud.close();
	await rm(home, { recursive: true, force: true });
});

/** A folder of its own for each test. */
let count = 0;
async function newFolder(): Promise<string> {
	const folder = join(home, `folder-${++count}`);
	await mkdir(folder);
	return folder;
}

test("init by options with the secret from stdin writes a private secret file", async (t) => {
	const folder = await newFolder();
	const { code, out, err } = await init(
		folder,
		["--product", "PRODUCT001", "--region", "europe", "--device-name", "board-1", "--product-secret-file", "-"],
		{ input: `${secret}\n` },
	);
	t.is(code, 0, err);
	t.regex(out, /written +board\.json\n.*written +\.dynreg\/product\.secret\n/s);
	t.deepEqual(await read(folder, "board.json"), {
		cloud: "tencent",
		productId: "PRODUCT001",
		service: "hub",
		region: "europe",
		deviceName: "board-1",
		productSecretFile: ".dynreg/product.secret",
	});
	t.is(await readFile(join(folder, ".dynreg/product.secret"), "utf8"), `${secret}\n`);
	t.is(await mode(folder, ".dynreg/product.secret"), "600");
	t.is(await mode(folder, ".dynreg"), "700");
	t.is(await readFile(join(folder, ".gitignore"), "utf8"), ".dynreg/\n");
	const configuration = readConfigurationFile(join(folder, "board.json"));
	const { identity, endpoints, secrets } = configuredDevice(configuration, crypto, undefined);
	t.is(identity, "tencent/PRODUCT001/board-1");
	t.is(endpoints.mqtt?.host, "PRODUCT001.europe.iothub.tencentdevices.com");
	t.is(secrets.map((each) => each.reveal()).join(), secret);
	t.false(`${out}${err}`.includes(secret));
});

test("the secret can come from a file or the environment", async (t) => {
	const folder = await newFolder();
	await writeFile(join(folder, "downloaded"), `${secret}\n`);
	const named = await init(folder, ["--product", "PRODUCT001", "--product-secret-file", "downloaded"]);
	t.is(named.code, 0, named.err);
	t.is((await read(folder, "board.json")).deviceName, undefined);

	const other = await newFolder();
	const { code, err } = await init(
		other,
		["--cloud", "aliyun", "--product", "a1sXfakeKey", "--instance", "iot-060a0bcd", "--auth-type", "register"],
		{ environment: { DYNREG_PRODUCT_SECRET: "0123456789abcdef" } },
	);
	t.is(code, 0, err);
	const { endpoints } = configuredDevice(readConfigurationFile(join(other, "board.json")), crypto, "00:00:5e:00:53:01");
	t.is(endpoints.mqtt?.host, "iot-060a0bcd.mqtt.iothub.aliyuncs.com");
});

for (const [what, args, complaint] of [
	["no product", [], /--product is missing \(productId\), and there is no terminal for the question/],
	[
		"no secret",
		["--product", "PRODUCT001"],
		/secret is missing\. Use --product-secret-file FILE.*DYNREG_PRODUCT_SECRET/,
	],
	[
		"a wrong product",
		["--product", "not an id"],
		/--product: productId is invalid: "not an id"\. Expected 1 to 10 letters and digits\./,
	],
	["a wrong cloud", ["--cloud", "moon"], /--cloud: cloud is invalid: "moon"\. Expected one of tencent, aliyun, /],
	[
		"another cloud's region",
		["--cloud", "aliyun", "--product", "a", "--region", "china"],
		/--region: region is invalid: "china"\. Expected one of cn-/,
	],
	[
		"another cloud's flag",
		["--product", "PRODUCT001", "--instance", "iot-1"],
		/--instance is invalid with --cloud tencent/,
	],
	[
		"a wrong name",
		["--product", "P", "--device-name", "two words"],
		/--device-name: deviceName is invalid: "two words"\. Expected 1 to 48/,
	],
	["two folders", ["one", "two"], /Expected one folder, but got one and two/],
	["a folder with a space", ["my lamp"], /cannot build in .*, because the path has a space/],
	["a secret as an argument", ["--product-secret", "x"], /Unknown option '--product-secret'/],
	["--admin alone", ["--admin", "http://127.0.0.1:1"], /--admin is invalid without --local/],
	[
		"no file for the secret",
		["--product", "P", "--product-secret-file", "nowhere"],
		/The file of the product's secret of this name \(7 characters\) cannot be read: no such file/,
	],
	[
		"no local cloud",
		["--local", "--admin", "http://127.0.0.1:1"],
		/No local cloud responded at http:\/\/127\.0\.0\.1:1\. Start one/,
	],
] as const)
	test(`${what} is one clear sentence, and nothing is written`, async (t) => {
		const folder = await newFolder();
		const { code, out, err } = await init(folder, args);
		t.is(code, 1);
		t.is(out, "");
		t.regex(err, complaint);
		t.deepEqual(await readdir(folder), []);
	});

test("a secret that the platform's rules do not allow is refused, and not shown", async (t) => {
	const folder = await newFolder();
	const { code, err } = await init(folder, ["--product", "PRODUCT001", "--product-secret-file", "-"], {
		input: "tooshort",
	});
	t.is(code, 1);
	t.regex(err, /productSecret is invalid: 8 characters\. Expected 16 to 64 characters without spaces/);
	t.false(err.includes("tooshort"));
	t.deepEqual(await readdir(folder), []);
});

test("nothing is overwritten without --force, and what is the same is left alone", async (t) => {
	const folder = await newFolder();
	const args = ["--product", "PRODUCT001", "--product-secret-file", "-"];
	await init(folder, args, { input: secret });
	const again = await init(folder, args, { input: secret });
	t.is(again.code, 0);
	t.regex(again.out, /unchanged +board\.json\nunchanged +\.dynreg\/product\.secret\n/);

	const other = ["--product", "PRODUCT002", "--product-secret-file", "-"];
	const refused = await init(folder, other, { input: secret });
	t.is(refused.code, 1);
	t.regex(refused.err, /Nothing was written, because .* has other contents in board\.json.*--force overwrites/);
	t.is((await read(folder, "board.json")).productId, "PRODUCT001");

	await writeFile(join(folder, ".dynreg/product.secret"), "another-secret-of-before", { mode: 0o644 });
	spawnSync("chmod", ["644", join(folder, ".dynreg/product.secret")]);
	const forced = await init(folder, [...other, "--force"], { input: secret });
	t.is(forced.code, 0);
	t.regex(forced.out, /overwritten +board\.json\noverwritten +\.dynreg\/product\.secret\n/);
	t.is((await read(folder, "board.json")).productId, "PRODUCT002");
	t.is(await mode(folder, ".dynreg/product.secret"), "600");
});

test("git: existing files stay, and .gitignore gets a line only if needed", async (t) => {
	const folder = await newFolder();
	const git = (...parameters: string[]) => spawnSync("git", parameters, { cwd: folder, encoding: "utf8" }).stdout;
	git("init");
	await writeFile(join(folder, ".gitignore"), "*.log");
	const args = ["--product", "PRODUCT001", "--product-secret-file", "-"];
	await init(folder, args, { input: secret });
	t.is(await readFile(join(folder, ".gitignore"), "utf8"), "*.log\n.dynreg/\n");
	git("add", "--all");
	t.deepEqual(git("ls-files").trim().split("\n"), [".gitignore", "board.json"]);

	const below = join(folder, "below");
	await mkdir(below);
	await init(below, args, { input: secret });
	t.false(existsSync(join(below, ".gitignore")));
});

/** `dynreg init` at a terminal: `script` makes one. Each answer is typed when the question before it is there. */
async function atTerminal(
	t: ExecutionContext,
	folder: string,
	typed: readonly (readonly [RegExp, string])[],
): Promise<ProgramResult | undefined> {
	if (spawnSync("script", ["--version"]).status !== 0) {
		t.log("skipped: there is no script (util-linux) to make a terminal with");
		return undefined;
	}
	t.timeout(120_000);
	const command = `"${process.execPath}" "${program}" init`;
	const child = spawn("script", ["--quiet", "--return", "--echo", "never", "--command", command, "/dev/null"], {
		cwd: folder,
	});
	let seen = "";
	const answers = [...typed];
	child.stdout.on("data", (text: Buffer) => {
		seen += text;
		const [question, answer] = answers[0] ?? [];
		if (!question?.test(seen)) return;
		answers.shift();
		seen = "";
		child.stdin.write(answer);
	});
	return ended(child);
}

test("at a terminal it asks, says at once what is wrong, and does not show the secret", async (t) => {
	const folder = await newFolder();
	const result = await atTerminal(t, folder, [
		[/Cloud \(tencent, aliyun, .*\) \[tencent\]: /, "moon\r"],
		[/cloud is invalid.*Cloud .*: /s, "\r"],
		[/Product id: /, "bad_id\r"],
		[/Expected 1 to 10 letters and digits.*Product id: /s, "PRODUCT001\r"],
		[/Service.*\[hub\]: /, "explorer\r"],
		[/Region .*\[china\]: /, "us-east\r"],
		[/Device name .*: /, "\r"],
		[/Product secret \(not shown\): /, "tooshort\r"],
		[/productSecret is invalid: 8 characters.*Product secret \(not shown\): /s, `${secret}\r`],
	]);
	if (!result) return t.pass();
	t.is(result.code, 0, result.out);
	t.false(result.out.includes(secret), "the secret is not shown");
	t.false(result.out.includes("tooshort"));
	t.deepEqual(await read(folder, "board.json"), {
		cloud: "tencent",
		productId: "PRODUCT001",
		service: "explorer",
		region: "us-east",
		productSecretFile: ".dynreg/product.secret",
	});
	return t.is(await readFile(join(folder, ".dynreg/product.secret"), "utf8"), `${secret}\n`);
});

for (const [key, typed] of [
	["Ctrl-C", "\u{3}"],
	["Ctrl-D", "\u{4}"],
] as const)
	test(`${key} at a question, and at the one for the secret: nothing is written`, async (t) => {
		const folder = await newFolder();
		const result = await atTerminal(t, folder, [
			[/Cloud/, "aliyun\r"],
			[/Product key: /, "a1sXfakeKey\r"],
			[/Registration/, "\r"],
			[/instance/, "\r"],
			[/Region/, "\r"],
			[/Device name/, "\r"],
			[/Product secret/, typed],
		]);
		const early = await atTerminal(t, folder, [[/Cloud/, typed]]);
		if (!result || !early) return t.pass();
		for (const { code, out } of [result, early]) {
			t.is(code, 130, out);
			t.regex(out, /Interrupted: nothing was written/);
		}
		return t.deepEqual(await readdir(folder), []);
	});

test("--local makes a product in the cloud that runs, and its board comes online", async (t) => {
	t.timeout(120_000);
	const folder = await newFolder();
	for (const [name, args] of [
		["tencent", []],
		["aliyun", ["--cloud", "aliyun"]],
		["volcengine", ["--cloud", "volcengine"]],
		["azure", ["--cloud", "azure"]],
		["aws", ["--cloud", "aws"]],
	] as const) {
		const place = join(folder, name);
		await mkdir(place);
		const { code, err, out } = await init(place, ["--local", "--admin", cloud.urls.admin, ...args]);
		t.is(code, 0, err);
		const configuration = readConfigurationFile(join(place, "board.json"));
		t.false(out.includes(String(configuration.productSecret ?? configuration.claimKey)));
		t.is("productSecret" in configuration, name !== "azure" && name !== "aws", "these have other secrets");
		t.is(cloud.administration.product(name, name.toUpperCase()).id, name.toUpperCase());

		const board = spawn(
			process.execPath,
			[program, "board", "--config", "board.json", "--until", "online", "--timeout", "60"],
			{
				cwd: place,
			},
		);
		const told = await ended(board);
		t.is(told.code, 0, told.out);

		const again = await init(place, ["--local", "--admin", cloud.urls.admin, ...args, "--force"]);
		t.is(again.code, 1);
		t.regex(again.err, /already has a product [A-Z]+ of \w+\. Choose another with --(product|template)/);
	}
});

test("a claim certificate comes from files, which are copied where only their owner can read them", async (t) => {
	const folder = await newFolder();
	cloud.administration.putProduct("aws", "fleet", {});
	const { claimCertificate, claimKey } = await cloud.administration.newBoard("aws", "fleet");
	await writeFile(join(folder, "given.pem"), String(claimCertificate));
	await writeFile(join(folder, "given.key"), String(claimKey));
	const answers = ["--cloud", "aws", "--template", "fleet", "--endpoint-prefix", "a1b2c3"];
	for (const [more, expected] of [
		[[], /--claim-certificate is missing/],
		[["--claim-certificate", "given.pem"], /--claim-key is missing/],
		[["--claim-certificate", "given.key", "--claim-key", "given.key"], /claimCertificate is invalid/],
		[["--product-secret-file", "given.key"], /--product-secret-file is invalid with --cloud aws/],
	] as const) {
		const { code, err } = await init(folder, [...answers, ...more]);
		t.is(code, 1);
		t.regex(err, expected);
		t.false(err.includes(String(claimKey)));
	}
	const other = await init(folder, ["--cloud", "aliyun", "--product", "P", "--claim-key", "given.key"]);
	t.regex(other.err, /--claim-key is invalid with --cloud aliyun/);
	const files = ["--claim-certificate", "given.pem", "--claim-key", "given.key"];
	const { code, err } = await init(folder, [...answers, ...files]);
	t.is(code, 0, err);
	t.is((await stat(join(folder, ".dynreg/claim.key"))).mode & 0o777, 0o600);
	const configuration = readConfigurationFile(join(folder, "board.json"));
	t.is(configuration.claimKey, claimKey);
	t.is(
		configuredDevice(configuration, crypto, "00:00:5e:00:53:01").endpoints.mqtt?.host,
		"a1b2c3-ats.iot.us-east-1.amazonaws.com",
	);
});

/** Anything that listens at the administration's port. */
async function foreignAdmin(t: ExecutionContext, respond: RequestListener): Promise<{ url: string; asked: string[] }> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(`${request.method} ${request.url}`);
		respond(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
	type: "pkcs8",
	format: "pem",
});
const pem = (label: string, text: string) => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
const sendJson = (response: ServerResponse, value: unknown) =>
	response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));

/** How a program may differ from a local cloud. */
const foreignServers: Readonly<Record<string, readonly [respond: RequestListener, problem: RegExp]>> = {
	"a web page": [
		(_, response) => response.end("<!DOCTYPE html><title>hello</title>"),
		/Its response is not JSON \(HTTP 200\)/,
	],
	"an empty response": [(_, response) => response.end(), /Its response is not JSON/],
	"a missing page": [(_, response) => response.writeHead(404).end("{}"), /It responds with HTTP 404/],
	"no content": [(_, response) => response.writeHead(204).end(), /It responds with HTTP 204/],
	"a redirect": [
		(_, response) => response.writeHead(302, { Location: cloud.urls.admin }).end(),
		/It redirects to another address \(HTTP 302\)/,
	],
	"a body without end": [
		(_, response) => {
			const more = () => {
				response.write("[".repeat(16_384), (error) => error ?? more());
			};
			more();
		},
		/Its response is longer than 65536 bytes/,
	],
	"a body that drips": [
		(_, response) => {
			const timer = setInterval(() => response.write(" "), 500);
			response.once("close", () => clearInterval(timer));
		},
		/It did not send a whole response within 1 s/,
	],
	silence: [() => {}, /It did not send a whole response within 1 s/],
	"a closed connection": [(request) => request.socket.destroy(), /No local cloud responded at/],
};

/** How a description may differ from a local cloud's own. */
const foreignDescriptions: Readonly<Record<string, readonly [change: object, problem: RegExp]>> = {
	"no sign": [{ server: undefined }, /does not describe a local cloud/],
	"another sign": [{ server: "nginx" }, /does not describe a local cloud/],
	"a sign of another type": [{ server: ["@dynreg/cloud"] }, /does not describe a local cloud/],
	"an unknown key": [{ run: "me" }, /does not describe a local cloud/],
	"no addresses": [{ urls: {} }, /does not describe a local cloud/],
	"addresses that are a list": [{ urls: ["https://127.0.0.1:1"] }, /does not describe a local cloud/],
	"no authority": [{ authority: undefined }, /does not describe a local cloud/],
	"an authority of another type": [{ authority: 1 }, /does not describe a local cloud/],
	"a file name as authority": [{ authority: "/etc/hostname" }, /authority is not a CA certificate/],
	"a private key": [{ authority: privateKey }, /authority is not a CA certificate/],
	"a private key as certificate": [{ authority: pem("CERTIFICATE", "AAAA") }, /authority is not a CA certificate/],
	"text after the certificate": [{ authority: `\0${privateKey}` }, /authority is not a CA certificate/],
};

/** How an address may differ from one on this computer; `#` is the scheme of what is asked for. */
const foreignUrls: readonly string[] = [
	"#://evil.example:8443",
	"#://192.0.2.1:8443",
	"#://127.0.0.1.evil.example:8443",
	"#://127.0.0.1:8443@evil.example:443",
	"#://user:password@127.0.0.1:8443",
	"#://127.0.0.1:8443/path",
	"#://127.0.0.1:0",
	"#://127.0.0.1:65536",
	"#://127.0.0.1",
	"#://127.1:8443",
	"#://0.0.0.0:8443",
	"#://[::1]:8443",
	"http://127.0.0.1:8443",
	"file:///etc/passwd",
	"127.0.0.1:8443",
	"",
];

async function refusesAdmin(
	t: ExecutionContext,
	respond: RequestListener,
	problem: RegExp,
	timeout?: number,
): Promise<void> {
	const { url, asked } = await foreignAdmin(t, respond);
	const { message = "" } = (await t.throwsAsync(findLocalCloud(url, timeout))) ?? {};
	t.regex(message, problem);
	t.regex(message, /Start one with dynreg cloud --port-admin 8480 .* or name its address with --admin\.$/);
	t.false(message.includes("PRIVATE KEY"));
	t.deepEqual(
		asked.filter((request) => request !== "GET /"),
		[],
		"no product secret is sent",
	);
}

for (const [what, [respond, problem]] of Object.entries(foreignServers))
	test.serial(`--local refuses a program that is no local cloud: ${what}`, (t) =>
		refusesAdmin(t, respond, problem, problem.source.includes("within 1 s") ? 1000 : undefined),
	);

const description = (change: object) => ({
	...{ server: "@dynreg/cloud", urls: cloud.urls, ca: cloud.ca, authority: cloud.authority },
	...change,
});

for (const [what, [change, problem]] of Object.entries(foreignDescriptions))
	test.serial(`--local refuses a description that is no local cloud's: ${what}`, (t) =>
		refusesAdmin(t, (_, response) => sendJson(response, description(change)), problem),
	);

test.serial("where no local cloud responds, nothing is sent or written", async (t) => {
	t.timeout(60_000);
	const folder = await newFolder();
	const { url, asked } = await foreignAdmin(t, (_, response) =>
		sendJson(response, { urls: cloud.urls, ca: join(home, "private.key") }),
	);
	const { code, err } = await init(folder, ["--local"], { environment: { DYNREG_ADMIN: url } });
	t.is(code, 1);
	t.regex(
		err,
		/The program at http:\/\/127\.0\.0\.1:\d+ is not a local cloud of dynreg\. Its response does not describe/,
	);
	t.deepEqual(await readdir(folder), []);
	t.deepEqual(asked, ["GET /"]);
});

test.serial("--local refuses a certificate that is no authority's, or that has company", async (t) => {
	const leaf = await new Promise<string>((resolve, reject) => {
		const { hostname, port } = new URL(cloud.urls.https);
		const socket = connect({ host: hostname, port: Number(port), ca: cloud.authority, servername: "localhost" }, () => {
			resolve(pem("CERTIFICATE", socket.getPeerCertificate().raw.toString("base64")));
			socket.destroy();
		}).on("error", reject);
	});
	for (const authority of [leaf, cloud.authority + leaf, cloud.authority + privateKey, `password ${cloud.authority}`])
		await refusesAdmin(
			t,
			(_, response) => sendJson(response, description({ authority })),
			/authority is not a CA certificate/,
		);
});

for (const scheme of ["https", "mqtts"] as const)
	test.serial(`--local refuses ${scheme} addresses that are not on this computer`, async (t) => {
		for (const url of foreignUrls) {
			const urls = { ...cloud.urls, [scheme]: url.replace("#", scheme) };
			const problem = new RegExp(`Its ${scheme} address ".*" is not on this computer`);
			await refusesAdmin(t, (_, response) => sendJson(response, description({ urls })), problem);
		}
	});

test("--local never reads the file that the description names", async (t) => {
	const folder = await newFolder();
	const { url } = await foreignAdmin(t, (request, response) =>
		request.url === "/" || request.method === "PUT"
			? sendJson(response, description({ ca: join(folder, "private.key") }))
			: response.writeHead(404).end("{}"),
	);
	await writeFile(join(folder, "private.key"), privateKey);
	const { code, err } = await init(folder, ["--local", "--admin", url]);
	t.is(code, 0, err);
	t.is(await readFile(join(folder, ".dynreg", "cloud.ca.pem"), "utf8"), cloud.authority);
});

for (const admin of [
	"http://192.0.2.1:8480",
	"https://127.0.0.1:8480",
	"http://evil.example",
	"file:///etc/passwd",
	"8480",
])
	test(`--admin must be on this computer: ${admin}`, async (t) => {
		const folder = await newFolder();
		const { code, err } = await init(folder, ["--local", "--admin", admin]);
		t.is(code, 1);
		t.regex(err, /--admin is invalid: .* Expected an address of this computer, such as http:\/\/127\.0\.0\.1:8480/);
		t.deepEqual(await readdir(folder), []);
	});

test("a secret's file in another encoding is refused, and no byte of it is shown", async (t) => {
	const folder = await newFolder();
	await writeFile(join(folder, "secret"), Buffer.from("geheimes Kennwort \u{fc}", "latin1"));
	const { code, err } = await init(folder, ["--product", "P", "--product-secret-file", "secret"]);
	t.is(code, 1);
	t.regex(err, /The file of the product's secret secret is not in UTF-8\. Save the secret as text in UTF-8\.\n/);
});

test("a new application has what it takes, finds the library, and passes the compiler", async (t) => {
	t.timeout(120_000);
	const folder = await newFolder();
	const args = ["my-lamp", "--product", "PRODUCT001", "--device-name", "lamp-1", "--product-secret-file", "-"];
	const { code, out, err } = await init(folder, args, { input: secret });
	t.is(code, 0, err);
	const lamp = join(folder, "my-lamp");
	t.deepEqual((await readdir(lamp)).sort(), [
		...[".dynreg", ".gitignore", "README.md", "board.json"],
		...["main.ts", "manifest.json", "package.json", "tsconfig.json"],
	]);
	t.regex(out, /Next:\n {2}cd my-lamp\n {2}npm install\n {2}npx dynreg doctor .*\n {2}npx dynreg sim\n$/);
	const { include, platforms } = (await read(lamp, "manifest.json")) as {
		include: string;
		platforms: { esp: { include: string } };
	};
	t.true(existsSync(join(lamp, include)), include);
	t.true(existsSync(join(lamp, platforms.esp.include)), platforms.esp.include);
	const npm = spawnSync("npm", ["install", "--offline", "--no-audit", "--no-fund"], { cwd: lamp, encoding: "utf8" });
	t.is(npm.status, 0, npm.stderr);
	const own = await read(lamp, "package.json");
	// npm init makes the latter.
	for (const type of ["module", "commonjs"]) {
		await writeFile(join(lamp, "package.json"), JSON.stringify({ ...own, type }));
		const compiler = spawnSync(join(project, "node_modules/.bin/tsc"), ["-p", lamp], { encoding: "utf8" });
		t.is(compiler.status, 0, compiler.stdout);
	}
	t.is(await readFile(join(lamp, ".gitignore"), "utf8"), ".dynreg/\nnode_modules/\n");

	const kept = await init(folder, args, { input: secret });
	t.is(kept.code, 0);
	t.notRegex(kept.out, /npm install/);
	await writeFile(join(lamp, "package.json"), "{}");
	const bare = await init(folder, args, { input: secret });
	t.regex(bare.out, /\n {2}npm install --save-dev \S+\/cli \S+\n/);
	await writeFile(join(lamp, "main.ts"), "// my own\n");
	const refused = await init(folder, args, { input: secret });
	t.regex(refused.err, /has other contents in main\.ts/);
});

test("an application within the project needs no package of its own", async (t) => {
	// Not in build/, from which each build removes what it has not made.
	const folder = join(project, ".dynreg", `init-test-${process.pid}`);
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	await mkdir(folder, { recursive: true });
	const { code, err } = await init(folder, ["--app", "--product", "PRODUCT001", "--product-secret-file", "-"], {
		input: secret,
	});
	t.is(code, 0, err);
	t.false(existsSync(join(folder, "package.json")));
	const { include } = (await read(folder, "manifest.json")) as { include: string };
	t.is(include, "../../manifest_dynreg.json");
	const compiler = spawnSync(join(project, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
	t.is(compiler.status, 0, compiler.stdout);
});

test("sim: missing parts are reported before the build", async (t) => {
	const folder = await newFolder();
	const sim = (...args: string[]) => ended(spawn(process.execPath, [program, "sim", ...args], { cwd: folder }));
	t.regex((await sim()).err, /has no application: manifest\.json is missing\. dynreg init --app makes an application/);
	await writeFile(join(folder, "manifest.json"), "{}");
	t.regex(
		(await sim()).err,
		/board\.json does not exist\. Make a configuration with dynreg init, or name another with --config/,
	);
	t.regex(
		(await sim("--until", "never")).err,
		/--until is invalid: "never"\. Expected stored or online or clock or message/,
	);
	await writeFile(join(folder, "board.json"), "{}");
	const without = spawn(process.execPath, [program, "sim"], { cwd: folder, env: { ...process.env, MODDABLE: folder } });
	t.regex((await ended(without)).err, /Moddable SDK was not found.*dynreg doctor --for sim/);
});
