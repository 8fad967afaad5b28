import { type Cloud, startCloud } from "@dynreg/cloud";
import type { CloudOptions } from "../commands/cloud.js";
import { colour } from "../terminal/colour.js";
import { onEndSignal } from "../terminal/end-signals.js";
import { LineWriter } from "../terminal/line-writer.js";
import { openInBrowser } from "../terminal/open-in-browser.js";
import { printError } from "../terminal/print-error.js";
import { systemMessage } from "../terminal/system-message.js";
import { readFaultsFile } from "./faults-file.js";
import { journalLine } from "./journal-line.js";

const portNames = ["http", "https", "mqtt", "mqtts", "mtls", "sntp", "admin"] as const;

/**
 * Runs a local cloud until it is interrupted, and prints each request.
 *
 * @returns the exit code
 * @throws UsageError for a faults file that cannot be used, Error when a port is taken
 */
export async function serve(options: CloudOptions): Promise<number> {
	const { host, state, faults, json } = options;
	const stop = new Promise<void>(onEndSignal);
	const lines = new LineWriter(process.stdout);
	const rules = faults === undefined ? undefined : readFaultsFile(faults);
	const cloud = await startCloud({
		ports: Object.fromEntries(portNames.map((name) => [name, options[`port-${name}`]])),
		...(host !== undefined && { host }),
		...(state !== undefined && { state }),
		...(rules && { faults: rules }),
		checkTimestamps: !options["ignore-timestamps"],
		onStateFailure: printStateFailure,
		onRequest: (entry) => lines.write(json ? JSON.stringify(entry) : journalLine(entry)),
	});
	const { urls, ca } = cloud;
	lines.write(json ? JSON.stringify({ ready: true, ...urls, ca }) : banner(cloud));
	if (options.open && !(await openInBrowser(urls.admin)))
		process.stderr.write(`No browser could be started. Open ${urls.admin} yourself.\n`);
	await stop;
	await cloud.close();
	// Unread lines would keep the process alive.
	if (!(await lines.end())) process.exit(0);
	return 0;
}

/** Says at once that the state cannot be written: what changes until it can is lost when the cloud ends. */
function printStateFailure(failure: Error | undefined): void {
	if (!failure) {
		process.stderr.write("The state file is written again. No change is lost.\n");
		return;
	}
	const { message, cause } = failure;
	printError(cause instanceof Error ? `${message} Cause: ${systemMessage(cause)}` : message);
	process.stderr.write("  Changes are lost if the cloud ends now. The cloud retries every second.\n");
}

function banner({ urls, ca }: Cloud): string {
	const rows = [
		["registration", `${urls.http}  ${urls.https}`],
		["broker", `${urls.mqtt}  ${urls.mqtts}`],
		["  certificates", urls.mtls],
		["time", urls.sntp],
		["administration", urls.admin],
		["console", `${urls.admin}/ in a browser`],
		["authority", ca],
	];
	const text = rows
		.map(([name = "", value]) => `  ${colour(process.stdout, "bold", name.padEnd(16))}${value}\n`)
		.join("");
	return `The local cloud is ready. Ctrl-C ends the cloud.\n${text}`;
}
