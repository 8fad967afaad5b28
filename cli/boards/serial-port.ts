import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The port that the only board is attached to.
 *
 * @throws Error that says what to do when there is none, or more than one
 */
export function findSerialPort(folder = "/dev"): string {
	const found = readdirSync(folder)
		.filter((name) => /^tty(USB|ACM)\d+$/.test(name))
		.map((name) => join(folder, name));
	const [only] = found;
	if (only === undefined)
		throw new Error(
			"No board is attached. Connect a board with a cable that carries data, or name the port with --port /dev/…",
		);
	if (found.length > 1)
		throw new Error(`Several boards may be attached. Choose one with --port ${found.join(" or ")}.`);
	return only;
}
