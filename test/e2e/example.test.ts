import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Cloud, startCloud } from "../../cloud/cloud.js";
import type { BoardEvent } from "../../modules/contracts/event.js";
import { type DemoProduct, demoConfiguration } from "../../tools/demo-board.js";
import { findSdk, noSdk } from "../../tools/moddable.js";
import { buildSimulator, startBoard } from "../../tools/simulated-board.js";

const secret = "e2e-example-secret-001";
const device = "example-1";

interface Example {
	readonly what: string;
	/** In `examples/`. */
	readonly folder: string;
	readonly product: DemoProduct;
	/** What the world around the board does when it tells of itself. */
	onEvent?(cloud: Cloud, event: BoardEvent): void;
	/** What the application traces when it has done its work. */
	readonly traces: string;
	/** Part of the topic on which it must have published. */
	readonly topic: string;
}

const examples: readonly Example[] = [
	{
		what: "the README's lamp registers by itself and does what the cloud says",
		folder: "lamp",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		onEvent(cloud, { event }) {
			if (event === "clock") cloud.administration.sendMessage("tencent", "EXAMPLE001", device, '{"lamp":"on"}');
		},
		traces: "the lamp is on",
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the thermometer registers by itself, posts a property and reads the platform's reply",
		folder: "thermometer",
		product: { cloud: "aliyun", id: "example0001", secret },
		traces: "the platform answers 200 to 1: success",
		topic: `/sys/example0001/${device}/thing/event/property/post`,
	},
];

for (const example of examples)
	if (findSdk() === undefined) test.skip(`sim: ${example.what}: skipped, ${noSdk}`, () => {});
	else
		test.serial(`sim: ${example.what}`, async (t) => {
			t.timeout(400_000);
			await play(t, example);
		});

async function play(t: ExecutionContext, { folder, product, onEvent, traces, topic }: Example): Promise<void> {
	const image = await buildSimulator(`examples/${folder}`);
	const home = await mkdtemp(join(tmpdir(), "dynreg-example-"));
	const store = join(home, "flash");
	await mkdir(store);
	const cloud = await startCloud();
	const traced: string[] = [];
	let finish: () => void = () => {};
	const done = new Promise<void>((resolve) => {
		finish = resolve;
	});
	const board = await startBoard({
		image,
		store,
		configuration: demoConfiguration(cloud, product, device),
		onEvent: (event) => onEvent?.(cloud, event),
		onTrace(line) {
			traced.push(line);
			if (line === traces) finish();
		},
	});
	await Promise.race([done, board.exited]);
	t.true(traced.includes(traces), traced.join("\n"));
	const published = () =>
		cloud.administration
			.requests()
			.some(
				({ operation, verdict, reason }) => operation === "publish" && verdict === "accepted" && reason.includes(topic),
			);
	for (let look = 0; look < 100 && !published(); look++) await new Promise((resolve) => setTimeout(resolve, 50));
	t.true(published());
	board.kill();
	await board.exited;
	await cloud.close();
	await rm(home, { recursive: true });
}
