import type { RawConfiguration } from "dynreg/contracts/cloud";
import { configuredDevice } from "../configuration/configured-device.js";

/** How many complaints about a list are told at once. */
const most = 10;

/**
 * Names of a batch that counts its boards.
 *
 * @param pattern text with one run of `#`, in whose place the number stands, with leading zeros
 * @throws Error when there are more numbers than the run has room for, or a name breaks the platform's rule
 */
export function countedNames(
	configuration: RawConfiguration,
	pattern: string,
	start: number,
	boards: number,
): string[] {
	const runs = pattern.match(/#+/g) ?? [];
	if (runs.length !== 1)
		throw new Error(
			`the pattern of names, "${pattern}", needs one run of # where the number goes, such as lamp-######`,
		);
	const [run = ""] = runs;
	const last = String(start + boards - 1);
	if (last.length > run.length)
		throw new Error(
			`the last board has number ${last}, and "${pattern}" has room for ${run.length} digits: ` +
				`write ${pattern.replace(run, "#".repeat(last.length))}`,
		);
	const names = Array.from({ length: boards }, (_, index) =>
		pattern.replace(run, String(start + index).padStart(run.length, "0")),
	);
	// They are of one length and differ in digits only: what holds for one holds for all.
	configuredDevice({ ...configuration, deviceName: names[0] }, undefined);
	return names;
}

/**
 * The names that boards give themselves: each from its MAC address.
 *
 * @param text one address a line; what follows a `#`, and empty lines, are not read
 * @param file its name, for complaints
 * @throws Error that names the lines that are no address, or one that another line has already
 */
export function namesOfAddresses(configuration: RawConfiguration, text: string, file: string): string[] {
	const lines = new Map<string, number>();
	const complaints: string[] = [];
	for (const [index, whole] of text
		.replace(/^\uFEFF/, "")
		.split(/\r\n|\r|\n/)
		.entries()) {
		const line = (whole.split("#", 1)[0] ?? "").trim();
		if (line === "") continue;
		const number = index + 1;
		const problem = check(line, number, lines);
		if (problem !== undefined) complaints.push(`line ${number}: ${problem}`);
	}
	if (complaints.length > 0) {
		const more = complaints.length - most;
		const rest = more > 0 ? `\n  and ${more.toLocaleString("en")} more` : "";
		throw new Error(`${file} has invalid lines:\n  ${complaints.slice(0, most).join("\n  ")}${rest}`);
	}
	if (lines.size === 0) throw new Error(`${file} has no MAC address in it: write one a line`);
	return [...lines.keys()].map((address) => configuredDevice(configuration, address).name);
}

/** What is wrong with this line; if nothing, it is noted. */
function check(line: string, number: number, lines: Map<string, number>): string | undefined {
	const parts = /^([0-9a-f]{2})([:-]?)([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})$/i.exec(
		line,
	);
	if (!parts) return `${shown(line)} is no MAC address: six pairs of hexadecimal digits, such as a4:d1:8c:db:c0:20`;
	const [, first = "", , ...others] = parts;
	const address = [first, ...others].join(":").toLowerCase();
	if (Number.parseInt(first, 16) & 1) return `${line} is the address of a group, which no board has`;
	if (address === "00:00:00:00:00:00") return `${line} is the address of no board`;
	const before = lines.get(address);
	if (before !== undefined) return `${line} stands in line ${before} already`;
	lines.set(address, number);
	return undefined;
}

/** A line of whatever kind, so that it does not fill the screen. */
function shown(line: string): string {
	return JSON.stringify(line.length > 40 ? `${line.slice(0, 39)}…` : line);
}
