import assert from "node:assert/strict";
import type { Cloud } from "@dynreg/cloud";
import { createAuthority, issue } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { exits, type Scenario, steps, stops } from "./judge.js";
import { type Change, name, product, type World } from "./world.js";

/** A way to come by a certificate. */
interface Way {
	readonly what: string;
	readonly operation: string;
	/** A cloud with such a product, and what a board's configuration says beyond the usual. */
	start(world: World): Promise<{ readonly cloud: Cloud; readonly change: Change }>;
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
				const config = await world.config(cloud, change);
				const store = world.file("flash");
				const first = world.board({ config, store, until: "online" });
				await exits(first, 0);
				assert.deepEqual(steps(first), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				const second = world.board({ config, store, until: "online" });
				await exits(second, 0);
				assert.deepEqual(steps(second), ["boot", "connecting", "online"]);
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
				await exits(world.board({ config: await world.config(cloud, { ...change, endpoints }), until: "online" }), 0);
			},
		},
		{
			name: `${what}: one that is revoked is refused, and kept (invariant 6)`,
			slow: true,
			async run(world) {
				const { cloud, change } = await start(world);
				const config = await world.config(cloud, change);
				const store = world.file("flash");
				await exits(world.board({ config, store, until: "online" }), 0);
				cloud.administration.revokeDevice("tencent", product.id, name);
				const board = world.board({ config, store, timeout: 120 });
				for (let refusals = 0; refusals < 2; refusals++) {
					const failure = await board.event("failed", board.events.length);
					assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
				}
				assert.equal(world.seen("register").length, 1);
			},
		},
	]),
	{
		name: "a fresh certificate that was replaced in the cloud is registered for again, and the board is online with the new one",
		slow: true,
		async run(world) {
			const cloud = await world.cloud({ auth: "certificate" });
			const config = await world.config(cloud);
			const store = world.file("flash");
			await exits(world.board({ config, store, until: "stored" }), 0);
			cloud.administration.rotateDevice("tencent", product.id, name);
			const board = world.board({ config, store, timeout: 120 });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", 0, world.driver.patience + (failure.retryIn ?? 0));
			assert.equal(world.seen("register", "accepted").length, 2);
		},
	},
	{
		name: "a product that was made anew with certificates instead of keys: the board follows without being told",
		async run(world) {
			const cloud = await world.cloud();
			const config = await world.config(cloud);
			await exits(world.board({ config, until: "online" }), 0);
			cloud.administration.deleteProduct("tencent", product.id);
			cloud.administration.putProduct("tencent", product.id, { secret: product.secret, auth: "certificate" });
			await exits(world.board({ config, until: "online" }), 0);
			assert.equal(world.seen("register", "accepted").length, 2);
		},
	},
	{
		name: "a product of a private authority refuses a certificate of another one, and a board without any says what is missing",
		async run(world) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await world.cloud({ auth: "private-ca", authority: authority.certificate });
			const foreign = await ownPair(await createAuthority({ name: "somebody else's" }));
			await stops(
				world.board({ config: await world.config(cloud, foreign), until: "online" }),
				"register",
				"registration-refused",
			);
			await stops(
				world.board({ config: await world.config(cloud), until: "online" }),
				"register",
				"registration-refused",
			);
		},
	},
];

async function ownPair(authority: Awaited<ReturnType<typeof createAuthority>>): Promise<Change> {
	const { chain, key } = await issue(authority, { names: [name], purpose: "client" });
	return { clientCertificate: chain.slice(0, chain.indexOf("-----END") + 26), clientKey: key };
}
