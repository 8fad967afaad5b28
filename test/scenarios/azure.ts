import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Cloud, ProductChange } from "@dynreg/cloud";
import { derivedKey } from "@dynreg/cloud/internal/platforms/azure/registration";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName, type Fixture } from "./fixture.js";
import { assertNeedsAttention, type Scenario } from "./scenario.js";

const id = "0ne0E2E0001";
const groupKey = "InventedGroupKeyOfScenariosInventedGroupKeyOfScenarios00";
const hub = `hub-${id.toLowerCase()}.azure-devices.net`;

const transports = ["https", "mqtt"] as const;
const operations = { https: "register/dps", mqtt: "register/dps-mqtt" } as const;

const lifeOfABoard = ["boot", "registering", "registered", "stored", "connecting", "online"];

export const azure: readonly Scenario[] = [
	...transports.flatMap((transport): Scenario[] => [
		{
			name: `over ${transport}: registers once, then connects after a power cycle`,
			async run(fixture) {
				const cloud = await start(fixture);
				const configuration = configure(fixture, cloud, { registrationTransport: transport });
				const store = fixture.file("flash");
				const first = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(first.steps(), lifeOfABoard);
				const second = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
				assert.equal(fixture.requests(`${operations[transport]}-status`, "accepted").length, 1);
				assert.equal(fixture.requests("connect", "accepted").length, 2);
				assert.equal(cloud.administration.device("azure", id, deviceName).state, "active");
			},
		},
		{
			name: `over ${transport}: a wrong key is bad-product-secret`,
			async run(fixture) {
				const cloud = await start(fixture);
				const deviceKey = derivedKey(groupKey, "another-device");
				const configuration = configure(fixture, cloud, { registrationTransport: transport, deviceKey });
				const { message } = await assertNeedsAttention(
					await fixture.board({ configuration }),
					"register",
					"bad-product-secret",
				);
				assert.match(message, /idScope and deviceKey/);
				assert.equal(fixture.requests("connect").length, 0);
			},
		},
		{
			name: `over ${transport}: a disabled enrollment is registration-refused`,
			async run(fixture) {
				const cloud = await start(fixture, { registration: "off" });
				const configuration = configure(fixture, cloud, { registrationTransport: transport });
				const { message } = await assertNeedsAttention(
					await fixture.board({ configuration }),
					"register",
					"registration-refused",
				);
				assert.match(message, /the enrollment is disabled/);
			},
		},
		{
			name: `over ${transport}: a response for another device stores nothing (invariant 4)`,
			async run(fixture) {
				const cloud = await start(fixture);
				const operation = `${operations[transport]}-status`;
				cloud.administration.setFaults([{ operation, fault: "wrong-device", count: 1 }]);
				const configuration = configure(fixture, cloud, { registrationTransport: transport });
				const board = await fixture.board({ configuration });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, "register bad-answer");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(board.steps().filter((step) => step === "stored").length, 1);
			},
		},
	]),
	{
		name: "a board without its flash registers again, while it is active",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = configure(fixture, cloud);
			for (let life = 0; life < 2; life++) await fixture.runUntil("online", { configuration });
			assert.equal(fixture.requests("register/dps-status", "accepted").length, 2);
		},
	},
	{
		name: "a board that its hub refuses registers again, and connects to another hub",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = configure(fixture, cloud);
			const store = fixture.file("flash");
			// Fresh, so that one refusal is enough (invariant 6).
			await fixture.runUntil("stored", { configuration, store });
			const instanceId = "other-hub.azure-devices.net";
			cloud.administration.putProduct("azure", id, { instanceId });
			const board = await fixture.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			const hubs = fixture.requests("register/dps-status", "accepted").map(({ reason }) => reason);
			assert.deepEqual(hubs, [`Assigned ${hub}.`, `Assigned ${instanceId}.`]);
		},
	},
	{
		name: "a hub whose name is not found leads to another registration",
		isRealTime: true,
		async run(fixture) {
			const cloud = await start(fixture);
			const instanceId = `gone-${randomUUID()}.azure-devices.net`;
			cloud.administration.putProduct("azure", id, { instanceId });
			const configuration = configure(fixture, cloud, { endpoints: { register: cloud.urls.https } });
			const board = await fixture.board({ configuration });
			const failure = await board.event("failed", { seconds: 30 });
			assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "connect dns-failed retry");
			const stored = { after: board.events.length, seconds: (failure.retryIn ?? 0) + 30 };
			await board.entry("stored", stored);
			const again = ["registering", "registered", "stored"];
			assert.deepEqual(board.steps().slice(0, 9), [...lifeOfABoard.slice(0, 5), "failed", ...again]);
		},
	},
	{
		name: "a session ends before its token does, and the next one follows at once",
		async run(fixture) {
			const cloud = await start(fixture);
			// A session of 60 to 76 s.
			const board = await fixture.board({ configuration: configure(fixture, cloud, { tokenLifetime: 80 }) });
			await board.event("online");
			const offline = await board.event("offline", { seconds: 76 });
			assert.equal(`${offline.code} ${offline.reason}`, "ordered renewal");
			assert.equal(offline.retryIn, 0);
			await board.event("online");
			assert.equal(fixture.requests("register/dps", "accepted").length, 2, "a PUT and a GET");
			await until(() => fixture.requests("disconnect").length > 0);
			const reasons = fixture.requests("disconnect").map(({ reason }) => reason);
			assert.deepEqual(reasons, ["The board closed the connection."]);
		},
	},
	{
		name: "the group's key is used only where that is allowed by name",
		async run(fixture) {
			const cloud = await start(fixture);
			const group = { deviceKey: "" };
			const configuration = configure(fixture, cloud, group);
			const { message } = await assertNeedsAttention(
				await fixture.board({ configuration }),
				"register",
				"bad-configuration",
			);
			assert.match(message, /^deviceKey is missing.*dynreg factory/);
			assert.equal(fixture.requests("").length, 0);
			await fixture.runUntil("online", {
				configuration: configure(fixture, cloud, { ...group, dangerouslyUseGroupKey: true }),
			});
		},
	},
	{
		name: "an online board says hello and gets its commands",
		async run(fixture) {
			const cloud = await start(fixture);
			const board = await fixture.board({ configuration: configure(fixture, cloud) });
			await board.event("online");
			await until(() => fixture.requests("subscribe", "accepted").length > 0);
			await cloud.administration.sendMessage("azure", id, deviceName, '{"led":"on"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `devices/${deviceName}/messages/devicebound/`);
			assert.equal(payload, '{"led":"on"}');
			assert.ok(
				fixture
					.requests("publish", "accepted")
					.some(({ reason }) => reason.includes(`devices/${deviceName}/messages/events/`)),
			);
		},
	},
];

async function start(fixture: Fixture, change: ProductChange = {}): Promise<Cloud> {
	const cloud = await fixture.cloud();
	cloud.administration.putProduct("azure", id, { secret: groupKey, ...change });
	return cloud;
}

function configure(fixture: Fixture, cloud: Cloud, change: RawConfiguration = {}): RawConfiguration {
	const { https, mqtts } = cloud.urls;
	const register = change.registrationTransport === "mqtt" ? mqtts : https;
	return fixture.configure(cloud, {
		...{ cloud: "azure", idScope: id, productSecret: groupKey, deviceKey: derivedKey(groupKey, deviceName) },
		endpoints: { register, mqtt: mqtts },
		...change,
	});
}

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
