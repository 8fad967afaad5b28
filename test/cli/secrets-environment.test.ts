/** Debug output that the environment asks of Node and of dependencies. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "@dynreg/cloud";
import { type DemoProduct, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test from "ava";
import { findLeaks } from "../secrets/leaks.js";
import { dynregIn } from "./dynreg.js";

const noisy = { DEBUG: "*", NODE_DEBUG: "http,https,http2,net,tls,stream,child_process,fs,timer,worker,undici" };
/** The beginning of a message of Node or of a dependency. */
const debugMessage =
	/^(\S+ \d+: |\s*(mqttjs|mqtt-packet|number-allocator)\b|.{24} (mqttjs|mqtt-packet|number-allocator))/m;

const products: readonly DemoProduct[] = [
	{ cloud: "tencent", id: "NOISYPROD1", secret: "a-secret/of+16-characters" },
	{ cloud: "aliyun", id: "noisyProd01", secret: "another-secret/of+16-chars" },
];

for (const product of products)
	for (const host of ["node", "xs"])
		test(`board --host ${host}, ${product.cloud}: no debug output, whatever the environment`, async (t) => {
			const folder = await mkdtemp(join(tmpdir(), "dynreg-environment-"));
			const cloud = await startCloud();
			t.teardown(async () => {
				await cloud.close();
				await rm(folder, { recursive: true, force: true });
			});
			const config = join(folder, "board.json");
			const store = join(folder, "flash");
			await writeFile(config, JSON.stringify(demoConfiguration(cloud, product, "board-1")));
			const board = ["board", "--host", host, "--config", config, "--store", store];
			const { code, out, err } = await dynregIn(noisy, ...board, "--until", "online", "--timeout", "100").ended;
			t.is(code, 0, err);
			t.notRegex(`${out}\n${err}`, debugMessage);
			const flash = Object.values(JSON.parse(await readFile(store, "utf8")) as Record<string, string>);
			t.deepEqual(findLeaks([out, err], [product.secret, ...flash]), []);
		});

for (const command of [
	["demo", "--host", "node"],
	["fleet", "--real", "2"],
	["doctor", "--for", "try"],
])
	test(`${command.join(" ")}: no debug output, whatever the environment`, async (t) => {
		const { out, err } = await dynregIn(noisy, ...command).ended;
		t.true(out.length > 0);
		t.notRegex(`${out}\n${err}`, debugMessage);
	});

test("a cloud and the programs of a command get none of it", async (t) => {
	const running = dynregIn({ ...noisy, FORCE_COLOR: "1" }, "cloud", "--json");
	t.teardown(() => running.process.kill("SIGKILL"));
	const first = await new Promise<string>((resolve) =>
		running.process.stdout?.once("data", (text) => resolve(`${text}`)),
	);
	const { http, admin } = JSON.parse(first) as { http: string; admin: string };
	const secret = "a-secret/of+16-characters";
	await fetch(`${admin}/products/tencent/NOISYPROD1`, { method: "PUT", body: JSON.stringify({ secret }) });
	await fetch(http);
	running.process.kill("SIGTERM");
	const { out, err } = await running.ended;
	t.notRegex(`${out}\n${err}`, debugMessage);
	t.deepEqual(findLeaks([out, err], [secret]), []);
});
