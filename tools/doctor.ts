import { relative } from "node:path";
import { Failure } from "dynreg/errors";
import { crypto } from "../hosts/node/crypto.js";
import type { Endpoint } from "../modules/contracts/host.js";
import { configuredDevice } from "../src/clouds.js";
import { readConfigurationFile } from "./configuration-file.js";
import { project } from "./moddable.js";
import { howToGet, lookFor, type Presence, type Root, roots } from "./roots.js";
import { styled } from "./styled.js";
import { readOptions } from "./usage.js";

export const summary = "what is here and what is missing: the roots that vouch for the platforms' servers";

const HELP = `dynreg doctor: ${summary}

Usage: dynreg doctor [options]

  --config FILE   a board's configuration: also say whether what it needs is here;
                  nothing is sent
  --json          one JSON object
  --help          this text

Exit codes: 0 nothing is missing for this configuration, 1 something is, or a file in
certs/ is not what its name says.
`;

/** A root that ends within this is marked. */
const soon = 2 * 365.25 * 24 * 60 * 60 * 1000;

interface Row extends Presence {
	readonly root: Root;
	/** It expires within two years, or has. */
	readonly expiring: boolean;
}

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		config: { type: "string" },
		json: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const rows = roots.map((root) => ({
		root,
		...lookFor(root),
		expiring: Date.parse(root.expires) - Date.now() < soon,
	}));
	const faults = rows.flatMap(({ fault }) => fault ?? []);
	const needs = values.config === undefined ? [] : missing(values.config, rows);
	if (values.json) process.stdout.write(`${JSON.stringify({ roots: rows.map(plain), faults, missing: needs })}\n`);
	else {
		for (const row of rows) process.stdout.write(`${line(row)}\n`);
		for (const sentence of [...faults, ...needs])
			process.stdout.write(`\n${styled(process.stdout, "red", "missing:")} ${sentence}\n`);
		process.stdout.write(`\n${verdict(values.config, faults.length + needs.length)}\n`);
	}
	return faults.length + needs.length === 0 ? 0 : 1;
}

/** What the endpoints of this configuration trust and what is not here, a sentence each. */
function missing(file: string, rows: readonly Row[]): string[] {
	let servers: readonly Endpoint[];
	try {
		// The MAC address stands for a board's: it decides the name only.
		const { register, mqtt } = configuredDevice(readConfigurationFile(file), crypto, "00:00:5e:00:53:01").endpoints;
		servers = [register, mqtt];
	} catch (error) {
		if (error instanceof Failure) return [error.message];
		throw error;
	}
	const wanted = new Set(servers.filter(({ secure }) => secure).flatMap(({ trust }) => trust));
	return rows
		.filter(({ root, found }) => wanted.has(root.name) && found.length === 0)
		.map(({ root }) => `${root.name} is not here. ${howToGet(root)}`);
}

function plain({ root, found, expiring }: Row) {
	const { name, subject, cloud, vouchesFor, sha256, expires } = root;
	return { name, subject, cloud, vouchesFor, sha256, expires, expiring, found };
}

function line({ root, found, fault, expiring }: Row): string {
	const isPrivate = "publishedAt" in root.source;
	const places = found.map((place) => (isPrivate ? relative(project, place) : place)).join(", ");
	const state = places || (fault ? "wrong file" : isPrivate ? "not in certs/" : "in no store");
	const colour = found.length ? "green" : fault ? "red" : "yellow";
	const until = `until ${root.expires}${expiring ? " (within two years)" : ""}`;
	return [
		styled(process.stdout, colour, state.padEnd(24)),
		root.name.padEnd(24),
		root.cloud.padEnd(8),
		`${until}: ${root.vouchesFor}`,
		`\n${" ".repeat(24)} ${root.sha256}`,
	].join(" ");
}

function verdict(config: string | undefined, faults: number): string {
	if (faults) return "Not everything is here.";
	return config === undefined
		? "Boards of the local cloud need none of these. For a real platform: dynreg doctor --config FILE"
		: `All that ${config} needs is here.`;
}
