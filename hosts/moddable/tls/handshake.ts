import { Digest } from "crypt";
import { concat, isEqual } from "dynreg/core/bytes";
import { maxHandshakeBytes, maxPacketBytes, maxRecordBytes } from "dynreg/platform/limits";
import { type TrustAnchors, verifyChain } from "dynreg/x509/verify-chain";
import type { RsaPrivateKey, RsaPublicKey } from "rsa";
import type { CertificateManager, PacketBuffer, Session } from "securesocket";
import type { Stream } from "socket";
import type { Milliseconds } from "../../../modules/contracts/host.js";
import type { ConnectionErrorCode } from "../../../modules/core/connection-errors.js";
import type { ResolvedEndpoint } from "../net/endpoint.js";
import type { ClientCertificate } from "./client-certificate.js";
import { type EcPublicKey, privateKeyOf, publicKeyOf } from "./keys.js";
import { sdkRoots } from "./sdk-roots.js";
import { isGenuine, type Signature, signatureOf } from "./signature.js";

// Types of records (RFC 5246, section 6.2.1): 20 ChangeCipherSpec, 21 Alert, 22 Handshake, 23 application data.
// Types of messages (section 7.4), which come in the order of their numbers: 2 ServerHello, 11 Certificate,
// 12 ServerKeyExchange, 13 CertificateRequest, 14 ServerHelloDone; before ChangeCipherSpec 4 NewSessionTicket (RFC 5077,
// section 3.3); and at any time 0 HelloRequest.

/** A TLS session that a later connection can resume, by session id or ticket. In memory only. */
export interface TlsSession {
	/** A digest of the server's name and port, the trust anchors and the client certificate. */
	readonly binding: Uint8Array;
	/** UTC: a day after the full handshake, or when a certificate of the server's path expires. */
	readonly until: Milliseconds;
	/** The clock's lead over its ticks. Another one means that the clock has been set. */
	readonly lead: Milliseconds;
	/** ClientHellos that had this session and no response at all. */
	offers: number;
	/** What the ServerHello repeats if the session is resumed. */
	id: Uint8Array;
	ticket?: Uint8Array | undefined;
	secret?: Uint8Array | undefined;
	/** The SDK's entry of the cipher suite. */
	suite?: object;
}

/** As of ECMAScript 2024. */
interface ResizableBuffer extends ArrayBuffer {
	resize(length: number): void;
}

/** Of the global object, since a preloaded module's variables are constants. */
export interface TlsSessions {
	/** The session of the last connection that a broker accepted: one, since each takes 200 bytes and its ticket. */
	dynregTlsSession?: TlsSession | undefined;
}

const sessions = () => globalThis as TlsSessions;

const bindingOf = ({ host, port, trustsPublic, authorities, clientCertificate }: ResolvedEndpoint): Uint8Array => {
	const own = clientCertificate?.certificates ?? [];
	return new Uint8Array(
		new Digest("SHA256").process(`${host}:${port} ${trustsPublic} ${own.length}`, ...own, ...authorities),
	);
};

/** The session, if the trust that it began with still stands (invariant 9) and the server has not ignored it three times. */
const sessionFor = (target: ResolvedEndpoint): TlsSession | undefined => {
	const { clock } = target;
	const session = sessions().dynregTlsSession;
	if (!session || session.offers > 2) return undefined;
	const now = clock.now() ?? 0;
	const jump = now - clock.ticks() - session.lead;
	return now < session.until && jump < 60_000 && jump > -60_000 && isEqual(session.binding, bindingOf(target))
		? session
		: undefined;
};

/**
 * Filters records between the network and the SDK's TLS client until the server is authenticated.
 *
 * Besides invalid certificate chains (`verify-chain.ts`), the SDK's client accepts a key exchange without a signature
 * algorithm, messages in any order, application data before there is a key, and an alert as the end of a successful
 * handshake, after which it sends in plain text. Each lets an attacker in the network read or impersonate the server. So
 * every record is checked before the SDK reads it, and an unexpected one ends the handshake.
 *
 * The SDK's client also rejects legal messages: those that span two records, warnings, and HelloRequest (RFC 5246,
 * sections 6.2.1, 7.2 and 7.4.1.1). They are reassembled or dropped here.
 *
 * A session is resumed only from `TlsSessions`: the SDK's own one-entry cache (off, by `cache: false` where the socket is
 * made) knows a host name only, and would let a session outlive the trust that it began with. Nor does the SDK have session tickets
 * (RFC 5077), which are added here to its ClientHello.
 */
export class Handshake implements CertificateManager, TrustAnchors {
	/** The reason of the failure, if known. */
	errorCode: ConnectionErrorCode | undefined;
	/** The fatal alert that ended the handshake (RFC 5246, section 7.2). */
	alert: number | undefined;
	/** Whether any byte was received, TLS or not. */
	receivedAny = false;

	private readonly session: Session;
	/** The SDK's own. */
	private readonly readPacket: Session["readPacket"];
	private target?: ResolvedEndpoint;
	private readonly clientCertificate: ClientCertificate | undefined;
	private lastMessage = 0;
	/** The beginning of an incomplete message. */
	private fragment: Uint8Array | undefined;
	private warnings = 0;
	/** Ends of the server's certificates, or a day. */
	until = 0;
	/** The offered session; from the server's Certificate on, the new one. */
	private resumable?: TlsSession | undefined;
	/** The server resumes the offered session. */
	private resumed = false;
	/** The session id in the ServerHello. */
	private id?: Uint8Array;
	/** A NewSessionTicket message. */
	private ticket?: Uint8Array;
	/** Until its hash is known. */
	private clientHello?: Uint8Array;
	/** The server has requested a client certificate. */
	private clientCertRequested = false;
	/** The server has sent ChangeCipherSpec: what follows is encrypted. */
	private encrypted = false;
	/** The server's Finished was received. */
	private finished = false;
	/** The server's public key, once its certificate is trusted. */
	private key?: RsaPublicKey | EcPublicKey;
	/** Those in its certificates that are still to be verified. */
	private signatures: Signature[] = [];

	constructor(session: Session, target: ResolvedEndpoint) {
		this.session = session;
		this.target = target;
		this.clientCertificate = target.clientCertificate;
		session.certificateManager = this;
		const resumable = sessionFor(target);
		if (resumable) {
			session.clientSessionID = resumable.id;
			session.masterSecret = resumable.secret;
		}
		this.resumable = resumable;
		// The SDK keeps its ClientHello there, before the record is made of it.
		session.handshakeMessages = this;
		this.readPacket = session.readPacket;
		// Assignment would fail: the SDK's prototypes are frozen in a preloaded image.
		Object.defineProperty(session, "readPacket", {
			value: (socket: Stream, available: number) => this.read(socket, available),
		});
	}

	/** Adds the session's ticket to the ClientHello, or asks for one (RFC 5077, section 3.2). */
	writeChunk(hello: Uint8Array<ArrayBuffer>): void {
		const { resumable } = this;
		const ticket = resumable?.ticket ?? new Uint8Array(0);
		const { length } = hello;
		const added = 4 + ticket.length;
		if (resumable) resumable.offers++;
		(hello.buffer as ResizableBuffer).resize(length + added);
		hello.set([0, 35, ticket.length >> 8, ticket.length], length);
		hello.set(ticket, length + 4);
		// Behind header (4), version (2), random (32): session id, cipher suites, compression methods, extensions.
		let at = 39 + (hello[38] as number);
		at += 2 + (hello[at + 1] as number);
		at += 1 + (hello[at] as number);
		grow(hello, 2, added);
		grow(hello, at, added);
		this.clientHello = hello;
	}

	/** The SDK takes the ClientHello to hash it. */
	getChunk(): Uint8Array | undefined {
		const { clientHello } = this;
		delete this.clientHello;
		return clientHello;
	}

	/** The session to resume next time; undefined if the server offers neither session id nor ticket. To be called once established. */
	get tlsSession(): TlsSession | undefined {
		const { resumable, session, ticket, id } = this;
		delete this.resumable;
		delete this.ticket;
		if (!resumable || !(ticket || id?.length)) return undefined;
		resumable.offers = 0;
		resumable.secret = session.masterSecret;
		resumable.suite = session.chosenCipher;
		// With a ticket alone, the client chooses an id to recognize in the ServerHello (RFC 5077, section 3.4).
		if (id?.length) resumable.id = id;
		// Behind type (1), length (3), lifetime hint (4) and length (2).
		if (ticket) resumable.ticket = ticket.slice(10);
		return resumable;
	}

	private read(socket: Stream, available: number): ArrayBuffer | undefined {
		if (available > 0 && !this.receivedAny) {
			this.receivedAny = true;
			// It counts again once a broker has accepted the connection: after any failure, the next handshake is a full one.
			if (this.resumable) sessions().dynregTlsSession = undefined;
		}
		this.verifySignatures();
		const rest = available - this.readHeader(socket);
		// The SDK reads on behind a part of a header, and a chip's socket throws where there is nothing to read.
		if (rest <= 0) return undefined;
		const packet = this.readPacket.call(this.session, socket, rest);
		return packet && this.acceptRecord(new Uint8Array(packet));
	}

	verify(chain: Uint8Array[]): boolean {
		const target = this.target as ResolvedEndpoint;
		const { host, clock } = target;
		const now = clock.now() ?? 0;
		this.until = now + 86_400_000;
		this.errorCode = "certificate-untrusted";
		this.errorCode = verifyChain(chain, host, now, this);
		if (this.errorCode) return false;
		this.key = publicKeyOf(chain[0] as Uint8Array);
		// The SDK would keep a copy of the certificate.
		chain[0] = new Uint8Array(0);
		const binding = bindingOf(target);
		this.resumable = { binding, until: this.until, lead: now - clock.ticks(), offers: 0, id: binding };
		delete this.target;
		return true;
	}

	/**
	 * Runs when the server's certificates are not in memory any more, since no other step of the handshake takes as much:
	 * before the next record, or before the server's key is used, if the same record has that too.
	 *
	 * @throws Error unless each certificate is signed by the next
	 */
	private verifySignatures(): void {
		for (let next = this.signatures.shift(); next; next = this.signatures.shift()) {
			this.errorCode = "certificate-untrusted";
			if (!isGenuine(next)) delete this.key;
			expect(this.key !== undefined);
			this.errorCode = undefined;
		}
	}

	authorities(issued: Uint8Array): readonly Uint8Array[] {
		const { authorities, trustsPublic } = this.target as ResolvedEndpoint;
		return trustsPublic ? [...authorities, ...sdkRoots(issued)] : authorities;
	}

	/** Takes it for granted until `verifySignatures`. */
	isSignedBy(certificate: Uint8Array, issuer: Uint8Array): boolean {
		this.signatures.push(signatureOf(certificate, issuer));
		return true;
	}

	/** The key is all that is needed of the certificate. */
	register(): void {}

	getKey(certificate: ArrayBuffer | Uint8Array | undefined): RsaPublicKey | RsaPrivateKey | EcPublicKey {
		const { clientCertificate } = this;
		// What a server sends is never the same object, whatever is in it.
		if (clientCertificate && certificate && certificate === clientCertificate.certificates[0])
			return privateKeyOf(clientCertificate.key);
		this.verifySignatures();
		const { key } = this;
		expect(key !== undefined);
		return key;
	}

	findPreferredCert(): readonly Uint8Array[] {
		return this.clientCertificate?.certificates ?? [];
	}

	/** Whether the server has sent a ServerHello. */
	get serverHelloSeen(): boolean {
		return this.lastMessage > 0;
	}

	/** Whether the server is authenticated and both sides use their keys. */
	get established(): boolean {
		const { clientCipher, serverCipher, alert } = this.session;
		return this.finished && !!clientCipher && !!serverCipher && !alert;
	}

	/**
	 * Reads a record's header of 5 bytes (type, version, length), as the SDK would, which takes memory for whatever length is announced.
	 *
	 * @returns how many bytes were read
	 * @throws Error if it is no header, or the record is too long
	 */
	private readHeader(socket: Stream): number {
		const { packetBuffer } = this.session;
		const missing = 5 - packetBuffer.length;
		const bytes = missing > 0 ? socket.read(ArrayBuffer, missing) : undefined;
		if (bytes === undefined) return 0;
		const header = new Uint8Array(packetBuffer.length + bytes.byteLength);
		header.set(packetBuffer);
		header.set(new Uint8Array(bytes), packetBuffer.length);
		this.session.packetBuffer = header;
		if (header.length === 5) {
			const type = header[0] as number;
			const length = ((header[3] as number) << 8) | (header[4] as number);
			expect(type >= 20 && type <= 23);
			if (length > maxRecordBytes) this.errorCode = "answer-too-large";
			expect(length <= maxRecordBytes);
			const record: PacketBuffer = new Uint8Array(5 + length);
			record.set(header);
			record.offset = 5;
			this.session.packetBuffer = record;
		}
		return bytes.byteLength;
	}

	/**
	 * @param packet a whole record
	 * @returns the record for the SDK; undefined if it should not see one
	 * @throws Error on an unexpected record
	 */
	private acceptRecord(packet: Uint8Array<ArrayBuffer>): ArrayBuffer | undefined {
		const type = packet[0];
		const { session } = this;
		if (this.finished) {
			// Of handshake messages only HelloRequest is legal now: 4 bytes (type and length, no body). AES-GCM adds a nonce of 8
			// bytes and a tag of 16 (RFC 5288, section 3), so its record is known by a length of 28.
			expect(type === 23 || type === 21 || (type === 22 && packet.length === 5 + 28));
			// The hashes are closed, and the SDK would go on with them at a HelloRequest.
			session.handshakeDigests = session.handshakeMessages = undefined;
			// The SDK would keep for the whole session what only the handshake needs.
			delete session.masterSecret;
			delete session.clientRandom;
			delete session.serverRandom;
			delete session.dhparams;
			delete session.options;
		} else if (this.encrypted) {
			expect(type === 22);
			this.finished = true;
		} else if (type === 20) {
			const { resumable, ticket } = this;
			expect(!this.fragment);
			// A resumed session keeps its cipher suite (RFC 5246, section 7.4.1.3).
			expect(this.resumed ? resumable?.suite === session.chosenCipher : this.lastMessage === 14 && !!this.key);
			this.encrypted = true;
			// The SDK has not seen it.
			if (ticket) session.handshakeDigests?.SHA256.write(ticket);
			// An empty one is none, and one that is too long takes too much memory.
			if (ticket && (ticket.length < 11 || ticket.length > maxPacketBytes)) delete this.ticket;
			// The server is authenticated, so these are not needed any more.
			delete this.key;
		} else if (type === 21) return this.acceptAlert(packet);
		else {
			expect(type === 22);
			return this.acceptMessages(packet);
		}
		return packet.buffer;
	}

	/** An alert before the server's ChangeCipherSpec, in plain text and not authenticated. */
	private acceptAlert(packet: Uint8Array): undefined {
		const [, , , , , level, alert] = packet;
		// As many warnings as OpenSSL accepts. 0 is close_notify, the last message.
		if (level === 1 && alert && this.warnings++ < 4) return;
		this.alert = alert;
		const sent = this.clientCertRequested && this.clientCertificate && this.lastMessage === 14;
		// From handshake_failure to decrypt_error (section 7.2.2): how servers refuse a certificate, its chain or its key.
		if (sent && (alert as number) >= 40 && (alert as number) <= 51) this.errorCode = "credential-refused";
		expect(false);
	}

	/**
	 * A record may hold several messages, and a message may span several records. The SDK accepts complete messages only.
	 *
	 * @returns a record of the complete messages
	 */
	private acceptMessages(packet: Uint8Array<ArrayBuffer>): ArrayBuffer | undefined {
		const { fragment } = this;
		const received = packet.subarray(5);
		expect(received.length > 0);
		const messages = fragment ? concat([fragment, received]) : received;
		const record = [packet.subarray(0, 5)];
		let start = 0;
		let length = 0;
		while (start + 4 <= messages.length) {
			const type = messages[start] as number;
			const end =
				start +
				4 +
				(((messages[start + 1] as number) << 16) |
					((messages[start + 2] as number) << 8) |
					(messages[start + 3] as number));
			if (end - start > maxHandshakeBytes) this.errorCode = "answer-too-large";
			expect(end - start <= maxHandshakeBytes);
			if (end > messages.length) break;
			if (type === 0) expect(end === start + 4);
			else if (type === 4) this.acceptTicket(messages.slice(start, end));
			else {
				this.acceptMessage(type, messages.subarray(start + 4, end));
				record.push(messages.subarray(start, end));
				length += end - start;
			}
			start = end;
		}
		// Avoid a copy in the usual case: a record of complete messages.
		if (!fragment && length === received.length) return packet.buffer;
		this.fragment = start < messages.length ? messages.slice(start) : undefined;
		if (length === 0) return undefined;
		const bytes = concat(record);
		bytes[3] = length >> 8;
		bytes[4] = length;
		return bytes.buffer;
	}

	/**
	 * A NewSessionTicket: the message before the server's ChangeCipherSpec.
	 *
	 * @throws Error if it comes at another time
	 */
	private acceptTicket(message: Uint8Array): void {
		expect(!this.ticket && (this.resumed || this.lastMessage === 14));
		this.ticket = message;
	}

	/** Whether the server resumes the session: by the id in its ServerHello. */
	private readSessionId(hello: Uint8Array): void {
		const { resumable, session } = this;
		const id = hello.slice(35, 35 + (hello[34] ?? 0));
		this.id = id;
		this.resumed = !!resumable && isEqual(id, resumable.id);
		if (this.resumed) delete this.target;
		else {
			delete this.resumable;
			session.clientSessionID = session.masterSecret = undefined;
		}
	}

	/** @throws Error on a message out of order */
	private acceptMessage(type: number, body: Uint8Array): void {
		const { lastMessage } = this;
		// Nothing but a ticket comes between ServerHello and ChangeCipherSpec then.
		expect(!this.resumed);
		expect(type > lastMessage && (type === 2 || (type > 10 && type < 15)));
		expect((type === 2) === (lastMessage === 0) && (type === 11) === (lastMessage === 2));
		// Each key exchange that is offered has a ServerKeyExchange.
		if (type === 2) this.readSessionId(body);
		else if (type === 12) expect(isSigned(body));
		else if (type > 12) expect(lastMessage > 11);
		this.clientCertRequested ||= type === 13;
		this.lastMessage = type;
	}
}

/**
 * Whether a ServerKeyExchange of ECDHE (RFC 8422, section 5.4) names a curve, and is signed with SHA-256 and RSA or
 * ECDSA, the only ones that the SDK's ClientHello offers. The SDK verifies the signature.
 */
const isSigned = (exchange: Uint8Array): boolean => {
	const start = 4 + (exchange[3] ?? 0);
	const algorithm = exchange[start + 1];
	const length = ((exchange[start + 2] ?? 0) << 8) | (exchange[start + 3] ?? 0);
	return (
		exchange[0] === 3 &&
		exchange[start] === 4 &&
		(algorithm === 1 || algorithm === 3) &&
		length > 0 &&
		exchange.length === start + 4 + length
	);
};

/** Adds to a number of two bytes. */
const grow = (bytes: Uint8Array, at: number, added: number): void => {
	const number = (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) + added;
	bytes[at] = number >> 8;
	bytes[at + 1] = number;
};

function expect(condition: boolean): asserts condition {
	if (!condition) throw new Error("unexpected in a TLS handshake");
}
