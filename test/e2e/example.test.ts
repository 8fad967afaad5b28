import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { startCloud } from "../../cloud/cloud.js";
import { findSdk, noSdk } from "../../tools/moddable.js";
import { buildSimulator, startBoard } from "../../tools/simulated-board.js";

const product = "EXAMPLE001";
const secret = "e2e-example-secret-001";
const device = "lamp-1";

if (findSdk() === undefined) test.skip(`sim: the README's lamp: skipped, ${noSdk}`, () => {});
else
	test("sim: the README's lamp registers by itself and does what the cloud says", async (t) => {
		t.timeout(400_000);
		const image = await buildSimulator("examples/lamp");
		const folder = await mkdtemp(join(tmpdir(), "dynreg-example-"));
		const store = join(folder, "flash");
		await mkdir(store);
		const cloud = await startCloud();
		cloud.administration.putProduct("tencent", product, { secret });
		const traced: string[] = [];
		let lit: () => void = () => {};
		const done = new Promise<void>((resolve) => {
			lit = resolve;
		});
		const board = await startBoard({
			image,
			store,
			configuration: {
				productId: product,
				productSecret: secret,
				deviceName: device,
				endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
				ca: cloud.ca,
				spread: 0,
			},
			onEvent({ event }) {
				if (event === "clock") cloud.administration.sendMessage("tencent", product, device, '{"lamp":"on"}');
			},
			onTrace(line) {
				traced.push(line);
				if (line === "the lamp is on") lit();
			},
		});
		await Promise.race([done, board.exited]);
		t.true(traced.includes("the lamp is on"), traced.join("\n"));
		const answered = () =>
			cloud.administration
				.requests()
				.some(
					({ operation, verdict, reason }) =>
						operation === "publish" && verdict === "accepted" && reason.includes(`${product}/${device}/event`),
				);
		for (let look = 0; look < 100 && !answered(); look++) await new Promise((resolve) => setTimeout(resolve, 50));
		t.true(answered());
		board.kill();
		await board.exited;
		await cloud.close();
		await rm(folder, { recursive: true });
	});
