import { colour } from "./colour.js";

/** What went wrong, for people. */
export function printError(message: string): void {
	process.stderr.write(`${colour(process.stderr, "red", "dynreg:")} ${message}\n`);
}
