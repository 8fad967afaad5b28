import { oneOf } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";

/** The chips that there are boards with. */
export const chips = ["esp32", "esp8266"] as const;
export type Chip = (typeof chips)[number];
export type BoardPlatform = Chip | `esp32/${string}`;

/**
 * @param name of the option
 * @param others what the option takes besides boards
 * @throws UsageError with all that it takes
 */
export function readPlatform<const Other extends string = never>(
	value: string,
	name: string,
	others: readonly Other[] = [],
): BoardPlatform | Other {
	const [, chip = "", subplatform] = /^([^/]*)(?:\/(.*))?$/s.exec(value) ?? [];
	const known = oneOf([...others, ...chips], chip, name);
	if (subplatform === undefined) return known;
	if (chip === "esp32" && /^[\w-]+$/.test(subplatform)) return `esp32/${subplatform}`;
	const expected = [...others, "esp32", "esp32/SUBPLATFORM"].join(", ");
	throw new UsageError(`${name} is invalid: "${value}". Expected ${expected} or esp8266.`);
}

export function chipOf(platform: BoardPlatform): Chip {
	return platform === "esp8266" ? "esp8266" : "esp32";
}
