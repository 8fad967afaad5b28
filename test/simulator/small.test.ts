/**
 * The application in the memory of an ESP8266, simulated: the simulator's engine with a machine of a fixed size, in
 * `test/small/manifest.json`: as many slots, bytes of chunks and slots of stack as fit together into what the image for an
 * ESP8266 reserves (`static` in `hosts/moddable/platforms/esp8266/manifest.json`), counted as there, with an ESP8266's limits.
 * `docs/reference/size.md` says how much of that is margin, and how this count differs from a chip's.
 */

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { createAuthority, issueCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { type DemoCloud, demoClouds, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import { bytesOnChip, memoryBudgets, readMachine, resizeMachine } from "@dynreg/tools/small-machine";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { inSimulator } from "./in-simulator.js";
import { type Watched, withBoard } from "./watched-board.js";

/** Bytes of heap that an ESP8266 has when the engine's memory has not been taken yet, release. */
const heapAtStart = 48_424;
const device = "board-1";
/** Of an MQTT packet (docs/reference/wire.md). */
const mostBytes = 1024;

/** A cloud that registers over HTTPS and one over MQTT, each with a time service. */
const measuredClouds = {
	tencent: { control: `SMALL00001/${device}/control`, event: `SMALL00001/${device}/event` },
	aliyun: { control: `/SMALL00001/${device}/user/get`, event: `/SMALL00001/${device}/user/update` },
} as const;
const measuredNames = ["tencent", "aliyun"] as const;

test("small: the machine that is tried is the ESP8266's, and leaves 16 KB of heap", async (t) => {
	const manifest = await readFile(join(project, "hosts/moddable/platforms/esp8266/manifest.json"), "utf8");
	const { creation } = JSON.parse(manifest);
	const machine = readMachine("test/small");
	t.is(bytesOnChip(machine), creation.static);
	t.is(machine.stack, creation.stack);
	// The simulator's socket keeps a kilobyte that has not been read yet in this memory; on a chip the network does.
	t.deepEqual(readMachine("test/small/echo"), { ...machine, chunks: machine.chunks + 1040 });
	t.true(heapAtStart - creation.static >= 16_384);
});

interface Fixture {
	readonly cloud: Cloud;
	readonly product: { readonly cloud: DemoCloud; readonly id: string; readonly secret: string };
	readonly configuration: RawConfiguration;
	/** Of flash. */
	readonly store: string;
}

if (findSdk() === undefined) {
	test.skip(`small: skipped, ${missingSdkMessage}`, () => {});
} else {
	let image: string;
	let echo: string;
	let folder: string;

	test.before(async (t) => {
		t.timeout(300_000);
		image = await buildSimulator("test/small");
		echo = await buildSimulator("test/small/echo");
		folder = await mkdtemp(join(tmpdir(), "dynreg-small-"));
	});

	test.after.always(() => rm(folder, { recursive: true, force: true }));

	const withFixture = async (t: ExecutionContext, name: DemoCloud, work: (fixture: Fixture) => Promise<void>) => {
		t.timeout(300_000);
		const cloud = await startCloud();
		const store = await mkdtemp(join(folder, "flash-"));
		// An image has its authorities as DER in flash; to read PEM takes memory that a board never needs.
		const ca = `${store}.der`;
		await writeFile(ca, new X509Certificate(await readFile(cloud.ca)).raw);
		const product = { cloud: name, id: "SMALL00001", secret: "MadeUpSecretOfSmallBoard" };
		try {
			const configuration = { ...demoConfiguration(cloud, product, device), ca };
			await work({ cloud, product, configuration, store });
		} finally {
			await cloud.close();
		}
	};

	test.serial(
		"small: the tests' own image, with a larger memory, passes every case with an ESP8266's limits",
		async (t) => {
			t.timeout(600_000);
			const tests = await buildSimulator(conformanceApplication(true));
			const cases = groups().flatMap((group) => group.cases);
			const onDevice = JSON.parse(await readFile(join(project, "conformance/device/manifest.json"), "utf8"));
			t.is(bytesOnChip(readMachine("conformance/device/esp8266")), onDevice.platforms.esp.creation.static);
			await inSimulator(tests, { isSmall: true }, async (attempt) => {
				const results = [...(await attempt(cases, 60_000)).values()];
				const reasons = results.filter(({ outcome }) => outcome === "failed").map(({ name, reason }) => [name, reason]);
				t.deepEqual(reasons, []);
				t.true(results.filter(({ outcome }) => outcome === "passed").length > 140);
			});
		},
	);

	test.serial("small: a first boot and a power cycle stay within their budgets", (t) =>
		withFixture(t, "tencent", async ({ configuration, store }) => {
			for (const budget of [memoryBudgets.firstBoot, memoryBudgets.powerCycle]) {
				const [slots, stack] = [832, 320];
				const machine = { slots, stack, chunks: budget - (slots + stack) * 16 };
				const smaller = await resizeMachine(image, readMachine("test/small"), machine, `${store}-${budget}`);
				await withBoard(configuration, store, async (board) => void (await board.next("clock")), smaller);
			}
			t.pass();
		}),
	);

	test.serial(
		"small: a chain of certificates is verified up to the documented length, and a longer one is refused",
		(t) =>
			withFixture(t, "tencent", async ({ configuration, store }) => {
				const root = await createAuthority({ name: "root", pathLength: 1 });
				const intermediate = await createAuthority({ name: "intermediate", issuer: root });
				const ca = `${store}-root.der`;
				await writeFile(ca, new X509Certificate(root.certificate).raw);
				await withBoard(configuration, store, async (board) => void (await board.next("clock")), image);
				for (const [count, event] of [
					[70, "online"],
					[90, "failed"],
				] as const) {
					const names = Array.from({ length: count }, (_, i) => `host-number-${i}.region-${i}.example.com`);
					const { chain, key } = await issueCertificate(intermediate, { names: ["127.0.0.1", ...names] });
					const broker = createServer({ cert: chain, key, maxVersion: "TLSv1.2" }, (socket) => {
						// CONNACK: accepted.
						socket.once("data", () => socket.write(Buffer.from([0x20, 2, 0, 0]))).on("error", () => {});
					});
					broker.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
					await once(broker, "listening");
					const endpoints = { mqtt: `mqtts://127.0.0.1:${(broker.address() as AddressInfo).port}` };
					const elsewhere = { ...configuration, ca, endpoints };
					await withBoard(elsewhere, store, async (board) => void (await board.next(event)), image);
					broker.close();
				}
				t.pass();
			}),
	);

	// Certificates do not fit into an ESP8266.
	for (const name of demoClouds.filter((each) => !Object.hasOwn(measuredClouds, each) && !platformNamed(each).claims))
		test.serial(`small: ${name}: registers, and comes back online after a power cycle`, (t) =>
			withFixture(t, name, async ({ cloud, configuration, store }) => {
				for (let life = 0; life < 2; life++)
					await withBoard(configuration, store, async (board) => void (await board.next("online")), image);
				const { administration } = cloud;
				const connects = administration.requests().filter(({ operation }) => operation === "connect");
				t.deepEqual(
					connects.map(({ verdict }) => verdict),
					["accepted", "accepted"],
				);
			}),
		);

	for (const name of measuredNames) {
		// The SDK's socket for the simulator drops what a callback does not read, and Alibaba's broker sends the registration's
		// response right behind the CONNACK. The image with the echo has a socket that keeps it, as a chip's network does.
		const application = () => (name === "aliyun" ? echo : image);

		const via = name === "tencent" ? "HTTPS" : "MQTT";
		test.serial(
			`small: ${name}: registers by ${via}, and comes back online after a power cycle and lost connections`,
			(t) =>
				withFixture(t, name, async ({ cloud, product, configuration, store }) => {
					await withBoard(configuration, store, async (board) => void (await board.next("clock")), application());
					const again = async (board: Watched) => {
						await board.next("clock");
						for (let cut = 0; cut < 2; cut++) {
							// The broker forgets its TLS sessions.
							if (cut === 1) await cloud.administration.setCertificate("good", "mqtts");
							cloud.administration.disconnectDevice(name, product.id, device);
							await board.next("offline");
							await board.next("clock");
						}
					};
					await withBoard(configuration, store, again, application());
					const { administration } = cloud;
					const requests = administration.requests();
					t.is(requests.filter(({ operation }) => operation.startsWith("register/")).length, 1);
					const connects = requests.filter(({ operation }) => operation === "connect");
					// First boot, power cycle, lost connections.
					const resumed = [name === "aliyun", false, true, false];
					t.deepEqual(
						connects.map((each) => each.resumed ?? false),
						resumed,
					);
				}),
		);

		test.serial(`small: ${name}: a refused credential is kept, and connects when the platform takes it again`, (t) =>
			withFixture(t, name, async ({ cloud, product, configuration, store }) => {
				const { administration } = cloud;
				const secret = Buffer.alloc(16, "s").toString("base64");
				administration.putDevice(name, product.id, device, secret);
				await withBoard(configuration, store, async (board) => void (await board.next("clock")), application());
				await administration.rotateDevice(name, product.id, device);
				await withBoard(
					configuration,
					store,
					async (board) => {
						t.like(await board.next("failed"), { code: "credential-refused" });
						await administration.rotateDevice(name, product.id, device, secret);
						await board.next("clock");
					},
					application(),
				);
			}),
		);

		test.serial(`small: ${name}: the largest message goes both ways, again and again`, (t) =>
			withFixture(t, name, async ({ cloud, product, configuration, store }) => {
				const { administration } = cloud;
				await withBoard(
					configuration,
					store,
					async (board) => {
						await board.next("clock");
						// 2 for the topic's length, the topic, the payload.
						const most = mostBytes - 2 - measuredClouds[name].control.length;
						// Alibaba's topic of events is longer than that of commands.
						const bothWays = Math.min(most, mostBytes - 2 - measuredClouds[name].event.length);
						for (let i = 0; i < 5; i++) {
							await administration.sendMessage(name, product.id, device, "m".repeat(bothWays));
							t.like(await board.next("message"), { payload: `${bothWays} bytes` });
							await administration.sendMessage(name, product.id, device, "o".repeat(most));
							t.like(await board.next("message"), { payload: `${most} bytes` });
						}
						const echoes = () => administration.requests().filter(({ operation }) => operation === "publish");
						t.true(echoes().length >= 5);
						await administration.sendMessage(name, product.id, device, "m".repeat(most + 1));
						t.like(await board.next("offline"), { code: "answer-too-large" });
						await board.next("clock");
					},
					echo,
				);
			}),
		);

		test.serial(`small: ${name}: a burst of messages arrives, and does not end the session`, (t) =>
			withFixture(t, name, async ({ cloud, product, configuration, store }) => {
				const { administration } = cloud;
				await withBoard(
					configuration,
					store,
					async (board) => {
						await board.next("clock");
						for (const bytes of [10, 200, 900]) {
							// Each in a TLS record of its own, as brokers send them: one record of more than 4.5 KB ends the session.
							for (let i = 0; i < 40; i++)
								await administration.sendMessage(name, product.id, device, "n".repeat(bytes));
							for (let i = 0; i < 40; i++) t.like(await board.next("message"), { payload: `${bytes} bytes` });
						}
						t.false(
							board.log.events.some(({ event }) => event === "offline"),
							String(board.log),
						);
					},
					echo,
				);
			}),
		);
	}

	test.serial("small: a certificate product is refused before anything is asked of the platform", (t) =>
		withFixture(t, "tencent", async ({ cloud, configuration, store }) => {
			await withBoard(
				{ ...configuration, auth: "certificate" },
				store,
				async (board) => void t.like(await board.next("failed"), { code: "storage-too-small" }),
				image,
			);
			const { administration } = cloud;
			t.is(administration.requests().filter(({ operation }) => operation.startsWith("register/")).length, 0);
		}),
	);

	test.serial("small: the console answers, and the button has a board register again", (t) =>
		withFixture(t, "tencent", async ({ cloud, product, configuration, store }) => {
			await withBoard(
				configuration,
				store,
				async (board) => {
					await board.next("clock");
					for (const line of ["now", "what?", "a line of many words ".repeat(20)]) {
						t.true(board.send(line));
						await board.next("answer");
					}
					t.true(board.send("state"));
					t.like(await board.next("state"), { doing: "online", credential: "key", active: true });
				},
				image,
			);
			cloud.administration.deleteDevice("tencent", product.id, device);
			await withBoard(
				{ ...configuration, pressed: [500, 20_000] },
				store,
				async (board) => {
					await board.next("erased");
					await board.next("registered");
					await board.next("clock");
				},
				image,
			);
		}),
	);

	test.serial("small: a board without a clock takes the time from a web server where no time server answers", (t) =>
		withFixture(t, "tencent", async ({ cloud, configuration, store }) => {
			const times = { now: 0, sntp: "127.0.0.1:9", httpTimeServer: cloud.urls.http };
			await withBoard({ ...configuration, ...times }, store, async (board) => void (await board.next("online")), image);
			t.pass();
		}),
	);
}
