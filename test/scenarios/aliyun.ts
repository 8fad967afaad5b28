import assert from "node:assert/strict";
import type { Cloud, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { isRight, type Scenario, stops } from "./scenario.js";
import { name, product, type World } from "./world.js";

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
	board: { via: "mqtt", authType: "register" },
	operation: "register/mqtt",
	created: true,
};
const overHttps: Flow = {
	what: "pre-registered over HTTPS",
	product: { registration: "pre-created" },
	board: { via: "https", authType: "register" },
	operation: "register/device",
	created: true,
};
const free: Flow = {
	what: "registration-free",
	product: { registration: "free" },
	board: { via: "mqtt", authType: "regnwl" },
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
				name: `${flow.what} with ${signMethod}: registers once, is online, and connects without registering after a power cycle`,
				async run(world) {
					const cloud = await start(world, flow);
					const configuration = configure(world, cloud, flow, { signMethod });
					const store = world.file("flash");
					const first = await world.reach("online", { configuration, store });
					assert.deepEqual(first.steps(), lifeOfABoard);
					const second = await world.reach("online", { configuration, store });
					assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
					assert.deepEqual(
						world.seen("register").map(({ operation, verdict }) => `${operation} ${verdict}`),
						[`${flow.operation} accepted`],
					);
					assert.equal(world.seen("connect", "accepted").length, 2);
					assert.equal(cloud.administration.device("aliyun", id, name).state, "active");
				},
			}),
		),
	),
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a wrong product secret is bad-product-secret, and says where to look`,
			async run(world) {
				const cloud = await start(world, flow, { secret: "another-secret-than-that" });
				const board = await world.board({ configuration: configure(world, cloud, flow) });
				const { message } = await stops(board, "register", "bad-product-secret");
				assert.match(message, /productKey and productSecret.*console/);
				assert.equal(world.seen("connect").length, 0);
			},
		}),
	),
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a product with registration off is registration-refused`,
			async run(world) {
				const cloud = await start(world, flow, { registration: "off" });
				const board = await world.board({ configuration: configure(world, cloud, flow) });
				const { message } = await stops(board, "register", "registration-refused");
				assert.match(message, /dynamic registration is on/);
			},
		}),
	),
	...keyFlows.flatMap((flow): Scenario[] => [
		{
			name: `${flow.what}: a name that was not created is refused, and says so`,
			async run(world) {
				const cloud = await start(world, { ...flow, created: false });
				const board = await world.board({ configuration: configure(world, cloud, flow) });
				const { message } = await stops(board, "register", "registration-refused");
				assert.match(message, /deviceName is created in the console/);
			},
		},
		{
			name: `${flow.what}: a board that has lost its flash is told to be reset, and registers again once it is`,
			async run(world) {
				const cloud = await start(world, flow);
				const configuration = configure(world, cloud, flow);
				await world.reach("online", { configuration });
				const code = flow === overHttps ? "already-activated" : "registration-refused";
				const { message } = await stops(await world.board({ configuration, until: "online" }), "register", code);
				assert.match(message, /online before.*reset|[Rr]eset/);
				cloud.administration.resetDevice("aliyun", id, name);
				await world.reach("online", { configuration });
			},
		},
		{
			name: `${flow.what}: a second registration before activation makes the first secret useless, and the board follows (invariants 5 and 6)`,
			async run(world) {
				const cloud = await start(world, flow);
				const configuration = configure(world, cloud, flow);
				const store = world.file("flash");
				await world.reach("stored", { configuration, store });
				// Somebody else, with an empty flash, under the same name.
				await world.reach("stored", { configuration });
				const board = await world.board({ configuration, store });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(world.seen("register", "accepted").length, 3);
			},
		},
	]),
	...flows.map(
		(flow): Scenario => ({
			name: `${flow.what}: a late answer to an abandoned request is dropped (invariant 5)`,
			async run(world) {
				const cloud = await start(world, flow);
				// Longer than a board waits; the next request is answered at once.
				const seconds = flow === overHttps ? 24 : 13;
				cloud.administration.setFaults([{ operation: flow.operation, fault: "delay", seconds, count: 1 }]);
				const board = await world.board({ configuration: configure(world, cloud, flow) });
				const failure = await board.event("failed", { seconds });
				assert.equal(`${failure.phase} ${failure.code}`, "register timeout");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(world.seen("register", "accepted").length, 2);
				assert.equal(world.seen("connect", "accepted").length, 1);
				assert.equal(world.seen("connect", "refused").length, 0);
			},
		}),
	),
	{
		name: "five boards share one registration-free name, each with a credential of its own; a sixth is refused",
		async run(world) {
			const cloud = await start(world, free);
			const configuration = configure(world, cloud, free);
			const stores = Array.from({ length: 5 }, () => world.file("flash"));
			for (const store of stores) await world.reach("online", { configuration, store });
			await stops(await world.board({ configuration, until: "online" }), "register", "registration-refused");
			for (const store of stores) await world.reach("online", { configuration, store });
			assert.equal(world.seen("register", "accepted").length, 5);
			assert.equal(world.seen("connect", "accepted").length, 10);
		},
	},
	{
		name: "registration over MQTT without TLS is refused by the board itself, before anything is sent",
		async run(world) {
			const cloud = await start(world, overMqtt);
			const plain = { endpoints: { mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			const board = await world.board({ configuration: configure(world, cloud, overMqtt, plain) });
			const { message } = await stops(board, "register", "bad-configuration");
			assert.match(message, /^endpoints\.register has no TLS.* Expected mqtts:/);
			assert.equal(world.seen("").length, 0);
		},
	},
	{
		name: "a device secret works without TLS where the configuration says dangerously; a token is not sent",
		async run(world) {
			const cloud = await start(world, overMqtt);
			const plain = { endpoints: { mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			const store = world.file("flash");
			await world.reach("stored", { configuration: configure(world, cloud, overMqtt), store });
			const configuration = configure(world, cloud, overMqtt, plain);
			await world.reach("online", { configuration, store });
			assert.equal(world.seen("connect", "accepted")[0]?.transport, "mqtt");

			cloud.administration.putProduct("aliyun", id, free.product);
			const other = { ...free.board, deviceName: "board-2" };
			const secure = configure(world, cloud, free, other);
			await world.reach("stored", { configuration: secure, store });
			const open = await world.board({ configuration: configure(world, cloud, free, { ...other, ...plain }), store });
			const failure = await open.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect bad-configuration");
			assert.equal(world.seen("connect").length, 1);
		},
	},
	{
		name: "the exchange that a real device logged replays: the board stores that secret and connects with it",
		async run(world) {
			const cloud = await world.cloud();
			const { productKey, productSecret, deviceName, deviceSecret } = logged;
			cloud.administration.putProduct("aliyun", productKey, { secret: productSecret });
			cloud.administration.putDevice("aliyun", productKey, deviceName, deviceSecret);
			const real = { productKey, productSecret, deviceName, signMethod: "hmacmd5" };
			const configuration = configure(world, cloud, overHttps, real);
			const store = world.file("flash");
			await world.reach("stored", { configuration, store });
			const board = await world.reach("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
		},
	},
	{
		name: "an online board says hello, gets its time and its commands",
		async run(world) {
			const cloud = await start(world, overMqtt);
			const board = await world.board({ configuration: configure(world, cloud, overMqtt) });
			isRight((await board.event("clock")).now);
			await cloud.administration.sendMessage("aliyun", id, name, '{"led":"on","名":"灯"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `/${id}/${name}/user/get`);
			assert.equal(payload, '{"led":"on","名":"灯"}');
			assert.ok(world.seen("publish", "accepted").some(({ reason }) => reason.includes(`/${id}/${name}/user/update`)));
		},
	},
	{
		name: "a board moved from one cloud to the other registers there, and knows the first when it is moved back (invariant 10)",
		async run(world) {
			const cloud = await start(world, overMqtt);
			const store = world.file("flash");
			const here = configure(world, cloud, overMqtt);
			await world.reach("online", { configuration: world.configuration(cloud), store });
			await world.reach("online", { configuration: here, store });
			for (const configuration of [world.configuration(cloud), here]) {
				const again = await world.reach("online", { configuration, store });
				assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			}
			assert.equal(world.seen("register", "accepted").length, 2);
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
async function start(world: World, flow: Flow, change: ProductChange = {}): Promise<Cloud> {
	const cloud = await world.cloud();
	cloud.administration.putProduct("aliyun", id, { secret: product.secret, ...flow.product, ...change });
	if (flow.created) cloud.administration.putDevice("aliyun", id, name);
	return cloud;
}

function configure(world: World, cloud: Cloud, flow: Flow, change: RawConfiguration = {}): RawConfiguration {
	const endpoints = { mqtt: cloud.urls.mqtts, ...(flow === overHttps ? { register: cloud.urls.https } : {}) };
	return world.configure(cloud, { cloud: "aliyun", productKey: id, ...flow.board, endpoints, ...change });
}
