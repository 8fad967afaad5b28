import assert from "node:assert/strict";
import type { Cloud } from "@dynreg/cloud";
import { createAuthority, issue } from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { type Scenario, stops } from "./scenario.js";
import { name, product, type World } from "./world.js";

/** A way to come by a certificate. */
interface Way {
	readonly what: string;
	readonly operation: string;
	/** A cloud with such a product, and what a board's configuration says beyond the usual. */
	start(world: World): Promise<{ readonly cloud: Cloud; readonly change: RawConfiguration }>;
}

const ways: readonly Way[] = [
	...(["v2", "v1"] as const).map(
		(protocol): Way => ({
			what: `a certificate product by ${protocol}`,
			operation: `register/${protocol}`,
			start: async (world) => ({ cloud: await world.cloud({ auth: "certificate" }), change: { protocol } }),
		}),
	),
	{
		what: "a product of a private authority",
		operation: "register/v2",
		async start(world) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await world.cloud({ auth: "private-ca", authority: authority.certificate });
			return { cloud, change: await ownPair(authority) };
		},
	},
];

/** Products that authenticate by certificate. Nothing about it is configured: the platform decides. */
export const certificates: readonly Scenario[] = [
	...ways.flatMap(({ what, operation, start }): Scenario[] => [
		{
			name: `${what}: registers once, is online by mutual TLS, and connects without registering after a power cycle`,
			async run(world) {
				const { cloud, change } = await start(world);
				const configuration = world.configuration(cloud, change);
				const store = world.file("flash");
				const first = await world.reach("online", { configuration, store });
				assert.deepEqual(first.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				const second = await world.reach("online", { configuration, store });
				assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
				assert.equal(world.seen(operation, "accepted").length, 1);
				assert.equal(world.seen("register").length, 1);
				assert.equal(world.seen("connect", "accepted").length, 2);
			},
		},
		{
			name: `${what}: the port that demands a certificate takes the board`,
			async run(world) {
				const { cloud, change } = await start(world);
				const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mutual };
				await world.reach("online", { configuration: world.configuration(cloud, { ...change, endpoints }) });
			},
		},
		{
			name: `${what}: one that is revoked is refused, and kept (invariant 6)`,
			async run(world) {
				const { cloud, change } = await start(world);
				const configuration = world.configuration(cloud, change);
				const store = world.file("flash");
				await world.reach("online", { configuration, store });
				cloud.administration.revokeDevice("tencent", product.id, name);
				const board = await world.board({ configuration, store });
				let after = 0;
				for (let refusals = 0; refusals < 2; refusals++) {
					const { index, event } = await board.entry("failed", { after, seconds: 10 });
					assert.equal(`${event.phase} ${event.code}`, "connect credential-refused");
					after = index + 1;
				}
				assert.equal(world.seen("register").length, 1);
			},
		},
	]),
	{
		name: "a fresh certificate that was replaced in the cloud is registered for again, and the board is online with the new one",
		async run(world) {
			const cloud = await world.cloud({ auth: "certificate" });
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
		name: "a product that was made anew with certificates instead of keys: the board follows without being told",
		async run(world) {
			const cloud = await world.cloud();
			const configuration = world.configuration(cloud);
			await world.reach("online", { configuration });
			cloud.administration.deleteProduct("tencent", product.id);
			cloud.administration.putProduct("tencent", product.id, { secret: product.secret, auth: "certificate" });
			await world.reach("online", { configuration });
			assert.equal(world.seen("register", "accepted").length, 2);
		},
	},
	{
		name: "a product of a private authority refuses a certificate of another one, and a board without any says what is missing",
		async run(world) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await world.cloud({ auth: "private-ca", authority: authority.certificate });
			const foreign = await ownPair(await createAuthority({ name: "somebody else's" }));
			for (const change of [foreign, {}]) {
				const board = await world.board({ configuration: world.configuration(cloud, change) });
				await stops(board, "register", "registration-refused");
			}
		},
	},
];

async function ownPair(authority: Awaited<ReturnType<typeof createAuthority>>): Promise<RawConfiguration> {
	const { chain, key } = await issue(authority, { names: [name], purpose: "client" });
	return { clientCertificate: chain.slice(0, chain.indexOf("-----END") + 26), clientKey: key };
}
