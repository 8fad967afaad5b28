/**
 * The platforms' MQTT broker: 3.1 and 3.1.1 over TCP and TLS.
 *
 * It has no retained messages, no wills and no QoS 2, as the platforms have none: a retain
 * flag and a will are ignored, a subscription with QoS 2 is refused (SUBACK 128) and so is
 * a topic that is not the device's. MQTT 3.1.1 has no way to refuse a message, so one on a
 * foreign topic, with QoS 2 or of more than 16 KB ends the connection.
 */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";
import type { ServerCertificate } from "./certificates.js";
import type { Journal, Transport } from "./journal.js";
import { listen } from "./listening.js";
import type { Connect, Context, Login, Message, Platform, RefusedLogin, Session } from "./platform.js";
import type { Device, Product } from "./products.js";
import { explainHandshake, tlsOptions } from "./tls-options.js";

/** Bytes. */
const MAX_PAYLOAD = 16 * 1024;

/** Characters: MQTT 3.1 allows 23, but product id and device name together are longer. */
const MAX_CLIENT_ID = 64;

export interface BrokerOptions {
	readonly host: string;
	/** 0 for any; the same ones again after a stop. */
	readonly ports: { readonly mqtt: number; readonly mqtts: number };
	readonly certificate: ServerCertificate;
	readonly platforms: readonly Platform[];
	readonly context: () => Context;
	readonly journal: Journal;
}

/** A device that is connected. */
interface Connection {
	readonly product: Product;
	readonly device: Device;
	readonly session: Session;
	readonly filters: Set<string>;
}

export class Broker {
	readonly #options: BrokerOptions;
	#ports: { readonly mqtt: number; readonly mqtts: number };
	#aedes: Aedes | undefined;
	#servers: readonly Server[] = [];
	readonly #sockets = new Set<Socket>();
	/** By device, the one connection that it may have. */
	readonly #clients = new Map<Device, Client>();
	readonly #connections = new WeakMap<Client, Connection>();
	/** Identity that TLS-PSK asked a key for, by socket. */
	readonly #identities = new WeakMap<Socket, string>();
	/** Why a connection is about to end, where it is not the device's own doing. */
	readonly #endings = new WeakMap<Client, string>();

	constructor(options: BrokerOptions) {
		this.#options = options;
		this.#ports = options.ports;
	}

	get ports(): { readonly mqtt: number; readonly mqtts: number } {
		return this.#ports;
	}

	get running(): boolean {
		return this.#aedes !== undefined;
	}

	/** @throws Error if a port is taken */
	async start(): Promise<void> {
		if (this.#aedes) return;
		const aedes = await Aedes.createBroker({
			connectTimeout: 10_000,
			maxClientsIdLength: MAX_CLIENT_ID,
			preConnect: (client, packet, done) => {
				delete packet.will;
				// The broker makes up an id where there is none; no device is called that.
				this.#clientIds.set(client, packet.clientId);
				done(null, true);
			},
			authenticate: (client, username, password, done) => {
				const refused = this.#authenticate(client, username, password?.toString("utf8"));
				if (!refused) return done(null, true);
				const error: AuthenticateError = Object.assign(new Error(refused.reason), { returnCode: refused.code });
				done(error, null);
			},
			authorizePublish: (client, packet, done) => {
				const reason = client && this.#publishFault(client, packet);
				packet.retain = false;
				done(reason ? new Error(reason) : null);
			},
			authorizeSubscribe: (client, subscription, done) =>
				done(null, this.#maySubscribe(client, subscription) ? subscription : null),
			published: (packet, client, done) => {
				if (client) this.#answer(client, packet.topic, packet.payload as Buffer);
				done();
			},
		});
		aedes.on("client", (client) => this.#connected(client));
		aedes.on("clientDisconnect", (client) => this.#disconnected(client));
		aedes.on("unsubscribe", (filters, client) => {
			for (const filter of filters) this.#connections.get(client)?.filters.delete(filter);
		});
		aedes.on("keepaliveTimeout", (client) =>
			this.#endings.set(client, "nothing came from the board for one and a half times its keep-alive"),
		);
		aedes.on("clientError", (client, error) => {
			if (!this.#endings.has(client)) this.#endings.set(client, `the connection broke: ${error.message}`);
		});
		aedes.on("connectionError", (client, error) => this.#brokenBeforeLogin(client, error));

		const { host, certificate } = this.#options;
		const plain = createServer((socket) => this.#handle(aedes, socket));
		const secure = createTlsServer(
			{ ...tlsOptions(certificate), pskCallback: (socket, identity) => this.#preSharedKey(socket, identity) },
			(socket) => this.#handle(aedes, socket),
		);
		secure.on("tlsClientError", (error) => {
			const reason = explainHandshake(error);
			this.#options.journal.record({ transport: "mqtts", operation: "tls", verdict: "refused", reason });
		});
		// A socket is the TLS server's until its handshake is done: a stop has to end those as well.
		secure.on("connection", (socket: Socket) => this.#track(socket));
		this.#aedes = aedes;
		this.#servers = [plain, secure];
		try {
			this.#ports = {
				mqtt: await listen(plain, "mqtt", host, this.#ports.mqtt),
				mqtts: await listen(secure, "mqtts", host, this.#ports.mqtts),
			};
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** Ends all connections and listens no more. */
	async stop(): Promise<void> {
		const aedes = this.#aedes;
		if (!aedes) return;
		this.#aedes = undefined;
		for (const client of this.#clients.values()) this.#endings.set(client, "the broker was stopped");
		const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
		await new Promise<void>((resolve) => aedes.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(closed);
	}

	/** What a device may do in its session, if it is connected. */
	session(device: Device): Session | undefined {
		const client = this.#clients.get(device);
		return client && this.#connections.get(client)?.session;
	}

	/** @returns whether it was connected */
	disconnect(device: Device, reason: string): boolean {
		const client = this.#clients.get(device);
		if (!client) return false;
		this.#endings.set(client, reason);
		client.close();
		return true;
	}

	/** Whether a message on this topic would reach the device now. */
	isSubscribed(device: Device, topic: string): boolean {
		const client = this.#clients.get(device);
		const filters = client && this.#connections.get(client)?.filters;
		for (const filter of filters ?? []) {
			if (filter === topic) return true;
			if (filter.endsWith("/+") && topic.startsWith(filter.slice(0, -1))) return true;
		}
		return false;
	}

	/** QoS 1, which becomes 0 for those who subscribed with 0. */
	async publish(message: Message): Promise<void> {
		const aedes = this.#aedes;
		if (!aedes) return;
		await new Promise<void>((resolve, reject) =>
			aedes.publish({ cmd: "publish", qos: 1, dup: false, retain: false, ...message }, (error) =>
				error ? reject(error) : resolve(),
			),
		);
	}

	readonly #clientIds = new WeakMap<Client, string>();

	#handle(aedes: Aedes, socket: Socket): void {
		this.#track(socket);
		socket.setNoDelay(true);
		aedes.handle(socket);
	}

	#track(socket: Socket): void {
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
	}

	#preSharedKey(socket: TLSSocket, identity: string): Buffer | null {
		const { products } = this.#options.context();
		for (const platform of this.#options.platforms) {
			const key = platform.preSharedKey(identity, products);
			if (!key) continue;
			this.#identities.set(socket, identity);
			return key;
		}
		return null;
	}

	/** @returns what to answer if it may not connect */
	#authenticate(client: Client, username: string | undefined, password: string | undefined): RefusedLogin | undefined {
		const clientId = this.#clientIds.get(client) ?? "";
		const socket = client.conn as Socket;
		const preSharedIdentity = provedIdentity(socket, this.#identities.get(socket));
		const login = this.#login({ clientId, username, password, preSharedIdentity });
		const names =
			login.verdict === "accepted"
				? { product: login.product.id, device: login.device.name }
				: { ...(login.product && { product: login.product }), ...(login.device && { device: login.device }) };
		if (login.verdict === "refused") {
			const { code, reason } = login;
			this.#record(client, { operation: "connect", verdict: "refused", reason, code, ...names });
			return login;
		}
		const { product, device, session } = login;
		this.#connections.set(client, { product, device, session, filters: new Set() });
		const older = this.#clients.get(device);
		if (older) this.#endings.set(older, "a newer connection with the same client id took its place");
		const first = device.state !== "active";
		this.#options.context().products.activate(device);
		const reason = first ? "first connection: the device is active now" : "connected";
		this.#record(client, { operation: "connect", verdict: "accepted", reason, ...names });
		return undefined;
	}

	#login(connect: Connect): Login {
		const context = this.#options.context();
		for (const platform of this.#options.platforms) {
			const login = platform.login(connect, context);
			if (login) return login;
		}
		const reason =
			connect.username === undefined
				? "the CONNECT has no user name: it is required"
				: "the user name has the form of no platform known here";
		return { verdict: "refused", code: 4, reason };
	}

	#connected(client: Client): void {
		const connection = this.#connections.get(client);
		if (connection) this.#clients.set(connection.device, client);
	}

	#disconnected(client: Client): void {
		const connection = this.#connections.get(client);
		if (!connection) return;
		if (this.#clients.get(connection.device) === client) this.#clients.delete(connection.device);
		const reason = this.#endings.get(client) ?? "the board closed the connection";
		this.#record(client, { operation: "disconnect", verdict: "closed", reason });
	}

	#brokenBeforeLogin(client: Client, error: Error & { errorCode?: number }): void {
		const reason =
			error.errorCode === 1
				? "MQTT 3.1 and 3.1.1 are spoken here, not the version that the client asked for"
				: `no CONNECT came of it: ${error.message}`;
		const code = error.errorCode === undefined ? {} : { code: error.errorCode };
		this.#record(client, { operation: "connect", verdict: "refused", reason, ...code });
	}

	#publishFault(client: Client, packet: PublishPacket): string | undefined {
		const mayPublish = this.#connections.get(client)?.session.mayPublish(packet.topic) ?? false;
		const size = Buffer.byteLength(packet.payload);
		const reason = !mayPublish
			? `the device may not publish on ${packet.topic}: the connection is closed`
			: packet.qos === 2
				? "the platform has no QoS 2: the connection is closed"
				: size > MAX_PAYLOAD
					? `the message has ${size} bytes, ${MAX_PAYLOAD} are allowed: the connection is closed`
					: undefined;
		if (reason) this.#endings.set(client, "the broker closed it, because a message was refused");
		this.#record(client, {
			operation: "publish",
			verdict: reason ? "refused" : "accepted",
			reason: reason ?? `${size} bytes on ${packet.topic}`,
		});
		return reason;
	}

	#maySubscribe(client: Client, { topic, qos }: Subscription): boolean {
		const connection = this.#connections.get(client);
		const own = connection?.session.maySubscribe(topic) ?? false;
		const allowed = own && qos < 2;
		if (allowed) connection?.filters.add(topic);
		const reason = !own
			? `the device may not subscribe to ${topic}: SUBACK 128`
			: qos === 2
				? `the platform has no QoS 2 (asked for ${topic}): SUBACK 128`
				: topic;
		this.#record(client, { operation: "subscribe", verdict: allowed ? "accepted" : "refused", reason });
		return allowed;
	}

	#answer(client: Client, topic: string, payload: Buffer): void {
		const answer = this.#connections.get(client)?.session.answer(topic, payload, this.#options.context().now);
		if (answer) this.#aedes?.publish({ cmd: "publish", qos: 0, dup: false, retain: false, ...answer }, () => {});
	}

	#record(client: Client, entry: Omit<Parameters<Journal["record"]>[0], "transport">): void {
		const connection = this.#connections.get(client);
		const names = connection && { product: connection.product.id, device: connection.device.name };
		const transport: Transport = client.conn instanceof TLSSocket ? "mqtts" : "mqtt";
		// A topic is the device's own text: it may hold anything, the psk included.
		const secret = connection?.device.secret;
		const reason = secret === undefined ? entry.reason : entry.reason.replaceAll(secret, "[secret]");
		this.#options.journal.record({ transport, ...names, ...entry, reason });
	}
}

/** A key was asked for in every handshake that offers one; it counts only where its suite was agreed on. */
function provedIdentity(socket: Socket, identity: string | undefined): string | undefined {
	// Node gives no cipher for a socket that is gone by now, whatever its types say.
	return socket instanceof TLSSocket && socket.getCipher()?.name.startsWith("PSK-") ? identity : undefined;
}
