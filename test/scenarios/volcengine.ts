import assert from "node:assert/strict";
import type { Cloud, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName, type Fixture, product } from "./fixture.js";
import { assertClockIsRight, assertNeedsAttention, type Scenario } from "./scenario.js";

const id = "e2eVolc0001";

/** How a device may register: what the product allows, what the board is told. */
interface Flow {
	readonly what: string;
	readonly product: ProductChange;
	readonly board: RawConfiguration;
	/** The device has to be known before. */
	readonly created: boolean;
}

const created: Flow = {
	what: "a name that was created",
	product: { registration: "pre-created" },
	board: { authType: "pre-registration" },
	created: true,
};
const any: Flow = {
	what: "any name",
	product: { registration: "automatic" },
	board: { authType: "no-pre-registration" },
	created: false,
};
const flows = [created, any] as const;

export const volcengine: readonly Scenario[] = [
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: registers once, then connects after a power cycle`,
			async run(fixture) {
				const cloud = await start(fixture, flow);
				const configuration = configure(fixture, cloud, flow);
				const store = fixture.file("flash");
				const first = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(first.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				const second = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
				assert.deepEqual(
					fixture.requests("register").map(({ operation, verdict }) => `${operation} ${verdict}`),
					["register/dynamic accepted"],
				);
				assert.equal(fixture.requests("connect", "accepted").length, 2);
				assert.equal(cloud.administration.device("volcengine", id, deviceName).state, "active");
			},
		}),
	),
	{
		name: "a wrong product secret is bad-product-secret",
		async run(fixture) {
			const cloud = await start(fixture, any, { secret: "another-secret-than-that" });
			const board = await fixture.board({ configuration: configure(fixture, cloud, any) });
			const { message } = await assertNeedsAttention(board, "register", "bad-product-secret");
			assert.match(message, /productKey, productSecret and instanceId/);
			assert.equal(fixture.requests("connect").length, 0);
		},
	},
	{
		name: "a product with registration off is registration-refused",
		async run(fixture) {
			const cloud = await start(fixture, any, { registration: "off" });
			const board = await fixture.board({ configuration: configure(fixture, cloud, any) });
			const { message } = await assertNeedsAttention(board, "register", "registration-refused");
			assert.match(message, /dynamic registration is on/);
		},
	},
	{
		name: "a name that was not created is refused, and says so",
		async run(fixture) {
			const cloud = await start(fixture, { ...created, created: false });
			const board = await fixture.board({ configuration: configure(fixture, cloud, created) });
			const { message } = await assertNeedsAttention(board, "register", "registration-refused");
			assert.match(message, /deviceName is created in the console/);
		},
	},
	{
		name: "a board without its flash registers again, and the first secret is refused (invariants 5 and 6)",
		async run(fixture) {
			const cloud = await start(fixture, any);
			const configuration = configure(fixture, cloud, any);
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration, store });
			// Another board, with an empty flash, under the same name.
			await fixture.runUntil("online", { configuration });
			const board = await fixture.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 3);
		},
	},
	{
		name: "a late response to an abandoned request is dropped (invariant 5)",
		async run(fixture) {
			const cloud = await start(fixture, any);
			cloud.administration.setFaults([{ operation: "register/dynamic", fault: "delay", seconds: 24, count: 1 }]);
			const board = await fixture.board({ configuration: configure(fixture, cloud, any) });
			const failure = await board.event("failed", { seconds: 24 });
			assert.equal(`${failure.phase} ${failure.code}`, "register timeout");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 2);
			assert.equal(fixture.requests("connect", "refused").length, 0);
		},
	},
	{
		name: "a session works without TLS with the dangerous option",
		async run(fixture) {
			const cloud = await start(fixture, any);
			const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mqtt };
			const plain = { endpoints, dangerouslyAllowPlain: true };
			await fixture.runUntil("online", { configuration: configure(fixture, cloud, any, plain) });
			assert.equal(fixture.requests("connect", "accepted")[0]?.transport, "mqtt");
		},
	},
	{
		name: "an online board says hello, gets its time and its commands",
		async run(fixture) {
			const cloud = await start(fixture, any);
			const board = await fixture.board({ configuration: configure(fixture, cloud, any) });
			assertClockIsRight((await board.event("clock")).now);
			await cloud.administration.sendMessage("volcengine", id, deviceName, '{"led":"on","名":"灯"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `sys/${id}/${deviceName}/thingmodel/service/preset/propertySet/post`);
			assert.equal(payload, '{"led":"on","名":"灯"}');
			assert.ok(
				fixture
					.requests("publish", "accepted")
					.some(({ reason }) => reason.includes(`sys/${id}/${deviceName}/thingmodel/property/post`)),
			);
		},
	},
	{
		name: "a board moved to another cloud and back keeps both credentials (invariant 10)",
		async run(fixture) {
			const cloud = await start(fixture, any);
			const store = fixture.file("flash");
			const here = configure(fixture, cloud, any);
			await fixture.runUntil("online", { configuration: fixture.configuration(cloud), store });
			await fixture.runUntil("online", { configuration: here, store });
			for (const configuration of [fixture.configuration(cloud), here]) {
				const again = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			}
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	},
];

/** A cloud with a product for this flow. */
async function start(fixture: Fixture, flow: Flow, change: ProductChange = {}): Promise<Cloud> {
	const cloud = await fixture.cloud();
	cloud.administration.putProduct("volcengine", id, { secret: product.secret, ...flow.product, ...change });
	if (flow.created) cloud.administration.putDevice("volcengine", id, deviceName);
	return cloud;
}

function configure(fixture: Fixture, cloud: Cloud, flow: Flow, change: RawConfiguration = {}): RawConfiguration {
	const own = { cloud: "volcengine", productKey: id, instanceId: "e2e", ...flow.board };
	return fixture.configure(cloud, {
		...own,
		endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
		...change,
	});
}
