import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { FailureValues } from "dynreg/contracts/error";
import type { Storage } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { parseJsonText } from "./json-text.js";
import { replacePrivateFile } from "./private-file.js";

/** Below the limit of an ESP32's flash, and above any record of the vault. */
const maxValueBytes = 1984;

/**
 * Flash in a JSON file: key to base64. Each write replaces the file atomically, so that an interruption leaves the old or
 * the new one. The file is written at once: flash that cannot be written must not cost a registration, and what others
 * may have read until now is private from then on.
 *
 * @param file default: in memory only
 * @throws Failure `storage-failed` if the file has other contents, or cannot be written
 */
export function createStorage(file: string | undefined): Storage {
	let values: ReadonlyMap<string, string> = file === undefined ? new Map() : load(file);
	replace(values);

	/** A failed write has no effect, as on a board. */
	function replace(next: ReadonlyMap<string, string>): void {
		if (file !== undefined) saveFlash(file, JSON.stringify(Object.fromEntries(next)));
		values = next;
	}

	return {
		maxValueBytes,
		get(key) {
			const value = values.get(checked(key));
			return value === undefined ? undefined : new Uint8Array(Buffer.from(value, "base64"));
		},
		set(key, value) {
			if (value.length > maxValueBytes) throw failed({ reason: "too-long", key, bytes: value.length });
			replace(new Map(values).set(checked(key), Buffer.from(value).toString("base64")));
		},
		delete(key) {
			const next = new Map(values);
			if (next.delete(checked(key))) replace(next);
		},
	};
}

function load(file: string): ReadonlyMap<string, string> {
	try {
		// A pipe or a device may be read for ever.
		const stat = statSync(file);
		if (!stat.isFile() && !stat.isDirectory()) throw new Error("no flash");
		const values = parseJsonText(readFileSync(file, "utf8"));
		if (typeof values !== "object" || values === null || Array.isArray(values)) throw new Error("no flash");
		const entries = Object.entries(values);
		if (entries.some(([, value]) => typeof value !== "string")) throw new Error("no flash");
		return new Map(entries);
	} catch (cause) {
		const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
		if (code === undefined) throw failed({ reason: "file-invalid", value: file }, cause);
		if (code !== "ENOENT") throw failed({ reason: "file-not-read", value: file, said: systemReason(cause) }, cause);
		if (!existsSync(dirname(file))) throw failed({ reason: "folder-missing", value: dirname(file) }, cause);
		return new Map();
	}
}

/** @throws Failure `storage-failed`; the old file is unchanged then */
export function saveFlash(file: string, content: string): void {
	try {
		replacePrivateFile(file, content);
	} catch (cause) {
		throw notWritten(file, cause);
	}
}

export function notWritten(file: string, cause: unknown): Failure {
	return failed({ reason: "file-not-written", value: file, said: systemReason(cause) }, cause);
}

/** "EISDIR: illegal operation on a directory": Node's message without the path. */
function systemReason(error: unknown): string {
	return String((error as Error).message).replace(/,.*$/s, "");
}

/** Checked here too, since a longer key would fail on a board (NVS allows 15 characters). */
function checked(key: string): string {
	if (!/^[a-z0-9]{1,15}$/.test(key)) throw failed({ reason: "key-invalid", key });
	return key;
}

function failed(values: FailureValues, cause?: unknown): Failure {
	return new Failure("store", "storage-failed", "retry", values, cause);
}
