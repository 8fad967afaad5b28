import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSerialPort } from "@dynreg/cli/internal/boards/serial-port";
import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
import { withCertificateResources, writeImage } from "@dynreg/cli/internal/sdk/application-image";
import { buildApplication, findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { outputFolder } from "@dynreg/cli/internal/state/folders";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { createStandIns } from "@dynreg/tools/stand-ins";
import test from "ava";

const secrets = { productSecret: "PlantedProductSecret02", password: 'planted "wifi" pass$word' };

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-image-"));
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	return folder;
}

test("image: certificate files become DER resources, named roots stay", async (t) => {
	const [one, other] = await Promise.all([createAuthority(), createAuthority()]);
	const folder = await folderWith({ "both.pem": `Two:\n${one.certificate}${other.certificate}`, "none.pem": "none" });
	const ca = [join(folder, "both.pem"), "tencent-iothub", "public"];
	const { configuration, resources } = withCertificateResources({ ca, startupJitter: 0 });
	t.deepEqual(configuration, { ca: ["ca-1", "ca-2", "tencent-iothub", "public"], startupJitter: 0 });
	t.deepEqual(
		resources.map(({ name, content }) => [name, content[0]]),
		[
			["ca-1.der", 0x30],
			["ca-2.der", 0x30],
		],
	);
	t.throws(() => withCertificateResources({ ca: [join(folder, "none.pem")] }), { message: /holds no certificate/ });
	await rm(folder, { recursive: true });
});

test("serial port: the only one is taken; with none or several it says what to do", async (t) => {
	const folder = await folderWith({ tty0: "", "ttyUSB0.lock": "" });
	t.throws(() => findSerialPort(folder), { message: /No board is attached/ });
	await writeFile(join(folder, "ttyUSB1"), "");
	t.is(findSerialPort(folder), join(folder, "ttyUSB1"));
	await writeFile(join(folder, "ttyACM0"), "");
	t.throws(() => findSerialPort(folder), { message: /--port \S+ttyACM0 or \S+ttyUSB1\.$/ });
	await rm(folder, { recursive: true });
});

/** What is put on boards: the firmware, and the tests. */
const applications = { firmware: project, tests: conformanceApplication() };

const sdk = findSdk();
if (sdk === undefined) test.skip(`image: skipped, ${missingSdkMessage}`, () => {});
else
	for (const [platform, chip, what] of [
		["esp8266", "esp", "firmware"],
		["esp8266", "esp", "tests"],
		["esp32", "esp32", "firmware"],
		["esp32", "esp32", "tests"],
	] as const)
		test.serial(`image: ${platform}: the SDK links the ${what} with configuration and CA`, async (t) => {
			t.timeout(400_000);
			const authority = await folderWith({ "authority.pem": (await createAuthority()).certificate });
			const name = `test-image-${platform}-${what}`;
			const folder = join(project, ".dynreg", name);
			const ca = [join(authority, "authority.pem")];
			const image = withCertificateResources({ productId: "IMAGE00001", ...secrets, ssid: "workbench", ca });
			writeImage(folder, { application: applications[what], ...image });
			t.is((await stat(join(folder, "manifest.json"))).mode & 0o777, 0o600);

			const made = join(outputFolder(folder), "tmp", chip, "debug", name);
			const target = join(made, "mc.xs.c");
			await rm(made, { recursive: true, force: true });
			const stand = createStandIns();
			const environment = { ...sdk.environment, ...stand, PATH: `${sdk.environment.PATH}:${stand.PATH}` };
			const mask = process.umask(0o077);
			const built = await buildApplication(sdk, { folder, platform, debug: true, target, environment }).finally(() =>
				process.umask(mask),
			);
			t.is(built.code, 0, built.output);
			for (const secret of Object.values(secrets)) t.false(built.output.includes(secret), "what the tools print");
			const warnings = built.output
				.split("\n")
				.filter((line) => /\b(warning|error):/.test(line) && /dynreg/.test(line));
			t.deepEqual(warnings, []);

			const config = await readFile(join(made, "mc.config.js"), "utf8");
			t.true(config.includes(JSON.stringify(secrets.password)), "the configuration is in the image");
			t.is((await stat(join(made, "mc.config.js"))).mode & 0o077, 0, "for its owner only");
			const makefile = await readFile(join(made, "makefile"), "utf8");
			t.regex(makefile, /ca-1\.der/);
			for (const secret of Object.values(secrets)) t.false(makefile.includes(secret));
			t.true((await readdir(join(made, "modules", "dynreg"))).includes("host.xsb"));
			await rm(folder, { recursive: true });
			await rm(authority, { recursive: true });
		});
