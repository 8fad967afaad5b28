import { createECDH } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import {
	createAuthority,
	createKeyPair,
	issueCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { Attackers } from "../contract/cases/attackers.js";
import { certificates, handshake, message, record, serverHello, type } from "./messages.js";
import { type TestAddress, thisMachine } from "./servers.js";

export interface RunningAttackers {
	readonly attackers: Attackers;
	/** The types of all TLS records that came after the ClientHello, by port. */
	readonly receivedRecords: ReadonlyMap<number, readonly number[]>;
	close(): Promise<void>;
}

export async function startAttackers({ address, name }: TestAddress = thisMachine): Promise<RunningAttackers> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-attackers-"));
	const ca = join(folder, "authority.pem");
	const [authority, keys] = await Promise.all([createAuthority(), createKeyPair()]);
	await writeFile(ca, authority.certificate);
	const genuine = await issueCertificate(authority, { names: [name], keys });
	const elsewhere = await issueCertificate(authority, { names: ["elsewhere.example"], keys });
	const made = await issueCertificate({ certificate: elsewhere.chain, key: elsewhere.key }, { names: [name], keys });

	const started: Server[] = [];
	const sockets = new Set<Socket>();
	const receivedRecords = new Map<number, readonly number[]>();

	async function listen(server: Server): Promise<number> {
		started.push(server);
		server.on("connection", (socket: Socket) => {
			sockets.add(socket);
			socket.on("error", () => {});
		});
		await new Promise<void>((resolve) => server.listen(0, address, resolve));
		return (server.address() as AddressInfo).port;
	}

	/** Answers the ClientHello with these bytes, whatever it says, and listens to what comes then. */
	async function attack(answer: () => Buffer): Promise<number> {
		const server = createServer((socket) => {
			let received: Buffer = Buffer.alloc(0);
			socket.on("data", (bytes: Buffer) => {
				if (received.length === 0) socket.write(answer());
				received = Buffer.concat([received, bytes]);
				receivedRecords.set(port, recordTypes(received).slice(1));
			});
		});
		const port = await listen(server);
		return port;
	}

	const attackers: Attackers = {
		name,
		address,
		ca,
		polite: await attack(() => record(type.alert, Buffer.of(1, 0))),
		unsigned: await attack(() =>
			Buffer.concat([
				handshake(message.serverHello, serverHello()),
				handshake(message.certificate, certificates(genuine.chain)),
				handshake(message.serverKeyExchange, unsignedKeyExchange()),
				handshake(message.serverHelloDone, Buffer.alloc(0)),
			]),
		),
		early: await attack(() => record(type.applicationData, Buffer.from("HTTP/1.1 200 OK\r\n\r\nbelieve me"))),
		finished: await attack(() =>
			Buffer.concat([
				handshake(message.serverHello, serverHello()),
				handshake(message.certificate, certificates(genuine.chain)),
				handshake(message.finished, Buffer.alloc(12)),
			]),
		),
		upstart: await listen(createTlsServer({ cert: made.chain, key: made.key })),
		boundless: await listen(
			createServer((socket) => {
				socket.once("data", () => {
					socket.write(Buffer.of(0x20, 2, 0, 0));
					setTimeout(() => socket.write(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74)), 100);
				});
			}),
		),
	};

	return {
		attackers,
		receivedRecords,
		async close() {
			for (const server of started) server.close();
			for (const socket of sockets) socket.destroy();
			await rm(folder, { recursive: true });
		},
	};
}

/** A point on P-256 of the attacker's own; hash none, signature anonymous, no bytes of it. */
function unsignedKeyExchange(): Buffer {
	const point = createECDH("prime256v1").generateKeys();
	return Buffer.concat([Buffer.of(3, 0, 23, point.length), point, Buffer.of(0, 0, 0, 0)]);
}

function recordTypes(bytes: Buffer): number[] {
	const types: number[] = [];
	for (
		let start = 0;
		start < bytes.length;
		start += 5 + (start + 5 <= bytes.length ? bytes.readUInt16BE(start + 3) : 0)
	)
		types.push(bytes.readUInt8(start));
	return types;
}
