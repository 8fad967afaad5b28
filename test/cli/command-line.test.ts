/** How commands are defined: what follows from a definition, and that help loads no more than it needs. */

import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { commandCatalogue } from "@dynreg/cli/internal/catalogue";
import { defineCommand } from "@dynreg/cli/internal/command-line/command";
import { execute } from "@dynreg/cli/internal/command-line/execute";
import {
	choiceOption,
	customOption,
	dateOption,
	flagOption,
	listOption,
	numberOption,
	renamedOption,
	textOption,
} from "@dynreg/cli/internal/command-line/option";
import { UsageError } from "@dynreg/cli/internal/command-line/usage-error";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test, { type ExecutionContext } from "ava";
import { dynreg, dynregIn, program } from "./dynreg.js";

/** A command with an option of each kind, and what it was run with. */
function example() {
	const runs: { values: Readonly<Record<string, unknown>>; given: readonly string[] }[] = [];
	const command = defineCommand({
		argument: { folder: textOption("folder", "a folder", { otherwise: "this folder" }) },
		options: {
			config: textOption("FILE", "a file", { required: "the name of a file" }),
			host: choiceOption("HOST", ["xs", "node"], "a host", { default: "xs" }),
			port: numberOption("N", 1, 100, "a port", { default: 50, shown: "fifty" }),
			clock: dateOption("a date"),
			for: listOption(choiceOption("WHAT", ["a", "b"], "a purpose")),
			odd: customOption("N", "an odd number", (value, name): bigint => {
				const found = BigInt(value);
				if (found % 2n === 1n) return found;
				throw new UsageError(`${name} is even`);
			}),
			json: flagOption("print JSON"),
			"no-log": renamedOption("silent", flagOption("print no log")),
			timeout: renamedOption("patience", numberOption("S", 1, 9, "seconds", { default: 3 })),
		},
		notes: ["A paragraph.", "  a line as it is"],
		exitCodes: { 0: "well", 7: "badly" },
		validate({ json }, given) {
			if (json && given.has("clock")) throw new UsageError("--clock does not go with --json");
		},
		run(values, { given }) {
			// The compiler knows the types.
			const typed: { config: string; port: number; clock: number | undefined; json: boolean } = values;
			runs.push({ values: { ...values, ...typed }, given: [...given] });
			return 7;
		},
	});
	return { runs, run: (...args: string[]) => execute("dynreg example", "an example", command, args) };
}

test("values have the types of their options; defaults stand for what is not given", async (t) => {
	const { runs, run } = example();
	t.is(await run("--config", "a.json"), 7);
	const values = { host: "xs", port: 50, clock: undefined, for: [], odd: undefined, json: false };
	const defaults = { ...values, "no-log": false, timeout: 3 };
	t.deepEqual(runs.pop(), { values: { folder: undefined, config: "a.json", ...defaults }, given: ["config"] });

	const all = ["--config=a=b.json", "--host", "node", "--port", "7", "--clock", "1970-01-02", "--odd", "3", "--json"];
	await t.throwsAsync(run(...all), { instanceOf: UsageError, message: "--clock does not go with --json" });
	await run(...all.slice(0, -1), "--for", "b", "here", "--for", "a", "--no-log", "--host", "xs");
	const given = { config: "a=b.json", host: "xs", port: 7, clock: 86_400_000, for: ["b", "a"], odd: 3n, json: false };
	t.deepEqual(runs.pop()?.values, { folder: "here", ...given, "no-log": true, timeout: 3 });
});

for (const [args, message] of [
	[[], "--config is missing. Expected the name of a file."],
	[["--config"], /^Option '--config FILE' argument missing\. The options are --config --host .* --help\.$/],
	[["--config", "--host"], "--config needs a value, but --host is an option."],
	[["--config", "a", "--prot", "1"], /^Unknown option '--prot'\. Did you mean --port\? The options are --config /],
	[["--config", "a", "--host", "moon"], '--host is invalid: "moon". Expected xs or node.'],
	[["--config", "a", "--port", "0"], '--port is invalid: "0". Expected a whole number from 1 to 100.'],
	[["--config", "a", "--port", "1.5"], '--port is invalid: "1.5". Expected a whole number from 1 to 100.'],
	[["--config", "a", "--clock", "noon"], /^--clock is invalid: "noon"\. Expected a date in ISO 8601/],
	[["--config", "a", "--for", "a", "--for", "c"], '--for is invalid: "c". Expected a or b.'],
	[["--config", "a", "--odd", "2"], "--odd is even"],
	[["--config", "a", "--json=yes"], /^Unknown option '--json=yes'/],
	[["--config", "a", "one", "two"], "Expected one folder, but got one and two."],
] as const)
	test(`a wrong command line is one sentence, and nothing runs: ${args.join(" ")}`, async (t) => {
		const { runs, run } = example();
		await t.throwsAsync(run(...args), { instanceOf: UsageError, message });
		t.deepEqual(runs, []);
	});

test("an option's previous name is accepted, with a warning", async (t) => {
	const { runs, run } = example();
	await run("--config", "a", "--silent", "--patience", "7");
	t.like(runs.pop(), { values: { "no-log": true, timeout: 7 }, given: ["config", "no-log", "timeout"] });

	const { code, out, err } = await dynreg("test", "--list", "--planted").ended;
	t.is(code, 0);
	t.regex(out, /^self-test: passes$/m);
	t.is(err, "dynreg: --planted is deprecated and will be removed in the next version. Use --self-test.\n");
	t.false((await dynreg("test", "--help").ended).out.includes("--planted"));
});

test("a command without an argument takes none", async (t) => {
	const command = defineCommand({ options: {}, run: () => 0 });
	t.is(await execute("dynreg plain", "plain", command, []), 0);
	await t.throwsAsync(execute("dynreg plain", "plain", command, ["x"]), {
		message: "dynreg plain does not take the argument x. The options are --help.",
	});
});

test("--help of each command has its summary, all of its options, and its exit codes", async (t) => {
	for (const [name, { summary, load }] of Object.entries(commandCatalogue)) {
		const { command } = await load();
		const { code, out, err } = await dynreg(name, "--help").ended;
		t.is(code, 0, err);
		t.is(out.split("\n")[0]?.startsWith(`Usage: dynreg ${name}`), true, out);
		t.true(out.replaceAll(/\s+/g, " ").toLowerCase().includes(summary.toLowerCase()), name);
		for (const option of Object.keys(command.options)) t.regex(out, new RegExp(`^  --${option}\\b`, "m"));
		for (const code of Object.keys(command.exitCodes)) t.regex(out, new RegExp(`^  ${code} `, "m"));
		for (const line of out.split("\n").filter((each) => !each.startsWith("  ") || each.startsWith("  --")))
			if (!line.startsWith("Usage:") && !line.startsWith("       ")) t.true(line.length <= 80, line);
	}
});

test("dynreg without arguments lists all commands and exits with code 1", async (t) => {
	const [bare, help, names, options, one, wrong] = await Promise.all(
		[[], ["--help"], ["help", "--list"], ["help", "fleet", "--list"], ["help", "fleet"], ["help", "flee"]].map(
			(args) => dynreg(...args).ended,
		),
	);
	t.is(bare?.code, 1);
	t.is(help?.code, 0);
	t.is(bare?.out, help?.out);
	for (const [name, { summary }] of Object.entries(commandCatalogue))
		t.regex(help?.out.replaceAll(/\n {3,}/g, " ") ?? "", new RegExp(`^  ${name} +${summary}$`, "m"));
	t.deepEqual(names?.out.trim().split("\n"), Object.keys(commandCatalogue));
	const { command } = (await commandCatalogue.fleet?.load()) ?? {};
	t.deepEqual(options?.out.trim().split("\n"), [
		...Object.keys(command?.options ?? {}).map((name) => `--${name}`),
		"--help",
	]);
	t.true(one?.out.startsWith("Usage: dynreg fleet"));
	t.is(wrong?.code, 1);
	t.regex(wrong?.err ?? "", /no command "flee"\. The commands are demo,/);
});

test("--version prints the package's version", async (t) => {
	const { code, out, err } = await dynreg("--version").ended;
	t.is(code, 0, err);
	t.regex(out, /^\d+\.\d+\.\d+\n$/);
});

for (const line of ["--help", "explain", "fleet --help", "doctor --for try --json"])
	test(`dynreg ${line}: a reader that is gone is no error`, (t) => {
		const script = `{ "$0" "$1" ${line}; echo "code $?" >&2; } | true`;
		const { stderr } = spawnSync("sh", ["-c", script, process.execPath, program], { encoding: "utf8" });
		t.regex(stderr, /^code [01]\n$/);
	});

/** The modules that a command line loads, within this project and its packages. */
async function loaded(t: ExecutionContext, ...args: readonly string[]): Promise<readonly string[]> {
	const hooks = `export async function load(url, context, next) { process._rawDebug("loads " + url); return next(url, context); }`;
	const register = `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(hooks)}");`;
	const { err } = await dynregIn(
		{ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(register)}` },
		...args,
	).ended;
	const files = [...err.matchAll(/^loads (file:\S+)$/gm)].map(([, url = ""]) => relative(project, fileURLToPath(url)));
	t.true(files.length > 0, err);
	return files;
}

test("dynreg --help loads no command; a command's --help loads only its definition", async (t) => {
	const main = await loaded(t, "--help");
	t.deepEqual(
		main.filter(
			(file) =>
				!/^(cli\/build\/(dynreg|catalogue|(command-line|terminal)\/[\w-]+)\.js$|node_modules\/commander\/)/.test(file),
		),
		[],
	);
	for (const name of Object.keys(commandCatalogue)) {
		const files = await loaded(t, name, "--help");
		t.deepEqual(
			files.filter((file) => file.startsWith("cli/build/commands/")),
			[`cli/build/commands/${name}.js`],
		);
		t.deepEqual(
			files.filter(
				(file) =>
					!/^(cli\/build\/|node_modules\/commander\/|cloud\/build\/demo-board\.js$|build\/modules\/)/.test(file),
			),
			[],
			name,
		);
	}
});
