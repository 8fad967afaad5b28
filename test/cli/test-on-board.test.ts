import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stateFolder } from "@dynreg/cli/internal/state/folders";
import { lock } from "@dynreg/cloud/internal/server/lock";
import { casesByImage, esp8266Images } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import { groups, selfTests } from "@dynreg/conformance/internal/device/catalogue";
import test from "ava";
import { dynreg, dynregIn, outputUntil } from "./dynreg.js";
import { argumentAfter, fakeToolchain } from "./fake-toolchain.js";

/** With a board that is played (`fake-board.ts`): what hardware does, no test here says. */
async function onFakeBoard(platform: string, ...more: readonly string[]) {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-on-board-"));
	const password = join(folder, "wifi");
	await writeFile(password, "planted wifi password\n");
	const fake = await fakeToolchain();
	const board = ["--platform", platform, "--port", "/dev/fake0", "--address", "127.0.0.1"];
	const wifi = ["--ssid", "workbench", "--wifi-password-file", password];
	const report = join(folder, "report.md");
	const parameters = ["test", ...board, ...wifi, "--report", report, ...more];
	try {
		const ended = await dynregIn(fake.environment, ...parameters).ended;
		return { ...ended, ran: await fake.ran(), report: await readFile(report, "utf8").catch(() => "") };
	} finally {
		await fake.remove();
		await rm(folder, { recursive: true, force: true });
	}
}

test.serial("on a board: a case during which the board reboots fails, the next one runs", async (t) => {
	const { code, out, err, ran, report } = await onFakeBoard("esp8266", "--case", "^network: |^log: |4 KB", "--tap");
	t.is(code, 1, err);
	t.deepEqual(ran.map(argumentAfter), [
		["mcconfig", "build"],
		["mcconfig", "deploy"],
		["serial2xsbug", "/dev/fake0 921600 8N1"],
		// After the case that failed: a reset.
		["serial2xsbug", "/dev/fake0 921600 8N1"],
	]);
	t.regex(out, /^TAP version 14\n1\.\.4\n/);
	t.regex(out, /^ok 4 - mqtt: a payload of 4 KB goes both ways # SKIP its packets have 1 KB at most$/m);
	t.regex(out, /^ok \d - network: up resolves/m);
	t.regex(
		out,
		/^not ok \d - network: a MAC address[\s\S]*the board restarted during the case; the last lines of its log: .*begins network: a MAC/m,
	);
	t.regex(out, /^ok \d - log: takes an event/m);
	t.regex(report, /2 passed, 1 failed, 1 skipped of 4, on: esp8266, Moddable SDK 0\.0\.0-fake/);

	const { parameters = [], environment = {}, manifest = "", files } = ran[0] ?? {};
	t.false((parameters.join(" ") + Object.values(environment).join(" ") + out + err + report).includes("planted"));
	t.deepEqual(files, [
		".gitignore",
		"manifest.json",
		"tattacker.der",
		"tboth.pem",
		"tcloud.der",
		"tdamaged.pem",
		"tformat.pem",
		"tother.der",
		"tserver.der",
	]);
	const { config } = JSON.parse(manifest);
	t.like(config, { ssid: "workbench", password: "planted wifi password" });
	t.regex(config.coordinator, /^http:\/\/127\.0\.0\.1:\d+$/);
});

test.serial("on a board: a case with several runs gets a reset between them", async (t) => {
	const { code, out, ran } = await onFakeBoard("esp32", "--case", "^vault: a credential outlives");
	t.is(code, 0, out);
	t.is(ran.filter(({ program }) => program === "serial2xsbug").length, 3);
	t.regex(out, /Done:.* 1 passed, 0 failed of 1/);
});

test.serial("on a board: waits while another process writes its tests to a board", async (t) => {
	const images = join(stateFolder(), "test");
	await mkdir(images, { recursive: true });
	const unlock = await lock(join(images, "conformance-esp32.lock"));
	const fake = await fakeToolchain();
	const board = ["--platform", "esp32", "--port", "/dev/fake0", "--address", "127.0.0.1", "--ssid", "workbench"];
	const password = join(images, "wifi");
	await writeFile(password, "planted wifi password\n");
	const parameters = [...board, "--wifi-password-file", password, "--case", "^log: "];
	const { process: child, ended } = dynregIn(fake.environment, "test", ...parameters);
	const out = await outputUntil(child, /Waiting for process/);
	t.regex(out, new RegExp(`Waiting for process ${process.pid}, which flashes this application`));
	t.deepEqual(await fake.ran(), []);
	unlock();
	t.is((await ended).code, 0);
	t.is((await fake.ran()).length, 3);
	await rm(password);
	await fake.remove();
});

test.serial("on an ESP8266: cases of two images run in turn and make one report", async (t) => {
	const pattern = "^log: |^mqtt: CONNECT is|4 KB";
	const { code, out, err, ran, report } = await onFakeBoard("esp8266", "--case", pattern, "--tap");
	t.is(code, 0, err);
	const written = [
		["mcconfig", "build"],
		["mcconfig", "deploy"],
		["serial2xsbug", "/dev/fake0 921600 8N1"],
	];
	t.deepEqual(ran.map(argumentAfter), [...written, ...written]);
	const applications = ran.flatMap(({ manifest }) => /\/applications\/([\w-]+)/.exec(manifest ?? "")?.[1] ?? []);
	t.deepEqual(applications, ["conformance-1", "conformance-1", "conformance-3", "conformance-3"]);
	t.regex(out, /1\.\.3\n# Image 1 of 2, 1 case:\n[\s\S]*^ok 1 - log: [\s\S]*# Image 2 of 2, 2 cases:\n/m);
	t.regex(out, /^ok 2 - mqtt: CONNECT[\s\S]*^ok 3 - mqtt: a payload of 4 KB .*# SKIP/m);
	t.regex(report, /2 passed, 0 failed, 1 skipped of 3, on: esp8266/);
});

test("on an ESP8266: every case is in exactly one image, and in one turn", (t) => {
	const cases = groups().flatMap((group) => group.cases);
	const held = esp8266Images.flatMap((files) => Object.values(files).flat());
	const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name).sort();
	t.deepEqual(names(held), names([...cases, ...selfTests]));
	const spread = casesByImage(cases, esp8266Images);
	t.is(spread.length, esp8266Images.length);
	t.deepEqual(names(spread.flatMap((turn) => turn.cases)), names(cases));
	for (const { files = {}, cases } of spread) {
		const here = new Set(names(Object.values(files).flat()));
		t.deepEqual(
			names(cases).filter((name) => !here.has(name)),
			[],
		);
	}
	const skipped = cases.filter(({ notOnEsp8266 }) => notOnEsp8266 !== undefined);
	t.deepEqual(
		casesByImage(skipped, esp8266Images).map((turn) => names(turn.cases)),
		[names(skipped)],
		"no image is built for them alone",
	);
});

test("on a board: --list names every case; invalid input gets the next step", async (t) => {
	const { code, out } = await dynreg("test", "--list").ended;
	t.is(code, 0);
	t.deepEqual(
		out.trim().split("\n"),
		groups().flatMap(({ cases }) => cases.map(({ name }) => name)),
	);
	for (const [parameters, told] of [
		[[], /--platform is missing/],
		[["--platform", "esp64"], /--platform is invalid: "esp64"\. Expected sim or esp32 or esp8266\./],
		[["--platform", "sim/x"], /"sim\/x"\. Expected sim, esp32, esp32\/SUBPLATFORM or esp8266\./],
		[["--platform", "sim", "--case", "("], /Expected a regular expression/],
		[["--platform", "sim", "--case", "nothing like it"], /No case matches --case "nothing like it"/],
	] as const) {
		const { code, err } = await dynreg("test", ...parameters).ended;
		t.is(code, 1);
		t.regex(err, told);
	}
});

test("the checked-in report has every case and no other", async (t) => {
	const report = await readFile(new URL("../../../docs/internals/test-report.md", import.meta.url), "utf8");
	const told = [...report.matchAll(/^\| (.+?) \| (?:passed|failed|skipped)/gm)].map(([, name]) => name);
	t.deepEqual(
		told,
		groups().flatMap(({ cases }) => cases.map(({ name }) => name)),
	);
	t.regex(
		report,
		new RegExp(`^${told.length} passed, 0 failed of ${told.length}, on: the simulator, Moddable SDK \\d`, "m"),
	);
});
