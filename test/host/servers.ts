import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import {
	createAuthority,
	createKeys,
	type IssueOptions,
	issue,
	type ServerCertificate,
} from "../../cloud/certificates.js";
import { converse } from "./broker.js";
import type { Servers } from "./contract.js";
import { answer } from "./site.js";

const day = 24 * 60 * 60 * 1000;
const name = "localhost";
const address = "127.0.0.1";

export interface RunningServers {
	readonly servers: Servers;
	close(): Promise<void>;
}

/** Starts the servers that the contract cases talk to, on free ports. The authority's certificate is a temporary PEM file. */
export async function startServers(): Promise<RunningServers> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-host-"));
	const ca = join(folder, "authority.pem");
	const [genuine, other, keys] = await Promise.all([createAuthority(), createAuthority(), createKeys()]);
	await writeFile(ca, genuine.certificate);

	const certificate = (options: Partial<IssueOptions> = {}, authority = genuine) =>
		issue(authority, { names: [name, address], keys, ...options });
	const good = await certificate();

	const sockets = new Set<Socket>();
	const started: Server[] = [];
	/** Application bytes that came in on a port that no host may talk to. */
	const seen = new Map<number, number>();

	async function listen(server: Server): Promise<number> {
		server.on("connection", (socket: Socket) => {
			sockets.add(socket);
			socket.once("close", () => sockets.delete(socket));
			socket.on("error", () => {});
		});
		started.push(server);
		await new Promise<void>((resolve) => server.listen(0, address, resolve));
		return (server.address() as AddressInfo).port;
	}

	/** A TLS server that counts what gets through to it. */
	async function trap({ chain, key }: ServerCertificate, options = {}): Promise<number> {
		const server = createTlsServer({ cert: chain, key, ...options }, (socket) => {
			socket.on("error", () => {});
			socket.on("data", (bytes) => seen.set(port, (seen.get(port) ?? 0) + bytes.length));
		});
		const port = await listen(server);
		return port;
	}

	const site: RequestListener = (request, reply) => answer(request, reply, { seen: (port) => seen.get(port) ?? 0 });

	const gone = createServer();
	const closed = await listen(gone);
	await new Promise((resolve) => gone.close(resolve));

	const now = Date.now();
	const servers: Servers = {
		name,
		address,
		ca,
		closed,
		http: await listen(createHttpServer(site)),
		https: await listen(createHttpsServer({ cert: good.chain, key: good.key }, site)),
		mqtt: await listen(createServer({ noDelay: true }, converse())),
		mqtts: await listen(createTlsServer({ cert: good.chain, key: good.key }, converse())),
		silent: await listen(createServer((socket) => socket.resume())),
		expired: await trap(await certificate({ notBefore: new Date(now - 3 * day), notAfter: new Date(now - 2 * day) })),
		notYetValid: await trap(
			await certificate({ notBefore: new Date(now + 2 * day), notAfter: new Date(now + 9 * day) }),
		),
		wrongName: await trap(await certificate({ names: ["elsewhere.example"] })),
		otherAuthority: await trap(await certificate({}, other)),
		forged: await trap(await certificate({}, { certificate: genuine.certificate, key: other.key })),
		// OpenSSL 3 offers TLS 1.1 at its lowest security level only
		outdated: await trap(good, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }),
	};

	return {
		servers,
		async close() {
			for (const server of started) server.close();
			for (const socket of sockets) socket.destroy();
			await rm(folder, { recursive: true });
		},
	};
}
