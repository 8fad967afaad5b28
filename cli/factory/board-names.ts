import type { RawConfiguration } from "dynreg/contracts/cloud";
import { configuredDevice } from "../configuration/configured-device.js";
import { startsFormula } from "./import-lists.js";

/** Maximum number of lines of a list that are reported at once. */
const maxReported = 10;

/**
 * Names of a batch that counts its boards.
 *
 * @param pattern text with one run of `#`, which is replaced by the number with leading zeros
 * @throws Error when there are more numbers than the run has room for, a name breaks the platform's rule, or a
 * spreadsheet would calculate with it
 */
export function countedNames(
	configuration: RawConfiguration,
	pattern: string,
	start: number,
	boards: number,
): string[] {
	const runs = pattern.match(/#+/g) ?? [];
	if (runs.length !== 1)
		throw new Error(`--names is invalid: "${pattern}". Expected one run of # for the number, such as lamp-######.`);
	if (startsFormula(pattern))
		throw new Error(
			`--names is invalid: "${pattern}" begins with ${pattern[0]}, so a spreadsheet takes the names for formulas. Begin with a letter or a digit.`,
		);
	const [run = ""] = runs;
	const last = String(start + boards - 1);
	if (last.length > run.length)
		throw new Error(
			`The number ${last} of the last board has more digits than "${pattern}" holds (${run.length}). ` +
				`Use ${pattern.replace(run, "#".repeat(last.length))}.`,
		);
	const names = Array.from({ length: boards }, (_, index) =>
		pattern.replace(run, String(start + index).padStart(run.length, "0")),
	);
	// They are of one length and differ in digits only: what holds for one holds for all.
	configuredDevice({ ...configuration, deviceName: names[0] }, undefined);
	return names;
}

/** Boards by their addresses. */
export interface NamedBoards {
	readonly names: readonly string[];
	/** Lines that are valid, but are probably not what was meant: a sentence, or none. */
	readonly warning: string | undefined;
}

/**
 * The names that boards give themselves: each from its MAC address.
 *
 * @param text one address a line; what follows a `#`, and empty lines, are not read
 * @param file its name, for complaints
 * @throws Error that names the lines that are no address, or one that another line has already
 */
export function namesFromAddresses(configuration: RawConfiguration, text: string, file: string): NamedBoards {
	const lines = new Map<string, number>();
	const problems: string[] = [];
	const doubts: string[] = [];
	for (const [index, whole] of text
		.replace(/^\uFEFF/, "")
		.split(/\r\n|\r|\n/)
		.entries()) {
		const line = (whole.split("#", 1)[0] ?? "").trim();
		if (line === "") continue;
		const number = index + 1;
		const report = (to: string[], sentence: string) => to.push(`line ${number}: ${sentence}`);
		const address = readAddress(line);
		if (address === undefined) {
			report(problems, syntaxProblem(line));
			continue;
		}
		const problem = addressProblem(line, address, lines.get(address));
		if (problem !== undefined) {
			report(problems, problem);
			continue;
		}
		lines.set(address, number);
		const doubt = addressDoubt(line, address);
		if (doubt !== undefined) report(doubts, doubt);
	}
	if (problems.length > 0) throw new Error(listed(`${file} has invalid lines:`, problems));
	if (lines.size === 0) throw new Error(`${file} has no MAC address. Expected one address a line.`);
	return {
		names: [...lines.keys()].map((address) => configuredDevice(configuration, address).name),
		warning: doubts.length > 0 ? listed(`${file} has lines to check:`, doubts) : undefined,
	};
}

function listed(title: string, lines: readonly string[]): string {
	const more = lines.length - maxReported;
	const rest = more > 0 ? `\n  and ${more.toLocaleString("en")} more` : "";
	return `${title}\n  ${lines.slice(0, maxReported).join("\n  ")}${rest}`;
}

/** @returns the address as `a4:d1:8c:db:c0:20` */
function readAddress(line: string): string | undefined {
	const parts = /^([0-9a-f]{2})([:-]?)([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})\2([0-9a-f]{2})$/i.exec(
		line,
	);
	if (!parts) return undefined;
	const [, first = "", , ...others] = parts;
	return [first, ...others].join(":").toLowerCase();
}

function syntaxProblem(line: string): string {
	const digits = line.replaceAll(/[:-]/g, "");
	// ESP32-C6, H2 and others have an EUI-64 too, which esptool shows as "MAC" beside "BASE MAC".
	if (/^[0-9a-f]{6}fffe[0-9a-f]{6}$/i.test(digits)) {
		const pairs = `${digits.slice(0, 6)}${digits.slice(10)}`.match(/../g) ?? [];
		return `${line} is an EUI-64 of eight bytes. Expected the board's MAC address of six bytes, probably ${pairs.join(":")}.`;
	}
	return `${shorten(line)} is invalid. Expected six pairs of hexadecimal digits, such as a4:d1:8c:db:c0:20.`;
}

/** @param before the line that has this address already */
function addressProblem(line: string, address: string, before: number | undefined): string | undefined {
	if (firstByte(address) & 1) return `${line} is a group address. Expected the address of a board.`;
	if (address === "00:00:00:00:00:00") return `${line} is invalid. Expected the address of a board.`;
	return before === undefined ? undefined : `${line} is in line ${before} already. Remove one of the lines.`;
}

/** A board may have such an address, but few do. */
function addressDoubt(line: string, address: string): string | undefined {
	if (address.slice(9, 14) === "ff:fe")
		return `${line} is probably an EUI-64 without its last two bytes. Use the address that esptool read-mac shows as BASE MAC.`;
	if (firstByte(address) & 2)
		return `${line} is locally administered. The station address of an ESP chip is not, unless you wrote it yourself.`;
	return undefined;
}

function firstByte(address: string): number {
	return Number.parseInt(address.slice(0, 2), 16);
}

/** A line of whatever kind, so that it does not fill the screen, and shows what cannot be seen. */
function shorten(line: string): string {
	const visible = (line.length > 40 ? `${line.slice(0, 39)}…` : line).replaceAll(
		/[\p{Cc}\p{Cf}]/gu,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
	return `"${visible}"`;
}
