import { maxRecordBytes } from "dynreg/platform/limits";
import PKCS8 from "pkcs8";
import type { BuiltInAuthorities, CertificateManager, PacketBuffer, Session } from "securesocket";
import type { Stream } from "socket";
import type { PublicKey, Rsa } from "x509";
import type { Trouble } from "../../../modules/core/connection-errors.js";
import type { Target } from "../net/endpoint.js";
import { isInRange, isStrong, keyIn } from "./certificate.js";
import { builtIn, distrust, type Trust } from "./verify-chain.js";

// Types of records (RFC 5246, section 6.2.1): 20 ChangeCipherSpec, 21 Alert, 22 Handshake, 23 application data.
// Types of messages (section 7.4), which come in the order of their numbers: 2 ServerHello, 11 Certificate,
// 12 ServerKeyExchange, 13 CertificateRequest, 14 ServerHelloDone.

/**
 * Stands between the network and the SDK's TLS client until the server has proved who it is.
 *
 * The SDK's client believes too much. Besides its way with certificate chains (`trust.ts`) it
 * takes a key exchange that names no signature algorithm for a signed one, messages in any
 * order, application data before there is a key, and an alert for the end of a successful
 * handshake, after which it sends in the clear. Each lets whoever sits between board and server
 * read or answer in the server's place. So every record is looked at before the SDK sees it, and
 * what does not belong where it comes ends the handshake.
 *
 * No session is resumed (`cache: false` where the socket is made): the SDK's one-entry cache
 * knows a host name only, and would let a session outlive the trust that it began with.
 */
export class Handshake implements CertificateManager, Trust {
	/** Why it failed, if it is known. */
	trouble: Trouble | undefined;
	/** Whether the other side has said anything at all, TLS or not. */
	heard = false;

	private readonly session: Session;
	/** The SDK's own. */
	private readonly readPacket: Session["readPacket"];
	private builtIn?: BuiltInAuthorities;
	private target?: Target;
	private lastMessage = 0;
	/** The server wants to see a certificate of the client's. */
	private asked = false;
	/** The server has changed to its keys: what follows is encrypted. */
	private encrypted = false;
	/** The server's Finished has come. */
	private finished = false;
	/** The server's, once its certificate is trusted. */
	private key?: PublicKey;
	/** Of the key exchange, DER if ECDSA. */
	private signature?: { readonly ecdsa: boolean; readonly value: Uint8Array };

	constructor(session: Session, target: Target) {
		this.session = session;
		this.builtIn = session.certificateManager;
		this.target = target;
		session.certificateManager = this;
		this.readPacket = session.readPacket;
		// The SDK's prototypes are frozen in a preloaded image: assignment would fail.
		Object.defineProperty(session, "readPacket", {
			value: (socket: Stream, available: number) => this.read(socket, available),
		});
	}

	private read(socket: Stream, available: number): ArrayBuffer | undefined {
		this.heard ||= available > 0;
		const packet = this.readPacket.call(this.session, socket, available - this.readHeader(socket));
		if (packet) this.admit(new Uint8Array(packet));
		return packet;
	}

	verify(chain: Uint8Array[]): boolean {
		const { host, clock } = this.target as Target;
		this.trouble = "certificate-untrusted";
		this.trouble = distrust(chain, host, this, clock.now() ?? 0);
		if (this.trouble) return false;
		const own = chain[0];
		if (own) this.key = keyIn(own);
		return true;
	}

	authorities(issued: Uint8Array): readonly Uint8Array[] {
		const { authorities, publicToo } = this.target as Target;
		return publicToo ? [...authorities, ...builtIn(this.builtIn as BuiltInAuthorities, issued)] : authorities;
	}

	/** Its key is all that is needed of it. */
	register(): void {
		this.session.peerCert = undefined;
	}

	getKey(certificate: ArrayBuffer | Uint8Array | undefined): PublicKey | Rsa {
		const own = this.target?.own;
		// What a server sends is never the same object, whatever is in it.
		if (own && certificate && certificate === own.certificates[0]) return PKCS8.parse(new Uint8Array(own.key));
		const key = this.key;
		expect(key !== undefined && isStrong(key));
		if (this.signature?.ecdsa) expect(isInRange(this.signature.value, key));
		else expect("modulus" in key);
		return key;
	}

	findPreferredCert(): readonly Uint8Array[] {
		return this.target?.own?.certificates ?? [];
	}

	/** Whether the other side has begun to answer as a TLS server does. */
	get answered(): boolean {
		return this.lastMessage > 0;
	}

	/** Whether keys are in use with a server that has proved to be the one meant. */
	get established(): boolean {
		const { clientCipher, serverCipher, alert } = this.session;
		return this.finished && !!clientCipher && !!serverCipher && !alert;
	}

	/**
	 * Reads a record's header of 5 bytes (type, version, length), as the SDK would, which takes memory for whatever length is announced.
	 *
	 * @returns how many bytes were read
	 * @throws Error on what is no header, or of a record that is too long
	 */
	private readHeader(socket: Stream): number {
		const { packetBuffer } = this.session;
		const missing = 5 - packetBuffer.length;
		const bytes = missing > 0 ? socket.read(ArrayBuffer, missing) : undefined;
		if (bytes === undefined) return 0;
		const begun = new Uint8Array(packetBuffer.length + bytes.byteLength);
		begun.set(packetBuffer);
		begun.set(new Uint8Array(bytes), packetBuffer.length);
		this.session.packetBuffer = begun;
		if (begun.length === 5) {
			const type = begun[0] as number;
			const length = ((begun[3] as number) << 8) | (begun[4] as number);
			expect(type >= 20 && type <= 23 && length <= maxRecordBytes);
			const whole: PacketBuffer = new Uint8Array(5 + length);
			whole.set(begun);
			whole.offset = 5;
			this.session.packetBuffer = whole;
		}
		return bytes.byteLength;
	}

	/** @throws Error on a record that does not belong here */
	private admit(packet: Uint8Array): void {
		const type = packet[0];
		if (this.finished) expect(type === 23 || type === 21);
		else if (this.encrypted) {
			expect(type === 22);
			this.finished = true;
		} else if (type === 20) {
			expect(this.lastMessage === 14 && this.key !== undefined);
			this.encrypted = true;
			// Nothing of it is needed any more: the server is who it should be, and `finished` comes only from here on.
			delete this.builtIn;
			delete this.target;
			delete this.key;
			delete this.signature;
		} else {
			if (type === 21) this.readAlert(packet);
			expect(type === 22);
			this.admitMessages(packet.subarray(5));
		}
	}

	/** In the clear, as all that comes before the server's Finished: nobody has proved to have sent it. */
	private readAlert(packet: Uint8Array): void {
		const shown = this.asked && this.target?.own && this.lastMessage === 14;
		// Bad, revoked, expired, unknown, of an unknown authority, without access (section 7.2.2).
		if (shown && [42, 44, 45, 46, 48, 49].includes(packet[6] as number)) this.trouble = "credential-refused";
	}

	/** One record may hold several messages; the SDK takes none that spans two. */
	private admitMessages(messages: Uint8Array): void {
		for (let start = 0; start < messages.length; ) {
			const type = messages[start] as number;
			const end =
				start +
				4 +
				(((messages[start + 1] ?? 0) << 16) | ((messages[start + 2] ?? 0) << 8) | (messages[start + 3] ?? 0));
			expect(end <= messages.length && type > this.lastMessage && (type === 2 || (type > 10 && type < 15)));
			expect((type === 2) === (this.lastMessage === 0));
			expect((type === 11) === (this.lastMessage === 2));
			if (type === 12) this.readSignature(messages.subarray(start + 4, end));
			this.asked ||= type === 13;
			this.lastMessage = type;
			start = end;
		}
	}

	/** ServerKeyExchange of ECDHE (RFC 8422, section 5.4): curve, point, and what they are signed with. */
	private readSignature(exchange: Uint8Array): void {
		const start = 4 + (exchange[3] ?? 0);
		const algorithm = exchange[start + 1];
		const value = exchange.slice(start + 4);
		// Named curve; SHA-256 with RSA or ECDSA: the only ones that the SDK's ClientHello offers.
		expect(exchange[0] === 3 && exchange[start] === 4 && (algorithm === 1 || algorithm === 3));
		expect(value.length > 0 && value.length === (((exchange[start + 2] ?? 0) << 8) | (exchange[start + 3] ?? 0)));
		this.signature = { ecdsa: algorithm === 3, value };
	}
}

function expect(condition: boolean): asserts condition {
	if (!condition) throw new Error("unexpected in a TLS handshake");
}
