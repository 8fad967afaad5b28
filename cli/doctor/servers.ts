import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type Authorities, loadAuthorities } from "@dynreg/node/internal/authorities";
import { toFailure } from "@dynreg/node/internal/node-errors";
import { tlsOptions, verifyServer } from "@dynreg/node/internal/tls";
import type { CloudDevice } from "dynreg/contracts/cloud";
import type { Phase } from "dynreg/contracts/error";
import type { Clock, Endpoint, Milliseconds } from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { statement } from "dynreg/messages/sentence";
import { type Check, missing, ok, warning } from "./check.js";

/** How long a step may take. */
const stepTimeout: Milliseconds = 10_000;
/** A certificate that ends within this is marked. */
const expiryWarning: Milliseconds = 30 * 24 * 60 * 60 * 1000;

/**
 * Whether the board would reach its servers and trust them: step by step, up to the first that fails. Nothing is said
 * to the servers but the beginning of TLS.
 *
 * @param clock what certificates are held against
 * @param certs folders of private roots
 */
export async function checkServers(
	{ endpoints }: CloudDevice,
	clock: Clock,
	certs: readonly string[],
): Promise<Check[]> {
	const { register, mqtt } = endpoints;
	const same = mqtt && register.host === mqtt.host && register.port === mqtt.port;
	const servers = [
		...(same ? [] : [["register", register] as const]),
		// Undefined where registration assigns it.
		...(mqtt ? [["mqtt", mqtt] as const] : []),
	];
	return (await Promise.all(servers.map(([purpose, endpoint]) => checkServer(purpose, endpoint, clock, certs)))).flat();
}

async function checkServer(
	purpose: "register" | "mqtt",
	endpoint: Endpoint,
	clock: Clock,
	certs: readonly string[],
): Promise<Check[]> {
	const phase: Phase = purpose === "register" ? "register" : "connect";
	const server = purpose === "register" ? "Registration" : "Broker";
	const { host, port, secure } = endpoint;
	const checks: Check[] = [];
	const add = (step: string, found: Pick<Check, "state" | "detail" | "fix">) => {
		checks.push({ id: `online-${purpose}-${step}`, title: `${server}, ${step}`, for: [], ...found });
	};
	/** With the sentences of a board's failure. */
	const fail = (step: string, failure: Failure) => {
		const [happened, advice = "See docs/reference/errors.md."] = statement(failure);
		add(step, missing(`${failure.code}: ${happened}`, advice));
	};

	let address: string;
	try {
		address = isIP(host) ? host : (await withTimeout(lookup(host, { family: 4 }), endpoint, phase)).address;
		add("name", ok(isIP(host) ? `${host} is an address` : `${host} is ${address}`));
	} catch (error) {
		fail("name", toFailure(error, phase, endpoint));
		return checks;
	}

	let tcp: Socket;
	const began = performance.now();
	try {
		tcp = await tcpConnection(address, port, endpoint, phase);
		add("connection", ok(`${address}:${port} connected after ${Math.round(performance.now() - began)} ms`));
	} catch (error) {
		fail("connection", toFailure(error, phase, endpoint));
		return checks;
	}
	if (!secure) {
		tcp.destroy();
		return checks;
	}

	let authorities: Authorities | undefined;
	try {
		authorities = loadAuthorities(endpoint, phase, certs);
		add("certificate", await handshake(tcp, endpoint, authorities, clock, phase));
	} catch (error) {
		fail("certificate", toFailure(error, phase, endpoint, authorities?.missing));
	} finally {
		tcp.destroy();
	}
	return checks;
}

async function tcpConnection(address: string, port: number, endpoint: Endpoint, phase: Phase): Promise<Socket> {
	const socket = connectTcp({ host: address, port });
	try {
		await withTimeout(waitForEvent(socket, "connect"), endpoint, phase);
		return socket;
	} catch (error) {
		socket.destroy();
		throw error;
	}
}

/** Verifies the server as a board does; then the connection ends. */
async function handshake(tcp: Socket, endpoint: Endpoint, authorities: Authorities, clock: Clock, phase: Phase) {
	const { port: _port, ...options } = tlsOptions(endpoint);
	const tls = connectTls({ ...options, socket: tcp });
	try {
		await withTimeout(waitForEvent(tls, "secureConnect"), endpoint, phase);
		const { problem } = verifyServer(tls, endpoint, authorities, clock);
		if (problem) throw connectionError(phase, endpoint, problem, undefined, authorities.missing);
		return certificateOf(tls, clock.now() ?? Date.now());
	} finally {
		tls.on("error", () => {}).destroy();
	}
}

function certificateOf(tls: TLSSocket, now: Milliseconds) {
	const { subject, issuer, valid_to } = tls.getPeerCertificate();
	const end = new Date(valid_to).toISOString().slice(0, 10);
	const detail = `${subject?.CN ?? "no common name"}, issued by ${issuer?.CN ?? issuer?.O ?? "an unnamed authority"}, valid until ${end} (${tls.getProtocol()})`;
	return Date.parse(valid_to) - now < expiryWarning
		? warning(detail, "Renew the certificate at the server within 30 days.")
		: ok(detail);
}

function waitForEvent(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
	return new Promise((resolve, reject) => {
		socket.once(event, () => resolve());
		socket.once("error", reject);
		socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
	});
}

/** @throws Failure `timeout` */
async function withTimeout<T>(step: Promise<T>, endpoint: Endpoint, phase: Phase): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(connectionError(phase, endpoint, "timeout")), stepTimeout);
	});
	try {
		return await Promise.race([step, late]);
	} finally {
		clearTimeout(timer);
		// It may still fail after the wait has ended.
		step.catch(() => {});
	}
}
