import { readFileSync } from "node:fs";
import { type Cloud, type Entry, type FaultRule, startCloud } from "@dynreg/cloud";
import { readFaultRules } from "@dynreg/cloud/internal/admin/faults";
import { colour } from "../terminal/colour.js";
import { LineWriter } from "../terminal/line-writer.js";
import { printable } from "../terminal/printable.js";
import { readNumber, readOptions, UsageError } from "../terminal/usage.js";

export const summary = "a local cloud for boards to register with and connect to";

const HELP = `dynreg cloud: ${summary}

Usage: dynreg cloud [options]

  --port-http N         registration over HTTP
  --port-https N        registration over HTTPS
  --port-mqtt N         MQTT broker over TCP
  --port-mqtts N        MQTT broker over TLS
  --port-mutual N       MQTT broker over TLS that demands a certificate of the board
  --port-sntp N         time over SNTP (UDP)
  --port-admin N        administration over HTTP (always on 127.0.0.1)
                        Ports that are not given, or are 0, are any free ones.
  --host ADDRESS        IPv4 address to listen on, 0.0.0.0 for all (default: 127.0.0.1)
  --state FILE          keep products, devices and certificate authority in this file;
                        it holds secrets (default: they end with the process)
  --faults FILE         what goes wrong from the start: JSON as for PUT /faults
  --ignore-timestamps   accept requests whose timestamp is far off, to replay recorded ones
  --json                one JSON object a line: first the addresses, then each request
  --help                this text

The administration creates products and devices; for a start, a product of Tencent Cloud,
and one of Alibaba Cloud with a device:

  curl -X PUT $ADMIN/products/tencent/PRODUCT0ID \\
    -d '{"secret":"at-least-16-characters","registration":"automatic","limit":10}'
  curl -X PUT $ADMIN/products/aliyun/productKey1 -d '{"secret":"at-least-8-characters"}'
  curl -X PUT $ADMIN/products/aliyun/productKey1/devices/board-1

docs/local-cloud.md tells the rest.
`;

const PORTS = ["http", "https", "mqtt", "mqtts", "mutual", "sntp", "admin"] as const;

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		"port-http": { type: "string" },
		"port-https": { type: "string" },
		"port-mqtt": { type: "string" },
		"port-mqtts": { type: "string" },
		"port-mutual": { type: "string" },
		"port-sntp": { type: "string" },
		"port-admin": { type: "string" },
		host: { type: "string" },
		state: { type: "string" },
		faults: { type: "string" },
		"ignore-timestamps": { type: "boolean" },
		json: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const stop = stopSignal();
	const lines = new LineWriter(process.stdout);
	const ports = Object.fromEntries(
		PORTS.map((name) => [name, readNumber(`port-${name}`, values[`port-${name}`] ?? "0", 0, 65535)]),
	);
	const faults = values.faults === undefined ? undefined : readFaultsFile(values.faults);
	const cloud = await startCloud({
		ports,
		...(values.host !== undefined && { host: values.host }),
		...(values.state !== undefined && { state: values.state }),
		...(faults && { faults }),
		checkTimestamps: !values["ignore-timestamps"],
		onRequest: (entry) => lines.write(values.json ? JSON.stringify(entry) : line(entry)),
	});
	const { urls, ca } = cloud;
	lines.write(values.json ? JSON.stringify({ ready: true, ...urls, ca }) : banner(cloud));
	await stop;
	await cloud.close();
	// LineWriter that nobody reads would keep the process alive.
	if (!(await lines.end())) process.exit(0);
	return 0;
}

/** @throws UsageError if it cannot be read, or is no list of rules */
function readFaultsFile(file: string): readonly FaultRule[] {
	const mistaken = (what: string): UsageError =>
		new UsageError(
			`--faults is "${file}": ${what}; it must be JSON like {"rules":[{"operation":"register","fault":"drop"}]}`,
		);
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		throw mistaken(error instanceof Error ? error.message : String(error));
	}
	try {
		return readFaultRules(JSON.parse(text));
	} catch (error) {
		throw mistaken(error instanceof Error ? error.message : String(error));
	}
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

const COLOURS = { accepted: "green", refused: "red", closed: "gray" } as const;

function line(entry: Entry): string {
	const who = [entry.product, entry.device].filter(Boolean).join("/");
	const code = entry.code === undefined ? "" : ` (${entry.code})`;
	const text = `${entry.time.slice(11, 23)} ${colour(process.stdout, COLOURS[entry.verdict], entry.verdict.padEnd(8))} ${entry.transport.padEnd(5)} ${entry.operation.padEnd(15)} ${who ? `${who}: ` : ""}${printable(entry.reason)}${code}`;
	if (!entry.expected) return text;
	const { algorithm, stringToSign } = entry.expected;
	return `${text}\n${" ".repeat(13)}expected: ${algorithm} of ${JSON.stringify(stringToSign)}`;
}
