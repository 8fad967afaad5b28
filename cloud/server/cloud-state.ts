import { readFile, stat } from "node:fs/promises";
import { findJsonMistake } from "dynreg/configuration/json-mistake";
import type { CertificateAuthority } from "../certificates/certificate-authority.js";
import type { ServerIdentity } from "../certificates/server-certificate.js";
import type { Platform } from "../platforms/platform.js";
import type { SavedProduct } from "../products/product.js";
import { checkSavedState, InvalidState } from "./check-saved-state.js";
import { stateNotRead } from "./state-file.js";

/** The content of the state file. */
export interface CloudState {
	readonly version: 1;
	readonly certificate: ServerIdentity;
	/** Absent until it has issued a certificate. */
	readonly deviceAuthority?: CertificateAuthority;
	readonly products: readonly SavedProduct[];
}

/**
 * @returns undefined if there is no such file
 * @throws Error with a sentence that says what is wrong and where, if it cannot be read or is not a state file
 */
export async function readCloudState(path: string, platforms: readonly Platform[]): Promise<CloudState | undefined> {
	const text = await readText(path);
	if (text === undefined) return undefined;
	const state = parse(path, text);
	if (state?.version !== 1)
		throw new Error(`The file ${path} is not a state file of this version of the local cloud. ${advice}`);
	try {
		checkSavedState(state, platforms);
	} catch (error) {
		if (error instanceof InvalidState)
			throw new Error(`The state file ${path} is invalid: ${error.message} Correct the file, or name another file.`);
		throw error;
	}
	return state as CloudState;
}

const advice = "Move the file away for an empty cloud, or name another file.";

async function readText(path: string): Promise<string | undefined> {
	try {
		// A pipe or a device may be read for ever.
		if (!(await stat(path)).isFile()) throw new Error("It is not a regular file.");
		// An editor may have begun the file with a byte order mark.
		return (await readFile(path, "utf8")).replace(/^\ufeff/, "");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw stateNotRead(path, error);
	}
}

function parse(path: string, text: string): Partial<CloudState> | null {
	try {
		return JSON.parse(text) as Partial<CloudState> | null;
	} catch {
		const { line, column } = findJsonMistake(text) ?? { line: 1, column: 1 };
		throw new Error(`The state file ${path} is not JSON from line ${line}, column ${column} on. ${advice}`);
	}
}
