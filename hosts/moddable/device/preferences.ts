import { Failure } from "dynreg/core/errors";
import { maxValueBytes } from "dynreg/platform/limits";
import Preference from "preference";
import type { Storage } from "../../../modules/contracts/host.js";

/** The SDK's preferences: NVS on ESP32, two sectors of flash on ESP8266, a JSON file in the simulator. */
export const preferences: Storage = Object.freeze({
	maxValueBytes,
	get(key) {
		const value = attempt("read", () => Preference.get("dynreg", key));
		return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
	},
	set(key, value) {
		if (value.length > maxValueBytes)
			throw failed("write", new Error(`${value.length} bytes, and one key holds ${maxValueBytes}`));
		attempt("write", () => Preference.set("dynreg", key, value.slice().buffer));
	},
	delete(key) {
		attempt("write", () => Preference.delete("dynreg", key));
	},
} satisfies Storage);

/** Converts errors of the SDK to `storage-failed`. */
export const attempt = <T>(what: "read" | "write", work: () => T): T => {
	try {
		return work();
	} catch (error) {
		throw failed(what, error);
	}
};

const failed = (reason: "read" | "write", cause: unknown): Failure =>
	new Failure("store", "storage-failed", "retry", { reason, said: String(cause) }, cause);
