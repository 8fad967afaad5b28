import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Client } from "aedes";
import type { SessionObserver } from "../console/activity.js";
import { type Faults, type TriggeredFault, withFault } from "../faults/faults.js";
import type {
	AcceptedLogin,
	Connect,
	Conversation,
	ConversationLogin,
	Message,
	RegistrationLogin,
	RequestNames,
	Session,
} from "../platforms/platform.js";
import type { CredentialHolder } from "../products/product.js";
import type { Journal, NewJournalEntry, Transport } from "../server/journal.js";
import { filterMatches } from "./topic-filter.js";

/** Per connection: protects the cloud. */
const maxUnsubscribed = 1000;

/** A connection that a listener has accepted. */
export interface AcceptedSocket {
	readonly socket: Socket;
	readonly transport: Transport;
	/** The identity that TLS-PSK has proved. */
	readonly preSharedIdentity: string | undefined;
}

export type ConnectionLogin = AcceptedLogin | RegistrationLogin | ConversationLogin;

/** Everything that the broker knows about one connection, from TCP to its end. */
export class ClientConnection {
	readonly client: Client;
	readonly socket: Socket;
	/** The filters that the client has subscribed to, with their QoS. */
	readonly filters = new Map<string, 0 | 1>();
	/** The filters that the client has unsubscribed from: the platform no longer subscribes it to these by itself. */
	readonly #unsubscribed = new Set<string>();
	readonly #accepted: AcceptedSocket;
	readonly #journal: Journal;
	readonly #observer: SessionObserver;
	#clientId = "";
	#keepAlive = 0;
	#login: ConnectionLogin | undefined;
	#fault: TriggeredFault | undefined;
	#closeReason: string | undefined;

	constructor(
		client: Client,
		accepted: AcceptedSocket,
		{ journal, observer }: { readonly journal: Journal; readonly observer: SessionObserver },
	) {
		this.client = client;
		this.socket = accepted.socket;
		this.#accepted = accepted;
		this.#journal = journal;
		this.#observer = observer;
	}

	/** As in the CONNECT. */
	get clientId(): string {
		return this.#clientId;
	}

	/** Undefined before the CONNECT is accepted. */
	get login(): ConnectionLogin | undefined {
		return this.#login;
	}

	/** Its TLS session is that of an earlier connection. TLS 1.3 counts a pre-shared key as one. */
	get isResumed(): boolean {
		const { socket, preSharedIdentity } = this.#accepted;
		return socket instanceof TLSSocket && preSharedIdentity === undefined && socket.isSessionReused();
	}

	/** For fault rules. */
	readonly deviceName = (): string | undefined => this.#names().device;

	#names(): RequestNames {
		const login = this.#login;
		if (login === undefined) return {};
		return login.verdict === "registering" ? login.names : { product: login.product.id, device: login.device.name };
	}

	/** Undefined before the CONNECT is accepted, and for registrations, which may neither publish nor subscribe. */
	get session(): Session | undefined {
		return this.#login?.verdict === "accepted" ? this.#login.session : undefined;
	}

	/** Undefined except for registrations by messages. */
	get conversation(): Conversation | undefined {
		return this.#login?.verdict === "registering" ? this.#login.conversation : undefined;
	}

	/** A holder may have one connection. Undefined for registrations. */
	get holder(): CredentialHolder | undefined {
		return this.#login?.verdict === "accepted" ? (this.#login.board ?? this.#login.device) : undefined;
	}

	/** The fault of the session, or of the registration's response. */
	get fault(): TriggeredFault | undefined {
		return this.#fault;
	}

	/** Records the part of a CONNECT that aedes does not pass on. @param keepAlive seconds; 0 for none */
	setConnectFields(clientId: string, keepAlive: number): void {
		this.#clientId = clientId;
		this.#keepAlive = keepAlive;
	}

	/** The CONNECT, with the client's identity as TLS has proved it. */
	connectRequest(username: string | undefined, password: string | undefined): Connect {
		const { socket } = this;
		const tls = socket instanceof TLSSocket ? socket : undefined;
		return {
			clientId: this.#clientId,
			username,
			password,
			preSharedIdentity: this.#accepted.preSharedIdentity,
			certificate: tls?.getPeerX509Certificate(),
			overTls: tls !== undefined,
			port: socket.localPort,
			alpn: tls?.alpnProtocol || undefined,
			keepAlive: this.#keepAlive,
		};
	}

	accept(login: ConnectionLogin, fault: TriggeredFault | undefined): void {
		this.#login = login;
		this.#fault = fault;
	}

	/** Records a subscription. */
	subscribed(filter: string, qos: 0 | 1): void {
		this.filters.set(filter, qos);
		this.#unsubscribed.delete(filter);
	}

	/** Records the end of a subscription, or of one that the platform has made. */
	unsubscribed(filter: string): void {
		this.filters.delete(filter);
		if (this.#unsubscribed.size < maxUnsubscribed) this.#unsubscribed.add(filter);
	}

	/** @returns the QoS with which a message of the platform reaches the client, undefined if it does not */
	qosOf(topic: string): 0 | 1 | undefined {
		const own = [...this.filters].filter(([filter]) => filterMatches(filter, topic)).map(([, qos]) => qos);
		if (own.length > 0) return own.includes(1) ? 1 : 0;
		const automatic = this.session?.isAutomatic(topic) ?? false;
		return automatic && ![...this.#unsubscribed].some((filter) => filterMatches(filter, topic)) ? 0 : undefined;
	}

	/** Sends a message of the platform, if it reaches the client. */
	async send(message: Message, faults: Faults): Promise<void> {
		const qos = this.qosOf(message.topic);
		if (qos === undefined) return;
		const fault = faults.match("message", "message", this.deviceName);
		const send = (dup: boolean): Promise<void> =>
			new Promise((resolve, reject) =>
				this.client.publish({ cmd: "publish", qos, dup, retain: false, ...message }, (error) =>
					error ? reject(error) : resolve(),
				),
			);
		this.observe("down", message.topic, message.payload);
		await send(false);
		if (!fault) return;
		await send(qos === 1);
		this.record({ operation: "message", verdict: "accepted", reason: withFault(`${message.topic}.`, fault) });
	}

	/** Reports a message of the session to the console. */
	observe(direction: "up" | "down", topic: string, payload: Buffer | string): void {
		if (this.#login?.verdict === "accepted")
			this.#observer.message(this.#login.product.id, this.#login.device.name, direction, topic, payload);
	}

	/** Records a PUBACK. */
	acknowledged(): void {
		this.record({
			operation: "acknowledge",
			verdict: "accepted",
			reason: "The board has acknowledged a message (PUBACK).",
		});
	}

	/** Why the connection is about to close, for the journal. Default: the board closed it. */
	get closeReason(): string {
		return this.#closeReason ?? "The board closed the connection.";
	}

	/** Says why the connection is about to close; replaces an earlier reason. */
	setCloseReason(reason: string): void {
		this.#closeReason = reason;
	}

	/** Says that the connection has failed, unless another reason is known. */
	setConnectionError(error: Error): void {
		this.#closeReason ??= `The connection failed: ${error.message}.`;
	}

	close(reason: string): void {
		this.setCloseReason(reason);
		this.client.close();
	}

	record(entry: Omit<NewJournalEntry, "transport">): void {
		if (this.#login && this.#login.verdict !== "registering") this.#login.device.lastSeen = Date.now();
		this.#journal.record({ transport: this.#accepted.transport, ...this.#names(), ...entry });
	}
}
