/**
 * How fast the local cloud is on this machine: start, registrations, sessions. Loopback
 * only; a few seconds and some thousand requests, in a process beside the cloud's.
 *
 *     node build/tools/measure-cloud.js
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect as connectTls, createSecureContext } from "node:tls";
import { fileURLToPath } from "node:url";

interface Addresses {
	readonly http: string;
	readonly mqtts: string;
	readonly admin: string;
	readonly ca: string;
}

interface RunningCloud {
	readonly addresses: Addresses;
	/** Milliseconds from the command to its first line. */
	readonly startedIn: number;
	stop(): Promise<void>;
}

const PRODUCT = { id: "MEASURE001", secret: "a-secret-to-measure-with" };
const REGISTRATIONS = 15_000;
const SESSIONS = 1_500;
/** Connections in use at a time. */
const WIDTH = 16;
/** Milliseconds after which a measurement counts what it has. */
const LONGEST = 15_000;

const folder = await mkdtemp(join(tmpdir(), "dynreg-measure-"));
const state = join(folder, "state.json");
try {
	await measure();
} finally {
	await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
	const cold = await startCloud();
	report("cold start (makes two RSA keys)", `${cold.startedIn.toFixed(0)} ms`);
	await cold.stop();
	const warm: number[] = [];
	for (let round = 0; round < 5; round++) {
		const cloud = await startCloud();
		warm.push(cloud.startedIn);
		await cloud.stop();
	}
	report("warm start, median of 5", `${(warm.sort((a, b) => a - b)[2] ?? 0).toFixed(0)} ms`);

	const cloud = await startCloud();
	try {
		await createProduct(cloud.addresses.admin);
		const registrations = await measureRegistrations(cloud.addresses.http);
		report(`HTTP registrations (v2, hmacsha256, ${WIDTH} kept connections)`, `${registrations.toFixed(0)} a second`);
		const sessions = await measureSessions(cloud.addresses);
		report("MQTT-over-TLS sessions (full handshake to CONNACK)", `${sessions.toFixed(0)} a second`);
	} finally {
		await cloud.stop();
	}
}

function report(what: string, value: string): void {
	process.stdout.write(`${what.padEnd(60)} ${value}\n`);
}

async function startCloud(): Promise<RunningCloud> {
	const dynreg = fileURLToPath(new URL("../../cli/build/dynreg.js", import.meta.url));
	const started = performance.now();
	const child = spawn(process.execPath, [dynreg, "cloud", "--json", "--state", state], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const addresses = JSON.parse(await firstLine(child)) as Addresses;
	return {
		addresses,
		startedIn: performance.now() - started,
		stop: () =>
			new Promise((resolve) => {
				child.once("exit", () => resolve());
				child.kill("SIGTERM");
			}),
	};
}

function firstLine(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		child.once("exit", (code) => reject(new Error(`The cloud ended with exit code ${code} before it was ready.`)));
		// Goes on reading, so that the cloud never waits for its log to be read.
		if (child.stdout) createInterface(child.stdout).once("line", resolve);
	});
}

async function createProduct(admin: string): Promise<void> {
	const body = JSON.stringify({ secret: PRODUCT.secret, limit: 200_000 });
	const { ok } = await fetch(`${admin}/products/tencent/${PRODUCT.id}`, { method: "PUT", body });
	if (!ok) throw new Error("The product could not be created.");
}

/** Each connection sends its next request when the answer to the last one is there. */
async function measureRegistrations(http: string): Promise<number> {
	const { hostname, port } = new URL(http);
	const requests = Array.from({ length: REGISTRATIONS }, (_, number) => registration(hostname, `board-${number}`));
	return paced(REGISTRATIONS, async (next) => {
		const socket = connectSocket(Number(port), hostname).setNoDelay(true);
		for (let number = next(); number !== undefined; number = next()) {
			const answer = await exchange(socket, requests[number] ?? "", (text) => text.endsWith("}}"));
			if (!answer.includes('"Payload"')) throw new Error(`refused: ${answer}`);
		}
		socket.destroy();
	});
}

function registration(host: string, deviceName: string): string {
	const body = JSON.stringify({ ProductId: PRODUCT.id, DeviceName: deviceName });
	const hash = createHash("sha256").update(body).digest("hex");
	const text = ["POST", host, "/device/register", "", "hmacsha256", "0", "1", hash].join("\n");
	const signature = createHmac("sha256", PRODUCT.secret).update(text).digest("base64");
	return [
		"POST /device/register HTTP/1.1",
		`Host: ${host}`,
		"X-TC-Algorithm: hmacsha256",
		"X-TC-Timestamp: 0",
		"X-TC-Nonce: 1",
		`X-TC-Signature: ${signature}`,
		`Content-Length: ${body.length}`,
		"",
		body,
	].join("\r\n");
}

/** Each with a TLS 1.2 handshake of its own, as a board's; the psk is fixed, so that none has to be decrypted. */
async function measureSessions({ mqtts, admin, ca }: Addresses): Promise<number> {
	const { hostname, port } = new URL(mqtts);
	const psk = Buffer.alloc(16, 1);
	const device = `${admin}/products/tencent/${PRODUCT.id}/devices`;
	const names = Array.from({ length: WIDTH }, (_, number) => `session-${number}`);
	for (const name of names) {
		await fetch(`${device}/${name}`, { method: "PUT" });
		await fetch(`${device}/${name}/rotate`, { method: "POST", body: JSON.stringify({ psk: psk.toString("base64") }) });
	}
	const secureContext = createSecureContext({ ca: await readFile(ca), maxVersion: "TLSv1.2" });
	return paced(SESSIONS, async (next) => {
		const connect = connectPacket(names.pop() ?? "", psk);
		while (next() !== undefined) {
			const socket = connectTls({ host: hostname, port: Number(port), secureContext });
			const answer = await exchange(socket, connect, (text) => text.length >= 4);
			if (answer.charCodeAt(3) !== 0) throw new Error(`CONNACK ${answer.charCodeAt(3)}`);
			socket.destroy();
		}
	});
}

function connectPacket(deviceName: string, psk: Buffer): Buffer {
	const clientId = PRODUCT.id + deviceName;
	const username = `${clientId};12010126;abcde;2147483647`;
	const password = `${createHmac("sha256", psk).update(username).digest("hex")};hmacsha256`;
	const fields = [clientId, username, password].map((text) =>
		Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)]),
	);
	const rest = Buffer.concat([Buffer.from("\0\x04MQTT\x04\xc2\0\x3c", "latin1"), ...fields]);
	return Buffer.concat([Buffer.of(0x10, 0x80 | (rest.length & 0x7f), rest.length >> 7), rest]);
}

/** Runs `WIDTH` workers that take numbers until there are none, or time is up. @returns numbers taken a second */
async function paced(count: number, worker: (next: () => number | undefined) => Promise<void>): Promise<number> {
	const started = performance.now();
	let taken = 0;
	const next = (): number | undefined => (taken < count && performance.now() - started < LONGEST ? taken++ : undefined);
	await Promise.all(Array.from({ length: WIDTH }, () => worker(next)));
	return taken / ((performance.now() - started) / 1000);
}

/** Sends, and resolves with what came back once it is whole. */
function exchange(socket: Socket, bytes: string | Buffer, whole: (text: string) => boolean): Promise<string> {
	return new Promise((resolve, reject) => {
		let text = "";
		const receive = (chunk: Buffer): void => {
			text += chunk.toString("latin1");
			if (!whole(text)) return;
			socket.off("data", receive).off("error", reject).off("close", gone);
			resolve(text);
		};
		const gone = (): void => reject(new Error("The connection was closed before the response."));
		socket.on("data", receive).once("error", reject).once("close", gone);
		socket.write(bytes);
	});
}
