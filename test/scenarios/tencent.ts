import assert from "node:assert/strict";
import { reservedPorts } from "../support/reserved-ports.js";
import { deviceName, product, randomDeviceSecret } from "./fixture.js";
import { assertClockIsRight, assertNeedsAttention, replacesFreshCredential, type Scenario } from "./scenario.js";

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
			async run(fixture) {
				const cloud = await fixture.cloud();
				const board = await fixture.runUntil("online", { configuration: fixture.configuration(cloud, change) });
				assert.deepEqual(board.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				assert.equal(fixture.requests(`register/${change.protocol}`, "accepted").length, 1);
				assert.equal(fixture.requests("register").length, 1);
				assert.equal(fixture.requests("connect", "accepted").length, 1);
				assert.equal(cloud.administration.device("tencent", product.id, deviceName).state, "active");
			},
		}),
	),
	{
		name: "plain transport works where the configuration says dangerously",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const plain = { endpoints: { register: cloud.urls.http, mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			await fixture.runUntil("online", { configuration: fixture.configuration(cloud, plain) });
			assert.equal(fixture.requests("connect", "accepted")[0]?.transport, "mqtt");
		},
	},
	{
		name: "a name created beforehand registers",
		async run(fixture) {
			const cloud = await fixture.cloud({ registration: "pre-created" });
			cloud.administration.putDevice("tencent", product.id, deviceName, randomDeviceSecret());
			await fixture.runUntil("online", { configuration: fixture.configuration(cloud) });
		},
	},
	{
		name: "the vendor's run of 2019 replays: the board stores that key and connects with it",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const { productId, productSecret, deviceName, psk } = run2019;
			cloud.administration.putProduct("tencent", productId, { secret: productSecret });
			cloud.administration.putDevice("tencent", productId, deviceName, psk);
			const store = fixture.file("flash");
			const change = { productId, productSecret, deviceName, protocol: "v1", signMethod: "hmacsha1" };
			const configuration = fixture.configuration(cloud, change);
			await fixture.runUntil("stored", { configuration, store });
			assert.equal(fixture.requests("register/v1", "accepted").length, 1);
			// The broker makes the same password from exactly this key, or refuses.
			const board = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
		},
	},
	{
		name: "after a power cycle a board connects without registering (invariant 1)",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const configuration = fixture.configuration(cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration, store });
			for (let cycle = 0; cycle < 2; cycle++) {
				const board = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
			}
			assert.equal(fixture.requests("register").length, 1);
			assert.equal(fixture.requests("connect", "accepted").length, 3);
		},
	},
	{
		name: "a power cut between store and connect needs no registration (invariant 2)",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const configuration = fixture.configuration(cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration, store });
			assert.equal(fixture.requests("connect").length, 0);
			const board = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "connecting", "online"]);
			assert.equal(fixture.requests("register").length, 1);
		},
	},
	{
		name: "a renamed board registers, and keeps the old credential (invariant 10)",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const store = fixture.file("flash");
			const configuration = fixture.configuration(cloud);
			await fixture.runUntil("online", { configuration, store });
			const renamed = fixture.configuration(cloud, { deviceName: "board-2" });
			const other = await fixture.runUntil("online", { configuration: renamed, store });
			assert.deepEqual(other.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
			const again = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			assert.deepEqual(
				fixture.requests("connect").map(({ device, verdict }) => `${device} ${verdict}`),
				[`${deviceName} accepted`, "board-2 accepted", `${deviceName} accepted`],
			);
		},
	},
	{
		name: "an online board says hello, gets its time and its commands",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const board = await fixture.board({ configuration: fixture.configuration(cloud) });
			assertClockIsRight((await board.event("clock")).now);
			await cloud.administration.sendMessage("tencent", product.id, deviceName, '{"led":"on","名":"灯"}');
			const { topic, payload } = await board.event("message");
			assert.equal(topic, `${product.id}/${deviceName}/control`);
			assert.equal(payload, '{"led":"on","名":"灯"}');
			assert.ok(
				fixture
					.requests("publish", "accepted")
					.some(({ reason }) => reason.includes(`${product.id}/${deviceName}/event`)),
			);
		},
	},
	...ways.map(
		([way, change]): Scenario => ({
			name: `a wrong product secret is bad-product-secret by ${way}, and says where to look`,
			async run(fixture) {
				const cloud = await fixture.cloud({ secret: "another-secret-than-that" });
				const board = await fixture.board({ configuration: fixture.configuration(cloud, change) });
				const failure = await assertNeedsAttention(board, "register", "bad-product-secret");
				assert.match(failure.message, /productSecret.*console/);
				assert.equal(fixture.requests("connect").length, 0);
			},
		}),
	),
	...(["v1", "v2"] as const).flatMap((protocol): Scenario[] => [
		{
			name: `a name that was not created is refused in the platform's words (${protocol})`,
			async run(fixture) {
				const cloud = await fixture.cloud({ registration: "pre-created" });
				const board = await fixture.board({ configuration: fixture.configuration(cloud, { protocol }) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, /Device name has not been created/);
			},
		},
		{
			name: `a product at its limit refuses in the platform's words (${protocol})`,
			async run(fixture) {
				const cloud = await fixture.cloud({ limit: 1 });
				const first = fixture.configuration(cloud, { protocol, deviceName: "board-0" });
				await fixture.runUntil("stored", { configuration: first });
				const board = await fixture.board({ configuration: fixture.configuration(cloud, { protocol }) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, /Limit of registered devices reached/);
			},
		},
		{
			name: `registration switched off is refused in the platform's words (${protocol})`,
			async run(fixture) {
				const cloud = await fixture.cloud({ registration: "off" });
				const board = await fixture.board({ configuration: fixture.configuration(cloud, { protocol }) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, /Dynamic registration is off/);
			},
		},
		{
			name: `without its flash a board is already-activated until a reset (${protocol})`,
			async run(fixture) {
				const cloud = await fixture.cloud();
				const configuration = fixture.configuration(cloud, { protocol });
				await fixture.runUntil("online", { configuration });
				const failure = await assertNeedsAttention(
					await fixture.board({ configuration }),
					"register",
					"already-activated",
				);
				assert.match(failure.message, /[Rr]eset or delete.*console/);
				cloud.administration.resetDevice("tencent", product.id, deviceName);
				await fixture.runUntil("online", { configuration });
			},
		},
	]),
	{
		name: "a wrong configuration is one sentence that names the key",
		async run(fixture) {
			const cloud = await fixture.cloud();
			for (const [change, key] of [
				[{ productId: "much-too-long-for-an-id" }, "productId"],
				[{ productSecret: "not16characters" }, "productSecret"],
				[{ deviceName: "no spaces" }, "deviceName"],
				[{ region: "moon" }, "region"],
				[{ endpoints: { register: "http://127.0.0.1:1" } }, "endpoints.register"],
			] as const) {
				const board = await fixture.board({ configuration: fixture.configuration(cloud, change) });
				const failure = await board.event("failed");
				assert.equal(
					`${failure.phase} ${failure.code} ${failure.action}`,
					"configuration bad-configuration needs-attention",
				);
				assert.ok(failure.message.startsWith(`${key} `) && failure.message.includes(" Expected "), failure.message);
			}
			assert.equal(fixture.requests("").length, 0);
		},
	},
	{
		name: "a cloud that is not there is connect-failed",
		async run(fixture) {
			const cloud = await fixture.cloudWithOwnAuthority();
			const configuration = fixture.configuration(cloud);
			await cloud.close();
			const board = await fixture.board({ configuration });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "register connect-failed retry");
		},
	},
	{
		name: "a missing broker is retried without another registration (invariants 1 and 7)",
		async run(fixture) {
			const cloud = await fixture.cloud({}, { ports: reservedPorts() });
			await cloud.administration.stopBroker();
			const board = await fixture.board({ configuration: fixture.configuration(cloud) });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect connect-failed");
			assert.ok(failure.retryIn !== undefined && failure.retryIn >= 5, `next try in ${failure.retryIn} s`);
			await cloud.administration.startBroker();
			await board.event("online", { seconds: failure.retryIn });
			assert.equal(fixture.requests("register").length, 1);
		},
	},
	{
		name: "a board goes offline with its broker and reconnects (invariant 7)",
		async run(fixture) {
			const cloud = await fixture.cloud({}, { ports: reservedPorts() });
			const board = await fixture.board({ configuration: fixture.configuration(cloud) });
			await board.event("online");
			await cloud.administration.stopBroker();
			const { index, event } = await board.entry("offline");
			const { code, phase, retryIn = 0 } = event;
			assert.equal(`${phase} ${code}`, "session connection-lost");
			await cloud.administration.startBroker();
			await board.event("online", { after: index, seconds: retryIn });
			assert.equal(fixture.requests("register").length, 1);
			assert.equal(fixture.requests("connect", "accepted").length, 2);
		},
	},
	{
		name: "a lost session's TLS is resumed, and a restarted broker, which has forgotten it, gets a full handshake (invariant 9)",
		async run(fixture) {
			const cloud = await fixture.cloud({}, { ports: reservedPorts() });
			const board = await fixture.board({ configuration: fixture.configuration(cloud) });
			let { index } = await board.entry("online");
			const lose = async (how: () => unknown) => {
				await how();
				const { index: lost, event } = await board.entry("offline", { after: index });
				return { after: lost, seconds: event.retryIn ?? 0 };
			};
			const cut = () => cloud.administration.disconnectDevice("tencent", product.id, deviceName);
			for (let again = 0; again < 2; again++) ({ index } = await board.entry("online", await lose(cut)));
			const after = await lose(() => cloud.administration.stopBroker());
			await cloud.administration.startBroker();
			await board.event("online", after);
			const resumed = fixture.requests("connect", "accepted").map((entry) => entry.resumed ?? false);
			assert.deepEqual(resumed, [false, true, true, false]);
		},
	},
	replacesFreshCredential("a fresh credential changed in the cloud is replaced (invariant 6)", {}),
	{
		name: "an active credential changed in the cloud is kept (invariant 6)",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const key = randomDeviceSecret();
			cloud.administration.putDevice("tencent", product.id, deviceName, key);
			const configuration = fixture.configuration(cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration, store });
			cloud.administration.rotateDevice("tencent", product.id, deviceName);
			const board = await fixture.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			cloud.administration.rotateDevice("tencent", product.id, deviceName, key);
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register").length, 1);
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
