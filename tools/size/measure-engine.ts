import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
	defaultBuildFolder,
	findSdk,
	missingSdkMessage,
	project,
	sdkVersion,
} from "@dynreg/cli/internal/sdk/moddable-sdk";

/**
 * Writes engine.txt: compiles the engine's sources for an ESP8266, with the flags of the SDK's makefile, each
 * function in a section of its own as there, and reads size and references of each from the object files. What is
 * reachable from what the SDK alone keeps in an image is left out.
 *
 * Needs Debian's `gcc-xtensa-lx106` and the headers of a C library for it (`picolibc-xtensa-lx106-elf`). The headers
 * of Arduino and lwIP are replaced by empty ones: the engine takes nothing from them but types.
 *
 * Usage: node build/tools/size/measure-engine.js [folder of the C library's headers]
 */

const compiler = "xtensa-lx106-elf-gcc";
const objdump = "xtensa-lx106-elf-objdump";
const headers = process.argv[2] ?? "/usr/lib/xtensa-lx106-elf/include";
/** The link of the SDK alone, which `npm run link` has made. */
const alone = join(defaultBuildFolder, "tmp", "esp", "release", "sdk-alone");

const flags =
	"-c -Os -w -fno-inline-functions -nostdlib -mlongcalls -mtext-section-literals -falign-functions=4 -std=gnu99 " +
	"-fdata-sections -ffunction-sections -fno-jump-tables -mforce-l32 -D__ets__ -DICACHE_FLASH -U__STRICT_ANSI__ " +
	"-DF_CPU=80000000L -DARDUINO=10605 -DARDUINO_ESP8266_ESP01 -DARDUINO_ARCH_ESP8266 -DESP8266 -DCONT_STACKSIZE=4608 " +
	"-DmxUseDefaultSharedChunks=1 -DmxNoConsole=1 -DkESP8266Version=23";

const standIns: Readonly<Record<string, string>> = {
	"Arduino.h": `#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <sys/time.h>
#include <time.h>
#define ICACHE_FLASH_ATTR __attribute__((section(".irom0.text")))
#define ICACHE_RAM_ATTR __attribute__((section(".text.ram")))
#define PROGMEM
#define pgm_read_byte(a) (*(const uint8_t*)(a))
`,
	"cont.h": "typedef struct { unsigned stack[1]; } cont_t;\n",
	"lwip/inet.h": '#include "Arduino.h"\n',
	"lwip/netdb.h": "",
	"mc.defines.h": "",
};

/** What compiles scripts: no chip has it. */
const compilerOfScripts = /^xs(Code|Lexical|Scope|Script|SourceMap|Syntaxical|Tree)\.c$/;

interface Section {
	readonly name: string;
	readonly bytes: number;
	readonly refersTo: Set<string>;
}

process.exitCode = main();

function main(): number {
	const sdk = findSdk();
	if (sdk === undefined) {
		process.stderr.write(`Cannot measure the engine. ${missingSdkMessage}\n`);
		return 1;
	}
	const folder = join(defaultBuildFolder, "engine");
	mkdirSync(join(folder, "lwip"), { recursive: true });
	for (const [name, text] of Object.entries(standIns)) writeFileSync(join(folder, name), text);
	const includes = ["xs/includes", "xs/sources", "xs/platforms/esp", "xs/platforms/mc", "build/devices/esp"]
		.concat(["modules/base/timer", "modules/base/instrumentation"])
		.flatMap((path) => ["-I", join(sdk.folder, path)]);
	const makefile = readFileSync(join(alone, "makefile"), "utf8");
	const sources = new Set([...makefile.matchAll(/\$\(LIB_DIR\)\/(xs\w+)\.c\.o/g)].map(([, name]) => `${name}.c`));
	const sections = new Map<string, Section>();
	for (const source of sources) {
		if (compilerOfScripts.test(source)) continue;
		const object = join(folder, `${source}.o`);
		const parameters = [...flags.split(" "), "-I", folder, "-I", headers, ...includes];
		execFileSync(compiler, [...parameters, join(sdk.folder, "xs/sources", source), "-o", object]);
		for (const section of read(object)) sections.set(section.name, section);
	}
	const ours = [...makefile.matchAll(/^\$\(TMP_DIR\)\/\S+\.c\.o: (\/\S+\.c)/gm)].map(([, path]) => path as string);
	const hosts = ["xsHost.c", "xsPlatform.c"].map((name) => join(sdk.folder, "xs/platforms/esp", name));
	const roots = called(
		sdk.folder,
		[...ours, ...hosts].filter((path) => existsSync(path)),
	);
	const kept = reachable(sections, [...roots, ...words(join(alone, "mc.xs.c"))]);
	const names = [
		...reachable(
			sections,
			[...sections.keys()].filter((name) => /^fx_?[A-Z]/.test(name)),
		),
	]
		.filter((name) => sections.has(name) && !kept.has(name))
		.sort();
	const index = new Map(names.map((name, at) => [name, at]));
	const rows = names.map((name) => {
		const { bytes, refersTo } = sections.get(name) as Section;
		const needs = [...refersTo]
			.map((each) => index.get(each))
			.filter((at) => at !== undefined && at !== index.get(name));
		return [name, bytes, ...needs.sort((one, other) => Number(one) - Number(other))].join(" ");
	});
	const version = execFileSync(compiler, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
	const file = join(project, "tools", "size", "engine.txt");
	const heading = [
		`Moddable SDK ${sdkVersion()}, ${version}. Written by measure-engine.ts, which says how it is measured.`,
		"A line each: an engine's function or constant, its bytes, the lines (from 0) of what it needs beside.",
	];
	writeFileSync(file, `${[...heading, ...rows].join("\n")}\n`);
	process.stdout.write(`${rows.length} functions and constants of the engine are in ${file}.\n`);
	return 0;
}

/** The sections of an object file, by the name of the function or constant in each. */
function read(object: string): Section[] {
	const ask = (what: string) => execFileSync(objdump, [what, object], { encoding: "utf8", maxBuffer: 1 << 28 });
	const file = basename(object, ".c.o");
	const named = new Map<string, string>();
	for (const [, flags = "", section = "", symbol = ""] of ask("-t").matchAll(
		/^[0-9a-f]{8} (.{7}) (\S+)\t[0-9a-f]+ (?:\.hidden )?(\S+)$/gm,
	))
		if (/[FO]$/.test(flags)) named.set(section, symbol);
	const nameOf = (section: string) => named.get(section) ?? `${file}${section}`;
	const symbols = new Map([...named].map(([section, symbol]) => [symbol, section]));
	const found = new Map<string, Section>();
	for (const [, section = "", size = ""] of ask("-h").matchAll(/^\s*\d+ (\S+)\s+([0-9a-f]{8}) /gm))
		if (!/^\.(comment|debug|xt\.|xtensa)/.test(section))
			found.set(section, { name: nameOf(section), bytes: Number.parseInt(size, 16), refersTo: new Set() });
	let current: Section | undefined;
	for (const line of ask("-r").split("\n")) {
		const heading = /^RELOCATION RECORDS FOR \[(.+)\]:/.exec(line)?.[1];
		if (heading !== undefined) current = found.get(heading);
		const target = /^[0-9a-f]{8} \S+\s+(\S+)/.exec(line)?.[1]?.replace(/[+-]0x[0-9a-f]+$/, "");
		if (target !== undefined) current?.refersTo.add(target.startsWith(".") ? nameOf(target) : target);
	}
	return [...found.values()].filter(({ name, bytes }) => bytes > 0 || symbols.has(name));
}

function reachable(sections: ReadonlyMap<string, Section>, roots: readonly string[]): Set<string> {
	const seen = new Set<string>();
	const queue = [...roots];
	for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
		const section = sections.get(name);
		if (section === undefined || seen.has(name)) continue;
		seen.add(name);
		queue.push(...section.refersTo);
	}
	return seen;
}

/** The engine's functions that C of the SDK's modules calls, through the macros of xs.h; not its parser, which no chip has. */
function called(sdk: string, files: readonly string[]): string[] {
	const macros = new Map<string, string>();
	for (const name of ["xs.h", "xsmc.h"]) {
		const text = readFileSync(join(sdk, "xs/includes", name), "utf8").replace(/\\\n/g, " ");
		for (const [, macro = "", meaning = ""] of text.matchAll(/^#define (\w+)(.*)$/gm))
			macros.set(macro, `${macros.get(macro) ?? ""} ${meaning}`);
	}
	const seen = new Set<string>();
	const queue = files.flatMap(words);
	for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
		if (seen.has(name)) continue;
		seen.add(name);
		queue.push(...(macros.get(name)?.match(/\b(?:xs|mx|fx)\w+/g) ?? []));
	}
	return [...seen].filter((name) => name.startsWith("fx") && !/Parser|FileEval|RunTest/.test(name));
}

function words(file: string): string[] {
	return readFileSync(file, "utf8").match(/\b(?:xs|mx|fx)\w+/g) ?? [];
}
