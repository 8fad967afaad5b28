import assert from "node:assert/strict";
import type { CertificateKind } from "@dynreg/cloud";
import type { Code } from "dynreg/contracts/error";
import type { TestBoard } from "../support/test-board.js";
import type { Fixture } from "./fixture.js";
import type { Scenario } from "./scenario.js";

/** What a server's certificate may have against it, and what a board says. */
const refused: readonly (readonly [CertificateKind, Code])[] = [
	["expired", "certificate-expired"],
	["not-yet-valid", "certificate-not-yet-valid"],
	["wrong-name", "certificate-wrong-name"],
	["wrong-root", "certificate-untrusted"],
	["short-key", "certificate-weak"],
	["missing-intermediate", "certificate-incomplete"],
];

/** Servers and the certificates that they show (invariant 9). */
export const trust: readonly Scenario[] = [
	...refused.flatMap(([kind, code]): Scenario[] => [
		{
			name: `a ${kind} certificate at registration is ${code}; nothing is sent (invariant 9)`,
			async run(fixture) {
				const cloud = await fixture.cloud();
				await cloud.administration.setCertificate(kind, "https");
				const board = await fixture.board({ configuration: fixture.configuration(cloud) });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, `register ${code}`);
				await nothingArrived(fixture, board, 0);
			},
		},
		{
			name: `a ${kind} certificate at the broker is ${code}; nothing is sent (invariant 9)`,
			async run(fixture) {
				const cloud = await fixture.cloud();
				const configuration = fixture.configuration(cloud);
				const store = fixture.file("flash");
				await fixture.runUntil("stored", { configuration, store });
				await cloud.administration.setCertificate(kind, "mqtts");
				const board = await fixture.board({ configuration, store });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, `connect ${code}`);
				await nothingArrived(fixture, board, 1);
			},
		},
	]),
	...(["ec", "with-intermediate"] as const).map(
		(kind): Scenario => ({
			name: `a certificate that is unusual but good is trusted: ${kind}`,
			async run(fixture) {
				const cloud = await fixture.cloud();
				await cloud.administration.setCertificate(kind);
				await fixture.runUntil("online", { configuration: fixture.configuration(cloud) });
			},
		}),
	),
	{
		name: "of several authorities any will do, so that a root can be rotated",
		async run(fixture) {
			const [before, after] = [await fixture.cloudWithOwnAuthority(), await fixture.cloudWithOwnAuthority()];
			const store = fixture.file("flash");
			const ca = [before.ca, after.ca];
			await fixture.runUntil("online", { configuration: fixture.configuration(before, { ca }), store });
			await fixture.runUntil("online", { configuration: fixture.configuration(after, { ca }) });
			const untrusted = await fixture.board({ configuration: fixture.configuration(after, { ca: before.ca }) });
			assert.equal((await untrusted.event("failed")).code, "certificate-untrusted");
		},
	},
];

/** Handshakes that failed, and nothing that came after one. */
async function nothingArrived(fixture: Fixture, board: TestBoard, registrations: number): Promise<void> {
	board.powerOff();
	await board.ended();
	assert.equal(fixture.requests("register").length, registrations);
	for (const operation of ["connect", "publish", "http"])
		assert.equal(fixture.requests(operation).length, 0, operation);
}
