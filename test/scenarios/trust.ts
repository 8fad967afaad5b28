import assert from "node:assert/strict";
import type { CertificateKind } from "@dynreg/cloud";
import type { Code } from "dynreg/contracts/error";
import type { TestBoard } from "../support/test-board.js";
import type { Scenario } from "./scenario.js";
import type { World } from "./world.js";

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
			name: `a certificate that is ${kind} at the registration is ${code}, and nothing is sent (invariant 9)`,
			async run(world) {
				const cloud = await world.cloud();
				await cloud.administration.setCertificate(kind, "https");
				const board = await world.board({ configuration: world.configuration(cloud) });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, `register ${code}`);
				await nothingArrived(world, board, 0);
			},
		},
		{
			name: `a certificate that is ${kind} at the broker is ${code}, and nothing is sent (invariant 9)`,
			async run(world) {
				const cloud = await world.cloud();
				const configuration = world.configuration(cloud);
				const store = world.file("flash");
				await world.reach("stored", { configuration, store });
				await cloud.administration.setCertificate(kind, "mqtts");
				const board = await world.board({ configuration, store });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, `connect ${code}`);
				await nothingArrived(world, board, 1);
			},
		},
	]),
	...(["ec", "with-intermediate"] as const).map(
		(kind): Scenario => ({
			name: `a certificate that is unusual but good is trusted: ${kind}`,
			async run(world) {
				const cloud = await world.cloud();
				await cloud.administration.setCertificate(kind);
				await world.reach("online", { configuration: world.configuration(cloud) });
			},
		}),
	),
	{
		name: "of several authorities any will do, so that a root can be rotated",
		async run(world) {
			const [before, after] = [await world.cloudOfItsOwn(), await world.cloudOfItsOwn()];
			const store = world.file("flash");
			const ca = [before.ca, after.ca];
			await world.reach("online", { configuration: world.configuration(before, { ca }), store });
			await world.reach("online", { configuration: world.configuration(after, { ca }) });
			const untrusted = await world.board({ configuration: world.configuration(after, { ca: before.ca }) });
			assert.equal((await untrusted.event("failed")).code, "certificate-untrusted");
		},
	},
];

/** Handshakes that failed, and nothing that came after one. */
async function nothingArrived(world: World, board: TestBoard, registrations: number): Promise<void> {
	board.off();
	await board.ended();
	assert.equal(world.seen("register").length, registrations);
	for (const operation of ["connect", "publish", "http"]) assert.equal(world.seen(operation).length, 0, operation);
}
