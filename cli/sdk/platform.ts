import { oneOf } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";

/** The chips that there are boards with. */
export const chips = ["esp32", "esp8266"] as const;
export type Chip = (typeof chips)[number];
export type BoardPlatform = Chip | `esp32/${string}`;

/** @param name of the option @throws UsageError unless there are boards of this kind */
export function readPlatform(value: string, name: string): BoardPlatform {
	const [chip = "", subplatform] = value.split("/");
	const known = oneOf(chips, chip, name);
	if (subplatform === undefined) return known;
	if (known === "esp32" && /^[\w-]+$/.test(subplatform)) return `esp32/${subplatform}`;
	throw new UsageError(`${name} is "${value}": it must be esp32, esp32/SUBPLATFORM or esp8266`);
}

export function chipOf(platform: BoardPlatform): Chip {
	return platform === "esp8266" ? "esp8266" : "esp32";
}
