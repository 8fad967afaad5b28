import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import {
	type CertificateAuthority,
	createAuthority,
	createKeyPair,
	type IssueOptions,
	issueCertificate,
	type ServerCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { DeviceCertificates, Servers, SessionBehaviour, TimeBehaviour } from "../contract/cases/case.js";
import { brokerConnection } from "./broker.js";
import { splitRecords } from "./records.js";
import { startTimeServer } from "./time-servers.js";
import { ResumingServer, type Resumption } from "./tls-sessions.js";
import { respond } from "./web-site.js";

const day = 24 * 60 * 60 * 1000;
/** OpenSSL 3 offers TLS 1.1, short keys and SHA-1 at its lowest security level only. */
const lowestSecurity = { ciphers: "DEFAULT:@SECLEVEL=0" };

export interface RunningServers {
	readonly servers: Servers;
	close(): Promise<void>;
}

export interface TestAddress {
	/** Of this machine, as boards reach it. */
	readonly address: string;
	/** A name that boards know for it, or the address again where they know none. */
	readonly name: string;
}

export const thisMachine: TestAddress = { address: "127.0.0.1", name: "localhost" };

/** As people paste it: text in another encoding around it, indented lines, line ends of Windows, a key in between. */
function pasted(...pem: readonly string[]): Buffer {
	const text = ` 0 s:CN = a server\xb5\xff\n${pem.join("i:CN = an authority\n")}---\nServer certificate\n`;
	return Buffer.from(text.replaceAll("\n", "\r\n   "), "latin1");
}

/** Starts the servers that the contract cases talk to, on free ports. The authority's certificate is a temporary PEM file. */
export async function startServers({ address, name }: TestAddress = thisMachine): Promise<RunningServers> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-host-"));
	const [genuine, other, keys, shortKeys, ecKeys, p384Keys] = await Promise.all([
		createAuthority({ pathLength: 1 }),
		createAuthority(),
		createKeyPair(),
		createKeyPair("RSA 1024"),
		createKeyPair("P-256"),
		createKeyPair("P-384"),
	]);
	const between = await createAuthority({ issuer: genuine, name: "between", keys });
	const file = async (name: string, contents: string | Buffer) => {
		const path = join(folder, name);
		await writeFile(path, contents);
		return path;
	};

	const certificate = (options: Partial<IssueOptions> = {}, authority = genuine) =>
		issueCertificate(authority, { names: [name, address], keys, ...options });
	const good = await certificate();
	const indirect = await certificate({}, between);
	const tls12 = { cert: good.chain, key: good.key, maxVersion: "TLSv1.2" } as const;
	const requestsCertificate = { cert: good.chain, key: good.key, requestCert: true, ca: genuine.certificate };

	const requestsOptionalCertificate = { requestCert: true, ca: genuine.certificate, rejectUnauthorized: false };

	const sockets = new Set<Socket>();
	/** Connections by the server's port: open ones, and how many there have been. */
	const open = new Map<number, Set<Socket>>();
	const opened = new Map<number, number>();
	const started: Server[] = [];
	/** Application bytes that came in on a port that no host may talk to. */
	const seen = new Map<number, number>();

	async function listen(server: Server): Promise<number> {
		server.on("connection", (socket: Socket) => {
			const { port } = server.address() as AddressInfo;
			const clients = open.get(port) ?? new Set();
			open.set(port, clients.add(socket));
			opened.set(port, (opened.get(port) ?? 0) + 1);
			sockets.add(socket);
			socket.once("close", () => {
				clients.delete(socket);
				sockets.delete(socket);
			});
			socket.on("error", () => {});
		});
		started.push(server);
		await new Promise<void>((resolve) => server.listen(0, address, resolve));
		return (server.address() as AddressInfo).port;
	}

	/** A TLS server that counts what gets through to it. */
	async function forbiddenServer({ chain, key }: ServerCertificate, options = {}): Promise<number> {
		const server = createTlsServer({ cert: chain, key, ...options }, (socket) => {
			socket.on("error", () => {});
			socket.on("data", (bytes) => seen.set(port, (seen.get(port) ?? 0) + bytes.length));
		});
		const port = await listen(server);
		return port;
	}

	const timeServers = [await startTimeServer(address), await startTimeServer(address)] as const;
	const state = {
		seen: (port: number) => seen.get(port) ?? 0,
		clients: (port: number) => [opened.get(port) ?? 0, open.get(port)?.size ?? 0] as const,
		cut(port: number) {
			for (const socket of open.get(port) ?? []) socket.destroy();
		},
		setTimes(first: TimeBehaviour, second: TimeBehaviour) {
			timeServers[0].behaviour = first;
			timeServers[1].behaviour = second;
		},
		async setSessions(port: number, behaviour: SessionBehaviour) {
			await resuming.get(port)?.behave(behaviour);
		},
	};
	const replacement = await certificate({ keys: await createKeyPair() });
	const resuming = new Map<number, ResumingServer>();
	const resumingBroker = async (resumption: Resumption, options: TlsOptions = {}) => {
		const server = new ResumingServer({
			address,
			resumption,
			tls: options,
			certificate: good,
			replacement,
			shortLived: (duration) => certificate({ notAfter: new Date(Date.now() + duration) }),
			onConnection: brokerConnection(),
			onSent: (bytes) => seen.set(port, (seen.get(port) ?? 0) + bytes),
		});
		server.port = await listen(server.tls);
		const port = await listen(server.front);
		resuming.set(port, server);
		return port;
	};

	const site: RequestListener = (request, reply) => respond(request, reply, state);

	const secureSite = ({ chain, key }: ServerCertificate) => listen(createHttpsServer({ cert: chain, key }, site));

	const now = Date.now();
	const servers: Servers = {
		name,
		address,
		ca: await file("authority.pem", genuine.certificate),
		otherCa: await file("other.pem", other.certificate),
		bothCas: await file("both.pem", pasted(other.certificate, good.key, genuine.certificate)),
		spoiledCas: [
			await file("trusted.pem", genuine.certificate.replaceAll(" CERT", " TRUSTED CERT")),
			// A file counts as a whole.
			await file("damaged.pem", `${genuine.certificate}${other.certificate.replace("\nMII", "\nMI*")}`),
		],
		sntp: [`${address}:${timeServers[0].port}`, `${name}:${timeServers[1].port}`],
		// A free one might be the next that another test is given.
		closed: 1,
		http: await listen(createHttpServer(site)),
		https: await secureSite(good),
		mqtt: await listen(createServer({ noDelay: true }, brokerConnection())),
		mqtts: await listen(
			createTlsServer({ cert: good.chain, key: good.key, ALPNProtocols: ["x-dynreg"] }, brokerConnection()),
		),
		httpsAsking: await listen(createHttpsServer({ ...requestsCertificate, rejectUnauthorized: false }, site)),
		mqttsAsking: await listen(
			createTlsServer({ ...requestsCertificate, rejectUnauthorized: false }, brokerConnection()),
		),
		httpsDemanding: await listen(createHttpsServer(requestsCertificate, site)),
		mqttsDemanding: await listen(createTlsServer(requestsCertificate, brokerConnection())),
		ecdsa: await secureSite(await certificate({ keys: ecKeys })),
		p384: await secureSite(await certificate({ keys: p384Keys })),
		exchangeOnP384: await listen(createHttpsServer({ ...tls12, ecdhCurve: "P-384" }, site)),
		splitRecords: await listen(splitRecords(address, await secureSite(indirect), 100)),
		manyCertificates: await secureSite({ ...good, chain: good.chain + other.certificate.repeat(20) }),
		renegotiating: await listen(createTlsServer(tls12, renegotiate)),
		intermediate: await secureSite(indirect),
		silent: await listen(createServer((socket) => socket.resume())),
		expired: await forbiddenServer(
			await certificate({ notBefore: new Date(now - 3 * day), notAfter: new Date(now - 2 * day) }),
		),
		notYetValid: await forbiddenServer(
			await certificate({ notBefore: new Date(now + 2 * day), notAfter: new Date(now + 9 * day) }),
		),
		wrongName: await forbiddenServer(await certificate({ names: ["elsewhere.example"] })),
		otherAuthority: await forbiddenServer(await certificate({}, other)),
		forged: await forbiddenServer(await certificate({}, { certificate: genuine.certificate, key: other.key })),
		outdated: await forbiddenServer(good, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ...lowestSecurity }),
		tls13: await forbiddenServer(good, { minVersion: "TLSv1.3" }),
		aes256: await forbiddenServer(good, { ...tls12, ciphers: "ECDHE-RSA-AES256-GCM-SHA384" }),
		cbc: await forbiddenServer(good, { ...tls12, ciphers: "ECDHE-RSA-AES128-SHA256" }),
		rsaExchange: await forbiddenServer(good, { ...tls12, ciphers: "AES128-GCM-SHA256:AES128-SHA" }),
		weakKey: await forbiddenServer(await certificate({ keys: shortKeys }), lowestSecurity),
		weakSignature: await forbiddenServer(await certificate({ hash: "SHA-1" }), lowestSecurity),
		missingIntermediate: await forbiddenServer({ ...indirect, chain: firstOf(indirect.chain) }),
		resumingById: await resumingBroker("id", requestsOptionalCertificate),
		resumingByTicket: await resumingBroker("ticket", requestsOptionalCertificate),
		resumingNever: await resumingBroker("none"),
		device: await deviceCertificates(between),
	};

	return {
		servers,
		async close() {
			for (const server of [...started, ...timeServers]) server.close();
			for (const socket of sockets) socket.destroy();
			await rm(folder, { recursive: true });
		},
	};
}

/** Asks for another handshake in the middle of a request, and goes on without one. */
function renegotiate(socket: TLSSocket): void {
	socket.on("error", () => {});
	socket.once("data", () => {
		socket.renegotiate({}, () => {});
		setTimeout(() => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"), 50);
	});
}

async function deviceCertificates(between: CertificateAuthority): Promise<DeviceCertificates> {
	const device = { names: ["device-1"], purpose: "client" } as const;
	const [own, other, ec] = await Promise.all([
		issueCertificate(between, device),
		issueCertificate(between, device),
		issueCertificate(between, { ...device, keys: await createKeyPair("P-256") }),
	]);
	return {
		certificate: firstOf(own.chain),
		between: between.certificate,
		pkcs8: own.key,
		pkcs1: createPrivateKey(own.key).export({ type: "pkcs1", format: "pem" }).toString(),
		otherKey: other.key,
		ecCertificate: firstOf(ec.chain),
		ecKey: ec.key,
	};
}

/** The first certificate of a chain in PEM. */
function firstOf(chain: string): string {
	const end = "-----END CERTIFICATE-----";
	return `${chain.slice(0, chain.indexOf(end))}${end}\n`;
}
