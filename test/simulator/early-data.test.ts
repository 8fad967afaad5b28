/** What a board sends before the server's Finished (RFC 7918), seen by a proxy in front of a TLS server. */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import { type Watched, withBoard } from "./watched-board.js";

/** Types of records (RFC 5246, section 6.2.1). */
const changeCipherSpec = 20;
const handshake = 22;
const applicationData = 23;

/** Types of the records in each chunk that a client has sent before the server changed to its keys. */
type Flights = number[][];

/**
 * @param takesEarlyData false: ends a connection with application data before the server's Finished
 * @returns the flights of each connection
 */
async function proxyTo(port: number, takesEarlyData: boolean) {
	const connections: Flights[] = [];
	const server = createServer({ noDelay: true }, (client) => {
		const flights: Flights = [];
		connections.push(flights);
		let isFinished = false;
		const peer = connect({ port, host: "127.0.0.1", noDelay: true });
		for (const [one, other] of [
			[client, peer],
			[peer, client],
		] as const) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.destroy());
		}
		client.on("data", (bytes) => {
			const types = recordTypes(bytes);
			if (!isFinished) flights.push(types);
			if (!isFinished && !takesEarlyData && types.includes(applicationData)) client.destroy();
			else peer.write(bytes);
		});
		peer.on("data", (bytes) => {
			isFinished ||= recordTypes(bytes).includes(changeCipherSpec);
			client.write(bytes);
		});
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return { connections, port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function recordTypes(bytes: Buffer): number[] {
	const types: number[] = [];
	for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes.readUInt8(at));
	return types;
}

async function withProxy(
	t: ExecutionContext,
	takesEarlyData: boolean,
	work: (board: Watched, connections: readonly Flights[]) => Promise<void>,
): Promise<void> {
	t.timeout(400_000);
	const image = await buildSimulator();
	const store = await mkdtemp(join(tmpdir(), "dynreg-early-data-"));
	const cloud = await startCloud();
	const proxy = await proxyTo(Number(new URL(cloud.urls.https).port), takesEarlyData);
	const product = { cloud: "tencent", id: "EARLYDATA1", secret: "a-secret-of-early-data" } as const;
	const configuration = demoConfiguration(cloud, product, "board-1");
	const endpoints = { ...configuration.endpoints, register: `https://localhost:${proxy.port}` };
	try {
		await withBoard({ ...configuration, endpoints }, store, (board) => work(board, proxy.connections), image);
	} finally {
		proxy.close();
		await cloud.close();
		await rm(store, { recursive: true });
	}
}

/** ClientHello; then ClientKeyExchange, ChangeCipherSpec, Finished, and the request. */
const early: Flights = [[handshake], [handshake, changeCipherSpec, handshake, applicationData]];
const late: Flights = [[handshake], [handshake, changeCipherSpec, handshake]];

if (findSdk() === undefined) {
	test.skip(`early data: skipped, ${missingSdkMessage}`, () => {});
} else {
	test.serial("early data: a request leaves with the client's Finished, in one segment", (t) =>
		withProxy(t, true, async (board, connections) => {
			await board.next("registered");
			t.deepEqual(connections, [early]);
		}),
	);

	test.serial("early data: after a server that does not take it, the next attempt has none", (t) =>
		withProxy(t, false, async (board, connections) => {
			t.is((await board.next("failed")).code, "connection-lost");
			await board.next("registered");
			t.deepEqual(connections, [early, late]);
		}),
	);
}
