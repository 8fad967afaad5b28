import assert from "node:assert/strict";
import { keptPorts } from "../support/kept-ports.js";
import { isRight, type Scenario, stops } from "./scenario.js";
import { name, newKey, product } from "./world.js";

/** The ways to register. */
const ways = [
	["v2 with hmacsha256", { protocol: "v2", signMethod: "hmacsha256" }],
	["v2 with hmacsha1", { protocol: "v2", signMethod: "hmacsha1" }],
	["v1", { protocol: "v1", signMethod: "hmacsha1" }],
] as const;

export const tencent: readonly Scenario[] = [
	...ways.map(
		([way, change]): Scenario => ({
			name: `a board with empty flash registers by ${way} and is online`,
			async run(world) {
				const cloud = await world.cloud();
				const board = await world.reach("online", { configuration: world.configuration(cloud, change) });
				assert.deepEqual(board.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				assert.equal(world.seen(`register/${change.protocol}`, "accepted").length, 1);
				assert.equal(world.seen("register").length, 1);
				assert.equal(world.seen("connect", "accepted").length, 1);
				assert.equal(cloud.administration.device("tencent", product.id, name).state, "active");
			},
		}),
	),
	{
		name: "plain transport works where the configuration says dangerously",
		async run(world) {
			const cloud = await world.cloud();
			const plain = { endpoints: { register: cloud.urls.http, mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			await world.reach("online", { configuration: world.configuration(cloud, plain) });
			assert.equal(world.seen("connect", "accepted")[0]?.transport, "mqtt");
		},
	},
	{
		name: "a name created beforehand registers",
		async run(world) {
			const cloud = await world.cloud({ registration: "pre-created" });
			cloud.administration.putDevice("tencent", product.id, name, newKey());
			await world.reach("online", { configuration: world.configuration(cloud) });
		},
	},
	{
		name: "the vendor's run of 2019 replays: the board stores that key and connects with it",
		async run(world) {
			const cloud = await world.cloud();
			const { productId, productSecret, deviceName, psk } = run2019;
			cloud.administration.putProduct("tencent", productId, { secret: productSecret });
			cloud.administration.putDevice("tencent", productId, deviceName, psk);
			const store = world.file("flash");
			const change = { productId, productSecret, deviceName, protocol: "v1", signMethod: "hmacsha1" };
			const configuration = world.configuration(cloud, change);
			await world.reach("stored", { configuration, store });
			assert.equal(world.seen("register/v1", "accepted").length, 1);
			// The broker makes the same password from exactly this key, or refuses.
			const board = await world.reach("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
		},
	},
	{
		name: "after a power cycle a board connects without registering (invariant 1)",
		async run(world) {
			const cloud = await world.cloud();
			const configuration = world.configuration(cloud);
			const store = world.file("flash");
			await world.reach("online", { configuration, store });
			for (let cycle = 0; cycle < 2; cycle++) {
				const board = await world.reach("online", { configuration, store });
				assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
			}
			assert.equal(world.seen("register").length, 1);
			assert.equal(world.seen("connect", "accepted").length, 3);
		},
	},
	{
		name: "a power cut between storing and connecting costs no second registration (invariant 2)",
		async run(world) {
			const cloud = await world.cloud();
			const configuration = world.configuration(cloud);
			const store = world.file("flash");
			await world.reach("stored", { configuration, store });
			assert.equal(world.seen("connect").length, 0);
			const board = await world.reach("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
			assert.equal(world.seen("register").length, 1);
		},
	},
	{
		name: "a board given another name registers under it, and knows the old one when it is given back (invariant 10)",
		async run(world) {
			const cloud = await world.cloud();
			const store = world.file("flash");
			const configuration = world.configuration(cloud);
			await world.reach("online", { configuration, store });
			const renamed = world.configuration(cloud, { deviceName: "board-2" });
			const other = await world.reach("online", { configuration: renamed, store });
			assert.deepEqual(other.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
			const again = await world.reach("online", { configuration, store });
			assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			assert.deepEqual(
				world.seen("connect").map(({ device, verdict }) => `${device} ${verdict}`),
				[`${name} accepted`, "board-2 accepted", `${name} accepted`],
			);
		},
	},
	{
		name: "an online board says hello, gets its time and its commands",
		async run(world) {
			const cloud = await world.cloud();
			const board = await world.board({ configuration: world.configuration(cloud) });
			isRight((await board.event("clock")).now);
			await cloud.administration.sendMessage("tencent", product.id, name, '{"led":"on","名":"灯"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `${product.id}/${name}/control`);
			assert.equal(payload, '{"led":"on","名":"灯"}');
			assert.ok(world.seen("publish", "accepted").some(({ reason }) => reason.includes(`${product.id}/${name}/event`)));
		},
	},
	...ways.map(
		([way, change]): Scenario => ({
			name: `a wrong product secret is bad-product-secret by ${way}, and says where to look`,
			async run(world) {
				const cloud = await world.cloud({ secret: "another-secret-than-that" });
				const board = await world.board({ configuration: world.configuration(cloud, change) });
				const failure = await stops(board, "register", "bad-product-secret");
				assert.match(failure.message, /productSecret.*console/);
				assert.equal(world.seen("connect").length, 0);
			},
		}),
	),
	...(["v1", "v2"] as const).flatMap((protocol): Scenario[] => [
		{
			name: `a name that was not created is refused in the platform's words (${protocol})`,
			async run(world) {
				const cloud = await world.cloud({ registration: "pre-created" });
				const board = await world.board({ configuration: world.configuration(cloud, { protocol }) });
				const { message } = await stops(board, "register", "registration-refused");
				assert.match(message, /Device name has not been created/);
			},
		},
		{
			name: `a product at its limit refuses in the platform's words (${protocol})`,
			async run(world) {
				const cloud = await world.cloud({ limit: 1 });
				const first = world.configuration(cloud, { protocol, deviceName: "board-0" });
				await world.reach("stored", { configuration: first });
				const board = await world.board({ configuration: world.configuration(cloud, { protocol }) });
				const { message } = await stops(board, "register", "registration-refused");
				assert.match(message, /Limit of registered devices reached/);
			},
		},
		{
			name: `registration switched off is refused in the platform's words (${protocol})`,
			async run(world) {
				const cloud = await world.cloud({ registration: "off" });
				const board = await world.board({ configuration: world.configuration(cloud, { protocol }) });
				const { message } = await stops(board, "register", "registration-refused");
				assert.match(message, /Dynamic registration is off/);
			},
		},
		{
			name: `a board that has lost its flash is already-activated, until it is reset (${protocol})`,
			async run(world) {
				const cloud = await world.cloud();
				const configuration = world.configuration(cloud, { protocol });
				await world.reach("online", { configuration });
				const failure = await stops(await world.board({ configuration }), "register", "already-activated");
				assert.match(failure.message, /[Rr]eset or delete.*console/);
				cloud.administration.resetDevice("tencent", product.id, name);
				await world.reach("online", { configuration });
			},
		},
	]),
	{
		name: "a wrong configuration is one sentence that names the key",
		async run(world) {
			const cloud = await world.cloud();
			for (const [change, key] of [
				[{ productId: "much-too-long-for-an-id" }, "productId"],
				[{ productSecret: "not16characters" }, "productSecret"],
				[{ deviceName: "no spaces" }, "deviceName"],
				[{ region: "moon" }, "region"],
				[{ endpoints: { register: "http://127.0.0.1:1" } }, "endpoints.register"],
			] as const) {
				const board = await world.board({ configuration: world.configuration(cloud, change) });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "configuration bad-configuration stop");
				assert.ok(failure.message.startsWith(`${key} `) && failure.message.includes(" Expected "), failure.message);
			}
			assert.equal(world.seen("").length, 0);
		},
	},
	{
		name: "a cloud that is not there is connect-failed",
		async run(world) {
			const cloud = await world.cloudOfItsOwn();
			const configuration = world.configuration(cloud);
			await cloud.close();
			const board = await world.board({ configuration });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "register connect-failed retry");
		},
	},
	{
		name: "a broker that is gone is waited for, without registering again (invariants 1 and 7)",
		async run(world) {
			const cloud = await world.cloud({}, { ports: keptPorts() });
			await cloud.administration.stopBroker();
			const board = await world.board({ configuration: world.configuration(cloud) });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect connect-failed");
			assert.ok(failure.retryIn !== undefined && failure.retryIn >= 5, `next try in ${failure.retryIn} s`);
			await cloud.administration.startBroker();
			await board.event("online", { seconds: failure.retryIn });
			assert.equal(world.seen("register").length, 1);
		},
	},
	{
		name: "a board whose broker goes away is offline, and comes back by itself (invariant 7)",
		async run(world) {
			const cloud = await world.cloud({}, { ports: keptPorts() });
			const board = await world.board({ configuration: world.configuration(cloud) });
			await board.event("online");
			await cloud.administration.stopBroker();
			const { index, event } = await board.entry("offline");
			const { code, phase, retryIn = 0 } = event;
			assert.equal(`${phase} ${code}`, "session connection-lost");
			await cloud.administration.startBroker();
			await board.event("online", { after: index, seconds: retryIn });
			assert.equal(world.seen("register").length, 1);
			assert.equal(world.seen("connect", "accepted").length, 2);
		},
	},
	{
		name: "a fresh credential that the cloud has changed meanwhile is replaced by registering again (invariant 6)",
		async run(world) {
			const cloud = await world.cloud();
			const configuration = world.configuration(cloud);
			const store = world.file("flash");
			await world.reach("stored", { configuration, store });
			cloud.administration.rotateDevice("tencent", product.id, name);
			const board = await world.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(world.seen("register", "accepted").length, 2);
		},
	},
	{
		name: "an active credential that the cloud has changed is kept, and works again once it is changed back (invariant 6)",
		async run(world) {
			const cloud = await world.cloud();
			const key = newKey();
			cloud.administration.putDevice("tencent", product.id, name, key);
			const configuration = world.configuration(cloud);
			const store = world.file("flash");
			await world.reach("online", { configuration, store });
			cloud.administration.rotateDevice("tencent", product.id, name);
			const board = await world.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			cloud.administration.rotateDevice("tencent", product.id, name, key);
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(world.seen("register").length, 1);
		},
	},
];

/** Protocols section 1.14: the one complete run of the real platform. */
const run2019 = {
	productId: "S3EUVBRJLB",
	productSecret: "8XzjN8rfgFVGDTNTUGau4snA",
	deviceName: "device_1234",
	psk: "7WmFA/MEs+Fy+32QwJWtYw==",
};
