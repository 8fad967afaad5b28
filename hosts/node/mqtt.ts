import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import type { Bytes, Clock, Milliseconds, Mqtt, MqttConnect, MqttConnection, MqttEvents } from "dynreg/contracts/host";
import { failure, gone, refusedConnack } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { PacketLengthMeter } from "dynreg/mqtt/packet-length";
import { MqttClient } from "mqtt";
import { type Authorities, loadAuthorities } from "./authorities.js";
import { ownCertificate } from "./client-certificate.js";
import { failureOf, refusesCertificate } from "./failures.js";
import { realTime, type Time } from "./time.js";
import { tlsOptions } from "./tls.js";

const phase = "connect";
/** Bytes of a packet, as on an ESP32; a longer one ends the connection before its bytes have come. */
const maxPacketBytes = 16384;
/** Milliseconds that the last packets have to leave after `close`. */
const farewell = 1000;

/**
 * @param power aborted when the board loses its power: every connection is cut, and nothing settles any more
 * @param certs folders of the host's own authorities
 * @param clock what certificates are held against
 * @param time what deadlines and keep-alive are measured in
 */
export function createMqtt(
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time = realTime,
): Mqtt {
	return { connect: (options, events, deadline) => connect(options, events, deadline, power, certs, clock, time) };
}

async function connect(
	options: MqttConnect,
	events: MqttEvents,
	deadline: Milliseconds,
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time: Time,
): Promise<MqttConnection> {
	if (power.aborted) return new Promise(() => {});
	const { endpoint, clientId, username, password, certificate, keepAlive } = options;
	const authorities = endpoint.secure ? loadAuthorities(endpoint, phase, certs) : undefined;
	const socket = open(options, clock, authorities);
	// The client is handed the open socket: it would write its CONNECT before a certificate is verified.
	const connection = new Connection(socket, events, options);
	let cancel = () => {};
	// A certificate leaves right before what the keys are made of; what the event tells of them is nobody's business.
	let shown = false;
	if (certificate)
		socket.once("keylog", () => {
			shown = true;
		});
	const cut = () => {
		cancel();
		connection.cut();
	};
	power.addEventListener("abort", cut);
	socket.once("close", () => power.removeEventListener("abort", cut));

	try {
		await new Promise<void>((resolve, reject) => {
			cancel = time.after(deadline, () => reject(failure(phase, endpoint, "timeout")));
			socket.on("error", reject);
			socket.once("close", () => reject(failure(phase, endpoint, "connection-lost")));
			socket.once(endpoint.secure ? "secureConnect" : "connect", () => {
				const client = new MqttClient(() => socket, {
					clientId,
					username,
					...(password === undefined ? {} : { password: password.reveal() }),
					keepalive: keepAlive,
					protocolVersion: 4,
					clean: true,
					reconnectPeriod: 0,
					connectTimeout: deadline,
					// Else a server gone deaf is not noticed as long as there is something to publish.
					reschedulePings: false,
					...(time !== realTime && { timerVariant: intervals(time) }),
				});
				connection.watch(client, resolve, reject);
			});
		});
		connection.begin();
		return connection;
	} catch (error) {
		socket.destroy();
		if (power.aborted) return await new Promise(() => {});
		if (shown && refusesCertificate(error)) throw failure(phase, endpoint, "credential-refused", error);
		throw failureOf(error, phase, endpoint, authorities?.missing);
	} finally {
		cancel();
	}
}

/** What the client counts its keep-alive with: intervals by number. */
function intervals(time: Time) {
	const cancels = new Map<number, () => void>();
	let last = 0;
	return {
		set(action: () => void, period: Milliseconds): number {
			const interval = ++last;
			const wait = () =>
				cancels.set(
					interval,
					time.after(period, () => {
						wait();
						action();
					}),
				);
			wait();
			return interval;
		},
		clear(interval: number): void {
			cancels.get(interval)?.();
			cancels.delete(interval);
		},
	};
}

function open({ endpoint, certificate }: MqttConnect, clock: Clock, authorities: Authorities | undefined): Socket {
	if (authorities === undefined) return connectPlain({ host: endpoint.host, port: endpoint.port });
	return connectSecure({
		...tlsOptions(endpoint, authorities, clock),
		...(certificate && ownCertificate(certificate)),
	});
}

class Connection implements MqttConnection {
	readonly #socket: Socket;
	readonly #events: MqttEvents;
	readonly #options: MqttConnect;
	#client: MqttClient | undefined;
	/** What came before the caller could know of the connection. */
	#early: (() => void)[] | undefined = [];

	constructor(socket: Socket, events: MqttEvents, options: MqttConnect) {
		this.#socket = socket;
		this.#events = events;
		this.#options = options;
	}

	/** The handshake of the protocol, up to the CONNACK. */
	watch(client: MqttClient, accepted: () => void, refused: (error: Failure) => void): void {
		const { endpoint } = this.#options;
		const meter = new PacketLengthMeter(maxPacketBytes);
		let greeted = false;
		let trouble: "connection-lost" | "answer-too-large" = "connection-lost";
		this.#client = client;
		this.#socket.on("data", (bytes: Buffer) => {
			if (meter.exceeded(bytes) === undefined) return;
			trouble = "answer-too-large";
			if (!greeted) refused(failure(phase, endpoint, "answer-too-large"));
			this.#socket.destroy();
		});
		client.on("packetreceive", (packet) => {
			if ("messageId" in packet && Number(packet.messageId) < 0) {
				// It has no room for the number that it must have: the client would answer it all the same, and throw where nobody catches.
				packet.messageId = 0;
				this.#socket.destroy();
			}
			if (greeted) return;
			greeted = true;
			if (packet.cmd !== "connack") refused(failure(phase, endpoint, "bad-answer"));
			else if (packet.returnCode) refused(refusedConnack(endpoint, packet.returnCode));
			else accepted();
		});
		// Errors of the socket go their own way; what is left are packets that cannot be read.
		client.on("error", (error) => {
			if (!greeted) refused(failure(phase, endpoint, "bad-answer", error));
			this.#socket.destroy();
		});
		client.on("message", (topic, payload) => {
			const bytes = new Uint8Array(payload);
			this.#tell(() => this.#events.message(topic, bytes));
		});
		this.#socket.once("close", () =>
			this.#tell(() => {
				this.#client = undefined;
				this.#events.closed(failure("session", endpoint, trouble));
			}),
		);
	}

	/** Once whoever awaits `connect` has been resumed, events flow. */
	begin(): void {
		setImmediate(() => {
			const early = this.#early ?? [];
			this.#early = undefined;
			for (const event of early) this.#tell(event);
		});
	}

	publish(topic: string, payload: Bytes): void {
		this.#live().publish(topic, typeof payload === "string" ? payload : Buffer.from(payload));
	}

	subscribe(topic: string): void {
		this.#live().subscribe(topic);
	}

	close(): void {
		const client = this.#client;
		this.#client = undefined;
		if (client === undefined || this.#socket.destroyed) return;
		this.#socket.once("finish", () => this.#socket.destroy());
		setTimeout(() => this.#socket.destroy(), farewell).unref();
		client.end();
	}

	/** Power off: nobody is told. */
	cut(): void {
		this.#client = undefined;
		this.#socket.destroy();
	}

	#tell(event: () => void): void {
		if (this.#early) this.#early.push(event);
		else if (this.#client) event();
	}

	#live(): MqttClient {
		if (this.#client === undefined || this.#socket.destroyed) throw gone();
		return this.#client;
	}
}
