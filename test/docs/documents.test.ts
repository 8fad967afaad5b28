/**
 * That what the documents tell a reader to type works, word by word. A command is typed, or its block is marked with
 * what it needs that is not here; then it is only checked: its options must exist.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSdk, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test, { type ExecutionContext } from "ava";
import { dynreg, program } from "../cli/dynreg.js";
import { type CodeBlock, commands, sections } from "./document.js";
import { DocumentReader, freePorts } from "./reader.js";

/** What may stand in `<!-- … -->` before a block that is not typed. */
const markers = [
	"installs",
	"needs a board",
	"needs an account",
	"needs esp-idf",
	"needs the SDK",
	"in a clone",
	"takes minutes",
] as const;
const documentedPorts = ["8480", "8443", "8883", "8080", "1883"];

const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { scripts: object };

/** Blocks of README.md, which has no markers: commands that are not typed, and why. */
const notTyped: readonly (readonly [RegExp, string])[] = [
	[/^npm ci$/, "it installs what these tests run on"],
	[/^npm test$/, "these tests are in it"],
	[/^mcconfig /, "it needs a board's toolchain"],
];

test.serial("docs/start/getting-started.md: every command of every route", async (t) => {
	t.timeout(900_000);
	const home = await newHome(t);
	for (const { heading, blocks } of sections(read("docs/start/getting-started.md"))) {
		const reader = new DocumentReader(home, await freePorts(documentedPorts));
		try {
			for (const block of blocks) await follow(t, reader, block, "docs/start/getting-started.md");
			if (heading !== "In the simulator" || findSdk() === undefined) continue;
			// The board traces, and the cloud has got what it publishes.
			await new Promise((resolve) => setTimeout(resolve, 1000));
		} finally {
			const printed = await reader.leave();
			if (heading === "In the simulator" && findSdk() !== undefined) {
				t.regex(printed, /^\S+ trace +the lamp is on$/m);
				t.regex(printed, /accepted +mqtts +publish .*MYLAMP\/board-1.*event/);
			}
		}
	}
});

test.serial("README.md: every command that can be typed here", async (t) => {
	t.timeout(600_000);
	const home = await linkedHome(t);
	for (const { blocks } of sections(read("README.md"))) {
		const reader = new DocumentReader(home, await freePorts(documentedPorts));
		try {
			for (const block of blocks) {
				if (block.language === "json" && block.text.includes('"endpoints"')) await describeBoard(reader, home, block);
				await follow(t, reader, block, "README.md");
			}
		} finally {
			await reader.leave();
		}
	}
});

/** What this project's own scripts do, other tests show; here they must be there. */
const others = readdirSync(join(project, "docs"), { recursive: true, encoding: "utf8" }).filter(
	(name) => name.endsWith(".md") && !name.endsWith("getting-started.md") && /^```sh$/m.test(read(`docs/${name}`)),
);

for (const name of others)
	test.serial(`docs/${name}: every command is typed, or marked with why not`, async (t) => {
		t.timeout(600_000);
		const home = await linkedHome(t);
		const reader = new DocumentReader(home, await freePorts(documentedPorts));
		let count = 0;
		try {
			for (const { blocks } of sections(read(`docs/${name}`)))
				for (const block of blocks) {
					await follow(t, reader, block, `docs/${name}`);
					count += block.language === "sh" ? 1 : 0;
				}
		} finally {
			await reader.leave();
		}
		t.true(count > 0);
	});

for (const [what, text, complaint] of [
	["a command that is neither typed nor marked", "```sh\nmake-it-so\n```\n", /it:2: make-it-so: .*nor/],
	["a marker that means nothing", "<!-- needs luck -->\n```sh\nls\n```\n", /it:3: .*needs luck/],
	[
		"an option that is not there",
		"<!-- needs a board -->\n```sh\nnpx dynreg cloud --port-moon 1\n```\n",
		/--port-moon/,
	],
	["a command that is not there", "<!-- needs a board -->\n```sh\nnpx dynreg teleport\n```\n", /teleport/],
	[
		"a command that fails",
		"```sh\nnpx dynreg board --config nowhere.json --until online\n```\n",
		/code 1: .*cannot be read/s,
	],
	["a server that does not start", "```sh\nnpx dynreg cloud --host nowhere\n```\n", /has ended: .*IPv4 address/s],
] as const)
	test.serial(`${what} in a document is found`, async (t) => {
		t.timeout(120_000);
		const [section] = sections(text);
		const reader = new DocumentReader(await linkedHome(t), await freePorts(documentedPorts));
		const attempt = await t.try(async (inner) => {
			try {
				for (const block of section?.blocks ?? []) await follow(inner, reader, block, "it");
			} catch (error) {
				inner.fail((error as Error).message);
			} finally {
				await reader.leave();
			}
		});
		attempt.discard();
		t.false(attempt.passed);
		t.regex(attempt.errors.map(({ message }) => message).join("\n"), complaint);
	});

/** A folder beside which dynreg is. */
async function newHome(t: ExecutionContext): Promise<string> {
	const home = await realpath(await mkdtemp(join(tmpdir(), "dynreg-docs-")));
	t.teardown(() => rm(home, { recursive: true, force: true }));
	await symlink(project, join(home, "dynreg"));
	return home;
}

/** A folder in which `npx dynreg` is this project, as in its own: nothing is written there. */
async function linkedHome(t: ExecutionContext): Promise<string> {
	const home = await newHome(t);
	await mkdir(join(home, "node_modules", ".bin"), { recursive: true });
	await symlink(project, join(home, "node_modules", "dynreg"));
	await symlink(program, join(home, "node_modules", ".bin", "dynreg"));
	await writeFile(join(home, "package.json"), "{}");
	return home;
}

function read(path: string): string {
	return readFileSync(join(project, path), "utf8");
}

/** Where the README says that it is written to. */
async function describeBoard(reader: DocumentReader, home: string, { text }: CodeBlock): Promise<void> {
	await mkdir(join(home, ".dynreg"), { recursive: true });
	await writeFile(join(home, ".dynreg/board.json"), reader.here(text), { mode: 0o600 });
}

/** Types the commands of a block, or looks at them. */
async function follow(t: ExecutionContext, reader: DocumentReader, block: CodeBlock, document: string): Promise<void> {
	if (block.language !== "sh") return;
	const { marker } = block;
	const place = (command: string) => `${document}:${block.line}: ${command}`;
	if (marker !== undefined && !markers.some((each) => each === marker)) {
		t.fail(`${place(marker)}: there is no such marker; there is ${markers.join(", ")}`);
		return;
	}
	const isTyped = marker === undefined || (marker === "needs the SDK" && findSdk() !== undefined);
	for (const command of commands(block)) {
		const [, why] = notTyped.find(([pattern]) => pattern.test(command)) ?? [];
		if (!isTyped || why !== undefined) {
			t.log(`not typed, ${why ?? marker}: ${place(command)}`);
			await lookAt(t, reader, command, place(command));
		} else if (known(command)) await typeIt(t, reader, command, place(command));
		else t.fail(`${place(command)}: neither can it be typed here nor does a marker before the block say why not`);
	}
}

/** Commands that leave nothing behind outside of the folder. */
function known(command: string): boolean {
	return /^(npx dynreg|npm init --yes|npm install \.\.\/dynreg|npm start|mkdir|cd|cat >|cp|echo|printf|umask|curl -X \w+ localhost:)/.test(
		command,
	);
}

async function typeIt(t: ExecutionContext, reader: DocumentReader, command: string, place: string): Promise<void> {
	if (/^npm start\b/.test(command)) reader = new DocumentReader(project, new Map());
	const printed = await reader.type(command);
	if (printed === undefined) return;
	// The doctor's 1 is an answer.
	const isAnswer = /^npx dynreg doctor/.test(command) && printed.code === 1 && /^Not ready: /m.test(printed.text);
	t.true(printed.code === 0 || isAnswer, `${place}: code ${printed.code}: ${printed.text}`);
	t.notRegex(printed.text, /"error":/, place);
}

/** Whether the command is there with these options; where it can say what it would do, it has to. */
async function lookAt(t: ExecutionContext, reader: DocumentReader, command: string, place: string): Promise<void> {
	const [, script] = /(?:^| )npm run (\S+)/.exec(command) ?? [];
	if (script !== undefined) t.true(Object.hasOwn(scripts, script), `${place}: there is no script ${script}`);
	const [, file] = /^npx ava test\/build\/(\S+?)\.js$/.exec(command) ?? [];
	if (file !== undefined)
		t.true(file.includes("*") || existsSync(join(project, "test", `${file}.ts`)), `${place}: no ${file}`);
	const [, name] = /^npx dynreg (\S+)/.exec(command) ?? [];
	if (name === undefined) return;
	const help = await dynreg(name, "--help").ended;
	t.is(help.code, 0, `${place}: ${help.err}`);
	for (const [option] of command.matchAll(/--[a-z-]+/g)) t.true(help.out.includes(option), `${place}: ${option}`);
	if (!help.out.includes("--dry-run") || findSdk() === undefined) return;
	const dry = await reader.type(`${command} --dry-run`);
	t.is(dry?.code, 0, `${place}: ${dry?.text}`);
}
