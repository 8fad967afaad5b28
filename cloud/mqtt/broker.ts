/**
 * The platforms' MQTT broker: 3.1 and 3.1.1 over TCP and TLS, and over TLS that requires a client certificate.
 *
 * It has no retained messages, no wills and no QoS 2, as the platforms have none. A retain flag and a will are
 * ignored. A subscription with QoS 2, or to a topic that is not the device's, is refused (SUBACK 128). A message on a
 * foreign topic, with QoS 2 or of more than 16 KB ends the connection, as MQTT 3.1.1 has no way to refuse a message.
 *
 * Some platforms take registrations here too. Such a connection is no session: it receives one message, or has a
 * conversation with the platform.
 */

import type { Aedes, AedesOptions, AuthenticateError, Client } from "aedes";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import type { SessionObserver } from "../console/activity.js";
import type { Faults } from "../faults/faults.js";
import type { Message, Platform, PlatformContext, Session } from "../platforms/platform.js";
import { type CredentialHolder, credentialHolders, type Device } from "../products/product.js";
import type { Journal } from "../server/journal.js";
import type { Listener } from "../server/listen.js";
import type { Timers } from "../server/timers.js";
import { authenticate } from "./authenticate.js";
import { authorizePublish, authorizeSubscription } from "./authorize.js";
import { type AcceptedSocket, ClientConnection } from "./client-connection.js";
import { afterFaultDelay, applyConnackFault, closeByFault, closesConnection, stopReading } from "./fault-hooks.js";
import { superviseKeepAlive } from "./keep-alive.js";
import { type BrokerPorts, MqttListeners } from "./listeners.js";
import { limitPackets } from "./packet-limit.js";
import { preSharedDevice } from "./pre-shared-key.js";
import { limitRegistration, limitSession, respondToRegistration, sendRegistrationResponse } from "./registration.js";

/** Characters. MQTT 3.1 allows 23; the platforms' client ids are longer, and their rules check the length. */
const maxClientIdLength = 65_535;

export interface BrokerOptions {
	readonly host: string;
	/** 0 for any; the same ports again after a stop. */
	readonly ports: BrokerPorts;
	readonly certificates: CertificateSelector;
	readonly platforms: readonly Platform[];
	readonly context: () => PlatformContext;
	readonly faults: Faults;
	readonly journal: Journal;
	readonly observer: SessionObserver;
	readonly timers: Timers;
}

/** One run of the broker, from a start to its stop. */
interface Run {
	readonly aedes: Promise<Aedes>;
	readonly listeners: MqttListeners;
}

/** From the TCP connection, or the end of the TLS handshake, to the CONNECT. */
const connectSeconds = 10;
/** What aedes says then (its lib/client.js). */
const aedesTimeout = "connect did not arrive in time";

export class Broker implements Listener {
	readonly #options: BrokerOptions;
	#ports: BrokerPorts;
	#run: Run | undefined;
	readonly #connections = new WeakMap<Client, ClientConnection>();
	/** The connected sessions. */
	readonly #sessions = new Map<CredentialHolder, ClientConnection>();
	/** The connections of registrations. */
	readonly #registrations = new Set<ClientConnection>();

	constructor(options: BrokerOptions) {
		this.#options = options;
		this.#ports = options.ports;
	}

	get ports(): BrokerPorts {
		return this.#ports;
	}

	get running(): boolean {
		return this.#run !== undefined;
	}

	async start(): Promise<void> {
		if (this.#run) return;
		const { platforms, context } = this.#options;
		const aedes = this.#createAedes();
		const listeners = new MqttListeners({
			...this.#options,
			preSharedDevice: (identity) => preSharedDevice(platforms, identity, context().products),
			hasCertificateDevices: () => [...context().products.all()].some(({ auth }) => auth !== "key"),
			onConnection: (accepted) => void aedes.then((created) => this.#onConnection(created, accepted)),
		});
		this.#run = { aedes, listeners };
		try {
			this.#ports = await listeners.listen(this.#ports);
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	async stop(): Promise<void> {
		const run = this.#run;
		if (!run) return;
		this.#run = undefined;
		for (const connection of [...this.#sessions.values(), ...this.#registrations])
			connection.setCloseReason("The broker was stopped.");
		const closed = run.listeners.closed();
		const aedes = await run.aedes;
		await new Promise<void>((resolve) => aedes.close(resolve));
		run.listeners.destroyConnections();
		await closed;
	}

	/** @returns what a device may do, if it is connected */
	session(device: Device): Session | undefined {
		return this.#sessionsOf(device)[0]?.session;
	}

	isConnected(holder: CredentialHolder): boolean {
		return this.#sessions.has(holder);
	}

	/** @returns whether it was connected */
	disconnect(holder: CredentialHolder, reason: string): boolean {
		const connection = this.#sessions.get(holder);
		connection?.close(reason);
		return connection !== undefined;
	}

	/** Whether a message on this topic would reach the device now. */
	isSubscribed(device: Device, topic: string): boolean {
		return this.#sessionsOf(device).some((connection) => connection.qosOf(topic) !== undefined);
	}

	/** Sends the device a message of the platform, to all of its boards. */
	async send(device: Device, message: Message): Promise<void> {
		await Promise.all(this.#sessionsOf(device).map((connection) => connection.send(message, this.#options.faults)));
	}

	/** Loading aedes takes half of the time of a start: the ports listen meanwhile. */
	async #createAedes(): Promise<Aedes> {
		const { Aedes } = await import("aedes");
		const aedes = await Aedes.createBroker(this.#handlers());
		this.#listenToEvents(aedes);
		return aedes;
	}

	#handlers(): Partial<AedesOptions> {
		const { timers } = this.#options;
		return {
			connectTimeout: connectSeconds * 1000,
			maxClientsIdLength: maxClientIdLength,
			preConnect: (client, packet, done) => {
				const { clientId, keepalive = 0 } = packet;
				this.#connectionOf(client).setConnectFields(clientId, keepalive);
				delete packet.will;
				superviseKeepAlive(this.#connectionOf(client), keepalive, timers);
				packet.keepalive = 0;
				done(null, true);
			},
			authenticate: (client, username, password, done) => {
				const connection = this.#connectionOf(client);
				const { platforms, context, faults } = this.#options;
				if (applyConnackFault(connection, username, { platforms, products: context().products, faults })) return;
				const refused = authenticate(connection, username, password?.toString("utf8"), this.#options);
				if (connection.holder)
					this.#sessions
						.get(connection.holder)
						?.setCloseReason("A newer connection of the same device replaced this one.");
				if (!refused) return done(null, true);
				const error: AuthenticateError = Object.assign(new Error(refused.reason), { returnCode: refused.code });
				done(error, null);
			},
			authorizePublish: (client, packet, done) => {
				const reason = client && authorizePublish(this.#connectionOf(client), packet, this.#options.faults);
				packet.retain = false;
				done(reason ? new Error(reason) : null);
			},
			// What a client publishes is for the platform, and at most for itself. Messages of the platform have no client.
			authorizeForward: (client, packet) => {
				// Set by aedes, in spite of its types.
				const { clientId } = packet as { readonly clientId?: string };
				const { session } = this.#connectionOf(client);
				if (clientId === undefined) return packet;
				return clientId === client.id && session?.comesBack(packet.topic) ? packet : null;
			},
			authorizeSubscribe: (client, subscription, done) => {
				const connection = this.#connectionOf(client);
				const { granted, fault } = authorizeSubscription(connection, subscription, this.#options.faults);
				afterFaultDelay(connection.socket, fault, timers, () => done(null, granted ? subscription : null));
			},
			published: (packet, client, done) => {
				if (client) this.#respond(this.#connectionOf(client), packet.topic, packet.payload as Buffer);
				done();
			},
		};
	}

	#listenToEvents(aedes: Aedes): void {
		aedes.on("client", (client) => this.#onLogin(this.#connectionOf(client)));
		aedes.on("connackSent", (_, client) => this.#onConnackSent(this.#connectionOf(client)));
		aedes.on("clientDisconnect", (client) => this.#onDisconnect(this.#connectionOf(client)));
		// With clean sessions, aedes does not know which message it is for.
		aedes.on("ack", (_, client) => this.#connectionOf(client).acknowledged());
		aedes.on("unsubscribe", (filters, client) => {
			for (const filter of filters) this.#connectionOf(client).unsubscribed(filter);
		});
		aedes.on("clientError", (client, error) => this.#connectionOf(client).setConnectionError(error));
		aedes.on("connectionError", (client, error) => this.#onConnectionError(this.#connectionOf(client), error));
	}

	#connectionOf(client: Client): ClientConnection {
		const connection = this.#connections.get(client);
		if (!connection) throw new Error("aedes knows a client that did not come from a listener");
		return connection;
	}

	#onConnection(aedes: Aedes, accepted: AcceptedSocket): void {
		const { socket } = accepted;
		const client = aedes.handle(socket);
		const connection = new ClientConnection(client, accepted, this.#options);
		this.#connections.set(client, connection);
		limitPackets(socket, (reason) => {
			if (connection.login) connection.setCloseReason(reason);
			else connection.record({ operation: "connect", verdict: "refused", reason });
			socket.destroy();
		});
	}

	#onLogin(connection: ClientConnection): void {
		const { login, holder } = connection;
		if (holder) {
			this.#sessions.set(holder, connection);
			this.#options.observer.sessions(this.#sessions.size, true);
		} else if (login) this.#registrations.add(connection);
	}

	#onConnackSent(connection: ClientConnection): void {
		const { login, fault } = connection;
		if (!login) return;
		const { timers, platforms } = this.#options;
		if (login.verdict === "accepted") limitSession(connection, login, timers);
		else limitRegistration(connection, login, timers);
		afterFaultDelay(connection.socket, fault, timers, () => {
			if (fault && closesConnection(fault)) closeByFault(connection, fault);
			else if (fault?.fault === "stop-reading") stopReading(connection.socket);
			else if (login.verdict === "registered") sendRegistrationResponse(connection, login, platforms);
		});
	}

	#onDisconnect(connection: ClientConnection): void {
		const { login, holder, closeReason } = connection;
		if (!login) return;
		if (holder && this.#sessions.get(holder) === connection) {
			this.#sessions.delete(holder);
			this.#options.observer.sessions(this.#sessions.size, false);
		}
		this.#registrations.delete(connection);
		connection.record({ operation: "disconnect", verdict: "closed", reason: closeReason });
	}

	#onConnectionError(connection: ClientConnection, error: Error & { errorCode?: number; code?: string }): void {
		// The client closed what it had opened ahead: by RST, where by FIN there is no error.
		if (error.code === "ECONNRESET" || error.code === "EPIPE") return;
		// Boards that open a connection ahead may need it later than that. Nothing is wrong with them.
		if (error.message === aedesTimeout) {
			const reason = `The client sent no CONNECT within ${connectSeconds} s.`;
			connection.record({ operation: "connect", verdict: "closed", reason });
			return;
		}
		const reason =
			error.errorCode === 1
				? "The client requested an unsupported MQTT version. Expected MQTT 3.1 or 3.1.1."
				: `The client sent no valid CONNECT: ${error.message}.`;
		const code = error.errorCode === undefined ? {} : { code: error.errorCode };
		connection.record({ operation: "connect", verdict: "refused", reason, ...code });
	}

	/** Sends the platform's own response to a message, if it has one that reaches the sender. */
	#respond(connection: ClientConnection, topic: string, payload: Buffer): void {
		const { login } = connection;
		if (login?.verdict === "registering") {
			// A rejection is a defect of the local cloud.
			void respondToRegistration(connection, login, { topic, payload }, this.#options);
			return;
		}
		const response = connection.session?.respond(topic, payload, this.#options.context().now);
		// A connection that breaks meanwhile is reported as such.
		if (response) connection.send(response, this.#options.faults).catch(() => {});
	}

	#sessionsOf(device: Device): ClientConnection[] {
		return credentialHolders(device).flatMap((holder) => this.#sessions.get(holder) ?? []);
	}
}
