import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoCloud, demoBoard, sendWhenSubscribed } from "@dynreg/cloud/internal/demo-board";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { EventLog } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { type DemoHost, type DemoHostName, prepareDemoHost } from "./demo-hosts.js";
import { DemoOutput, describeEvent } from "./demo-output.js";

const product = { id: "DEMO000001", secret: "InventedSecretOfTheDemos" };
const device = "demo-board";

/** Shows a first power-up and a power cycle of a board, against a local cloud. @returns the exit code */
export async function demo(cloudName: DemoCloud, hostName: DemoHostName): Promise<number> {
	const output = new DemoOutput();
	const host = await prepareDemoHost(hostName, (title) => output.heading(title));
	const folder = await mkdtemp(join(tmpdir(), "dynreg-demo-"));
	try {
		await runDemo(output, cloudName, host, join(folder, "flash"));
		return 0;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function runDemo(output: DemoOutput, cloudName: DemoCloud, host: DemoHost, store: string): Promise<void> {
	output.heading("A local cloud starts");
	const cloud = await startCloud({ onRequest: (entry) => output.request(entry) });
	try {
		const configuration = await demoBoard(cloud, { cloud: cloudName, ...product }, device);
		output.line("cloud", `ready at ${cloud.urls.https} and ${cloud.urls.mqtts}`);
		output.line(
			"cloud",
			`product ${product.id} of ${cloudName}: a board with ${platformNamed(cloudName).claims ? "its claim certificate" : "the product secret"} may register; ${registrations(cloud)} registrations so far`,
		);

		output.heading("First power-up of a board with empty flash");
		const cold = await runBoard(output, cloud, cloudName, host, { ...configuration }, store);

		output.heading("Power cycle with the same flash and the same firmware");
		const warm = await runBoard(output, cloud, cloudName, host, { ...configuration }, store);

		const count = registrations(cloud);
		if (count !== 1)
			throw new Error(`The cloud's journal has ${count} registrations. Expected one. Report this defect.`);
		output.end(`registered once, online twice: after ${cold} ms with registration, after ${warm} ms without`);
	} finally {
		await cloud.close();
	}
}

/**
 * From power-up over an event and a command to power off.
 *
 * @returns milliseconds from power-up to online
 */
async function runBoard(
	output: DemoOutput,
	{ administration }: Cloud,
	cloudName: DemoCloud,
	{ start, timeout }: DemoHost,
	configuration: RawConfiguration,
	store: string,
): Promise<number> {
	const log = new EventLog();
	const powerUp = performance.now();
	return withBoard(
		log,
		() =>
			start({
				configuration,
				store,
				onEvent(event) {
					output.line("board", describeEvent(event), event.event === "failed" || event.event === "offline");
					log.append(event);
				},
			}),
		async (board) => {
			const { at } = await log.waitFor("online", { timeout });
			// Its hello shows that the session carries data up; the command, that it does down.
			await sendWhenSubscribed(administration, [cloudName, product.id, device], '{"led":"on"}', timeout);
			await log.waitFor("message", { timeout });
			output.line("story", `${registrations({ administration })} registration so far in the cloud's journal`);
			const meters = await board.meters?.();
			if (meters)
				output.line("story", `the engine took ${meters.compute} steps and has ${meters.heapCount} slots in use`);
			return Math.round(at - powerUp);
		},
	);
}

/** The cloud's output, not the board's. Some platforms have further operations in a registration. */
function registrations({ administration }: Pick<Cloud, "administration">): number {
	const operations = administration
		.requests()
		.map(({ operation }) => operation)
		.filter((operation) => operation.startsWith("register/"));
	return operations.filter((operation) => operation === operations[0]).length;
}
