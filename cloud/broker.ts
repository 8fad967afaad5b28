/**
 * The platforms' MQTT broker: 3.1 and 3.1.1 over TCP and TLS, and over TLS that demands a certificate
 * of the client.
 *
 * It has no retained messages, no wills and no QoS 2, as the platforms have none: a retain
 * flag and a will are ignored, a subscription with QoS 2 is refused (SUBACK 128) and so is
 * a topic that is not the device's. MQTT 3.1.1 has no way to refuse a message, so one on a
 * foreign topic, with QoS 2 or of more than 16 KB ends the connection.
 *
 * Some platforms take registrations here too: such a connection gets its one message and
 * is no session.
 */

import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";
import { type Faults, type Strike, withFault } from "./faults/faults.js";
import { Gate } from "./faults/gate.js";
import { cut, mute } from "./faults/mute.js";
import { spoil } from "./faults/spoil.js";
import type { Journal, NewEntry, Transport } from "./journal.js";
import { later } from "./later.js";
import { listen, type PortName } from "./listening.js";
import { createMutualServer } from "./mutual-server.js";
import { limitPackets } from "./packet-limit.js";
import type {
	AcceptedLogin,
	Connect,
	Context,
	Login,
	Message,
	Platform,
	RefusedLogin,
	RegistrationLogin,
	Session,
} from "./platform.js";
import { type Device, type Holder, holders, type Product } from "./products.js";
import { publishPacket } from "./publish-packet.js";
import { explainHandshake } from "./tls-options.js";
import { matches } from "./topic-filter.js";
import type { Trust } from "./trust.js";

/** Bytes. */
const MAX_PAYLOAD = 16 * 1024;

/** Of one connection. Source: vendor's documentation of Alibaba's limits; Tencent's topics are fewer. */
const MAX_FILTERS = 100;

/** Characters: MQTT 3.1 allows 23, but the platforms' are longer, and theirs to judge. */
const MAX_CLIENT_ID = 65_535;

/** `mqtts` asks its clients for a certificate and does without, `mutual` demands one. */
export type BrokerPorts = Readonly<Record<Extract<PortName, "mqtt" | "mqtts" | "mutual">, number>>;

export interface BrokerOptions {
	readonly host: string;
	/** 0 for any; the same ones again after a stop. */
	readonly ports: BrokerPorts;
	readonly trust: Trust;
	readonly platforms: readonly Platform[];
	readonly context: () => Context;
	readonly faults: Faults;
	readonly journal: Journal;
}

/** A device that is connected, or registers. */
interface Connection {
	readonly product: Product;
	readonly device: Device;
	readonly session: Session;
	readonly filters: Set<string>;
	/** Who may have one connection, and this is it. A registration is nobody's. */
	readonly holder: Holder | undefined;
	/** What it is there for, if it is no session. */
	readonly registration?: RegistrationLogin;
	/** What goes wrong in the session, or with the registration's answer. */
	readonly strike: Strike | undefined;
}

/** What a connection that registers may do: nothing. */
const NOTHING: Session = {
	mayPublish: () => false,
	maySubscribe: () => false,
	control: "",
	answer: () => undefined,
};

export class Broker {
	readonly #options: BrokerOptions;
	#ports: BrokerPorts;
	#aedes: Aedes | undefined;
	#servers: readonly Server[] = [];
	#gates: readonly Gate[] = [];
	readonly #sockets = new Set<Socket>();
	/** In a session, each by its holder. */
	readonly #clients = new Map<Holder, Client>();
	/** That register. */
	readonly #registering = new Set<Client>();
	readonly #connections = new WeakMap<Client, Connection>();
	readonly #transports = new WeakMap<Socket, Transport>();
	/** Identity that TLS-PSK asked a key for, by socket. */
	readonly #identities = new WeakMap<Socket, string>();
	/** Why a connection is about to end, where it is not the device's own doing. */
	readonly #endings = new WeakMap<Client, string>();

	constructor(options: BrokerOptions) {
		this.#options = options;
		this.#ports = options.ports;
	}

	get ports(): BrokerPorts {
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
				const { clientId, keepalive = 0 } = packet;
				this.#connects.set(client, { clientId, keepAlive: keepalive });
				done(null, true);
			},
			authenticate: (client, username, password, done) => {
				// Who is struck gets no other answer.
				if (this.#strikeConnect(client, username)) return;
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
			authorizeForward: (client, packet) => (this.#mayReceive(client, packet.topic) ? packet : null),
			authorizeSubscribe: (client, subscription, done) =>
				done(null, this.#maySubscribe(client, subscription) ? subscription : null),
			published: (packet, client, done) => {
				if (client) this.#answer(client, packet.topic, packet.payload as Buffer);
				done();
			},
		});
		aedes.on("client", (client) => this.#connected(client));
		aedes.on("connackSent", (_, client) => this.#accepted(client));
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

		const { host, trust, faults, journal } = this.#options;
		const plain = createServer((socket) => this.#handle(aedes, socket, "mqtt"));
		// Any certificate will do for TLS: whether it is the device's is for the CONNACK to say.
		const client = { requestCert: true, rejectUnauthorized: false };
		const secure = createTlsServer(
			{
				...trust.options("mqtts"),
				...client,
				pskCallback: (socket, identity) => this.#preSharedKey(socket, identity),
			},
			(socket) => this.#handle(aedes, socket, "mqtts"),
		);
		secure.on("tlsClientError", (error, socket) => {
			// Node leaves a handshake that has timed out open.
			socket.destroy();
			this.#handshakeFailed("mqtts", error);
		});
		// A socket is the TLS server's until its handshake is done: a stop has to end those as well.
		secure.on("connection", (socket: Socket) => this.#track(socket));
		const mutual = createMutualServer(trust.options("mutual"), {
			connection: (socket) => this.#track(socket),
			secure: (socket) => this.#handle(aedes, socket, "mutual"),
			failed: (error) => this.#handshakeFailed("mutual", error),
		});
		this.#gates = [
			new Gate(plain, { port: "mqtt", faults, journal }),
			new Gate(secure, { port: "mqtts", faults, journal, tls: () => ({ ...trust.options("mqtts"), ...client }) }),
			new Gate(mutual.server, {
				port: "mutual",
				faults,
				journal,
				tls: () => ({ ...trust.options("mutual"), ...client }),
			}),
		];
		trust.listens("mqtts", secure);
		trust.listens("mutual", mutual);
		this.#aedes = aedes;
		this.#servers = [plain, secure, mutual.server];
		try {
			this.#ports = {
				mqtt: await listen(plain, "mqtt", host, this.#ports.mqtt),
				mqtts: await listen(secure, "mqtts", host, this.#ports.mqtts),
				mutual: await listen(mutual.server, "mutual", host, this.#ports.mutual),
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
		for (const client of [...this.#clients.values(), ...this.#registering])
			this.#endings.set(client, "the broker was stopped");
		const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
		await new Promise<void>((resolve) => aedes.close(resolve));
		for (const gate of this.#gates) gate.close();
		for (const socket of this.#sockets) cut(socket);
		await Promise.all(closed);
	}

	/** What a device may do in its session, if it is connected. */
	session(device: Device): Session | undefined {
		return this.#clientsOf(device).map((client) => this.#connections.get(client)?.session)[0];
	}

	/** @returns whether it was connected */
	disconnect(holder: Holder, reason: string): boolean {
		const client = this.#clients.get(holder);
		if (!client) return false;
		this.#endings.set(client, reason);
		client.close();
		return true;
	}

	/** Whether a message on this topic would reach the device now. */
	isSubscribed(device: Device, topic: string): boolean {
		return this.#clientsOf(device).some((client) => this.#receives(client, topic));
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

	#handshakeFailed(transport: Transport, error: NodeJS.ErrnoException): void {
		const reason = explainHandshake(error);
		this.#options.journal.record({ transport, operation: "tls", verdict: "refused", reason });
	}

	readonly #connects = new WeakMap<Client, Pick<Connect, "clientId" | "keepAlive">>();

	#handle(aedes: Aedes, socket: Socket, transport: Transport): void {
		this.#transports.set(socket, transport);
		this.#track(socket);
		socket.setNoDelay(true);
		const client = aedes.handle(socket);
		limitPackets(socket, (reason) => this.#endFlood(client, socket, reason));
	}

	#endFlood(client: Client, socket: Socket, reason: string): void {
		if (this.#connections.has(client)) this.#endings.set(client, reason);
		else this.#record(client, { operation: "connect", verdict: "refused", reason });
		socket.destroy();
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
		const { clientId, keepAlive } = this.#connects.get(client) ?? { clientId: "", keepAlive: 0 };
		const socket = client.conn as Socket;
		const preSharedIdentity = provedIdentity(socket, this.#identities.get(socket));
		const secure = socket instanceof TLSSocket;
		const certificate = secure ? socket.getPeerX509Certificate() : undefined;
		const login = this.#login({
			clientId,
			username,
			password,
			preSharedIdentity,
			certificate,
			secure,
			keepAlive,
		});
		if (login.verdict === "accepted") this.#beginSession(client, login);
		else if (login.verdict === "registered") this.#beginRegistration(client, login);
		else {
			this.#record(client, { operation: "connect", ...login });
			return login;
		}
		return undefined;
	}

	#beginSession(client: Client, { product, device, board, session }: AcceptedLogin): void {
		const holder = board ?? device;
		const strike = this.#options.faults.strike("session", "session", () => device.name);
		this.#connections.set(client, { product, device, session, filters: new Set(), holder, strike });
		// aedes keeps one connection of each client id; which ones exclude each other is the platform's to say.
		client.id = [product.platform, product.id, device.name, ...(board ? [board.clientId] : [])].join("/");
		const older = this.#clients.get(holder);
		if (older) this.#endings.set(older, "a newer connection of the same device took its place");
		const first = device.state !== "active";
		this.#options.context().products.activate(device);
		const reason = first ? "first connection: the device is active now" : "connected";
		this.#record(client, { operation: "connect", verdict: "accepted", reason: withFault(reason, strike) });
	}

	#beginRegistration(client: Client, login: RegistrationLogin): void {
		const { product, device, operation } = login;
		const strike = this.#options.faults.strike(operation, "answer", () => device.name);
		this.#connections.set(client, {
			product,
			device,
			session: NOTHING,
			filters: new Set(),
			holder: undefined,
			registration: login,
			strike,
		});
		client.id = randomUUID();
		this.#record(client, { operation, verdict: "accepted", reason: withFault(login.reason, strike) });
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
		if (connection?.holder) this.#clients.set(connection.holder, client);
		else if (connection) this.#registering.add(client);
	}

	/** The CONNACK has left: who registers gets its answer at once, as some SDKs wait no longer than 200 ms. */
	#accepted(client: Client): void {
		const connection = this.#connections.get(client);
		if (!connection) return;
		const { registration, strike } = connection;
		const socket = client.conn as Socket;
		const push = (): void => {
			if (registration) this.#push(socket, registration, strike);
		};
		if (registration)
			later(socket, registration.lasts * 1000, () => {
				this.#endings.set(client, `a registration's connection lasts no longer than ${registration.lasts} s`);
				client.close();
			});
		const wait = strike?.seconds;
		const ends = strike?.fault === "drop" || strike?.fault === "silence";
		const next = ends ? () => this.#end(client, strike) : push;
		if (wait === undefined) next();
		else later(socket, wait * 1000, next);
	}

	/** Gives a registration its answer. */
	#push(socket: Socket, { product, answer }: RegistrationLogin, strike: Strike | undefined): void {
		const platform = this.#options.platforms.find(({ name }) => name === product.platform);
		const payload = strike && platform ? spoil(strike, answer.payload, platform, product.secret) : answer.payload;
		const packet = publishPacket({ ...answer, payload });
		socket.write(packet);
		if (strike?.fault === "duplicate") socket.write(packet);
	}

	/** @returns whether a fault has answered this CONNECT, or left it without an answer */
	#strikeConnect(client: Client, username: string | undefined): boolean {
		const { platforms, context, faults } = this.#options;
		const { clientId } = this.#connects.get(client) ?? { clientId: "" };
		const { products } = context();
		const claim = platforms.map((platform) => platform.claim({ clientId, username }, products)).find(Boolean);
		if (!claim) return false;
		const { operation, ...names } = claim;
		const strike = faults.strike(operation, "connack", () => names.device);
		if (!strike) return false;
		const { code, reason } = strike;
		const verdict = code === undefined ? "closed" : "refused";
		this.#record(client, { operation, ...names, verdict, reason, ...(code !== undefined && { code }) });
		const socket = client.conn as Socket;
		if (code === undefined) this.#end(client, strike);
		// Not by aedes, which knows no CONNACK 1 here.
		else socket.end(Buffer.of(0x20, 2, 0, code));
		return true;
	}

	/** By a fault: at once, or so that its client does not hear of it. */
	#end(client: Client, { fault, reason }: Strike): void {
		this.#endings.set(client, reason);
		if (fault === "silence") mute(client.conn as Socket);
		client.close();
	}

	#disconnected(client: Client): void {
		const connection = this.#connections.get(client);
		if (!connection) return;
		const { holder } = connection;
		if (holder && this.#clients.get(holder) === client) this.#clients.delete(holder);
		this.#registering.delete(client);
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
		const full = connection?.filters.has(topic) === false && connection.filters.size >= MAX_FILTERS;
		const allowed = own && qos < 2 && !full;
		if (allowed) connection?.filters.add(topic);
		const reason = !own
			? `the device may not subscribe to ${topic}: SUBACK 128`
			: qos === 2
				? `the platform has no QoS 2 (asked for ${topic}): SUBACK 128`
				: full
					? `the connection has ${MAX_FILTERS} subscriptions, and gets no more: SUBACK 128`
					: topic;
		this.#record(client, { operation: "subscribe", verdict: allowed ? "accepted" : "refused", reason });
		return allowed;
	}

	#answer(client: Client, topic: string, payload: Buffer): void {
		const answer = this.#connections.get(client)?.session.answer(topic, payload, this.#options.context().now);
		if (!answer || !this.#receives(client, answer.topic)) return;
		client.publish({ cmd: "publish", qos: 0, dup: false, retain: false, ...answer }, () => {});
	}

	/** All connections of a device: its own, and those of its boards. */
	#clientsOf(device: Device): Client[] {
		return holders(device).flatMap((holder) => this.#clients.get(holder) ?? []);
	}

	/** Whether a message on this topic would reach this one. */
	#receives(client: Client, topic: string): boolean {
		const filters = this.#connections.get(client)?.filters ?? [];
		return this.#mayReceive(client, topic) && [...filters].some((filter) => matches(filter, topic));
	}

	/** What a device sends to the platform does not come back to it because of a filter that covers it. */
	#mayReceive(client: Client, topic: string): boolean {
		const session = this.#connections.get(client)?.session;
		return !session?.mayPublish(topic) || session.maySubscribe(topic);
	}

	#record(client: Client, entry: Omit<NewEntry, "transport">): void {
		const connection = this.#connections.get(client);
		const names = connection && { product: connection.product.id, device: connection.device.name };
		const transport = this.#transports.get(client.conn as Socket) ?? "mqtt";
		this.#options.journal.record({ transport, ...names, ...entry });
	}
}

/** A key was asked for in every handshake that offers one; it counts only where its suite was agreed on. */
function provedIdentity(socket: Socket, identity: string | undefined): string | undefined {
	// Node gives no cipher for a socket that is gone by now, whatever its types say.
	return socket instanceof TLSSocket && socket.getCipher()?.name.startsWith("PSK-") ? identity : undefined;
}
