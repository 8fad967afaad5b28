import assert from "node:assert/strict";
import type { Cloud } from "@dynreg/cloud";
import {
	type CertificateAuthority,
	createAuthority,
	createKeyPair,
	issueCertificate,
	type KeyPair,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName, type Fixture, product } from "./fixture.js";
import { assertNeedsAttention, replacesFreshCredential, type Scenario } from "./scenario.js";

/** A way to come by a certificate. */
interface Way {
	readonly what: string;
	readonly operation: string;
	/** A cloud with such a product, and what a board's configuration says beyond the usual. */
	start(fixture: Fixture): Promise<{ readonly cloud: Cloud; readonly change: RawConfiguration }>;
}

const ways: readonly Way[] = [
	...(["v2", "v1"] as const).map(
		(protocol): Way => ({
			what: `a certificate product by ${protocol}`,
			operation: `register/${protocol}`,
			start: async (fixture) => ({ cloud: await fixture.cloud({ auth: "certificate" }), change: { protocol } }),
		}),
	),
	{
		what: "a product of a private authority",
		operation: "register/v2",
		async start(fixture) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await fixture.cloud({ auth: "private-ca", authority: authority.certificate });
			return { cloud, change: await ownPair(authority) };
		},
	},
];

/** Products that authenticate by certificate. Nothing about it is configured: the platform decides. */
export const certificates: readonly Scenario[] = [
	...ways.flatMap(({ what, operation, start }): Scenario[] => [
		{
			name: `${what}: registers once, then connects by mutual TLS after a power cycle`,
			async run(fixture) {
				const { cloud, change } = await start(fixture);
				const configuration = fixture.configuration(cloud, change);
				const store = fixture.file("flash");
				const first = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(first.steps(), ["boot", "registering", "registered", "stored", "connecting", "online"]);
				const second = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
				assert.equal(fixture.requests(operation, "accepted").length, 1);
				assert.equal(fixture.requests("register").length, 1);
				assert.equal(fixture.requests("connect", "accepted").length, 2);
			},
		},
		{
			name: `${what}: the port that demands a certificate takes the board`,
			async run(fixture) {
				const { cloud, change } = await start(fixture);
				const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mtls };
				await fixture.runUntil("online", { configuration: fixture.configuration(cloud, { ...change, endpoints }) });
			},
		},
		{
			name: `${what}: one that is revoked is refused, and kept (invariant 6)`,
			async run(fixture) {
				const { cloud, change } = await start(fixture);
				const configuration = fixture.configuration(cloud, change);
				const store = fixture.file("flash");
				await fixture.runUntil("online", { configuration, store });
				cloud.administration.revokeDevice("tencent", product.id, deviceName);
				const board = await fixture.board({ configuration, store });
				let after = 0;
				for (let refusals = 0; refusals < 2; refusals++) {
					const { index, event } = await board.entry("failed", { after, seconds: 10 });
					assert.equal(`${event.phase} ${event.code}`, "connect credential-refused");
					after = index + 1;
				}
				assert.equal(fixture.requests("register").length, 1);
			},
		},
	]),
	replacesFreshCredential("a fresh certificate replaced in the cloud is registered again", { auth: "certificate" }),
	{
		name: "a board follows a product that was recreated with certificates",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const configuration = fixture.configuration(cloud);
			await fixture.runUntil("online", { configuration });
			cloud.administration.deleteProduct("tencent", product.id);
			cloud.administration.putProduct("tencent", product.id, { secret: product.secret, auth: "certificate" });
			await fixture.runUntil("online", { configuration });
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	},
	{
		name: "another pair in the configuration replaces the one in flash, without a registration (invariant 10)",
		async run(fixture) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await fixture.cloud({ auth: "private-ca", authority: authority.certificate });
			const [old, next] = [await ownPair(authority), await ownPair(authority)];
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration: fixture.configuration(cloud, old), store });
			// The cloud knows the new certificate from another board.
			cloud.administration.resetDevice("tencent", product.id, deviceName);
			const configuration = fixture.configuration(cloud, next);
			await fixture.runUntil("stored", { configuration });
			const before = fixture.requests("register").length;
			const board = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(board.steps(), ["boot", "renewed", "stored", "connecting", "online"]);
			const again = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			assert.equal(fixture.requests("register").length, before);
		},
	},
	{
		name: "a new pair that the broker refuses gives way to the old one (invariant 6)",
		async run(fixture) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await fixture.cloud({ auth: "private-ca", authority: authority.certificate });
			const store = fixture.file("flash");
			const configured = async () => fixture.configuration(cloud, await ownPair(authority));
			await fixture.runUntil("online", { configuration: await configured(), store });
			const board = await fixture.runUntil("online", { configuration: await configured(), store });
			assert.deepEqual(board.steps(), ["boot", "renewed", "stored", "connecting", "failed", "connecting", "online"]);
			assert.equal(fixture.requests("register").length, 1);
		},
	},
	{
		name: "an unusable pair in the configuration is refused before anything is sent or stored (invariant 4)",
		async run(fixture) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await fixture.cloud({ auth: "private-ca", authority: authority.certificate });
			const own = await ownPair(authority);
			const short = await ownPair(authority, await createKeyPair("RSA 1024"));
			const curve = await ownPair(authority, await createKeyPair("P-256"));
			const store = fixture.file("flash");
			for (const [change, key, reason] of [
				[{ ...own, clientKey: (await ownPair(authority)).clientKey }, "clientKey", "mismatched"],
				[{ ...own, clientCertificate: `${authority.certificate}${own.clientCertificate}` }, "clientKey", "mismatched"],
				[{ ...own, clientKey: curve.clientKey }, "clientKey", "invalid"],
				[curve, "clientCertificate", "unsupported"],
				[short, "clientCertificate", "weak"],
			] as const) {
				const board = await fixture.board({ configuration: fixture.configuration(cloud, change), store });
				const failure = await assertNeedsAttention(board, "configuration", "bad-configuration");
				assert.equal(`${failure.key} ${failure.reason}`, `${key} ${reason}`);
			}
			assert.equal(fixture.requests("").length, 0);
			await fixture.runUntil("online", { configuration: fixture.configuration(cloud, own), store });
		},
	},
	{
		name: "a private-ca product refuses foreign certificates and explains a missing one",
		async run(fixture) {
			const authority = await createAuthority({ name: "the customer's own" });
			const cloud = await fixture.cloud({ auth: "private-ca", authority: authority.certificate });
			const foreign = await ownPair(await createAuthority({ name: "someone else's" }));
			for (const change of [foreign, {}]) {
				const board = await fixture.board({ configuration: fixture.configuration(cloud, change) });
				await assertNeedsAttention(board, "register", "registration-refused");
			}
		},
	},
];

async function ownPair(authority: CertificateAuthority, keys?: KeyPair) {
	const options = { names: [deviceName], purpose: "client", ...(keys && { keys }) } as const;
	const { chain, key } = await issueCertificate(authority, options);
	return { clientCertificate: chain.slice(0, chain.indexOf("-----END") + 26), clientKey: key };
}
