import assert from "node:assert/strict";
import type { Cloud, CloudOptions, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { hostOfPort443, port443MissingReason } from "../support/port-443.js";
import { deviceName, type Fixture } from "./fixture.js";
import { assertNeedsAttention, type Scenario } from "./scenario.js";

const id = "e2e_fleet";
/** A thing's name that is not the device's: a board has to keep it. */
const thingPrefix = "thing-";

async function start(fixture: Fixture, change: ProductChange = {}, options: CloudOptions = {}): Promise<Cloud> {
	const cloud = await fixture.cloud({}, options);
	cloud.administration.putProduct("aws", id, { thingPrefix, ...change });
	return cloud;
}

async function configure(fixture: Fixture, cloud: Cloud, change: RawConfiguration = {}): Promise<RawConfiguration> {
	const { claimKey, ...board } = await cloud.administration.newBoard("aws", id, deviceName);
	// The fixture looks for this secret in all that is printed.
	return fixture.configure(cloud, { ...board, claimKey, productSecret: claimKey, ...change });
}

const firstBoot = ["boot", "registering", "registered", "stored", "connecting", "online"];

/** Fleet provisioning by claim. */
export const aws: readonly Scenario[] = [
	{
		name: "registers once, then connects with the thing's name after a power cycle",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = await configure(fixture, cloud);
			const store = fixture.file("flash");
			const first = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(first.steps(), firstBoot);
			const second = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(second.steps(), ["boot", "connecting", "online"]);
			const registrations = fixture.requests("register").map(({ operation, verdict }) => `${operation} ${verdict}`);
			assert.deepEqual(registrations, ["register/thing accepted"]);
			assert.equal(fixture.requests("claim", "accepted").length, 2);
			assert.equal(fixture.requests("connect", "accepted").length, 2);
			assert.equal(cloud.administration.device("aws", id, deviceName).state, "active");
		},
	},
	{
		name: "the first session is not the claim certificate's TLS session (invariant 9)",
		async run(fixture) {
			const cloud = await start(fixture);
			await fixture.runUntil("online", { configuration: await configure(fixture, cloud) });
			const resumed = fixture.requests("connect", "accepted").map((entry) => entry.resumed ?? false);
			assert.deepEqual(resumed, [false]);
		},
	},
	{
		name: "registers and connects at port 443, whose protocol it names by ALPN",
		missingReason: port443MissingReason,
		async run(fixture) {
			const cloud = await start(fixture, {}, { host: hostOfPort443, ports: { mqtts: 443 } });
			const board = await fixture.board({ configuration: await configure(fixture, cloud) });
			await board.event("online");
			assert.equal(fixture.requests("connect", "accepted").length, 1);
			assert.equal(fixture.requests("connect", "refused").length, 0);
		},
	},
	{
		name: "a board without its flash registers again, and its first certificate stays valid",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = await configure(fixture, cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("online", { configuration, store });
			await fixture.runUntil("online", { configuration });
			const again = await fixture.runUntil("online", { configuration, store });
			assert.deepEqual(again.steps(), ["boot", "connecting", "online"]);
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	},
	{
		name: "a new certificate that is revoked before its first connection is replaced (invariant 6)",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = await configure(fixture, cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration, store });
			cloud.administration.revokeDevice("aws", id, deviceName);
			const board = await fixture.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	},
	...(
		[
			["a disabled template", { registration: "off" }, /LocalCloud\.RegistrationOff.*template/],
			["a serial number that the hook does not know", { registration: "pre-created" }, /LocalCloud\.ThingNotCreated/],
		] as const
	).map(
		([what, change, expected]): Scenario => ({
			name: `${what} is registration-refused, and says so`,
			async run(fixture) {
				const cloud = await start(fixture, change);
				const board = await fixture.board({ configuration: await configure(fixture, cloud) });
				const { message } = await assertNeedsAttention(board, "register", "registration-refused");
				assert.match(message, expected);
				assert.equal(fixture.requests("connect").length, 0);
			},
		}),
	),
	{
		name: "a claim certificate that the platform does not know is registration-refused, and says so",
		async run(fixture) {
			const cloud = await start(fixture);
			const other = await start(fixture);
			const { claimCertificate, claimKey } = await configure(fixture, other);
			const configuration = await configure(fixture, cloud, { claimCertificate, claimKey });
			const board = await fixture.board({ configuration });
			const { message } = await assertNeedsAttention(board, "register", "registration-refused");
			assert.match(message, /claim certificate/);
			assert.equal(fixture.requests("register").length, 0);
		},
	},
	{
		name: "keys that are no pair are not registered, and the next response is (invariant 4)",
		async run(fixture) {
			const cloud = await start(fixture);
			const faults = [{ operation: "claim/certificate", fault: "wrong-secret", count: 1 }] as const;
			cloud.administration.setFaults(faults);
			const board = await fixture.board({ configuration: await configure(fixture, cloud) });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code} ${failure.reason}`, "register bad-answer mismatched");
			assert.equal(fixture.requests("register").length, 0);
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 1);
		},
	},
	...["claim/certificate", "register/thing"].map(
		(operation): Scenario => ({
			name: `a late response to an abandoned ${operation} is dropped (invariant 5)`,
			async run(fixture) {
				const cloud = await start(fixture);
				cloud.administration.setFaults([{ operation, fault: "delay", seconds: 13, count: 1 }]);
				const board = await fixture.board({ configuration: await configure(fixture, cloud) });
				const failure = await board.event("failed", { seconds: 13 });
				assert.equal(`${failure.phase} ${failure.code}`, "register timeout");
				await board.event("online", { seconds: failure.retryIn ?? 0 });
				assert.equal(fixture.requests("connect", "accepted").length, 1);
				assert.equal(fixture.requests("connect", "refused").length, 0);
			},
		}),
	),
	{
		name: "a refused subscription of the registration is subscribe-refused, then the board is online",
		async run(fixture) {
			const cloud = await start(fixture);
			cloud.administration.setFaults([{ operation: "subscribe", fault: "suback", count: 1 }]);
			const board = await fixture.board({ configuration: await configure(fixture, cloud) });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "register subscribe-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
		},
	},
	{
		name: "registration without TLS is refused by the board itself",
		async run(fixture) {
			const cloud = await start(fixture);
			const plain = { endpoints: { mqtt: cloud.urls.mqtt }, dangerouslyAllowPlain: true };
			const board = await fixture.board({ configuration: await configure(fixture, cloud, plain) });
			const { message } = await assertNeedsAttention(board, "register", "bad-configuration");
			assert.match(message, /^endpoints\.mqtt has no TLS.* Expected mqtts:/);
			assert.equal(fixture.requests("").length, 0);
		},
	},
	{
		name: "a board without a claim certificate says so",
		async run(fixture) {
			const cloud = await start(fixture);
			const configuration = await configure(fixture, cloud, { claimCertificate: "", claimKey: "" });
			const board = await fixture.board({ configuration });
			const { message } = await assertNeedsAttention(board, "register", "bad-configuration");
			assert.match(message, /^claimCertificate is missing\./);
		},
	},
];
