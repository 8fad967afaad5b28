import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";

/**
 * What the engine's own functions cost on an ESP8266, by name. They are linked only where something refers to them,
 * so what JavaScript does not use costs nothing. What the SDK alone keeps in an image is left out for the same reason.
 */
export type Engine = ReadonlyMap<string, { readonly bytes: number; readonly needs: readonly string[] }>;

/** As `measure-engine.ts` has measured it. */
export const measuredEngine = readEngine(readFileSync(join(project, "tools", "size", "engine.txt"), "utf8"));

/** @param text of `engine.txt`: two lines of explanation, then a line each */
export function readEngine(text: string): Engine {
	const rows = text
		.trim()
		.split("\n")
		.slice(2)
		.map((line) => line.split(" "));
	const nameOf = (index: string) => rows[Number(index)]?.[0] ?? "";
	return new Map(
		rows.map(([name = "", bytes, ...needs]) => [name, { bytes: Number(bytes), needs: needs.map(nameOf) }]),
	);
}

/** Bytes of the engine that these functions keep in an image, above what the SDK alone keeps. */
export function engineBytes(functions: Iterable<string>, engine = measuredEngine): number {
	const seen = new Set<string>();
	const queue = [...functions];
	for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
		const found = engine.get(name);
		if (found === undefined || seen.has(name)) continue;
		seen.add(name);
		queue.push(...found.needs);
	}
	return [...seen].reduce((sum, name) => sum + (engine.get(name)?.bytes ?? 0), 0);
}

export interface BuiltIn {
	readonly name: string;
	readonly functions: readonly string[];
	/** Bytes that would go if nothing used it: what another one needs as well is not among them. */
	readonly bytes: number;
}

/**
 * The built-ins among an image's engine functions that the SDK alone does not keep, the most expensive first.
 *
 * @param functions all that the image refers to
 */
export function builtIns(functions: readonly string[], engine = measuredEngine): BuiltIn[] {
	const all = engineBytes(functions, engine);
	const groups = new Map<string, string[]>();
	for (const name of functions)
		if (engine.has(name)) groups.set(builtIn(name), [...(groups.get(builtIn(name)) ?? []), name]);
	return [...groups]
		.map(([name, members]) => {
			const rest = functions.filter((each) => !members.includes(each));
			return { name, functions: members, bytes: all - engineBytes(rest, engine) };
		})
		.sort((one, other) => other.bytes - one.bytes);
}

/** As ECMAScript calls what an engine's function belongs to. */
function builtIn(name: string): string {
	if (/RegExp|_String_prototype_(match|matchAll|search)$/.test(name)) return "RegExp";
	if (/^fx_(Map|Set)(Iterator)?(_|$)/.test(name)) return "Map and Set";
	if (/Async/.test(name)) return "async functions";
	if (/Promise|OnThenable/.test(name)) return "Promise";
	if (/Base64|Hex/.test(name)) return "base64 and hex";
	return /^fx_([A-Za-z0-9]+)/.exec(name)?.[1] ?? "others";
}
