import { readTextFile } from "../command-line/text-file.js";
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
 * @param configured the values of the configuration
 * @throws UsageError if a value is missing and there is no terminal
 */
export async function readWifi(
	ssid: string | undefined,
	passwordFile: string | undefined,
	configured: Readonly<Record<string, unknown>> = {},
): Promise<Wifi> {
	const name =
		ssid ??
		(typeof configured.ssid === "string" && configured.ssid !== ""
			? configured.ssid
			: await ask("Wi-Fi network", "--ssid"));
	if (passwordFile !== undefined) {
		const next = "Save the password as text in UTF-8.";
		const text = readTextFile(passwordFile, "The file of the Wi-Fi password", next, { isSecret: true });
		return withPassword(name, text.replace(/\r?\n$/, ""));
	}
	if (typeof configured.password === "string") return withPassword(name, configured.password);
	return withPassword(name, await ask(`Password of ${name} (empty for an open network)`, "--wifi-password-file", true));
}

function withPassword(ssid: string, password: string): Wifi {
	return password === "" ? { ssid } : { ssid, password };
}

async function ask(what: string, option: string, isHidden = false): Promise<string> {
	if (!process.stdin.isTTY)
		throw new UsageError(`${option} is missing, and there is no terminal for the question. Add ${option}.`);
	const prompt = new Prompt(process.stderr);
	try {
		return await (isHidden ? prompt.askHidden(`${what}: `) : prompt.ask(`${what}: `));
	} finally {
		prompt.close();
	}
}
