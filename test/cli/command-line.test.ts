/** How commands are defined: what follows from a definition, and that help loads no more than it needs. */

import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { catalogue } from "@dynreg/cli/internal/catalogue";
import { defineCommand } from "@dynreg/cli/internal/command-line/command";
import { execute } from "@dynreg/cli/internal/command-line/execute";
import { choice, date, flag, list, number, parsed, text } from "@dynreg/cli/internal/command-line/option";
import { UsageError } from "@dynreg/cli/internal/command-line/usage-error";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import test, { type ExecutionContext } from "ava";
import { dynreg, dynregIn, program } from "./dynreg.js";

/** A command with an option of each kind, and what it was run with. */
function example() {
	const runs: { values: Readonly<Record<string, unknown>>; given: readonly string[] }[] = [];
	const command = defineCommand({
		argument: { folder: text("folder", "a folder", { otherwise: "this folder" }) },
		options: {
			config: text("FILE", "a file", { required: "it names a file" }),
			host: choice("HOST", ["xs", "node"], "a host", { default: "xs" }),
			port: number("N", 1, 100, "a port", { default: 50, shown: "fifty" }),
			clock: date("a date"),
			for: list(choice("WHAT", ["a", "b"], "a purpose")),
			odd: parsed("N", "an odd number", (value, name): bigint => {
				const found = BigInt(value);
				if (found % 2n === 1n) return found;
				throw new UsageError(`${name} is even`);
			}),
			json: flag("print JSON"),
			"no-log": flag("print no log"),
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
	const defaults = { host: "xs", port: 50, clock: undefined, for: [], odd: undefined, json: false, "no-log": false };
	t.deepEqual(runs.pop(), { values: { folder: undefined, config: "a.json", ...defaults }, given: ["config"] });

	const all = ["--config=a=b.json", "--host", "node", "--port", "7", "--clock", "1970-01-02", "--odd", "3", "--json"];
	await t.throwsAsync(run(...all), { instanceOf: UsageError, message: "--clock does not go with --json" });
	await run(...all.slice(0, -1), "--for", "b", "here", "--for", "a", "--no-log", "--host", "xs");
	const given = { config: "a=b.json", host: "xs", port: 7, clock: 86_400_000, for: ["b", "a"], odd: 3n, json: false };
	t.deepEqual(runs.pop()?.values, { folder: "here", ...given, "no-log": true });
});

for (const [args, message] of [
	[[], "--config is missing: it names a file"],
	[["--config"], /^Option '--config FILE' argument missing\. The options are --config --host .* --help$/],
	[["--config", "--host"], "--config needs a value: --host is an option"],
	[["--config", "a", "--prot", "1"], /^Unknown option '--prot'\. Did you mean --port\? The options are --config /],
	[["--config", "a", "--host", "moon"], '--host is "moon": it must be xs or node'],
	[["--config", "a", "--port", "0"], '--port is "0": it must be a whole number from 1 to 100'],
	[["--config", "a", "--port", "1.5"], '--port is "1.5": it must be a whole number from 1 to 100'],
	[["--config", "a", "--clock", "noon"], /^--clock is "noon": it must be a date in ISO 8601/],
	[["--config", "a", "--for", "a", "--for", "c"], '--for is "c": it must be a or b'],
	[["--config", "a", "--odd", "2"], "--odd is even"],
	[["--config", "a", "--json=yes"], /^Unknown option '--json=yes'/],
	[["--config", "a", "one", "two"], "only one folder can be given, not one and two"],
] as const)
	test(`a wrong command line is one sentence, and nothing runs: ${args.join(" ")}`, async (t) => {
		const { runs, run } = example();
		await t.throwsAsync(run(...args), { instanceOf: UsageError, message });
		t.deepEqual(runs, []);
	});

test("a command without an argument takes none", async (t) => {
	const command = defineCommand({ options: {}, run: () => 0 });
	t.is(await execute("dynreg plain", "plain", command, []), 0);
	await t.throwsAsync(execute("dynreg plain", "plain", command, ["x"]), {
		message: "dynreg plain takes no argument x. The options are --help",
	});
});

test("--help of each command has its summary, all of its options, and its exit codes", async (t) => {
	for (const [name, { summary, load }] of Object.entries(catalogue)) {
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

test("a bare dynreg is answered with all commands and exit code 1; help lists names for a shell", async (t) => {
	const [bare, help, names, options, one, wrong] = await Promise.all(
		[[], ["--help"], ["help", "--list"], ["help", "fleet", "--list"], ["help", "fleet"], ["help", "flee"]].map(
			(args) => dynreg(...args).ended,
		),
	);
	t.is(bare?.code, 1);
	t.is(help?.code, 0);
	t.is(bare?.out, help?.out);
	for (const [name, { summary }] of Object.entries(catalogue))
		t.regex(help?.out.replaceAll(/\n {3,}/g, " ") ?? "", new RegExp(`^  ${name} +${summary}$`, "m"));
	t.deepEqual(names?.out.trim().split("\n"), Object.keys(catalogue));
	const { command } = (await catalogue.fleet?.load()) ?? {};
	t.deepEqual(options?.out.trim().split("\n"), [
		...Object.keys(command?.options ?? {}).map((name) => `--${name}`),
		"--help",
	]);
	t.true(one?.out.startsWith("Usage: dynreg fleet"));
	t.is(wrong?.code, 1);
	t.regex(wrong?.err ?? "", /no command "flee": there is demo,/);
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

test("dynreg --help loads no command; a command's --help loads this one, and nothing of what it does", async (t) => {
	const main = await loaded(t, "--help");
	t.deepEqual(
		main.filter(
			(file) =>
				!/^(cli\/build\/(dynreg|catalogue|(command-line|terminal)\/[\w-]+)\.js$|node_modules\/commander\/)/.test(file),
		),
		[],
	);
	for (const name of Object.keys(catalogue)) {
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
