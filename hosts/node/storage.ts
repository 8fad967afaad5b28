import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Failure } from "dynreg/errors";
import type { Storage } from "../../modules/contracts/host.js";

/** As much as an entry of ESP32's flash takes with room to spare, and more than any record of ours. */
const maxValueBytes = 1984;

/**
 * Flash in a JSON file: key to base64. Each write replaces the file whole, so that
 * a cut leaves the old one or the new one.
 *
 * @param file kept in memory only when absent
 * @throws Failure `storage-failed` when the file is there and is no such file
 */
export function createStorage(file: string | undefined): Storage {
	const values = file === undefined ? new Map<string, string>() : load(file);

	function save(): void {
		if (file === undefined) return;
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
			throw failed(`Cannot write ${file}. Check that its folder exists and may be written to.`, cause);
		}
	}

	return {
		maxValueBytes,
		get(key) {
			const value = values.get(checked(key));
			return value === undefined ? undefined : new Uint8Array(Buffer.from(value, "base64"));
		},
		set(key, value) {
			if (value.length > maxValueBytes)
				throw failed(`A value of ${value.length} bytes is too long for ${key}: at most ${maxValueBytes} fit.`);
			values.set(checked(key), Buffer.from(value).toString("base64"));
			save();
		},
		delete(key) {
			if (values.delete(checked(key))) save();
		},
	};
}

function load(file: string): Map<string, string> {
	try {
		return new Map(Object.entries<string>(JSON.parse(readFileSync(file, "utf8"))));
	} catch (cause) {
		if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return new Map();
		throw failed(
			`Cannot read ${file} as a board's flash. Name another file, or delete this one for an empty board.`,
			cause,
		);
	}
}

/** Told here as well as on the board, where a longer key would fail in the field (NVS takes 15 characters). */
function checked(key: string): string {
	if (!/^[a-z0-9]{1,15}$/.test(key)) throw failed(`"${key}" is no key: 1 to 15 characters of a-z and 0-9.`);
	return key;
}

function failed(message: string, cause?: unknown): Failure {
	return new Failure("store", "storage-failed", "retry", message, { cause });
}
