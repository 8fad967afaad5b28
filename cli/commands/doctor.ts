import { relative } from "node:path";
import { createClock } from "@dynreg/node/internal/clock";
import { type Check, isReady, type Purpose, purposes } from "../doctor/check.js";
import { clock, clockOnline } from "../doctor/clock.js";
import { type Examined, examine } from "../doctor/configuration.js";
import { compiler, display, engine, node, typescript } from "../doctor/desktop.js";
import { cmake, idf, idfTools, pyserial, python } from "../doctor/esp32.js";
import { esp8266Parts } from "../doctor/esp8266.js";
import { type Machine, thisMachine } from "../doctor/machine.js";
import { reach } from "../doctor/online.js";
import { sdk, sdkTools } from "../doctor/sdk.js";
import { serialPorts } from "../doctor/serial.js";
import { certs, lookFor, type Presence, type Root, roots } from "../sdk/roots.js";
import { colour } from "../terminal/colour.js";
import { readChoice, readOptions, UsageError } from "../terminal/usage.js";

export const summary = "what is here and what is missing, and the command that mends it";

const HELP = `dynreg doctor: ${summary}

Usage: dynreg doctor [options]

  --for WHAT      only what this takes; may be given several times:
                  try, the local cloud and virtual boards; sim, the Moddable simulator;
                  esp32, esp8266, to flash one (default: all four)
  --config FILE   a board's configuration: also say whether it will do, and whether the
                  root certificates it needs are here; nothing is sent
  --online        reach for the servers of the configuration, step by step, and for the
                  time; nothing is registered
  --roots         list all root certificates that the platforms' servers may need
  --json          one JSON object; docs/doctor.md tells its shape
  --help          this text

Exit codes: 0 all is here for what --for and --config name, 1 something is missing, or a
file in certs/ is not what its name says. Without --for, "try" alone decides.
`;

/** A root that ends within this is marked. */
const soon = 2 * 365.25 * 24 * 60 * 60 * 1000;

interface Row extends Presence {
	readonly root: Root;
	/** It expires within two years, or has. */
	readonly expiring: boolean;
}

/** All that the doctor has to say. */
interface Report {
	readonly asked: readonly Purpose[];
	readonly checks: readonly Check[];
	readonly rows: readonly Row[];
	readonly faults: readonly string[];
	/** The file of the configuration. */
	readonly config: string | undefined;
	readonly isHealthy: boolean;
}

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		for: { type: "string", multiple: true },
		config: { type: "string" },
		online: { type: "boolean" },
		roots: { type: "boolean" },
		json: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const asked = values.for?.map((what) => readChoice("for", what, purposes));
	if (values.online && values.config === undefined)
		throw new UsageError("--online reaches for the servers of a configuration: name it with --config");

	const rows = roots.map((root) => ({
		root,
		...lookFor(root),
		expiring: Date.parse(root.expires) - Date.now() < soon,
	}));
	const faults = rows.flatMap(({ fault }) => fault ?? []);
	const forBoard = asked?.some((purpose) => purpose === "esp32" || purpose === "esp8266") ?? false;
	const examined = values.config === undefined ? { checks: [] } : examine(values.config, rows, forBoard);
	const checks = [
		...machineChecks(thisMachine).filter((check) => !asked || check.for.some((purpose) => asked.includes(purpose))),
		...examined.checks,
		...(values.online ? await onlineChecks(examined) : []),
	];
	// A computer that boards are only tried on needs no toolchain.
	const decisive: readonly Purpose[] = asked ?? ["try"];
	const isHealthy =
		faults.length === 0 &&
		checks.every(
			(check) =>
				check.state !== "missing" || (check.for.length > 0 && !check.for.some((purpose) => decisive.includes(purpose))),
		);
	const report = { asked: asked ?? purposes, checks, rows, faults, config: values.config, isHealthy };
	if (values.json) process.stdout.write(`${JSON.stringify(plain(report))}\n`);
	else process.stdout.write(text(report, values.roots ?? false));
	return isHealthy ? 0 : 1;
}

/** Everything about the computer, in the order in which one would install it. */
function machineChecks(machine: Machine): Check[] {
	return [
		node(),
		clock(hostClock()),
		engine(),
		compiler(machine),
		sdk(machine),
		sdkTools(machine),
		display(machine),
		typescript(machine),
		python(machine),
		pyserial(machine),
		cmake(machine),
		idf(machine),
		idfTools(machine),
		...esp8266Parts(machine),
		serialPorts(machine),
	];
}

async function onlineChecks({ device, configuration }: Examined): Promise<Check[]> {
	const host = hostClock();
	const time = clockOnline(host, configuration, device, certs);
	return [...(device ? await reach(device, host, certs) : []), await time];
}

function hostClock() {
	return createClock({ power: new AbortController().signal });
}

function plain({ asked, checks, rows, faults, isHealthy }: Report) {
	const ready = Object.fromEntries(asked.map((purpose) => [purpose, isReady(purpose, checks)]));
	return { healthy: isHealthy, ready, checks, roots: rows.map(plainRow), faults };
}

function plainRow({ root, found, expiring }: Row) {
	const { name, subject, cloud, vouchesFor, sha256, expires } = root;
	return { name, subject, cloud, vouchesFor, sha256, expires, expiring, found };
}

function text(report: Report, withRoots: boolean): string {
	const { asked, checks, rows, faults, config } = report;
	const ofMachine = checks.filter((check) => check.for.length > 0);
	const ofConfiguration = checks.filter((check) => check.for.length === 0);
	return [
		...ofMachine.map((check) => line(check, asked)),
		...(config === undefined
			? []
			: [`\n${colour(process.stdout, "bold", config)}\n`, ...ofConfiguration.map((check) => line(check, []))]),
		...(withRoots ? ["\n", ...rows.map((row) => `${rootLine(row)}\n`)] : []),
		...faults.map((sentence) => `\n${colour(process.stdout, "red", "wrong file:")} ${sentence}\n`),
		`\n${verdict(report)}\n`,
	].join("");
}

const colours = { ok: "green", warning: "yellow", missing: "red" } as const;

function line({ title, state, detail, mend, for: whose }: Check, asked: readonly Purpose[]): string {
	const only =
		asked.length > 1 && whose.length < purposes.length ? colour(process.stdout, "gray", ` (${whose.join(", ")})`) : "";
	const first = `${colour(process.stdout, colours[state], state.padEnd(8))}${title.padEnd(27)}${detail}${only}\n`;
	return mend === undefined ? first : `${first}${" ".repeat(8)}${colour(process.stdout, "bold", mend)}\n`;
}

function rootLine({ root, found, fault, expiring }: Row): string {
	const isPrivate = "publishedAt" in root.source;
	const places = found.map((place) => (isPrivate ? relative(".", place) : place)).join(", ");
	const state = places || (fault ? "wrong file" : isPrivate ? "not in certs/" : "in no store");
	const shade = found.length ? "green" : fault ? "red" : "yellow";
	const until = `until ${root.expires}${expiring ? " (within two years)" : ""}`;
	return [
		colour(process.stdout, shade, state.padEnd(24)),
		root.name.padEnd(24),
		root.cloud.padEnd(8),
		`${until}: ${root.vouchesFor}`,
		`\n${" ".repeat(24)} ${root.sha256}`,
	].join(" ");
}

function verdict({ asked, checks, config, isHealthy }: Report): string {
	const ready = asked.filter((purpose) => isReady(purpose, checks));
	const not = asked
		.filter((purpose) => !ready.includes(purpose))
		.map((purpose) => `${purpose} (${lacking(purpose, checks)} missing)`);
	const lines = [
		...(ready.length ? [`Ready: ${ready.join(", ")}.`] : []),
		...(not.length ? [`Not ready: ${not.join(", ")}.`] : []),
	].join(" ");
	if (config === undefined) return `${lines}\nBefore a real platform: dynreg doctor --config FILE --online`;
	const about = checks.filter((check) => check.for.length === 0 && check.state === "missing").length;
	const said = about === 0 ? `All that ${config} needs is here.` : `${config}: ${about} missing.`;
	return `${lines}\n${isHealthy || about > 0 ? said : `${said} The computer lacks something.`}`;
}

function lacking(purpose: Purpose, checks: readonly Check[]): number {
	return checks.filter((check) => check.state === "missing" && check.for.includes(purpose)).length;
}
