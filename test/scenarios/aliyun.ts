import assert from "node:assert/strict";
import type { Cloud, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName, type Fixture, product } from "./fixture.js";
import { assertClockIsRight, assertNeedsAttention, type Scenario } from "./scenario.js";

const id = "e2eKey00001";

/** How a device comes by its credential: what the product allows, what the board is told, what the cloud calls it. */
interface Flow {
	readonly what: string;
	readonly product: ProductChange;
	readonly board: RawConfiguration;
	readonly operation: string;
	/** The device has to be known before. */
	readonly created: boolean;
}

const overMqtt: Flow = {
	what: "pre-registered over MQTT",
	product: { registration: "pre-created" },
	board: { registrationTransport: "mqtt", authType: "register" },
	operation: "register/mqtt",
	created: true,
};
const overHttps: Flow = {
	what: "pre-registered over HTTPS",
	product: { registration: "pre-created" },
	board: { registrationTransport: "https", authType: "register" },
	operation: "register/device",
	created: true,
};
const free: Flow = {
	what: "registration-free",
	product: { registration: "free" },
	board: { registrationTransport: "mqtt", authType: "regnwl" },
	operation: "register/regnwl",
	created: false,
};
const flows = [overMqtt, overHttps, free] as const;
/** Those with a device secret, of which only the newest is valid. */
const keyFlows = [overMqtt, overHttps] as const;

const lifeOfABoard = ["boot", "registering", "registered", "stored", "connecting", "online"];

export const aliyun: readonly Scenario[] = [
	...flows.flatMap((flow) =>
		["hmacsha256", "hmacsha1", "hmacmd5"].map(
			(signMethod): Scenario => ({
				name: `${flow.what} with ${signMethod}: registers once, then connects after a power cycle`,
				async run(fixture) {
					const cloud = await start(fixture, flow);
					const configuration = configure(fixture, cloud, flow, { signMethod });
					const store = fixture.file("flash");
					const first = await fixture.runUntil("online", { configuration, store });
					assert.deepEqual(first.steps(), lifeOfABoard);
					const second = await fixture.runUntil("online", { configuration, store });
					assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
					assert.deepEqual(
						fixture.requests("register").map(({ operation, verdict }) => `${operation} ${verdict}`),
						[`${flow.operation} accepted`],
					);
					assert.equal(fixture.requests("connect", "accepted").length, 2);
					assert.equal(cloud.administration.device("aliyun", id, deviceName).state, "active");
				},
			}),
		),
	),
	{
		name: "over MQTT the first session has a TLS session of its own, as after a power cycle (invariant 9)",
		async run(fixture) {
			const cloud = await start(fixture, overMqtt);
			const configuration = configure(fixture, cloud, overMqtt, {});
			const store = fixture.file("flash");
			for (let life = 0; life < 2; life++) await fixture.runUntil("online", { configuration, store });
			const resumed = fixture.requests("connect", "accepted").map((entry) => entry.resumed ?? false);
			assert.deepEqual(resumed, [false, false]);
		},
	},
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a wrong product secret is bad-product-secret`,
			async run(fixture) {
				const cloud = await start(fixture, flow, { secret: "another-secret-than-that" });
				const board = await fixture.board({ configuration: configure(fixture, cloud, flow) });
				const { message } = await assertNeedsAttention(board, "register", "bad-product-secret");
				assert.match(message, /productKey and productSecret.*console/);
				assert.equal(fixture.requests("connect").length, 0);
			},
		}),
	),
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a product with registration off is registration-refused`,
			async run(fixture) {
				const cloud = await start(fixture, flow, { registration: "off" });
				const board = await fixture.board({ configuration: configure(fixture, cloud, flow) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, /dynamic registration is on/);
			},
		}),
	),
	...keyFlows.flatMap((flow): Scenario[] => [
		{
			name: `${flow.what}: a name that was not created is refused, and says so`,
			async run(fixture) {
				const cloud = await start(fixture, { ...flow, created: false });
				const board = await fixture.board({ configuration: configure(fixture, cloud, flow) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, /deviceName is created in the console/);
			},
		},
		{
			name: `${flow.what}: a board without its flash needs a reset, then registers`,
			async run(fixture) {
				const cloud = await start(fixture, flow);
				const configuration = configure(fixture, cloud, flow);
				await fixture.runUntil("online", { configuration });
				const code = flow === overHttps ? "already-activated" : "registration-refused";
				const { message } = await assertNeedsAttention(
					await fixture.board({ configuration, until: "online" }),
					"register",
					code,
				);
				assert.match(message, /online before.*reset|[Rr]eset/);
				cloud.administration.resetDevice("aliyun", id, deviceName);
				await fixture.runUntil("online", { configuration });
			},
		},
		{
			name: `${flow.what}: another registration replaces the first secret (invariants 5 and 6)`,
			async run(fixture) {
				const cloud = await start(fixture, flow);
				const configuration = configure(fixture, cloud, flow);
				const store = fixture.file("flash");
				await fixture.runUntil("stored", { configuration, store });
				// Another board, with an empty flash, under the same name.
				await fixture.runUntil("stored", { configuration });
				const board = await fixture.board({ configuration, store });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(fixture.requests("register", "accepted").length, 3);
			},
		},
	]),
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a late response to an abandoned request is dropped (invariant 5)`,
			async run(fixture) {
				const cloud = await start(fixture, flow);
				// Longer than a board waits; the next request is answered at once.
				const seconds = flow === overHttps ? 24 : 13;
				cloud.administration.setFaults([{ operation: flow.operation, fault: "delay", seconds, count: 1 }]);
				const board = await fixture.board({ configuration: configure(fixture, cloud, flow) });
				const failure = await board.event("failed", { seconds });
				assert.equal(`${failure.phase} ${failure.code}`, "register timeout");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(fixture.requests("register", "accepted").length, 2);
				assert.equal(fixture.requests("connect", "accepted").length, 1);
				assert.equal(fixture.requests("connect", "refused").length, 0);
			},
		}),
	),
	{
		name: "five boards share a registration-free name; a sixth is refused",
		async run(fixture) {
			const cloud = await start(fixture, free);
			const configuration = configure(fixture, cloud, free);
			const stores = Array.from({ length: 5 }, () => fixture.file("flash"));
			for (const store of stores) await fixture.runUntil("online", { configuration, store });
			await assertNeedsAttention(
				await fixture.board({ configuration, until: "online" }),
				"register",
				"registration-refused",
			);
			for (const store of stores) await fixture.runUntil("online", { configuration, store });
			assert.equal(fixture.requests("register", "accepted").length, 5);
			assert.equal(fixture.requests("connect", "accepted").length, 10);
		},
	},
	{
		name: "registration over MQTT without TLS is refused by the board itself",
		async run(fixture) {
			const cloud = await start(fixture, overMqtt);
			const plain = { endpoints: { mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			const board = await fixture.board({ configuration: configure(fixture, cloud, overMqtt, plain) });
			const { message } = await assertNeedsAttention(board, "register", "bad-configuration");
			assert.match(message, /^endpoints\.register has no TLS.* Expected mqtts:/);
			assert.equal(fixture.requests("").length, 0);
		},
	},
	{
		name: "a device secret works without TLS with the dangerous option; a token does not",
		async run(fixture) {
			const cloud = await start(fixture, overMqtt);
			const plain = { endpoints: { mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration: configure(fixture, cloud, overMqtt), store });
			const configuration = configure(fixture, cloud, overMqtt, plain);
			await fixture.runUntil("online", { configuration, store });
			assert.equal(fixture.requests("connect", "accepted")[0]?.transport, "mqtt");

			cloud.administration.putProduct("aliyun", id, free.product);
			const other = { ...free.board, deviceName: "board-2" };
			const secure = configure(fixture, cloud, free, other);
			await fixture.runUntil("stored", { configuration: secure, store });
			const open = await fixture.board({
				configuration: configure(fixture, cloud, free, { ...other, ...plain }),
				store,
			});
			const failure = await open.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect bad-configuration");
			assert.equal(fixture.requests("connect").length, 1);
		},
	},
	{
		name: "the exchange of a real device replays, and its secret connects",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const { productKey, productSecret, deviceName, deviceSecret } = logged;
			cloud.administration.putProduct("aliyun", productKey, { secret: productSecret });
			cloud.administration.putDevice("aliyun", productKey, deviceName, deviceSecret);
			const real = { productKey, productSecret, deviceName, signMethod: "hmacmd5" };
			const configuration = configure(fixture, cloud, overHttps, real);
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration, store });
			const board = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
		},
	},
	{
		name: "an online board says hello, gets its time and its commands",
		async run(fixture) {
			const cloud = await start(fixture, overMqtt);
			const board = await fixture.board({ configuration: configure(fixture, cloud, overMqtt) });
			assertClockIsRight((await board.event("clock")).now);
			await cloud.administration.sendMessage("aliyun", id, deviceName, '{"led":"on","名":"灯"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `/${id}/${deviceName}/user/get`);
			assert.equal(payload, '{"led":"on","名":"灯"}');
			assert.ok(
				fixture
					.requests("publish", "accepted")
					.some(({ reason }) => reason.includes(`/${id}/${deviceName}/user/update`)),
			);
		},
	},
	{
		name: "a board moved to another cloud and back keeps both credentials (invariant 10)",
		async run(fixture) {
			const cloud = await start(fixture, overMqtt);
			const store = fixture.file("flash");
			const here = configure(fixture, cloud, overMqtt);
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

/** Protocols section 3.5: a real device's log. */
const logged = {
	productKey: "k1hipglLdjU",
	productSecret: "8LQwOYSZMwp3DFBd",
	deviceName: "868488076506128",
	deviceSecret: "fef32adf6dad46c2c7cbf335d3a7b021",
};

/** A cloud with a product for this flow. */
async function start(fixture: Fixture, flow: Flow, change: ProductChange = {}): Promise<Cloud> {
	const cloud = await fixture.cloud();
	cloud.administration.putProduct("aliyun", id, { secret: product.secret, ...flow.product, ...change });
	if (flow.created) cloud.administration.putDevice("aliyun", id, deviceName);
	return cloud;
}

function configure(fixture: Fixture, cloud: Cloud, flow: Flow, change: RawConfiguration = {}): RawConfiguration {
	const endpoints = { mqtt: cloud.urls.mqtts, ...(flow === overHttps ? { register: cloud.urls.https } : {}) };
	return fixture.configure(cloud, { cloud: "aliyun", productKey: id, ...flow.board, endpoints, ...change });
}
