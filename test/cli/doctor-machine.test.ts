/** Every check of `dynreg doctor` about a computer, with every outcome: folders and programs made for the purpose. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Check, isReady } from "@dynreg/cli/internal/doctor/check";
import { compiler, display, engine, node, typescript } from "@dynreg/cli/internal/doctor/desktop";
import { cmake, idf, idfTools, pyserial, python } from "@dynreg/cli/internal/doctor/esp32";
import { esp8266Parts } from "@dynreg/cli/internal/doctor/esp8266";
import type { Machine } from "@dynreg/cli/internal/doctor/machine";
import { sdk, sdkTools } from "@dynreg/cli/internal/doctor/sdk";
import { serialPorts } from "@dynreg/cli/internal/doctor/serial";
import test, { type ExecutionContext } from "ava";

/** A computer in a folder: nothing is on it but what a test puts there. */
class Computer implements Machine {
	readonly platform: NodeJS.Platform;
	readonly home: string;
	readonly devices: string;
	readonly environment: NodeJS.ProcessEnv;

	constructor(t: ExecutionContext, platform: NodeJS.Platform = "linux") {
		this.platform = platform;
		this.home = mkdtempSync(join(tmpdir(), "dynreg-computer-"));
		t.teardown(() => rmSync(this.home, { recursive: true, force: true }));
		this.devices = join(this.home, "dev");
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

function is(t: ExecutionContext, check: Check, state: Check["state"], detail: RegExp, mend?: RegExp): void {
	t.is(check.state, state, check.detail);
	t.regex(check.detail, detail);
	if (mend === undefined) t.is(check.mend, undefined);
	else t.regex(check.mend ?? "", mend);
}

test("Node: as package.json wants it, or too old", (t) => {
	is(t, node("20.19.0"), "ok", /^20\.19\.0$/);
	is(t, node("22.3.1"), "ok", /^22/);
	is(t, node("20.9.1"), "missing", /20\.9\.1 is too old: it takes 20\.19/, /nodejs\.org/);
	is(t, node(), "ok", /./);
});

test("the engine that virtual boards run on: built where the tests run, not where its package was only unpacked", async (t) => {
	is(t, await engine(), "ok", /built/);
	is(t, await engine(new Computer(t).home), "missing", /not been built/, /^npm rebuild @agoric\/xsnap$/);
});

test("a C compiler and make: both, one, none; by the installer that the computer has", (t) => {
	const computer = new Computer(t);
	is(
		t,
		compiler(computer),
		"missing",
		/no a C compiler and make|no .*C compiler and make/,
		/^sudo apt install build-essential$/,
	);
	computer.program("bin/dnf", "");
	is(t, compiler(computer), "missing", /C compiler/, /^sudo dnf install gcc make$/);
	computer.program("bin/gcc", "");
	is(t, compiler(computer), "missing", /^there is no make on the PATH$/, /dnf/);
	computer.program("bin/make", "");
	is(t, compiler(computer), "ok", /gcc, make/);
	is(t, compiler(new Computer(t, "darwin")), "missing", /C compiler/, /^xcode-select --install$/);
});

test("a display: Xvfb, one's own, none; the simulator is for Linux", (t) => {
	const computer = new Computer(t);
	is(t, display(computer), "missing", /neither Xvfb nor/, /^sudo apt install xvfb$/);
	computer.environment.DISPLAY = ":7";
	is(t, display(computer), "warning", /your own \(:7\), with dynreg sim --window only/, /xvfb/);
	computer.program("bin/Xvfb", "");
	is(t, display(computer), "ok", /Xvfb/);
	is(t, display(new Computer(t, "darwin")), "missing", /Linux only/, /mcconfig -d -m -p sim/);
});

test("TypeScript on the PATH: none, an old one, 7", (t) => {
	const computer = new Computer(t);
	const mend = /^npm install --global typescript@7$/;
	is(t, typescript(computer), "warning", /not on the PATH/, mend);
	computer.program("bin/tsc", "Version 5.9.2");
	is(t, typescript(computer), "warning", /Version 5\.9\.2 .* needs 7/, mend);
	computer.program("bin/tsc", "Version 7.0.2");
	is(t, typescript(computer), "ok", /7\.0\.2/);
});

test("the SDK: nowhere, at a wrong MODDABLE, of another version, the one that is tested", (t) => {
	const computer = new Computer(t);
	const setUp = /xs-dev setup$/;
	is(t, sdk(computer), "missing", /MODDABLE is not set.*no SDK at .*\.local\/share\/moddable/, setUp);
	computer.environment.MODDABLE = join(computer.home, "elsewhere");
	is(t, sdk(computer), "missing", /^MODDABLE is .*elsewhere, and/, setUp);
	computer.file("elsewhere/modules/readme");
	is(t, sdk(computer), "warning", /unknown version/, /checkout 8\.2\.3/);
	computer.file("elsewhere/tools/VERSION", "6.7.0\n");
	is(t, sdk(computer), "warning", /^6\.7\.0 at .*; dynreg is tested with 8\.2\.3$/, /fetch --tags/);
	computer.file("elsewhere/tools/VERSION", "8.2.3\n");
	is(t, sdk(computer), "ok", /^8\.2\.3 at /);
});

test("the SDK's tools: no SDK, not built, one lacking, all; on macOS elsewhere", (t) => {
	const computer = new Computer(t);
	is(t, sdkTools(computer), "missing", /mcconfig, xsc, xsl, mcsim not in/, /xs-dev setup$/);
	computer.file(".local/share/moddable/modules/readme");
	is(t, sdkTools(computer), "missing", /mcconfig/, /moddable\/build\/makefiles\/lin && make$/);
	const tools = ".local/share/moddable/build/bin/lin/release";
	for (const name of ["mcconfig", "xsc", "xsl"]) computer.program(`${tools}/${name}`);
	is(t, sdkTools(computer), "missing", /^mcsim not in/, /make$/);
	computer.program(`${tools}/mcsim`);
	is(t, sdkTools(computer), "ok", /mcconfig, xsc, xsl, mcsim/);

	const mac = new Computer(t, "darwin");
	for (const name of ["mcconfig", "xsc", "xsl"]) mac.program(`.local/share/moddable/build/bin/mac/release/${name}`);
	is(t, sdkTools(mac), "ok", /mcconfig, xsc, xsl$/);
});

test("ESP-IDF: not set, set to nothing, of another release, without a version, right; as the SDK's manifest wants it", (t) => {
	const computer = new Computer(t);
	computer.real("git");
	is(t, idf(computer), "missing", /^IDF_PATH is not set$/, /^xs-dev setup --device esp32$/);
	mkdirSync(join(computer.home, ".local/share/esp32/esp-idf"), { recursive: true });
	is(t, idf(computer), "missing", /it is at .*esp32\/esp-idf, but IDF_PATH is not set/, /^export IDF_PATH=\//);

	computer.environment.IDF_PATH = join(computer.home, "idf");
	is(t, idf(computer), "missing", /there is no export\.sh/, /xs-dev/);
	computer.file("idf/export.sh");
	is(t, idf(computer), "missing", /does not say its version/, /xs-dev/);
	computer.repository("idf", "v5.5.1");
	is(
		t,
		idf(computer),
		"missing",
		/^v5\.5\.1 at .*; the SDK builds with v6\.0 only$/,
		/git checkout v6\.0 .*install\.sh esp32$/,
	);
	computer.repository("idf", "v6.0.2");
	is(t, idf(computer), "ok", /^v6\.0\.2 at /);
	computer.file(".local/share/moddable/build/devices/esp32/manifest.json", '{"build": {"EXPECTED_ESP_IDF": "v6.1"}}');
	is(t, idf(computer), "missing", /builds with v6\.1 only/, /checkout v6\.1/);

	const untagged = new Computer(t);
	untagged.real("git");
	untagged.environment.IDF_PATH = join(untagged.home, "idf");
	untagged.file("idf/export.sh");
	untagged.repository("idf", "");
	is(t, idf(untagged), "missing", /^[0-9a-f]{7,} at /, /fetch --tags/);
});

test("ESP-IDF's tools: none, some, all, and where IDF_TOOLS_PATH says", (t) => {
	const computer = new Computer(t);
	is(t, idfTools(computer), "missing", /xtensa-esp-elf and python_env not in .*\.espressif/, /xs-dev/);
	computer.environment.IDF_PATH = "/idf";
	computer.file(".espressif/python_env/readme");
	is(t, idfTools(computer), "missing", /^tools\/xtensa-esp-elf not in/, /^\/idf\/install\.sh esp32$/);
	computer.file(".espressif/tools/xtensa-esp-elf/readme");
	is(t, idfTools(computer), "ok", /\.espressif$/);
	computer.environment.IDF_TOOLS_PATH = join(computer.home, "tools");
	is(t, idfTools(computer), "missing", /not in .*\/tools$/, /install/);
});

test("CMake and Ninja: none, one of the system's and one of ESP-IDF's own", (t) => {
	const computer = new Computer(t);
	is(t, cmake(computer), "missing", /cmake and ninja/, /^sudo apt install cmake ninja-build$/);
	computer.program("bin/brew", "");
	is(t, cmake(computer), "missing", /cmake/, /^brew install cmake ninja$/);
	computer.program("bin/cmake", "");
	is(t, cmake(computer), "missing", /^ninja not on/, /ninja/);
	computer.file(".espressif/tools/ninja/readme");
	is(t, cmake(computer), "ok", /cmake, ninja/);
});

test("Python: none, python3 only, one that does not run, 2.7, 3.8, 3.12", (t) => {
	const computer = new Computer(t);
	is(t, python(computer), "missing", /no python on the PATH$/, /^sudo apt install python-is-python3/);
	computer.program("bin/python3", "Python 3.12.1");
	is(t, python(computer), "missing", /only python3$/, /python-is-python3/);
	computer.program("bin/python");
	is(t, python(computer), "missing", /no python/, /python-is-python3/);
	computer.program("bin/python", "Python 2.7.18");
	is(t, python(computer), "missing", /2\.7\.18 is too old/, /./);
	computer.program("bin/python", "Python 3.8.1");
	is(t, python(computer), "missing", /3\.8\.1 is too old/, /./);
	computer.program("bin/python", "Python 3.12.1");
	is(t, python(computer), "ok", /^Python 3\.12\.1$/);
});

test("pyserial: python without it, and with it", (t) => {
	const computer = new Computer(t);
	is(t, pyserial(computer), "missing", /no module serial/, /python3-serial/);
	computer.program("bin/python");
	is(t, pyserial(computer), "missing", /no module serial/, /python3-serial/);
	computer.program("bin/python", "");
	is(t, pyserial(computer), "ok", /has it/);
});

test("what an ESP8266 takes: nothing, some of it, all, in ESP_BASE, where xs-dev puts it, the wrong branch", (t) => {
	const computer = new Computer(t);
	computer.real("git");
	const states = () => esp8266Parts(computer).map(({ id, state }) => `${id} ${state}`);
	for (const part of esp8266Parts(computer))
		is(t, part, "missing", /not at .*\/esp\//, /^xs-dev setup --device esp8266$/);

	computer.file(".local/share/esp/readme");
	for (const part of esp8266Parts(computer))
		is(t, part, "missing", /ESP_BASE is not set; there is/, /^export ESP_BASE=/);

	computer.program("esp/toolchain/Linux/xtensa-lx106-elf/bin/xtensa-lx106-elf-gcc", "");
	t.deepEqual(states(), ["esp8266-toolchain ok", "esp8266-arduino missing", "esp8266-rtos-sdk missing"]);
	const [, arduino, rtos] = esp8266Parts(computer) as [Check, Check, Check];
	t.regex(arduino.mend ?? "", /curl -LO .*esp8266-2\.3\.0\.zip && unzip/);
	t.regex(rtos.mend ?? "", /^git clone -b release\/v3\.2 /);

	computer.file("esp/esp8266-2.3.0/cores/esp8266/readme");
	computer.file("esp/ESP8266_RTOS_SDK/components/readme");
	t.deepEqual(states(), ["esp8266-toolchain ok", "esp8266-arduino ok", "esp8266-rtos-sdk ok"]);
	computer.repository("esp/ESP8266_RTOS_SDK", "", "main");
	is(t, esp8266Parts(computer)[2] as Check, "warning", /^main at .* release\/v3\.2$/, /checkout release\/v3\.2$/);

	computer.environment.ESP_BASE = join(computer.home, "nowhere");
	for (const part of esp8266Parts(computer)) is(t, part, "missing", /nowhere/, /xs-dev/);

	const mac = new Computer(t, "darwin");
	mac.program("esp/toolchain/Darwin/xtensa-lx106-elf/bin/xtensa-lx106-elf-gcc", "");
	is(t, esp8266Parts(mac)[0] as Check, "ok", /Darwin/);
});

test("serial ports: no folder, none, some, UPLOAD_PORT that is there and that is not; of macOS", (t) => {
	const computer = new Computer(t);
	is(t, serialPorts(computer), "warning", /no board is connected/, /cable that carries data/);
	computer.file("dev/ttyS0");
	is(t, serialPorts(computer), "warning", /no board/, /./);
	computer.file("dev/ttyACM1");
	computer.file("dev/ttyUSB0");
	is(t, serialPorts(computer), "ok", /\/ttyACM1, .*\/ttyUSB0$/);
	computer.environment.UPLOAD_PORT = join(computer.devices, "ttyUSB0");
	is(t, serialPorts(computer), "ok", /ttyUSB0/);
	computer.environment.UPLOAD_PORT = join(computer.devices, "ttyUSB3");
	is(
		t,
		serialPorts(computer),
		"warning",
		/UPLOAD_PORT is .*ttyUSB3, which is not there \(.*ttyUSB0\)/,
		/set UPLOAD_PORT/,
	);

	const mac = new Computer(t, "darwin");
	mac.file("dev/cu.Bluetooth-Incoming-Port");
	is(t, serialPorts(mac), "warning", /no board/, /./);
	mac.file("dev/cu.usbserial-0001");
	is(t, serialPorts(mac), "ok", /cu\.usbserial-0001$/);
});

test("a serial port that this user may not open: the group that may is named", (t) => {
	const computer = new Computer(t);
	chmodSync(computer.home, 0o755);
	const port = computer.file("dev/ttyUSB0");
	const module = fileURLToPath(new URL("../../../cli/build/doctor/serial.js", import.meta.url));
	/** As somebody who is not root, who may do everything. */
	const asNobody = (): Check => {
		const program = `import { serialPorts } from ${JSON.stringify(module)};
			console.log(JSON.stringify(serialPorts(${JSON.stringify({ ...computer, environment: {} })})));`;
		const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
			...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
			env: {},
			encoding: "utf8",
		});
		return JSON.parse(stdout || `{"detail": ${JSON.stringify(stderr)}}`) as Check;
	};
	chmodSync(port, 0o000);
	is(t, asNobody(), "missing", /ttyUSB0: this user may not open it/, /^sudo chmod a\+rw .*ttyUSB0$/);
	if (process.getuid?.() !== 0) return;
	const dialout = readFileSync("/etc/group", "utf8").match(/^dialout:[^:]*:(\d+):/m)?.[1];
	if (dialout === undefined) return;
	spawnSync("chgrp", [dialout, port]);
	chmodSync(port, 0o660);
	is(t, asNobody(), "missing", /may not open it/, /^sudo usermod -a -G dialout \$USER, then log out and in again$/);
});

test("one is ready for something when nothing that it takes is missing; warnings are no hindrance", (t) => {
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
