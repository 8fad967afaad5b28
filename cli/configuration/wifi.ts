import { readFile } from "node:fs/promises";
import { UsageError } from "../command-line/usage-error.js";
import { Prompt } from "../terminal/prompt.js";

/** As in a board's configuration. No password is an open network. */
export interface Wifi {
	readonly ssid: string;
	readonly password?: string;
}

/**
 * The Wi-Fi network of a board: a password is never an argument, since those can be read by everybody on the machine.
 *
 * @param known what the configuration has already
 * @throws UsageError when nobody can be asked for what is missing
 */
export async function readWifi(
	ssid: string | undefined,
	passwordFile: string | undefined,
	known: Readonly<Record<string, unknown>> = {},
): Promise<Wifi> {
	const name =
		ssid ?? (typeof known.ssid === "string" && known.ssid !== "" ? known.ssid : await ask("Wi-Fi network", "--ssid"));
	if (passwordFile !== undefined)
		return withPassword(name, (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, ""));
	if (typeof known.password === "string") return withPassword(name, known.password);
	return withPassword(name, await ask(`Password of ${name} (empty for an open network)`, "--wifi-password-file", true));
}

function withPassword(ssid: string, password: string): Wifi {
	return password === "" ? { ssid } : { ssid, password };
}

async function ask(what: string, option: string, isHidden = false): Promise<string> {
	if (!process.stdin.isTTY) throw new UsageError(`${option} is missing, and there is no terminal to ask at`);
	const prompt = new Prompt(process.stderr);
	try {
		return await (isHidden ? prompt.askHidden(`${what}: `) : prompt.ask(`${what}: `));
	} finally {
		prompt.close();
	}
}
