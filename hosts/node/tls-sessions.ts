import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Clock, Endpoint, Milliseconds } from "dynreg/contracts/host";
import { DerReader } from "dynreg/x509/der";
import type { Authorities } from "./authorities.js";

const day = 24 * 60 * 60 * 1000;
/** By how much a clock may be corrected. */
const maxCorrection = 60 * 1000;
/** Unanswered offers of a session. */
const maxOffers = 3;

interface Session {
	readonly binding: string;
	/** UTC: a day after the full handshake, when a certificate of the server's path expires, or when the ticket's lifetime hint ends. */
	readonly until: Milliseconds;
	/** The clock's lead over a monotonic one. */
	readonly lead: Milliseconds;
	readonly data: Buffer;
	/** ClientHellos that had it and no response at all. */
	offers: number;
}

/** A board's TLS session: the one of the last connection that a server accepted. By the rules of `hosts/moddable/tls`. */
export class TlsSessions {
	readonly #clock: Clock;
	#kept: Session | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** @returns for a connection that is about to be opened */
	begin(endpoint: Endpoint, { certificates }: Authorities, certificate?: CertificateCredential): TlsSessionUse {
		const { host, port } = endpoint;
		const own = (certificate?.certificates ?? []).map((der) => Buffer.from(der).toString("base64"));
		const text = JSON.stringify([host, port, own, certificates]);
		const binding = createHash("sha256").update(text).digest("base64");
		const session = this.#kept;
		const isUsable =
			session !== undefined &&
			session.offers < maxOffers &&
			session.binding === binding &&
			this.#now() < session.until &&
			Math.abs(this.#lead() - session.lead) < maxCorrection;
		return new TlsSessionUse(this, binding, isUsable ? session : undefined);
	}

	keep(session: Session | undefined): void {
		this.#kept = session;
	}

	/** @param until when a certificate of the server's path expires */
	create(binding: string, until: Milliseconds): Omit<Session, "data"> {
		return { binding, until: Math.min(until, this.#now() + day), lead: this.#lead(), offers: 0 };
	}

	/** @returns the session with what a connection has of it now */
	with(session: Omit<Session, "data">, data: Buffer): Session {
		return { ...session, until: Math.min(session.until, this.#now() + lifetimeHint(data)), data, offers: 0 };
	}

	#now(): Milliseconds {
		return this.#clock.now() ?? Number.NaN;
	}

	/** Not over the clock's `ticks`, which run faster in scaled time. */
	#lead(): Milliseconds {
		return this.#now() - performance.now();
	}
}

/** The session that a connection offers, and the one that it has then. */
export class TlsSessionUse {
	readonly #sessions: TlsSessions;
	readonly #binding: string;
	readonly #offered: Session | undefined;
	#verified: Omit<Session, "data"> | undefined;

	constructor(sessions: TlsSessions, binding: string, offered: Session | undefined) {
		this.#sessions = sessions;
		this.#binding = binding;
		this.#offered = offered;
	}

	/** For `tls.connect`. */
	get options(): { readonly session?: Buffer } {
		return this.#offered ? { session: this.#offered.data } : {};
	}

	/** From a new socket on. */
	watch(socket: TLSSocket): void {
		const offered = this.#offered;
		if (offered === undefined) return;
		socket.once("connect", () => offered.offers++);
		// It counts again once a broker has accepted the connection: after any failure, the next handshake is a full one.
		socket.once("secureConnect", () => this.drop());
	}

	/** The server has responded. */
	drop(): void {
		if (this.#offered) this.#sessions.keep(undefined);
	}

	/** The server is trusted. @param until when a certificate of its path expires */
	trust(until: Milliseconds): void {
		this.#verified = this.#sessions.create(this.#binding, until);
	}

	/** @returns a function to be called once the server has accepted the connection, which may be closed by then */
	accept(socket: TLSSocket): () => void {
		// The event `session` does not come for a ticket that a resumed handshake brings.
		const data = socket.getSession();
		const session = socket.isSessionReused() ? this.#offered : this.#verified;
		const kept = session && data && this.#sessions.with(session, data);
		return () => this.#sessions.keep(kept);
	}
}

/**
 * @param session as OpenSSL writes it: a SEQUENCE, with the hint as the INTEGER in its element [9]
 * @returns milliseconds; infinite if the server has given none (RFC 5077, section 3.3)
 */
function lifetimeHint(session: Buffer): Milliseconds {
	const elements = new DerReader(new DerReader(session).next(0x30));
	while (elements.peek() !== undefined) {
		const element = elements.next();
		if (elements.tag !== 0xa9) continue;
		const seconds = Number.parseInt(Buffer.from(new DerReader(element).next(0x02)).toString("hex"), 16);
		if (seconds > 0) return seconds * 1000;
	}
	return Number.POSITIVE_INFINITY;
}
