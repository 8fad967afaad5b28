import { randomBytes } from "node:crypto";
import type { Platform } from "../platforms/platform.js";
import { defaultBytes, type PlatformFault } from "./fault-kinds.js";
import type { FaultRule } from "./fault-rule.js";

/**
 * Applies a fault of the response to a valid response.
 *
 * @param response JSON
 * @param productSecret the key of encrypted responses
 */
export function corrupt(rule: FaultRule, response: string, platform: Platform, productSecret: string): string {
	switch (rule.fault) {
		case "oversized":
			// Valid JSON, so that only a limit on its length refuses it.
			return response.padEnd(rule.bytes ?? defaultBytes);
		case "truncated":
			return response.slice(0, response.length / 2);
		case "not-json":
			return `${randomBytes(8).toString("hex")} is no JSON`;
		default:
			return platform.corruptions[rule.fault as PlatformFault]?.(response, productSecret) ?? response;
	}
}
