import { maxRecordBytes } from "dynreg/platform/limits";
import PKCS8 from "pkcs8";
import type { BuiltInAuthorities, CertificateManager, PacketBuffer, Session } from "securesocket";
import type { Stream } from "socket";
import type { PublicKey, Rsa } from "x509";
import type { Trouble } from "../../../modules/core/connection-errors.js";
import type { Target } from "../net/endpoint.js";
import { isInRange, isStrong, keyIn } from "./certificate.js";
import { builtIn, distrust } from "./verify-chain.js";

/** RFC 5246, section 6.2.1 */
const record = Object.freeze({ changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 });
/** RFC 5246, section 7.4; the order is that of their numbers. */
const message = Object.freeze({
	serverHello: 2,
	certificate: 11,
	serverKeyExchange: 12,
	certificateRequest: 13,
	serverHelloDone: 14,
});
/** Alerts that refuse a client's certificate: bad, revoked, expired, unknown, of an unknown authority, without access. */
const refusals: readonly number[] = Object.freeze([42, 44, 45, 46, 48, 49]);
/** Bytes in front of each record: type, version, length. */
const header = 5;
const expectedMessages: readonly number[] = Object.freeze([2, 11, 12, 13, 14]);

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
export class Handshake implements CertificateManager {
	/** Why it failed, if it is known. */
	trouble: Trouble | undefined;
	/** Whether the other side has said anything at all, TLS or not. */
	heard = false;

	readonly #session: Session;
	readonly #builtIn: BuiltInAuthorities;
	readonly #target: Target;
	#lastMessage = 0;
	/** The server wants to see a certificate of the client's. */
	#asked = false;
	/** The server has changed to its keys: what follows is encrypted. */
	#encrypted = false;
	/** The server's Finished has come. */
	#finished = false;
	/** The server's, once its certificate is trusted. */
	#key: PublicKey | undefined;
	/** Of the key exchange, DER if ECDSA. */
	#signature: { readonly ecdsa: boolean; readonly value: Uint8Array } | undefined;

	constructor(session: Session, target: Target) {
		this.#session = session;
		this.#builtIn = session.certificateManager;
		this.#target = target;
		session.certificateManager = this;
		const { readPacket } = session;
		// The SDK's prototypes are frozen in a preloaded image: assignment would fail.
		Object.defineProperty(session, "readPacket", {
			value: (socket: Stream, available: number) => {
				this.heard ||= available > 0;
				const packet = readPacket.call(session, socket, available - this.#readHeader(socket));
				if (packet) this.#admit(new Uint8Array(packet));
				return packet;
			},
		});
	}

	verify(chain: Uint8Array[]): boolean {
		const { host, authorities, publicToo, clock } = this.#target;
		this.trouble = "untrusted";
		this.trouble = distrust(
			chain,
			host,
			(issued) => (publicToo ? [...authorities, ...builtIn(this.#builtIn, issued)] : authorities),
			clock.now() ?? 0,
		);
		if (this.trouble) return false;
		this.#key = chain[0] && keyIn(chain[0]);
		return true;
	}

	/** Its key is all that is needed of it. */
	register(): void {
		this.#session.peerCert = undefined;
	}

	getKey(certificate: ArrayBuffer | Uint8Array | undefined): PublicKey | Rsa {
		const { own } = this.#target;
		// What a server sends is never the same object, whatever is in it.
		if (own && certificate && certificate === own.certificates[0]) return PKCS8.parse(new Uint8Array(own.key));
		const key = this.#key;
		expect(key !== undefined && isStrong(key));
		if (this.#signature?.ecdsa) expect(isInRange(this.#signature.value, key));
		else expect("modulus" in key);
		return key;
	}

	findPreferredCert(): readonly Uint8Array[] {
		return this.#target.own?.certificates ?? [];
	}

	/** Whether the other side has begun to answer as a TLS server does. */
	get answered(): boolean {
		return this.#lastMessage > 0;
	}

	/** Whether keys are in use with a server that has proved to be the one meant. */
	get established(): boolean {
		const { clientCipher, serverCipher, alert } = this.#session;
		return this.#finished && this.#key !== undefined && !!clientCipher && !!serverCipher && !alert;
	}

	/**
	 * Reads a record's header, as the SDK would, which takes memory for whatever length is announced.
	 *
	 * @returns how many bytes were read
	 * @throws Error on what is no header, or of a record that is too long
	 */
	#readHeader(socket: Stream): number {
		const { packetBuffer } = this.#session;
		const missing = header - packetBuffer.length;
		const bytes = missing > 0 ? socket.read(ArrayBuffer, missing) : undefined;
		if (bytes === undefined) return 0;
		const begun = new Uint8Array(packetBuffer.length + bytes.byteLength);
		begun.set(packetBuffer);
		begun.set(new Uint8Array(bytes), packetBuffer.length);
		this.#session.packetBuffer = begun;
		if (begun.length === header) {
			const [type = 0, , , high = 0, low = 0] = begun;
			const length = (high << 8) | low;
			expect(type >= record.changeCipherSpec && type <= record.applicationData && length <= maxRecordBytes);
			const whole: PacketBuffer = new Uint8Array(header + length);
			whole.set(begun);
			whole.offset = header;
			this.#session.packetBuffer = whole;
		}
		return bytes.byteLength;
	}

	/** @throws Error on a record that does not belong here */
	#admit(packet: Uint8Array): void {
		const [type] = packet;
		if (this.#finished) expect(type === record.applicationData || type === record.alert);
		else if (this.#encrypted) {
			expect(type === record.handshake);
			this.#finished = true;
		} else if (type === record.changeCipherSpec) {
			expect(this.#lastMessage === message.serverHelloDone && this.#key !== undefined);
			this.#encrypted = true;
		} else {
			if (type === record.alert) this.#readAlert(packet);
			expect(type === record.handshake);
			this.#admitMessages(packet.subarray(5));
		}
	}

	/** In the clear, as all that comes before the server's Finished: nobody has proved to have sent it. */
	#readAlert(packet: Uint8Array): void {
		const shown = this.#asked && this.#target.own && this.#lastMessage === message.serverHelloDone;
		if (shown && refusals.includes(packet[6] as number)) this.trouble = "certificateRefused";
	}

	/** One record may hold several messages; the SDK takes none that spans two. */
	#admitMessages(messages: Uint8Array): void {
		for (let start = 0; start < messages.length; ) {
			const [type = 0, high = 0, middle = 0, low = 0] = messages.subarray(start, start + 4);
			const end = start + 4 + ((high << 16) | (middle << 8) | low);
			expect(end <= messages.length && type > this.#lastMessage && expectedMessages.includes(type));
			expect((type === message.serverHello) === (this.#lastMessage === 0));
			expect((type === message.certificate) === (this.#lastMessage === message.serverHello));
			if (type === message.serverKeyExchange) this.#readSignature(messages.subarray(start + 4, end));
			this.#asked ||= type === message.certificateRequest;
			this.#lastMessage = type;
			start = end;
		}
	}

	/** ServerKeyExchange of ECDHE (RFC 8422, section 5.4): curve, point, and what they are signed with. */
	#readSignature(exchange: Uint8Array): void {
		const [curveType, , , pointLength = 0] = exchange;
		const [hash, algorithm, high = 0, low = 0] = exchange.subarray(4 + pointLength);
		const value = exchange.slice(8 + pointLength);
		// Named curve; SHA-256 with RSA or ECDSA: the only ones that the SDK's ClientHello offers.
		expect(curveType === 3 && hash === 4 && (algorithm === 1 || algorithm === 3));
		expect(value.length > 0 && value.length === ((high << 8) | low));
		this.#signature = { ecdsa: algorithm === 3, value };
	}
}

function expect(condition: boolean): asserts condition {
	if (!condition) throw new Error("unexpected in a TLS handshake");
}
