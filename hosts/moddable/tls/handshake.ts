import Bin from "bin";
import { Digest } from "crypt";
import { concat } from "dynreg/core/bytes";
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

/** A TLS session that a later connection can resume, by session id or ticket. In memory only. Buffers, for they take 3 slots and arrays 7. */
export interface TlsSession {
	/** A digest of the server's name and port, the trust anchors and the client certificate. */
	readonly digest: ArrayBuffer;
	/** From the clock's ticks to its time. Another one means that the clock has been set. */
	readonly offset: Milliseconds;
	/** UTC: a day after the full handshake, when a certificate of the server's path expires, or when the ticket's lifetime hint ends. */
	end: Milliseconds;
	/** ClientHellos that had this session and no response at all. */
	attempts: number;
	/** What the ServerHello repeats if the session is resumed: the server's id, or with a ticket alone any (RFC 5077, section 3.4). */
	id?: ArrayBuffer;
	/** After its length of two bytes. */
	ticket?: ArrayBuffer;
	masterSecret?: ArrayBuffer;
	chosenCipher?: object;
}

/** Of the global object, since a preloaded module's variables are constants. */
export interface TlsSessions {
	/** The session of the last connection that a broker accepted: one, since each takes memory. */
	dynregTlsSession?: TlsSession | undefined;
	/** false: a server has not responded to data before its Finished. */
	dynregEarly?: boolean;
}

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
	/** UTC, at the beginning. */
	private readonly now: Milliseconds;
	private readonly begin: () => void;
	/** The SDK's own. */
	private readonly readPacket: Session["readPacket"];
	private target?: ResolvedEndpoint;
	private readonly clientCertificate: ClientCertificate | undefined;
	private lastMessage = 0;
	/** The beginning of an incomplete message. */
	private fragment: Uint8Array | undefined;
	private warnings = 0;
	/** UTC in milliseconds. */
	end?: number;
	/** The session that the next connection may resume: until the ServerHello the offered one, if any; complete from the server's ChangeCipherSpec on. */
	next?: TlsSession;
	/** For a new session. */
	private readonly digest: ArrayBuffer;
	/** A NewSessionTicket message: type (1), length (3), lifetime hint (4), length (2), ticket. */
	private ticket?: Uint8Array;
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

	/**
	 * @param begin is called once the server has shown its certificate and signed its key exchange: what the client sends from
	 *   the end of this turn on, only the server can read. Not for a server that requests a client certificate
	 */
	constructor(session: Session, target: ResolvedEndpoint, begin: () => void) {
		this.session = session;
		this.begin = begin;
		this.target = target;
		this.clientCertificate = target.clientCertificate;
		session.certificateManager = this;
		const { clock, host, port, trustsPublic, authorities } = target;
		const own = this.findPreferredCert();
		const text = `${host}:${port} ${trustsPublic} ${own.length}`;
		const digest = new Digest("SHA256").process(text, concat(own), concat(authorities));
		this.digest = digest;
		const now = clock.now() ?? 0;
		this.now = now;
		const { dynregTlsSession: next } = globalThis as TlsSessions;
		let ticket = new ArrayBuffer(2);
		if (
			next &&
			next.attempts < 3 &&
			now < next.end &&
			// Less than a minute is a correction.
			!(((now - clock.ticks() - next.offset) / 60_000) | 0) &&
			!Bin.comp(next.digest, digest)
		) {
			this.next = next;
			session.clientSessionID = next.id;
			session.masterSecret = next.masterSecret;
			ticket = next.ticket ?? ticket;
		}
		// Asks for a ticket, or has one (RFC 5077, section 3.2). The SDK does not know this extension (35). It follows the point
		// formats, of which there is one (0): the SDK reads their number twice to write it, and then to write the bytes.
		const formats = concat([Uint8Array.of(0, 0, 35), new Uint8Array(ticket)]);
		const { length } = formats;
		let reads = 0;
		Object.defineProperty(formats, "length", {
			get: () => {
				if (!reads++ && this.next) this.next.attempts++;
				return reads < 3 ? 1 : length;
			},
		});
		(session.options as Settings).tls_ec_point_formats = formats;
		this.readPacket = session.readPacket;
		// Assignment would fail: the SDK's prototypes are frozen in a preloaded image.
		Object.defineProperty(session, "readPacket", {
			value: (socket: Stream, available: number) => this.read(socket, available),
		});
	}

	private read(socket: Stream, available: number): ArrayBuffer | undefined {
		if (available > 0 && !this.receivedAny) {
			this.receivedAny = true;
			// It was large.
			delete (this.session.options as Settings).tls_ec_point_formats;
			// It counts again once a broker has accepted the connection: after any failure, the next handshake is a full one.
			delete (globalThis as TlsSessions).dynregTlsSession;
		}
		this.verifySignatures();
		const rest = available - this.readHeader(socket);
		// The SDK reads on behind a part of a header, and a chip's socket throws where there is nothing to read.
		if (rest <= 0) return undefined;
		const packet = this.readPacket.call(this.session, socket, rest);
		return packet && this.acceptRecord(new Uint8Array(packet));
	}

	verify(chain: Uint8Array[]): boolean {
		const { now } = this;
		const { host, clock } = this.target as ResolvedEndpoint;
		this.end = now + 86_400_000;
		this.errorCode = "certificate-untrusted";
		this.errorCode = verifyChain(chain, host, now, this);
		if (this.errorCode) return false;
		this.key = publicKeyOf(chain[0] as Uint8Array);
		// The SDK would keep a copy of the certificate.
		chain[0] = new Uint8Array(0);
		this.next = { digest: this.digest, offset: now - clock.ticks(), end: this.end, attempts: 0 };
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

	/** Whether what is written now is encrypted. */
	get canWrite(): boolean {
		return !!this.session.clientCipher;
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
			const { ticket } = this;
			const next = this.next as TlsSession;
			const { chosenCipher, clientSessionID } = session;
			// A resumed session keeps its cipher suite (RFC 5246, section 7.4.1.3).
			const inOrder = clientSessionID ? next.chosenCipher === chosenCipher : this.lastMessage === 14 && this.key;
			expect(!!inOrder && !this.fragment);
			this.encrypted = true;
			next.chosenCipher = chosenCipher;
			next.masterSecret ??= (session.masterSecret as Uint8Array<ArrayBuffer>).buffer;
			next.id = session.serverSessionID ?? next.digest;
			next.attempts = 0;
			if (ticket) {
				// The SDK has not seen it.
				session.handshakeDigests?.SHA256.write(ticket);
				if (ticket.length <= maxPacketBytes) next.ticket = ticket.slice(8).buffer;
				// The hint in seconds, without its first byte: that is half a year. 0: none.
				const end =
					this.now + 1000 * (((ticket[5] as number) << 16) | ((ticket[6] as number) << 8) | (ticket[7] as number));
				if (end > this.now && end < next.end) next.end = end;
				delete this.ticket;
			}
			// The server is authenticated, so these are not needed any more.
			delete this.key;
			delete this.target;
		} else if (type === 21) return this.acceptAlert(packet);
		else {
			expect(type === 22);
			return this.acceptMessages(packet);
		}
		return packet.buffer;
	}

	/** An alert before the server's ChangeCipherSpec, in plain text and not authenticated. */
	private acceptAlert(packet: Uint8Array): undefined {
		const level = packet[5];
		const alert = packet[6];
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
			else if (type === 4) {
				expect(!this.ticket && (!!this.session.clientSessionID || this.lastMessage === 14));
				this.ticket = messages.slice(start, end);
			} else {
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

	/** @throws Error on a message out of order */
	private acceptMessage(type: number, body: Uint8Array): void {
		const { lastMessage, session } = this;
		expect(type > lastMessage && (type === 2 || (type > 10 && type < 15)));
		expect((type === 2) === (lastMessage === 0) && (type === 11) === (lastMessage === 2));
		// Each key exchange that is offered has a ServerKeyExchange.
		if (type === 2) {
			const { clientSessionID } = session;
			// From here on, an id means that the session is resumed.
			if (!clientSessionID || Bin.comp(clientSessionID, body.slice(35, 35 + (body[34] as number)).buffer)) {
				delete this.next;
				session.clientSessionID = session.masterSecret = undefined;
			}
		} else expect(!session.clientSessionID);
		if (type === 12) expect(isSigned(body));
		else if (type > 12) expect(lastMessage > 11);
		this.clientCertRequested ||= type === 13;
		if (type === 14 && !this.clientCertRequested && (globalThis as TlsSessions).dynregEarly !== false) this.begin();
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

type Settings = NonNullable<Session["options"]>;

function expect(condition: boolean): asserts condition {
	if (!condition) throw new Error("unexpected in a TLS handshake");
}
