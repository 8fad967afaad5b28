import assert from "node:assert/strict";
import type { CertificateKind } from "@dynreg/cloud";
import type { Code } from "dynreg/contracts/error";
import type { Board } from "./board.js";
import { exits, type Scenario } from "./judge.js";
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
				const board = world.board({ config: await world.config(cloud) });
				const failure = await board.event("failed");
				assert.equal(`${failure.phase} ${failure.code}`, `register ${code}`);
				await nothingArrived(world, board, 0);
			},
		},
		{
			name: `a certificate that is ${kind} at the broker is ${code}, and nothing is sent (invariant 9)`,
			async run(world) {
				const cloud = await world.cloud();
				const config = await world.config(cloud);
				const store = world.file("flash");
				await exits(world.board({ config, store, until: "stored" }), 0);
				await cloud.administration.setCertificate(kind, "mqtts");
				const board = world.board({ config, store });
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
				await exits(world.board({ config: await world.config(cloud), until: "online" }), 0);
			},
		}),
	),
	{
		name: "of several authorities any will do, so that a root can be rotated",
		async run(world) {
			const [before, after] = [await world.cloud(), await world.cloud()];
			const store = world.file("flash");
			const ca = [before.ca, after.ca];
			await exits(world.board({ config: await world.config(before, { ca }), store, until: "online" }), 0);
			await exits(world.board({ config: await world.config(after, { ca }), until: "online" }), 0);
			const untrusted = world.board({ config: await world.config(after, { ca: before.ca }) });
			assert.equal((await untrusted.event("failed")).code, "certificate-untrusted");
		},
	},
];

/** Handshakes that failed, and nothing that came after one. */
async function nothingArrived(world: World, board: Board, registrations: number): Promise<void> {
	await board.kill();
	assert.equal(world.seen("register").length, registrations);
	for (const operation of ["connect", "publish", "http"]) assert.equal(world.seen(operation).length, 0, operation);
}
