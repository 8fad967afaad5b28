import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { FailureValues } from "dynreg/contracts/error";
import type { Storage } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";

/** As much as an entry of ESP32's flash takes with room to spare, and more than any record of ours. */
const maxValueBytes = 1984;

/**
 * Flash in a JSON file: key to base64. Each write replaces the file whole, so that
 * a cut leaves the old one or the new one.
 *
 * @param file kept in memory only when absent
 * @throws Failure `storage-failed` when the file is there and is no such file, or its folder is not there
 */
export function createStorage(file: string | undefined): Storage {
	let values: ReadonlyMap<string, string> = file === undefined ? new Map() : load(file);

	/** What could not be written is not there, as on a board. */
	function replace(next: ReadonlyMap<string, string>): void {
		if (file !== undefined) save(file, next);
		values = next;
	}

	return {
		maxValueBytes,
		get(key) {
			const value = values.get(checked(key));
			return value === undefined ? undefined : new Uint8Array(Buffer.from(value, "base64"));
		},
		set(key, value) {
			if (value.length > maxValueBytes) throw failed({ reason: "too-long", key, number: value.length });
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
		const values: unknown = JSON.parse(readFileSync(file, "utf8"));
		if (typeof values !== "object" || values === null || Array.isArray(values)) throw new Error("no flash");
		const entries = Object.entries(values);
		if (entries.some(([, value]) => typeof value !== "string")) throw new Error("no flash");
		return new Map(entries);
	} catch (cause) {
		if (!isMissing(cause)) throw failed({ reason: "file-invalid", value: file }, cause);
		if (!existsSync(dirname(file))) throw failed({ reason: "folder-missing", value: dirname(file) }, cause);
		return new Map();
	}
}

function save(file: string, values: ReadonlyMap<string, string>): void {
	const temporary = `${file}.new`;
	try {
		// It holds the device's secret: for its owner only.
		const handle = openSync(temporary, "w", 0o600);
		try {
			writeFileSync(handle, JSON.stringify(Object.fromEntries(values)));
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
		renameSync(temporary, file);
	} catch (cause) {
		throw failed({ reason: "file-not-written", value: file }, cause);
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Told here as well as on the board, where a longer key would fail in the field (NVS takes 15 characters). */
function checked(key: string): string {
	if (!/^[a-z0-9]{1,15}$/.test(key)) throw failed({ reason: "key-invalid", key });
	return key;
}

function failed(values: FailureValues, cause?: unknown): Failure {
	return new Failure("store", "storage-failed", "retry", values, cause);
}
