import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Client } from "aedes";
import type { TriggeredFault } from "../faults/faults.js";
import type { AcceptedLogin, Connect, RegistrationLogin, Session } from "../platforms/platform.js";
import type { Holder } from "../products/product.js";
import type { Journal, NewEntry, Transport } from "../server/journal.js";
import { matches } from "./topic-filter.js";

/** A connection that a listener has accepted. */
export interface AcceptedSocket {
	readonly socket: Socket;
	readonly transport: Transport;
	/** The identity whose key TLS has asked for. */
	readonly preSharedIdentity: string | undefined;
}

/** Everything that the broker knows about one connection, from TCP to its end. */
export class ClientConnection {
	readonly client: Client;
	readonly socket: Socket;
	/** The filters that the client has subscribed to. */
	readonly filters = new Set<string>();
	readonly #accepted: AcceptedSocket;
	readonly #journal: Journal;
	#clientId = "";
	#keepAlive = 0;
	#login: AcceptedLogin | RegistrationLogin | undefined;
	#fault: TriggeredFault | undefined;
	#closeReason: string | undefined;

	constructor(client: Client, accepted: AcceptedSocket, journal: Journal) {
		this.client = client;
		this.socket = accepted.socket;
		this.#accepted = accepted;
		this.#journal = journal;
	}

	/** As in the CONNECT. */
	get clientId(): string {
		return this.#clientId;
	}

	/** Undefined before the CONNECT is accepted. */
	get login(): AcceptedLogin | RegistrationLogin | undefined {
		return this.#login;
	}

	/** Undefined before the CONNECT is accepted, and for registrations, which may neither publish nor subscribe. */
	get session(): Session | undefined {
		return this.#login?.verdict === "accepted" ? this.#login.session : undefined;
	}

	/** A holder may have one connection. Undefined for registrations. */
	get holder(): Holder | undefined {
		return this.#login?.verdict === "accepted" ? (this.#login.board ?? this.#login.device) : undefined;
	}

	/** The fault of the session, or of the registration's response. */
	get fault(): TriggeredFault | undefined {
		return this.#fault;
	}

	/** Records the part of a CONNECT that aedes does not pass on. @param keepAlive seconds; 0 for none */
	received(clientId: string, keepAlive: number): void {
		this.#clientId = clientId;
		this.#keepAlive = keepAlive;
	}

	/** The CONNECT, with the client's identity as TLS has proved it. */
	connect(username: string | undefined, password: string | undefined): Connect {
		const { socket } = this;
		const tls = socket instanceof TLSSocket ? socket : undefined;
		return {
			clientId: this.#clientId,
			username,
			password,
			preSharedIdentity: tls && provedIdentity(tls, this.#accepted.preSharedIdentity),
			certificate: tls?.getPeerX509Certificate(),
			secure: tls !== undefined,
			keepAlive: this.#keepAlive,
		};
	}

	accept(login: AcceptedLogin | RegistrationLogin, fault: TriggeredFault | undefined): void {
		this.#login = login;
		this.#fault = fault;
	}

	/** Whether a message on this topic may go to the client. A device's own messages to the platform do not come back. */
	mayReceive(topic: string): boolean {
		const { session } = this;
		return !session?.mayPublish(topic) || session.maySubscribe(topic);
	}

	/** Whether a message on this topic would reach the client now. */
	receives(topic: string): boolean {
		return this.mayReceive(topic) && [...this.filters].some((filter) => matches(filter, topic));
	}

	/** Why the connection is about to close, for the journal. Default: the board closed it. */
	get closeReason(): string {
		return this.#closeReason ?? "the board closed the connection";
	}

	/** Says why the connection is about to close; replaces an earlier reason. */
	closing(reason: string): void {
		this.#closeReason = reason;
	}

	/** Says that the connection has failed, unless another reason is known. */
	broken(error: Error): void {
		this.#closeReason ??= `the connection broke: ${error.message}`;
	}

	close(reason: string): void {
		this.closing(reason);
		this.client.close();
	}

	record(entry: Omit<NewEntry, "transport">): void {
		const names = this.#login && { product: this.#login.product.id, device: this.#login.device.name };
		this.#journal.record({ transport: this.#accepted.transport, ...names, ...entry });
	}
}

/** TLS asks for the key in each handshake that offers PSK. The identity is proved only if a PSK suite was negotiated. */
function provedIdentity(socket: TLSSocket, identity: string | undefined): string | undefined {
	// For a destroyed socket Node returns no cipher, in spite of its types.
	return socket.getCipher()?.name.startsWith("PSK-") ? identity : undefined;
}
