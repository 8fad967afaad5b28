import { randomBytes } from "node:crypto";
import type { Platform } from "../platform.js";
import { BYTES, type PlatformFault } from "./kinds.js";
import type { FaultRule } from "./rule.js";

/**
 * What the fault makes of a right answer.
 *
 * @param answer JSON
 * @param productSecret the key of answers that are encrypted
 */
export function spoil(rule: FaultRule, answer: string, platform: Platform, productSecret: string): string {
	switch (rule.fault) {
		case "oversized":
			// Right but for its length: who reads no further than it may does not take it.
			return answer.padEnd(rule.bytes ?? BYTES);
		case "truncated":
			return answer.slice(0, answer.length / 2);
		case "not-json":
			return `${randomBytes(8).toString("hex")} is no JSON`;
		default:
			return platform.spoils[rule.fault as PlatformFault]?.(answer, productSecret) ?? answer;
	}
}
