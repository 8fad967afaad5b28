/**
 * The platforms' MQTT broker: 3.1 and 3.1.1 over TCP and TLS, and over TLS that requires a client certificate.
 *
 * It has no retained messages, no wills and no QoS 2, as the platforms have none. A retain flag and a will are
 * ignored. A subscription with QoS 2, or to a topic that is not the device's, is refused (SUBACK 128). A message on a
 * foreign topic, with QoS 2 or of more than 16 KB ends the connection, as MQTT 3.1.1 has no way to refuse a message.
 *
 * Some platforms take registrations here too: such a connection receives one message and is no session.
 */

import type { Aedes, AedesOptions, AuthenticateError, Client } from "aedes";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import type { Faults } from "../faults/faults.js";
import type { Context, Message, Platform, Session } from "../platforms/platform.js";
import { type Device, type Holder, holders } from "../products/product.js";
import type { Journal } from "../server/journal.js";
import type { Listener } from "../server/listen.js";
import type { Timers } from "../server/timers.js";
import { authenticate, preSharedKey } from "./authenticate.js";
import { grantSubscription, refusePublish } from "./authorize.js";
import { type AcceptedSocket, ClientConnection } from "./client-connection.js";
import { afterFaultDelay, applyConnackFault, closeByFault, closesConnection } from "./fault-hooks.js";
import { superviseKeepAlive } from "./keep-alive.js";
import { type BrokerPorts, MqttListeners } from "./listeners.js";
import { limitPackets } from "./packet-limit.js";
import { limitRegistration, sendRegistrationResponse } from "./registration.js";

/** Characters. MQTT 3.1 allows 23; the platforms' client ids are longer, and their rules check the length. */
const maxClientIdLength = 65_535;

export interface BrokerOptions {
	readonly host: string;
	/** 0 for any; the same ports again after a stop. */
	readonly ports: BrokerPorts;
	readonly certificates: CertificateSelector;
	readonly platforms: readonly Platform[];
	readonly context: () => Context;
	readonly faults: Faults;
	readonly journal: Journal;
	readonly timers: Timers;
}

/** One run of the broker, from a start to its stop. */
interface Run {
	readonly aedes: Promise<Aedes>;
	readonly listeners: MqttListeners;
}

export class Broker implements Listener {
	readonly #options: BrokerOptions;
	#ports: BrokerPorts;
	#run: Run | undefined;
	readonly #connections = new WeakMap<Client, ClientConnection>();
	/** The connected sessions. */
	readonly #sessions = new Map<Holder, ClientConnection>();
	/** The connections of registrations. */
	readonly #registrations = new Set<ClientConnection>();

	constructor(options: BrokerOptions) {
		this.#options = options;
		this.#ports = options.ports;
	}

	get ports(): BrokerPorts {
		return this.#ports;
	}

	async start(): Promise<void> {
		if (this.#run) return;
		const { platforms, context } = this.#options;
		const aedes = this.#createAedes();
		const listeners = new MqttListeners({
			...this.#options,
			preSharedKey: (identity) => preSharedKey(platforms, identity, context().products),
			onConnection: (accepted) => void aedes.then((created) => this.#connected(created, accepted)),
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
			connection.closing("the broker was stopped");
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

	/** @returns whether it was connected */
	disconnect(holder: Holder, reason: string): boolean {
		const connection = this.#sessions.get(holder);
		connection?.close(reason);
		return connection !== undefined;
	}

	/** Whether a message on this topic would reach the device now. */
	isSubscribed(device: Device, topic: string): boolean {
		return this.#sessionsOf(device).some((connection) => connection.receives(topic));
	}

	/** Publishes with QoS 1, which becomes 0 for subscriptions with QoS 0. */
	async publish(message: Message): Promise<void> {
		const aedes = await this.#run?.aedes;
		if (!aedes) return;
		await new Promise<void>((resolve, reject) =>
			aedes.publish({ cmd: "publish", qos: 1, dup: false, retain: false, ...message }, (error) =>
				error ? reject(error) : resolve(),
			),
		);
	}

	/** Loading aedes takes half of the time of a start: the ports listen meanwhile. */
	async #createAedes(): Promise<Aedes> {
		const { Aedes } = await import("aedes");
		const aedes = await Aedes.createBroker(this.#handlers());
		this.#observe(aedes);
		return aedes;
	}

	#handlers(): Partial<AedesOptions> {
		const { timers } = this.#options;
		return {
			connectTimeout: 10_000,
			maxClientsIdLength: maxClientIdLength,
			preConnect: (client, packet, done) => {
				const { clientId, keepalive = 0 } = packet;
				this.#of(client).received(clientId, keepalive);
				delete packet.will;
				superviseKeepAlive(this.#of(client), keepalive, timers);
				packet.keepalive = 0;
				done(null, true);
			},
			authenticate: (client, username, password, done) => {
				const connection = this.#of(client);
				const { platforms, context, faults } = this.#options;
				if (applyConnackFault(connection, username, { platforms, products: context().products, faults })) return;
				const refused = authenticate(connection, username, password?.toString("utf8"), this.#options);
				if (connection.holder)
					this.#sessions.get(connection.holder)?.closing("a newer connection of the same device took its place");
				if (!refused) return done(null, true);
				const error: AuthenticateError = Object.assign(new Error(refused.reason), { returnCode: refused.code });
				done(error, null);
			},
			authorizePublish: (client, packet, done) => {
				const reason = client && refusePublish(this.#of(client), packet);
				packet.retain = false;
				done(reason ? new Error(reason) : null);
			},
			authorizeForward: (client, packet) => (this.#of(client).mayReceive(packet.topic) ? packet : null),
			authorizeSubscribe: (client, subscription, done) =>
				done(null, grantSubscription(this.#of(client), subscription) ? subscription : null),
			published: (packet, client, done) => {
				if (client) this.#respond(this.#of(client), packet.topic, packet.payload as Buffer);
				done();
			},
		};
	}

	#observe(aedes: Aedes): void {
		aedes.on("client", (client) => this.#loggedIn(this.#of(client)));
		aedes.on("connackSent", (_, client) => this.#connackSent(this.#of(client)));
		aedes.on("clientDisconnect", (client) => this.#disconnected(this.#of(client)));
		aedes.on("unsubscribe", (filters, client) => {
			for (const filter of filters) this.#of(client).filters.delete(filter);
		});
		aedes.on("clientError", (client, error) => this.#of(client).broken(error));
		aedes.on("connectionError", (client, error) => this.#failedBeforeLogin(this.#of(client), error));
	}

	#of(client: Client): ClientConnection {
		const connection = this.#connections.get(client);
		if (!connection) throw new Error("aedes knows a client that did not come from a listener");
		return connection;
	}

	#connected(aedes: Aedes, accepted: AcceptedSocket): void {
		const { socket } = accepted;
		const client = aedes.handle(socket);
		const connection = new ClientConnection(client, accepted, this.#options.journal);
		this.#connections.set(client, connection);
		limitPackets(socket, (reason) => {
			if (connection.login) connection.closing(reason);
			else connection.record({ operation: "connect", verdict: "refused", reason });
			socket.destroy();
		});
	}

	#loggedIn(connection: ClientConnection): void {
		const { login, holder } = connection;
		if (holder) this.#sessions.set(holder, connection);
		else if (login) this.#registrations.add(connection);
	}

	#connackSent(connection: ClientConnection): void {
		const { login, fault } = connection;
		if (!login) return;
		const { timers, platforms } = this.#options;
		if (login.verdict === "registered") limitRegistration(connection, login, timers);
		afterFaultDelay(connection, timers, () => {
			if (fault && closesConnection(fault)) closeByFault(connection, fault);
			else if (login.verdict === "registered") sendRegistrationResponse(connection, login, platforms);
		});
	}

	#disconnected(connection: ClientConnection): void {
		const { login, holder, closeReason } = connection;
		if (!login) return;
		if (holder && this.#sessions.get(holder) === connection) this.#sessions.delete(holder);
		this.#registrations.delete(connection);
		connection.record({ operation: "disconnect", verdict: "closed", reason: closeReason });
	}

	#failedBeforeLogin(connection: ClientConnection, error: Error & { errorCode?: number }): void {
		const reason =
			error.errorCode === 1
				? "MQTT 3.1 and 3.1.1 are spoken here, not the version that the client asked for"
				: `no CONNECT came of it: ${error.message}`;
		const code = error.errorCode === undefined ? {} : { code: error.errorCode };
		connection.record({ operation: "connect", verdict: "refused", reason, ...code });
	}

	/** Sends the platform's own response to a message, if it has one and the sender has subscribed to it. */
	#respond(connection: ClientConnection, topic: string, payload: Buffer): void {
		const response = connection.session?.respond(topic, payload, this.#options.context().now);
		if (!response || !connection.receives(response.topic)) return;
		connection.client.publish({ cmd: "publish", qos: 0, dup: false, retain: false, ...response }, () => {});
	}

	#sessionsOf(device: Device): ClientConnection[] {
		return holders(device).flatMap((holder) => this.#sessions.get(holder) ?? []);
	}
}
