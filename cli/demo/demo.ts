import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoCloud, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { EventLog } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { type Host, type HostName, prepareHost } from "./hosts.js";
import { boardLine, Story } from "./story.js";

const product = { id: "DEMO000001", secret: "a-product-secret-for-demos" };
const device = "demo-board";

/** Shows a first power-up and a power cycle of a board, against a local cloud. @returns the exit code */
export async function demo(cloudName: DemoCloud, hostName: HostName): Promise<number> {
	const story = new Story();
	const host = await prepareHost(hostName, (title) => story.chapter(title));
	const folder = await mkdtemp(join(tmpdir(), "dynreg-demo-"));
	try {
		await tell(story, cloudName, host, join(folder, "flash"));
		return 0;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function tell(story: Story, cloudName: DemoCloud, host: Host, store: string): Promise<void> {
	story.chapter("A local cloud starts");
	const cloud = await startCloud({ onRequest: (entry) => story.request(entry) });
	try {
		const configuration = demoConfiguration(cloud, { cloud: cloudName, ...product }, device);
		story.line("cloud", `ready at ${cloud.urls.https} and ${cloud.urls.mqtts}`);
		story.line(
			"cloud",
			`product ${product.id} of ${cloudName}: a board that knows its secret may register; ${registrations(cloud)} have`,
		);

		story.chapter("A board with empty flash gets power for the first time");
		const cold = await life(story, cloud, cloudName, host, { ...configuration }, store);

		story.chapter("Power cycle: the same flash, the same firmware");
		const warm = await life(story, cloud, cloudName, host, { ...configuration }, store);

		const count = registrations(cloud);
		if (count !== 1) throw new Error(`the cloud should have seen one registration; its journal has ${count}`);
		story.end(`registered once, online twice: after ${cold} ms with empty flash, after ${warm} ms without registering`);
	} finally {
		await cloud.close();
	}
}

/**
 * From power-up over an event and a command to power off.
 *
 * @returns milliseconds from power-up to online
 */
async function life(
	story: Story,
	{ administration }: Cloud,
	cloudName: DemoCloud,
	{ start, timeout }: Host,
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
					story.line("board", boardLine(event), event.event === "failed" || event.event === "offline");
					log.append(event);
				},
			}),
		async (board) => {
			const { at } = await log.waitFor("online", { timeout });
			// Its hello and its clock show that the session carries data up; the command, that it does down.
			await log.waitFor("clock", { timeout });
			await administration.sendMessage(cloudName, product.id, device, '{"led":"on"}');
			await log.waitFor("message", { timeout });
			story.line("story", `${registrations({ administration })} registration so far in the cloud's journal`);
			const meters = await board.meters?.();
			if (meters)
				story.line("story", `the engine took ${meters.compute} steps and has ${meters.heapCount} slots in use`);
			return Math.round(at - powerUp);
		},
	);
}

/** What the cloud says, not what the board says. */
function registrations({ administration }: Pick<Cloud, "administration">): number {
	return administration.requests().filter(({ operation }) => operation.startsWith("register/")).length;
}
