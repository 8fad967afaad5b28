import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoBoard } from "@dynreg/cloud/internal/demo-board";
import { withBoard } from "@dynreg/node";
import test, { type ExecutionContext } from "ava";
import { hasTimeService } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { TraceLog } from "../support/trace-log.js";

const secret = "e2e-example-secret-001";
const device = "example-1";

interface Example {
	readonly what: string;
	/** In `examples/`. */
	readonly folder: string;
	readonly product: DemoProduct;
	/** Over what is usual, of the product. */
	readonly rules?: ProductChange;
	/** What the environment does at the board's event. */
	onEvent?(cloud: Cloud, event: BoardEvent): void;
	/** Over the board's configuration. */
	readonly configuration?: RawConfiguration;
	/** What the application traces when it has done its work, if anything. */
	readonly traces?: string;
	/** Part of the topic on which it must have published. */
	readonly topic: string;
	/** What must be in its folder at the end, beside what the simulator keeps there. */
	readonly files?: RegExp;
}

const examples: readonly Example[] = [
	{
		what: "the board with set-up mode joins the network that it knows",
		folder: "setup",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		configuration: { ssid: "Made-up home", password: "made-up-password", setupPassword: "access-point-pass" },
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the smallest of Tencent's says that it is online",
		folder: "tencent",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the smallest of Alibaba's says that it is online",
		folder: "aliyun",
		product: { cloud: "aliyun", id: "example0001", secret },
		topic: `/example0001/${device}/user/update`,
	},
	{
		what: "the smallest of Azure's says that it is online",
		folder: "azure",
		// Base64, too.
		product: { cloud: "azure", id: "0neExample1", secret: "InventedSecretOfExamples" },
		topic: `devices/${device}/messages/events/`,
	},
	{
		what: "the smallest of AWS's says that it is online",
		folder: "aws",
		product: { cloud: "aws", id: "EXAMPLE001", secret },
		topic: `${device}/event`,
	},
	{
		what: "the board of a certificate product shows its certificate",
		folder: "certificate",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		rules: { auth: "certificate" },
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the application with topics of its own counts what comes in",
		folder: "topics",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		onEvent(cloud, { event }) {
			if (event !== "clock") return;
			const topic = `EXAMPLE001/${device}/data`;
			const send = () => cloud.administration.sendMessage("tencent", "EXAMPLE001", device, '{"dial":7}', topic);
			// The application has not subscribed to it before it is online.
			const again = setInterval(
				() =>
					send().then(
						() => clearInterval(again),
						() => {},
					),
				200,
			);
		},
		traces: 'data 1: {"dial":7}',
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the board with a storage of its own keeps its credential there",
		folder: "storage",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		topic: `EXAMPLE001/${device}/event`,
		files: /^dynreg-[ab][0-9a-f]{8}0$/,
	},
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
		what: "telemetry keeps a measurement until it is acknowledged",
		folder: "telemetry",
		product: { cloud: "tencent", id: "EXAMPLE001", secret },
		traces: "acknowledged",
		topic: `EXAMPLE001/${device}/event`,
	},
	{
		what: "the thermometer registers by itself, posts a property and reads the platform's reply",
		folder: "thermometer",
		product: { cloud: "aliyun", id: "example0001", secret },
		traces: "the platform answers 200 to 1: success",
		topic: `/sys/example0001/${device}/thing/event/property/post`,
	},
	{
		what: "the board at a ThingsBoard server sends telemetry",
		folder: "thingsboard",
		product: { cloud: "thingsboard", id: "exampleProfile", secret },
		topic: "v1/devices/me/telemetry",
	},
	{
		what: "the board at Volcengine reports a property, and does what the cloud sets",
		folder: "volcengine",
		product: { cloud: "volcengine", id: "example0001", secret },
		onEvent(cloud, { event }) {
			if (event !== "clock") return;
			const command = { ID: "7", Version: "1.0", Params: { "default:fan": 1 } };
			cloud.administration.sendMessage("volcengine", "example0001", device, JSON.stringify(command));
		},
		traces: 'the cloud sets {"default:fan":1}',
		topic: `sys/example0001/${device}/thingmodel/property/post`,
	},
];

for (const example of examples)
	if (findSdk() === undefined) test.skip(`sim: ${example.what}: skipped, ${missingSdkMessage}`, () => {});
	else
		test.serial(`sim: ${example.what}`, async (t) => {
			t.timeout(150_000);
			await play(t, example);
		});

test("each example is played", async (t) => {
	const folders = await readdir(join(project, "examples"));
	t.deepEqual(examples.map(({ folder }) => folder).toSorted(), folders.toSorted());
});

async function play(t: ExecutionContext, example: Example): Promise<void> {
	const { folder, product, rules, onEvent, traces, topic, files } = example;
	// From the JavaScript that the build has made of it; what mcconfig makes of the TypeScript, other tests see.
	const image = await buildSimulator(`build/examples/${folder}`);
	const home = await mkdtemp(join(tmpdir(), "dynreg-example-"));
	const store = join(home, "flash");
	await mkdir(store);
	const cloud = await startCloud();
	const configuration = { ...(await demoBoard(cloud, product, device)), ...example.configuration };
	if (rules) cloud.administration.putProduct(product.cloud, product.id, rules);
	const log = new TraceLog();
	const start = () =>
		startBoard({
			image,
			store,
			configuration,
			onEvent(event) {
				log.event(event);
				onEvent?.(cloud, event);
			},
			onTrace: log.trace,
		});
	await withBoard(log, start, async () => {
		await (traces === undefined
			? log.waitFor(hasTimeService(product.cloud) ? "clock" : "online")
			: log.waitForLine((line) => line === traces));
		const published = () =>
			cloud.administration
				.requests()
				.some(
					({ operation, verdict, reason }) =>
						operation === "publish" && verdict === "accepted" && reason.includes(topic),
				);
		for (let look = 0; look < 100 && !published(); look++) await new Promise((resolve) => setTimeout(resolve, 50));
		t.true(published());
		if (files) t.true((await readdir(store)).filter((name) => files.test(name)).length >= 1, folder);
	});
	await cloud.close();
	await rm(home, { recursive: true });
}
