import { type Cloud, type CloudOptions, startCloud } from "@dynreg/cloud";
import { colour } from "../terminal/colour.js";
import { LineWriter } from "../terminal/line-writer.js";
import { readFaultsFile } from "./faults-file.js";
import { journalLine } from "./journal-line.js";

export interface ServeOptions {
	readonly ports: NonNullable<CloudOptions["ports"]>;
	readonly host: string | undefined;
	/** File. */
	readonly state: string | undefined;
	/** File. */
	readonly faults: string | undefined;
	readonly checkTimestamps: boolean;
	readonly json: boolean;
}

/**
 * Runs a local cloud until it is interrupted, and prints each request.
 *
 * @returns the exit code
 * @throws UsageError for a faults file that cannot be used, Error when a port is taken
 */
export async function serve({ ports, host, state, faults, checkTimestamps, json }: ServeOptions): Promise<number> {
	const stop = stopSignal();
	const lines = new LineWriter(process.stdout);
	const rules = faults === undefined ? undefined : readFaultsFile(faults);
	const cloud = await startCloud({
		ports,
		...(host !== undefined && { host }),
		...(state !== undefined && { state }),
		...(rules && { faults: rules }),
		checkTimestamps,
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
