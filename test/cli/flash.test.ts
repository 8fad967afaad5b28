import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { tryLock } from "@dynreg/cloud/internal/server/lock";
import test from "ava";
import { dynreg, dynregIn, outputUntil } from "./dynreg.js";
import { argumentAfter, fakeToolchain } from "./fake-toolchain.js";

const secrets = { productSecret: "PlantedProductSecret01", password: "planted wifi password" };
const product = { productId: "FLASH00001", productSecret: secrets.productSecret, deviceName: "board-1" };

let folder: string;
let config: string;
let passwordFile: string;

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-flash-"));
	config = join(folder, "board.json");
	passwordFile = join(folder, "wifi");
	await writeFile(join(folder, "authority.pem"), (await createAuthority()).certificate);
	await writeFile(config, JSON.stringify({ ...product, ca: "authority.pem" }));
	await writeFile(passwordFile, `${secrets.password}\n`);
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

const wifi = () => ["--ssid", "workbench", "--wifi-password-file", passwordFile];

for (const platform of ["esp32", "esp32/esp32c3", "esp8266"])
	test.serial(`flash: ${platform}: secrets are in the manifest and nowhere else`, async (t) => {
		const fake = await fakeToolchain();
		const parameters = ["flash", "--platform", platform, "--port", "/dev/fake0", "--config", config, ...wifi()];
		const { code, out, err } = await dynregIn(fake.environment, ...parameters).ended;
		const ran = await fake.ran();
		await fake.remove();

		t.deepEqual(ran.map(argumentAfter), [
			["mcconfig", "build"],
			["mcconfig", "deploy"],
			["serial2xsbug", `/dev/fake0 ${platform === "esp8266" ? 921600 : 460800} 8N1`],
		]);
		for (const { program, parameters, environment, manifest, ...rest } of ran) {
			t.false(/planted/i.test(parameters.join(" ")), `${program}'s arguments`);
			for (const secret of Object.values(secrets))
				t.false(Object.values(environment).join(" ").includes(secret), `${program}'s environment`);
			if (manifest === undefined) continue;
			t.is(parameters[parameters.indexOf("-p") + 1], platform);
			t.is(environment.UPLOAD_PORT, "/dev/fake0");
			t.deepEqual(rest, {
				mode: 0o600,
				folderMode: 0o700,
				files: [".gitignore", "ca-1.der", "manifest.json"],
				mask: 0o077,
			});
			t.like(JSON.parse(manifest).config, {
				...product,
				ca: ["ca-1"],
				ssid: "workbench",
				password: secrets.password,
			});
		}
		t.regex(
			out,
			/bytecode …[\s\S]*Writing to the board at \/dev\/fake0[\s\S]*boot +tencent\/FLASH00001\/board-1[\s\S]*something else/,
		);
		t.false(/planted/i.test(out + err), "output");
		// The board's cable was pulled: that is no success.
		t.is(code, 1);
		t.regex(err, /The serial connection at \/dev\/fake0 ended \(the cable is gone\)/);
	});

test.serial("flash: --factory leaves the product out, --release the debugger", async (t) => {
	const fake = await fakeToolchain();
	const parameters = ["flash", "--platform", "esp32", "--port", "/dev/fake0", "--config", config, ...wifi()];
	const { code, out } = await dynregIn(fake.environment, ...parameters, "--factory", "--release").ended;
	const ran = await fake.ran();
	await fake.remove();
	t.is(code, 0, out);
	t.deepEqual(
		ran.map(({ program, parameters }) => [program, parameters.includes("-d")]),
		[
			["mcconfig", false],
			["mcconfig", false],
		],
	);
	const { config: given, include } = JSON.parse(ran[0]?.manifest ?? "");
	t.deepEqual(given, { ca: ["ca-1"], ssid: "workbench", password: secrets.password });
	// Before the application's, whose own table stands.
	t.regex(include[0], /\/hosts\/moddable\/platforms\/esp32\/factory\/manifest\.json$/);
	t.true(existsSync(include[0]));
});

test.serial("flash: waits while another process flashes the same application", async (t) => {
	const fake = await fakeToolchain();
	const application = join(folder, "waiting");
	await mkdir(join(application, ".dynreg", "flash"), { recursive: true });
	await writeFile(join(application, "manifest.json"), "{}");
	const unlock = tryLock(join(application, ".dynreg", "flash", "flash-waiting.lock"));
	if (typeof unlock === "number") throw new Error(`process ${unlock} has the lock`);
	const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, ...wifi()];
	const { process: child, ended } = dynregIn(fake.environment, ...parameters, "--release", application);
	const out = await outputUntil(child, /Waiting for process/);
	t.regex(out, new RegExp(`Waiting for process ${process.pid}, which flashes this application`));
	t.deepEqual(await fake.ran(), []);
	unlock();
	t.is((await ended).code, 0);
	t.is((await fake.ran()).length, 2);
	await fake.remove();
});

test("flash: --factory is refused where there is no factory partition", async (t) => {
	const { code, err } = await dynreg("flash", "--platform", "esp8266", "--factory").ended;
	t.is(code, 1);
	t.regex(err, /An ESP8266 has no factory partition\. Leave out --factory, and build an image for each product/);
});

for (const [bytes, options, advice] of [
	[1_044_481, [], /1,044,481 bytes, 1 more than the 1,044,480 [\s\S]*nothing was written\. Build with --release/],
	[1_100_000, ["--release"], /1,100,000 bytes, 55,520 more [\s\S]*nothing was written\. Include only one cloud/],
] as const)
	test.serial(`flash: an image of ${bytes} bytes does not go onto an ESP8266`, async (t) => {
		const fake = await fakeToolchain();
		const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, ...wifi()];
		const environment = { ...fake.environment, FAKE_IMAGE_BYTES: `${bytes}` };
		const { code, err } = await dynregIn(environment, ...parameters, ...options).ended;
		const ran = await fake.ran();
		await fake.remove();
		t.is(code, 1);
		t.regex(err, advice);
		t.deepEqual(ran.map(argumentAfter), [["mcconfig", "build"]]);
	});

test.serial("flash: an image that just fits is written", async (t) => {
	const fake = await fakeToolchain();
	const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, ...wifi()];
	const environment = { ...fake.environment, FAKE_IMAGE_BYTES: "1044480" };
	await dynregIn(environment, ...parameters, "--release").ended;
	const ran = await fake.ran();
	await fake.remove();
	t.deepEqual(ran.slice(0, 2).map(argumentAfter), [
		["mcconfig", "build"],
		["mcconfig", "deploy"],
	]);
});

for (const environment of [{ FLASH_SIZE: "1M" }, { FLASH_LAYOUT: "eagle.flash.1m.ld" }])
	test.serial(`flash: a board with 1 MB is refused: ${Object.keys(environment)}`, async (t) => {
		const fake = await fakeToolchain();
		const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, ...wifi()];
		const { code, err } = await dynregIn({ ...fake.environment, ...environment }, ...parameters).ended;
		const ran = await fake.ran();
		await fake.remove();
		t.is(code, 1);
		t.regex(err, /Boards with 1 MB of flash are not supported, because each upload overwrites half of the preferences/);
		t.deepEqual(ran, []);
	});

const failures = [
	{ target: "build", saying: `no compiler, said ${secrets.productSecret}`, told: /cannot be built[\s\S]*said \*\*\*/ },
	{
		target: "deploy",
		saying: "could not open port /dev/fake0",
		told: /\/dev\/fake0 cannot be opened\. Check that the board is attached/,
	},
	{
		target: "deploy",
		saying: "Permission denied: '/dev/fake0'",
		told: /No permission to open .*Add your user to the port's group/,
	},
	{ target: "deploy", saying: "Failed to connect to ESP8266: Timed out", told: /Hold its BOOT/ },
];

for (const { target, saying, told } of failures)
	test.serial(`flash: "${saying.replace(secrets.productSecret, "…")}" is told with what to do`, async (t) => {
		const fake = await fakeToolchain({ target, saying });
		const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, ...wifi()];
		const { code, out, err } = await dynregIn(fake.environment, ...parameters).ended;
		const ran = await fake.ran();
		await fake.remove();
		t.is(code, 1);
		t.regex(err, told);
		t.false((out + err).includes(secrets.productSecret));
		t.is(ran.at(-1)?.parameters.includes(target), true, "nothing was done after it");
	});

test("flash: a missing toolchain is reported before any question", async (t) => {
	const fake = await fakeToolchain();
	const bare = { ...fake.environment, ESP_BASE: "", IDF_PATH: "", HOME: join(tmpdir(), "nobody-s-home") };
	for (const [platform, variable] of [
		["esp32", "IDF_PATH"],
		["esp8266", "ESP_BASE"],
	] as const) {
		const { code, err } = await dynregIn(bare, "flash", "--platform", platform, "--config", config).ended;
		t.is(code, 1);
		t.regex(
			err,
			new RegExp(`${variable} is not set.*xs-dev setup --device ${platform}.*dynreg doctor --for ${platform}`),
		);
	}
	t.deepEqual(await fake.ran(), []);
	await fake.remove();
});

test("flash: a dry run shows everything but the secrets, and does nothing", async (t) => {
	const fake = await fakeToolchain();
	const parameters = ["flash", "--platform", "esp8266", "--port", "/dev/fake0", "--config", config, "--dry-run"];
	const { code, out, err } = await dynregIn(fake.environment, ...parameters, ...wifi()).ended;
	const ran = await fake.ran();
	await fake.remove();
	t.is(code, 0, err);
	t.deepEqual(ran, []);
	t.regex(out, /"productSecret": "\*\*\*"[\s\S]*UPLOAD_PORT=\/dev\/fake0 mcconfig -d -m -p esp8266 -t build/);
	t.false(/planted/i.test(out + err));
});

test("flash: an image with set-up mode needs no network, and takes one that is given", async (t) => {
	const fake = await fakeToolchain();
	const application = join(folder, "with-setup");
	await mkdir(application);
	const include = ["$(MODULES)/files/file/manifest.json", "./setup.json"];
	await writeFile(join(application, "manifest.json"), JSON.stringify({ include: "./more.json", modules: {} }));
	await writeFile(join(application, "more.json"), JSON.stringify({ platforms: { esp: { include } } }));
	const setup = "./dynreg/hosts/moddable/setup/manifest.json";
	await writeFile(join(application, "setup.json"), JSON.stringify({ include: ["./more.json", setup] }));
	const parameters = [
		"flash",
		application,
		"--platform",
		"esp8266",
		"--port",
		"/dev/fake0",
		"--config",
		config,
		"--dry-run",
	];
	const { code, out, err } = await dynregIn(fake.environment, ...parameters).ended;
	t.is(code, 0, err);
	t.regex(out, /the board opens set-up mode/);
	t.notRegex(out, /"ssid"|asked for/);
	const given = await dynregIn(fake.environment, ...parameters, ...wifi()).ended;
	t.regex(given.out, /"ssid": "workbench"/);
	await writeFile(join(application, "setup.json"), "{");
	t.regex((await dynregIn(fake.environment, ...parameters).ended).out, /"ssid": "\(asked for\)"/);
	await fake.remove();
});

test("flash: invalid input gets a sentence with the next step", async (t) => {
	const local = join(folder, "local.json");
	const endpoints = { register: "https://localhost:8443", mqtt: "mqtts://localhost:8883" };
	await writeFile(local, JSON.stringify({ ...product, endpoints }));
	const cases: readonly (readonly [string[], RegExp])[] = [
		[[], /--platform is missing/],
		[["--platform", "esp64"], /--platform is invalid: "esp64"\. Expected esp32 or esp8266/],
		[["--platform", "esp32/a/b"], /Expected esp32, esp32\/SUBPLATFORM or esp8266/],
		[["--platform", "esp8266/x"], /Expected esp32, esp32\/SUBPLATFORM or esp8266/],
		[["--platform", "esp32"], /--config is missing/],
		[["--platform", "esp32", folder], /has no manifest\.json/],
		[["--platform", "esp32", "--config", local], /localhost, but on a board that is the board itself.*--host/],
		[["--platform", "esp32", "--config", join(folder, "none.json")], /cannot be read/],
	];
	for (const [parameters, told] of cases) {
		const { code, err } = await dynreg("flash", ...parameters).ended;
		t.is(code, 1, parameters.join(" "));
		t.regex(err, told);
	}
});
