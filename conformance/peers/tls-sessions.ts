import { constants, createHash, randomBytes } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from "node:tls";
import type { ServerCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import type { SessionBehaviour } from "../contract/cases/case.js";
import { certificates, handshake, message, serverHello } from "./messages.js";
import { type Offer, renewSession } from "./renewed-session.js";

/** How a server lets clients resume: by the session id that it chose (RFC 5246), or by ticket (RFC 5077). */
export type Resumption = "id" | "ticket" | "none";

export interface ResumingServerOptions {
	readonly address: string;
	readonly resumption: Resumption;
	readonly tls: TlsOptions;
	readonly certificate: ServerCertificate;
	/** Another valid one, with another key. */
	readonly replacement: ServerCertificate;
	/** Valid for so many milliseconds from now. */
	shortLived(duration: number): Promise<ServerCertificate>;
	onConnection(socket: TLSSocket): void;
	/** Bytes that came in after the ClientHello, alerts aside, from a client that has no right to send any. */
	onSent(bytes: number): void;
}

/** A TLS 1.2 server whose clients resume sessions, and that misbehaves when it is asked to. */
export class ResumingServer {
	/** What clients connect to. */
	readonly front: Server;
	readonly #options: ResumingServerOptions;
	readonly #tls: TlsServer;
	/** By session id. */
	readonly #sessions = new Map<string, Buffer>();
	/** The last one that was issued here. */
	#ticket = Buffer.alloc(0);
	#port = 0;
	#behaviour: SessionBehaviour = "good";
	#certificate: ServerCertificate;

	constructor(options: ResumingServerOptions) {
		const { resumption, onConnection } = options;
		this.#options = options;
		this.#certificate = options.certificate;
		this.#tls = createTlsServer(this.#tlsOptions(), onConnection);
		this.#tls.on("tlsClientError", () => {});
		if (resumption === "id") {
			this.#tls.on("newSession", (id: Buffer, session: Buffer, done: () => void) => {
				this.#sessions.set(id.toString("hex"), session);
				done();
			});
			this.#tls.on("resumeSession", (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
				const session = this.#sessions.get(id.toString("hex"));
				done(null, session && this.#behaviour === "wrong-keys" ? withWrongKeys(session) : (session ?? null));
			});
		}
		this.front = createServer((client) => this.#accept(client));
	}

	/** Is to be listened on at this machine. */
	get tls(): TlsServer {
		return this.#tls;
	}

	set port(port: number) {
		this.#port = port;
	}

	/** @returns once it behaves so */
	async behave(behaviour: SessionBehaviour): Promise<void> {
		const { certificate, replacement, shortLived } = this.#options;
		this.#behaviour = behaviour;
		if (behaviour === "forgetful") {
			this.#sessions.clear();
			this.#tls.setTicketKeys(randomBytes(48));
		}
		const next =
			behaviour === "short-lived" ? await shortLived(6000) : behaviour === "replaced" ? replacement : certificate;
		if (next === this.#certificate) return;
		this.#certificate = next;
		const keys = this.#tls.getTicketKeys();
		this.#tls.setSecureContext(this.#tlsOptions());
		this.#tls.setTicketKeys(keys);
	}

	#tlsOptions(): TlsOptions {
		const { chain, key } = this.#certificate;
		const { resumption, tls } = this.#options;
		return {
			...tls,
			cert: chain,
			key,
			maxVersion: "TLSv1.2",
			sessionIdContext: "resuming server",
			...(resumption === "ticket" ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
		};
	}

	#accept(client: Socket): void {
		client.once("data", (hello: Buffer) => {
			const offer = offeredIn(hello);
			const { id, ticket } = offer;
			const isOffered = id.length > 0 || ticket.length > 0;
			const session = this.#sessions.get(Buffer.from(id).toString("hex"));
			if (isOffered && this.#behaviour === "deaf") client.destroy();
			else if (isOffered && this.#behaviour === "impostor") this.#impersonate(client, id);
			else if (session && this.#behaviour === "renewing") this.#renew(client, offer, session, 0);
			else if (session && this.#behaviour === "brief") this.#renew(client, offer, session, 2);
			else this.#relay(client, hello);
		});
	}

	/**
	 * Plays the broker as well.
	 *
	 * @param lifetime of the ticket, in seconds; 0: none is said
	 */
	#renew(client: Socket, offer: Offer, session: Buffer, lifetime: number): void {
		const isRenewed = offer.ticket.length > 0 && this.#ticket.equals(offer.ticket);
		this.#ticket = randomBytes(150);
		// OpenSSL's clients take this as the id then.
		this.#sessions.set(createHash("sha256").update(this.#ticket).digest("hex"), session);
		let isConnected = false;
		renewSession(client, offer, masterSecretIn(session), { ticket: this.#ticket, lifetime }, (_, respond) => {
			// CONNACK: accepted; and PUBLISH on a topic of one letter.
			const told = Buffer.from(isRenewed ? "by the new ticket" : "renewed");
			const publish = Buffer.concat([Buffer.of(0x30, 3 + told.length, 0, 1, 0x72), told]);
			// Not before the board has taken the message.
			if (isConnected) setTimeout(() => client.destroy(), 100);
			else respond(Buffer.concat([Buffer.of(0x20, 2, 0, 0), publish]));
			isConnected = true;
		});
	}

	#relay(client: Socket, hello: Buffer): void {
		const server = connect(this.#port, this.#options.address);
		server.write(hello);
		client.pipe(server).pipe(client);
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.destroy());
		}
	}

	/** Resumes the session, whose keys it does not have, and shows the genuine certificate. */
	#impersonate(client: Socket, id: Uint8Array): void {
		client.on("data", (bytes: Buffer) => {
			if (bytes[0] !== 21) this.#options.onSent(bytes.length);
		});
		client.write(
			Buffer.concat([
				handshake(message.serverHello, serverHello(id)),
				handshake(message.certificate, certificates(this.#certificate.chain)),
			]),
		);
	}
}

/** What a ClientHello in one record offers to resume. */
function offeredIn(record: Buffer): Offer {
	// Behind the headers of record (5) and message (4), version (2) and random (32).
	let at = 43;
	const id = record.subarray(at + 1, at + 1 + (record[at] ?? 0));
	at += 1 + id.length;
	at += 2 + record.readUInt16BE(at);
	at += 1 + record.readUInt8(at) + 2;
	const extensions: number[] = [];
	let ticket: Uint8Array = new Uint8Array(0);
	for (; at + 4 <= record.length; at += 4 + record.readUInt16BE(at + 2)) {
		extensions.push(record.readUInt16BE(at));
		if (record.readUInt16BE(at) === 35) ticket = record.subarray(at + 4, at + 4 + record.readUInt16BE(at + 2));
	}
	return { record, id, ticket, extensions };
}

function withWrongKeys(session: Buffer): Buffer {
	const wrong = Buffer.from(session);
	const secret = masterSecretIn(wrong);
	secret.writeUInt8(secret.readUInt8(0) ^ 1, 0);
	return wrong;
}

/** @param session as OpenSSL writes it: the master secret is its OCTET STRING of 48 bytes */
function masterSecretIn(session: Buffer): Buffer {
	const at = session.indexOf(Buffer.of(4, 48)) + 2;
	return session.subarray(at, at + 48);
}
