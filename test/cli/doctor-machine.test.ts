/** Every check of `dynreg doctor` about a computer, with every outcome: folders and programs made for the purpose. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Check, isReady } from "@dynreg/cli/internal/doctor/check";
import {
	checkCompiler,
	checkDisplay,
	checkNode,
	checkTypescript,
	checkXsEngine,
} from "@dynreg/cli/internal/doctor/desktop";
import {
	checkCmake,
	checkEspIdf,
	checkEspIdfTools,
	checkPyserial,
	checkPython,
} from "@dynreg/cli/internal/doctor/esp32-tools";
import { checkEsp8266Tools } from "@dynreg/cli/internal/doctor/esp8266-tools";
import type { Machine } from "@dynreg/cli/internal/doctor/machine";
import { checkSdk, checkSdkTools, expectedEspIdf } from "@dynreg/cli/internal/doctor/sdk";
import { checkSerialPorts } from "@dynreg/cli/internal/doctor/serial";
import test, { type ExecutionContext } from "ava";
import { build } from "esbuild";

/** A computer in a folder: nothing is on it but what a test puts there. */
class Computer implements Machine {
	readonly platform: NodeJS.Platform;
	readonly home: string;
	readonly devicesFolder: string;
	readonly environment: NodeJS.ProcessEnv;

	constructor(t: ExecutionContext, platform: NodeJS.Platform = "linux") {
		this.platform = platform;
		this.home = mkdtempSync(join(tmpdir(), "dynreg-computer-"));
		t.teardown(() => rmSync(this.home, { recursive: true, force: true }));
		this.devicesFolder = join(this.home, "dev");
		this.environment = { HOME: this.home, PATH: join(this.home, "bin") };
		mkdirSync(join(this.home, "bin"));
	}

	file(path: string, text = ""): string {
		const whole = join(this.home, path);
		mkdirSync(join(whole, ".."), { recursive: true });
		writeFileSync(whole, text);
		return whole;
	}

	/** A program at this path that prints a text and ends well, or with 1 where there is none. */
	program(path: string, prints?: string): void {
		const script = prints === undefined ? "exit 1" : `echo '${prints}'`;
		chmodSync(this.file(path, `#!/bin/sh\n${script}\n`), 0o755);
	}

	/** The computer's own program, for what has to be a real one. */
	real(name: string): void {
		const [path] = (process.env.PATH ?? "")
			.split(":")
			.map((folder) => join(folder, name))
			.filter((file) => spawnSync(file, ["--version"]).status === 0);
		if (path) symlinkSync(path, join(this.home, "bin", name));
	}

	/** A repository with one commit, under this tag. */
	repository(path: string, tag: string, branch = "master"): void {
		const git = (...parameters: string[]) => {
			const settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", `init.defaultBranch=${branch}`];
			const { status, stderr } = spawnSync("git", [...settings, ...parameters], { cwd: join(this.home, path) });
			if (status !== 0) throw new Error(stderr.toString());
		};
		mkdirSync(join(this.home, path), { recursive: true });
		git("init");
		git("commit", "--allow-empty", "-m", "all of it");
		if (tag) git("tag", "-a", tag, "-m", tag);
	}
}

function is(t: ExecutionContext, check: Check, state: Check["state"], detail: RegExp, fix?: RegExp): void {
	t.is(check.state, state, check.detail);
	t.regex(check.detail, detail);
	if (fix === undefined) t.is(check.fix, undefined);
	else t.regex(check.fix ?? "", fix);
}

test("Node: as package.json wants it, or too old", (t) => {
	is(t, checkNode("20.19.0"), "ok", /^20\.19\.0$/);
	is(t, checkNode("22.3.1"), "ok", /^22/);
	is(t, checkNode("20.9.1"), "missing", /20\.9\.1 is too old; 20\.19 or later is required/, /nodejs\.org/);
	is(t, checkNode(), "ok", /./);
});

test("the XS engine: built, or unpacked without a build", async (t) => {
	is(t, await checkXsEngine(), "ok", /built/);
	const { home } = new Computer(t);
	is(t, await checkXsEngine(home), "missing", /not built/, /^npm rebuild @agoric\/xsnap$/);
	is(
		t,
		await checkXsEngine(home, "/home/a/my lamp"),
		"missing",
		/not built/,
		/whose path has no space\. \/home\/a\/my lamp has/,
	);
});

test("a C compiler and make: both, one, none; by the installer that the computer has", (t) => {
	const computer = new Computer(t);
	is(
		t,
		checkCompiler(computer),
		"missing",
		/a C compiler and make not found on the PATH/,
		/^sudo apt install build-essential$/,
	);
	computer.program("bin/dnf", "");
	is(t, checkCompiler(computer), "missing", /C compiler/, /^sudo dnf install gcc make$/);
	computer.program("bin/gcc", "");
	is(t, checkCompiler(computer), "missing", /^make not found on the PATH$/, /dnf/);
	computer.program("bin/make", "");
	is(t, checkCompiler(computer), "ok", /gcc, make/);
	is(t, checkCompiler(new Computer(t, "darwin")), "missing", /C compiler/, /^xcode-select --install$/);
});

test("a display: Xvfb, one's own, none; the simulator is for Linux", (t) => {
	const computer = new Computer(t);
	is(t, checkDisplay(computer), "missing", /neither Xvfb nor/, /^sudo apt install xvfb$/);
	computer.environment.DISPLAY = ":7";
	is(t, checkDisplay(computer), "warning", /only your own \(:7\), for dynreg sim --window/, /xvfb/);
	computer.program("bin/Xvfb", "");
	is(t, checkDisplay(computer), "ok", /Xvfb/);
	is(t, checkDisplay(new Computer(t, "darwin")), "missing", /Linux only/, /mcconfig -d -m -p sim/);
});

test("TypeScript on the PATH: none, an old one, 7", (t) => {
	const computer = new Computer(t);
	const fix = /^npm install --global typescript@7$/;
	is(t, checkTypescript(computer), "warning", /not on the PATH/, fix);
	computer.program("bin/tsc", "Version 5.9.2");
	is(t, checkTypescript(computer), "warning", /Version 5\.9\.2 .* needs 7/, fix);
	computer.program("bin/tsc", "Version 7.0.2");
	is(t, checkTypescript(computer), "ok", /7\.0\.2/);
});

test("an SDK that cannot be read is a check like others, and not the end of the doctor", (t) => {
	const computer = new Computer(t);
	const loop = join(computer.home, "loop");
	symlinkSync(loop, loop);
	computer.environment.MODDABLE = loop;
	is(t, checkSdk(computer), "missing", /loop cannot be read: too many symbolic links/, /read access to .*loop/);
	t.is(checkSdkTools(computer).state, "missing");
	t.is(expectedEspIdf(computer), "v6.0");
});

test("the SDK: missing, wrong MODDABLE, another version, the tested version", (t) => {
	const computer = new Computer(t);
	const setUp = /xs-dev setup$/;
	is(t, checkSdk(computer), "missing", /MODDABLE is not set.*no SDK at .*\.local\/share\/moddable/, setUp);
	computer.environment.MODDABLE = join(computer.home, "elsewhere");
	is(t, checkSdk(computer), "missing", /^MODDABLE is .*elsewhere, but/, setUp);
	computer.file("elsewhere/modules/readme");
	is(t, checkSdk(computer), "warning", /unknown version/, /checkout 8\.2\.3/);
	computer.file("elsewhere/tools/VERSION", "6.7.0\n");
	is(t, checkSdk(computer), "warning", /^6\.7\.0 at .*; dynreg is tested with 8\.2\.3$/, /fetch --tags/);
	computer.file("elsewhere/tools/VERSION", "8.2.3\n");
	is(t, checkSdk(computer), "ok", /^8\.2\.3 at /);
});

test("the SDK's tools: no SDK, not built, one lacking, all; on macOS elsewhere", (t) => {
	const computer = new Computer(t);
	is(t, checkSdkTools(computer), "missing", /mcconfig, xsc, xsl, mcsim not in/, /xs-dev setup$/);
	computer.file(".local/share/moddable/modules/readme");
	is(t, checkSdkTools(computer), "missing", /mcconfig/, /moddable\/build\/makefiles\/lin && make$/);
	const tools = ".local/share/moddable/build/bin/lin/release";
	for (const name of ["mcconfig", "xsc", "xsl"]) computer.program(`${tools}/${name}`);
	is(t, checkSdkTools(computer), "missing", /^mcsim not in/, /make$/);
	computer.program(`${tools}/mcsim`);
	is(t, checkSdkTools(computer), "ok", /mcconfig, xsc, xsl, mcsim/);

	const mac = new Computer(t, "darwin");
	for (const name of ["mcconfig", "xsc", "xsl"]) mac.program(`.local/share/moddable/build/bin/mac/release/${name}`);
	is(t, checkSdkTools(mac), "ok", /mcconfig, xsc, xsl$/);
});

test("ESP-IDF: not set, empty, another release, without a version, correct", (t) => {
	const computer = new Computer(t);
	computer.real("git");
	is(t, checkEspIdf(computer), "missing", /^IDF_PATH is not set$/, /^xs-dev setup --device esp32$/);
	mkdirSync(join(computer.home, ".local/share/esp32/esp-idf"), { recursive: true });
	is(t, checkEspIdf(computer), "missing", /found at .*esp32\/esp-idf, but IDF_PATH is not set/, /^export IDF_PATH=\//);

	computer.environment.IDF_PATH = join(computer.home, "idf");
	is(t, checkEspIdf(computer), "missing", /which has no export\.sh/, /xs-dev/);
	computer.file("idf/export.sh");
	is(t, checkEspIdf(computer), "missing", /has no version; expected a git clone/, /xs-dev/);
	computer.repository("idf", "v5.5.1");
	is(
		t,
		checkEspIdf(computer),
		"missing",
		/^v5\.5\.1 at .*; the SDK requires v6\.0$/,
		/git checkout v6\.0 .*install\.sh esp32$/,
	);
	computer.repository("idf", "v6.0.2");
	is(t, checkEspIdf(computer), "ok", /^v6\.0\.2 at /);
	computer.file(".local/share/moddable/build/devices/esp32/manifest.json", '{"build": {"EXPECTED_ESP_IDF": "v6.1"}}');
	is(t, checkEspIdf(computer), "missing", /requires v6\.1/, /checkout v6\.1/);

	const untagged = new Computer(t);
	untagged.real("git");
	untagged.environment.IDF_PATH = join(untagged.home, "idf");
	untagged.file("idf/export.sh");
	untagged.repository("idf", "");
	is(t, checkEspIdf(untagged), "missing", /^[0-9a-f]{7,} at /, /fetch --tags/);
});

test("ESP-IDF's tools: none, some, all, and where IDF_TOOLS_PATH says", (t) => {
	const computer = new Computer(t);
	is(t, checkEspIdfTools(computer), "missing", /xtensa-esp-elf and python_env not in .*\.espressif/, /xs-dev/);
	computer.environment.IDF_PATH = "/idf";
	computer.file(".espressif/python_env/readme");
	is(t, checkEspIdfTools(computer), "missing", /^tools\/xtensa-esp-elf not in/, /^\/idf\/install\.sh esp32$/);
	computer.file(".espressif/tools/xtensa-esp-elf/readme");
	is(t, checkEspIdfTools(computer), "ok", /\.espressif$/);
	computer.environment.IDF_TOOLS_PATH = join(computer.home, "tools");
	is(t, checkEspIdfTools(computer), "missing", /not in .*\/tools$/, /install/);
});

test("CMake and Ninja: none, one of the system's and one of ESP-IDF's own", (t) => {
	const computer = new Computer(t);
	is(t, checkCmake(computer), "missing", /cmake and ninja/, /^sudo apt install cmake ninja-build$/);
	computer.program("bin/brew", "");
	is(t, checkCmake(computer), "missing", /cmake/, /^brew install cmake ninja$/);
	computer.program("bin/cmake", "");
	is(t, checkCmake(computer), "missing", /^ninja not on/, /ninja/);
	computer.file(".espressif/tools/ninja/readme");
	is(t, checkCmake(computer), "ok", /cmake, ninja/);
});

test("Python: none, python3 only, one that does not run, 2.7, 3.8, 3.12", (t) => {
	const computer = new Computer(t);
	is(t, checkPython(computer), "missing", /^python is not on the PATH$/, /^sudo apt install python-is-python3/);
	computer.program("bin/python3", "Python 3.12.1");
	is(t, checkPython(computer), "missing", /only python3 is$/, /python-is-python3/);
	computer.program("bin/python");
	is(t, checkPython(computer), "missing", /python is not on the PATH/, /python-is-python3/);
	computer.program("bin/python", "Python 2.7.18");
	is(t, checkPython(computer), "missing", /2\.7\.18 is too old/, /./);
	computer.program("bin/python", "Python 3.8.1");
	is(t, checkPython(computer), "missing", /3\.8\.1 is too old/, /./);
	computer.program("bin/python", "Python 3.12.1");
	is(t, checkPython(computer), "ok", /^Python 3\.12\.1$/);
});

test("pyserial: python without it, and with it", (t) => {
	const computer = new Computer(t);
	is(t, checkPyserial(computer), "missing", /module serial is missing/, /python3-serial/);
	computer.program("bin/python");
	is(t, checkPyserial(computer), "missing", /module serial is missing/, /python3-serial/);
	computer.program("bin/python", "");
	is(t, checkPyserial(computer), "ok", /^installed$/);
});

test("ESP8266 tools: none, some, all, in ESP_BASE, from xs-dev, wrong branch", (t) => {
	const computer = new Computer(t);
	computer.real("git");
	const states = () => checkEsp8266Tools(computer).map(({ id, state }) => `${id} ${state}`);
	for (const part of checkEsp8266Tools(computer))
		is(t, part, "missing", /not found at .*\/esp\//, /^xs-dev setup --device esp8266$/);

	computer.file(".local/share/esp/readme");
	for (const part of checkEsp8266Tools(computer))
		is(t, part, "missing", /found at .*, but ESP_BASE is not set/, /^export ESP_BASE=/);

	computer.program("esp/toolchain/Linux/xtensa-lx106-elf/bin/xtensa-lx106-elf-gcc", "");
	t.deepEqual(states(), ["esp8266-toolchain ok", "esp8266-arduino missing", "esp8266-rtos-sdk missing"]);
	const [, arduino, rtos] = checkEsp8266Tools(computer) as [Check, Check, Check];
	t.regex(arduino.fix ?? "", /curl -LO .*esp8266-2\.3\.0\.zip && unzip/);
	t.regex(rtos.fix ?? "", /^git clone -b release\/v3\.2 /);

	computer.file("esp/esp8266-2.3.0/cores/esp8266/readme");
	computer.file("esp/ESP8266_RTOS_SDK/components/readme");
	t.deepEqual(states(), ["esp8266-toolchain ok", "esp8266-arduino ok", "esp8266-rtos-sdk ok"]);
	computer.repository("esp/ESP8266_RTOS_SDK", "", "main");
	is(
		t,
		checkEsp8266Tools(computer)[2] as Check,
		"warning",
		/^main at .* requires release\/v3\.2$/,
		/checkout release\/v3\.2$/,
	);

	computer.environment.ESP_BASE = join(computer.home, "nowhere");
	for (const part of checkEsp8266Tools(computer)) is(t, part, "missing", /nowhere/, /xs-dev/);

	const mac = new Computer(t, "darwin");
	mac.program("esp/toolchain/Darwin/xtensa-lx106-elf/bin/xtensa-lx106-elf-gcc", "");
	is(t, checkEsp8266Tools(mac)[0] as Check, "ok", /Darwin/);
});

test("serial ports: no folder, none, some, UPLOAD_PORT present or not, macOS", (t) => {
	const computer = new Computer(t);
	is(t, checkSerialPorts(computer), "warning", /no board is connected/, /cable that carries data/);
	computer.file("dev/ttyS0");
	is(t, checkSerialPorts(computer), "warning", /no board/, /./);
	computer.file("dev/ttyACM1");
	computer.file("dev/ttyUSB0");
	is(t, checkSerialPorts(computer), "ok", /\/ttyACM1, .*\/ttyUSB0$/);
	computer.environment.UPLOAD_PORT = join(computer.devicesFolder, "ttyUSB0");
	is(t, checkSerialPorts(computer), "ok", /ttyUSB0/);
	computer.environment.UPLOAD_PORT = join(computer.devicesFolder, "ttyUSB3");
	is(
		t,
		checkSerialPorts(computer),
		"warning",
		/UPLOAD_PORT is .*ttyUSB3, but the ports are: .*ttyUSB0/,
		/set UPLOAD_PORT/,
	);

	const mac = new Computer(t, "darwin");
	mac.file("dev/cu.Bluetooth-Incoming-Port");
	is(t, checkSerialPorts(mac), "warning", /no board/, /./);
	mac.file("dev/cu.usbserial-0001");
	is(t, checkSerialPorts(mac), "ok", /cu\.usbserial-0001$/);
});

test("a serial port that this user may not open: the group that may is named", async (t) => {
	const computer = new Computer(t);
	chmodSync(computer.home, 0o755);
	const port = computer.file("dev/ttyUSB0");
	// Another user may not be able to read the project.
	const module = join(computer.home, "serial.mjs");
	const entry = fileURLToPath(new URL("../../../cli/build/doctor/serial.js", import.meta.url));
	await build({
		entryPoints: [entry],
		outfile: module,
		bundle: true,
		format: "esm",
		platform: "node",
		tsconfigRaw: {},
	});
	/** As another user than root, who may do everything. */
	const asNobody = (): Check => {
		const program = `import { checkSerialPorts } from ${JSON.stringify(module)};
			console.log(JSON.stringify(checkSerialPorts(${JSON.stringify({ ...computer, environment: {} })})));`;
		const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
			...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
			env: {},
			encoding: "utf8",
		});
		return JSON.parse(stdout || `{"detail": ${JSON.stringify(stderr)}}`) as Check;
	};
	chmodSync(port, 0o000);
	is(t, asNobody(), "missing", /no permission to open .*ttyUSB0/, /^sudo chmod a\+rw .*ttyUSB0$/);
	if (process.getuid?.() !== 0) return;
	const dialout = readFileSync("/etc/group", "utf8").match(/^dialout:[^:]*:(\d+):/m)?.[1];
	if (dialout === undefined) return;
	spawnSync("chgrp", [dialout, port]);
	chmodSync(port, 0o660);
	is(
		t,
		asNobody(),
		"missing",
		/no permission to open/,
		/^sudo usermod -a -G dialout \$USER, then log out and in again$/,
	);
});

test("a purpose is ready if nothing it needs is missing; warnings do not count", (t) => {
	const check = (state: Check["state"], ...whose: Check["for"]): Check => ({
		id: "",
		title: "",
		detail: "",
		state,
		for: whose,
	});
	t.true(isReady("try", []));
	t.true(isReady("try", [check("warning", "try"), check("missing", "esp32")]));
	t.false(isReady("esp32", [check("ok", "esp32"), check("missing", "sim", "esp32")]));
});
