import { type Cloud, startCloud } from "@dynreg/cloud";
import type { CloudOptions } from "../commands/cloud.js";
import { colour } from "../terminal/colour.js";
import { LineWriter } from "../terminal/line-writer.js";
import { readFaultsFile } from "./faults-file.js";
import { journalLine } from "./journal-line.js";

const portNames = ["http", "https", "mqtt", "mqtts", "mutual", "sntp", "admin"] as const;

/**
 * Runs a local cloud until it is interrupted, and prints each request.
 *
 * @returns the exit code
 * @throws UsageError for a faults file that cannot be used, Error when a port is taken
 */
export async function serve(options: CloudOptions): Promise<number> {
	const { host, state, faults, json } = options;
	const stop = stopSignal();
	const lines = new LineWriter(process.stdout);
	const rules = faults === undefined ? undefined : readFaultsFile(faults);
	const cloud = await startCloud({
		ports: Object.fromEntries(portNames.map((name) => [name, options[`port-${name}`]])),
		...(host !== undefined && { host }),
		...(state !== undefined && { state }),
		...(rules && { faults: rules }),
		checkTimestamps: !options["ignore-timestamps"],
		onRequest: (entry) => lines.write(json ? JSON.stringify(entry) : journalLine(entry)),
	});
	const { urls, ca } = cloud;
	lines.write(json ? JSON.stringify({ ready: true, ...urls, ca }) : banner(cloud));
	await stop;
	await cloud.close();
	// Lines that nobody reads would keep the process alive.
	if (!(await lines.end())) process.exit(0);
	return 0;
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<void> {
	return new Promise((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
	});
}

function banner({ urls, ca }: Cloud): string {
	const rows = [
		["registration", `${urls.http}  ${urls.https}`],
		["broker", `${urls.mqtt}  ${urls.mqtts}`],
		["  certificates", urls.mutual],
		["time", urls.sntp],
		["administration", urls.admin],
		["authority", ca],
	];
	const text = rows
		.map(([name = "", value]) => `  ${colour(process.stdout, "bold", name.padEnd(16))}${value}\n`)
		.join("");
	return `The local cloud is ready; Ctrl-C ends it.\n${text}`;
}
