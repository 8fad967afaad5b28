import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import {
	type Authority,
	createAuthority,
	createKeys,
	type IssueOptions,
	issue,
	type ServerCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { DeviceCertificates, Servers, TimeBehaviour } from "../contract/cases/case.js";
import { converse } from "./broker.js";
import { answer } from "./site.js";
import { startTimeServer } from "./time-servers.js";

const day = 24 * 60 * 60 * 1000;
/** OpenSSL 3 offers TLS 1.1, short keys and SHA-1 at its lowest security level only. */
const lenient = { ciphers: "DEFAULT:@SECLEVEL=0" };

export interface RunningServers {
	readonly servers: Servers;
	close(): Promise<void>;
}

export interface Place {
	/** Of this machine, as boards reach it. */
	readonly address: string;
	/** A name that boards know for it, or the address again where they know none. */
	readonly name: string;
}

export const thisMachine: Place = { address: "127.0.0.1", name: "localhost" };

/** Starts the servers that the contract cases talk to, on free ports. The authority's certificate is a temporary PEM file. */
export async function startServers({ address, name }: Place = thisMachine): Promise<RunningServers> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-host-"));
	const [genuine, other, keys, shortKeys, ecKeys] = await Promise.all([
		createAuthority({ pathLength: 1 }),
		createAuthority(),
		createKeys(),
		createKeys("RSA 1024"),
		createKeys("P-256"),
	]);
	const between = await createAuthority({ issuer: genuine, name: "between", keys });
	const file = async (name: string, contents: string) => {
		const path = join(folder, name);
		await writeFile(path, contents);
		return path;
	};

	const certificate = (options: Partial<IssueOptions> = {}, authority = genuine) =>
		issue(authority, { names: [name, address], keys, ...options });
	const good = await certificate();
	const indirect = await certificate({}, between);
	const asking = { cert: good.chain, key: good.key, requestCert: true, ca: genuine.certificate };

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

	const times = [await startTimeServer(address), await startTimeServer(address)] as const;
	const facts = {
		seen: (port: number) => seen.get(port) ?? 0,
		setTimes(first: TimeBehaviour, second: TimeBehaviour) {
			times[0].behaviour = first;
			times[1].behaviour = second;
		},
	};
	const site: RequestListener = (request, reply) => answer(request, reply, facts);

	const secureSite = ({ chain, key }: ServerCertificate) => listen(createHttpsServer({ cert: chain, key }, site));

	const now = Date.now();
	const servers: Servers = {
		name,
		address,
		ca: await file("authority.pem", genuine.certificate),
		otherCa: await file("other.pem", other.certificate),
		bothCas: await file("both.pem", `Two of them:\r\n\r\n${other.certificate}\n${genuine.certificate}`),
		sntp: [`${address}:${times[0].port}`, `${name}:${times[1].port}`],
		// A free one might be the next that another test is given.
		closed: 1,
		http: await listen(createHttpServer(site)),
		https: await secureSite(good),
		mqtt: await listen(createServer({ noDelay: true }, converse())),
		mqtts: await listen(createTlsServer({ cert: good.chain, key: good.key }, converse())),
		httpsAsking: await listen(createHttpsServer({ ...asking, rejectUnauthorized: false }, site)),
		mqttsAsking: await listen(createTlsServer({ ...asking, rejectUnauthorized: false }, converse())),
		httpsDemanding: await listen(createHttpsServer(asking, site)),
		mqttsDemanding: await listen(createTlsServer(asking, converse())),
		ecdsa: await secureSite(await certificate({ keys: ecKeys })),
		intermediate: await secureSite(indirect),
		silent: await listen(createServer((socket) => socket.resume())),
		expired: await trap(await certificate({ notBefore: new Date(now - 3 * day), notAfter: new Date(now - 2 * day) })),
		notYetValid: await trap(
			await certificate({ notBefore: new Date(now + 2 * day), notAfter: new Date(now + 9 * day) }),
		),
		wrongName: await trap(await certificate({ names: ["elsewhere.example"] })),
		otherAuthority: await trap(await certificate({}, other)),
		forged: await trap(await certificate({}, { certificate: genuine.certificate, key: other.key })),
		outdated: await trap(good, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ...lenient }),
		weakKey: await trap(await certificate({ keys: shortKeys }), lenient),
		weakSignature: await trap(await certificate({ hash: "SHA-1" }), lenient),
		missingIntermediate: await trap({ ...indirect, chain: firstOf(indirect.chain) }),
		device: await deviceCertificates(between),
	};

	return {
		servers,
		async close() {
			for (const server of [...started, ...times]) server.close();
			for (const socket of sockets) socket.destroy();
			await rm(folder, { recursive: true });
		},
	};
}

async function deviceCertificates(between: Authority): Promise<DeviceCertificates> {
	const device = { names: ["device-1"], purpose: "client" } as const;
	const [own, other, ec] = await Promise.all([
		issue(between, device),
		issue(between, device),
		issue(between, { ...device, keys: await createKeys("P-256") }),
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
