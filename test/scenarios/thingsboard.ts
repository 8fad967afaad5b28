import assert from "node:assert/strict";
import type { Cloud, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName, type Fixture, product } from "./fixture.js";
import { assertNeedsAttention, type Scenario } from "./scenario.js";

const id = "e2eProvisionKey";
const lifeOfABoard = ["boot", "registering", "registered", "stored", "connecting", "online"];

export const thingsboard: readonly Scenario[] = [
	...(["token", "basic"] as const).map(
		(credentials): Scenario => ({
			name: `with credentials ${credentials}: registers once, then connects after a power cycle`,
			async run(fixture) {
				const cloud = await start(fixture);
				const configuration = configure(fixture, cloud, { credentials });
				const store = fixture.file("flash");
				const first = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(first.steps(), lifeOfABoard);
				const second = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
				assert.equal(fixture.requests("register", "accepted").length, 1);
				assert.equal(fixture.requests("connect", "accepted").length, 2);
				assert.match(fixture.requests("register")[0]?.reason ?? "", /Took the device's own/);
			},
		}),
	),
	{
		name: "a device that was created beforehand gets the credential that the server has",
		async run(fixture) {
			const cloud = await start(fixture, { registration: "pre-created" });
			cloud.administration.putDevice("thingsboard", id, deviceName);
			const configuration = configure(fixture, cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration, store });
			assert.match(fixture.requests("register")[0]?.reason ?? "", /Issued an access token/);
			const again = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			// Without its flash the board is refused, until the device is reset.
			await assertNeedsAttention(await fixture.board({ configuration }), "register", "already-activated");
			cloud.administration.resetDevice("thingsboard", id, deviceName);
			await fixture.runUntil("online", { configuration });
		},
	},
	{
		name: "a lost response costs no device: the board connects with what it has proposed",
		async run(fixture) {
			const cloud = await start(fixture);
			cloud.administration.setFaults([{ operation: "register/provision", fault: "drop", count: 1 }]);
			const board = await fixture.board({ configuration: configure(fixture, cloud) });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "register connection-lost");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register").length, 1);
			assert.equal(fixture.requests("connect", "refused").length, 0);
		},
	},
	{
		name: "a power cut before the request costs one refused connection",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = configure(fixture, cloud);
			const store = fixture.file("flash");
			cloud.administration.setFaults([{ operation: "register/provision", fault: "status", status: 500, count: 1 }]);
			const board = await fixture.board({ configuration, store });
			await board.event("failed");
			board.powerOff();
			const again = await fixture.board({ configuration, store });
			const failure = await again.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await again.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 1);
		},
	},
	{
		name: "a name that another board has is refused, and says what to do",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = configure(fixture, cloud);
			await fixture.runUntil("online", { configuration });
			const { message } = await assertNeedsAttention(
				await fixture.board({ configuration }),
				"register",
				"already-activated",
			);
			assert.match(message, /delete the device/);
			cloud.administration.deleteDevice("thingsboard", id, deviceName);
			await fixture.runUntil("online", { configuration });
		},
	},
	...(
		[
			["a wrong secret", { secret: "another-secret-than-that" }],
			["provisioning that is off", { registration: "off" }],
		] as const
	).map(
		([what, change]): Scenario => ({
			name: `${what} is bad-product-secret, as the server does not tell them apart`,
			async run(fixture) {
				const cloud = await start(fixture, change);
				const board = await fixture.board({ configuration: configure(fixture, cloud) });
				const { message } = await assertNeedsAttention(board, "register", "bad-product-secret");
				assert.match(message, /device profile/);
				assert.equal(fixture.requests("connect").length, 0);
			},
		}),
	),
	{
		name: "an online board sends telemetry and receives calls",
		async run(fixture) {
			const cloud = await start(fixture);
			const board = await fixture.board({ configuration: configure(fixture, cloud) });
			await board.event("online");
			const call = '{"method":"setLamp","params":{"on":true}}';
			await subscribed(fixture);
			await cloud.administration.sendMessage("thingsboard", id, deviceName, call);
			const { topic, payload } = await board.event("message");
			assert.equal(topic, "v1/devices/me/rpc/request/1");
			assert.equal(payload, call);
			assert.ok(
				fixture.requests("publish", "accepted").some(({ reason }) => reason.includes("v1/devices/me/telemetry")),
			);
		},
	},
	{
		name: "a board whose device is deleted registers again",
		isLong: true,
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = configure(fixture, cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration, store });
			cloud.administration.deleteDevice("thingsboard", id, deviceName);
			const board = await fixture.board({ configuration, store });
			// An active credential is replaced only after ten refusals in a row (invariant 6).
			for (let count = 0; count < 10; count++) {
				const failure = await board.event("failed", { seconds: 300 });
				assert.equal(failure.code, "credential-refused");
			}
			await board.event("online", { seconds: 600 });
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	},
];

/** Until the board has subscribed to its calls. */
async function subscribed(fixture: Fixture): Promise<void> {
	while (fixture.requests("subscribe", "accepted").length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A cloud with a device profile. */
async function start(fixture: Fixture, change: ProductChange = {}): Promise<Cloud> {
	const cloud = await fixture.cloud();
	cloud.administration.putProduct("thingsboard", id, { secret: product.secret, ...change });
	return cloud;
}

function configure(fixture: Fixture, cloud: Cloud, change: RawConfiguration = {}): RawConfiguration {
	const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mqtts };
	const profile = { cloud: "thingsboard", host: "localhost", provisionKey: id };
	return fixture.configure(cloud, { ...profile, endpoints, ...change });
}
