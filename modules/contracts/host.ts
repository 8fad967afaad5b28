/**
 * The contract of a host: the ports that the firmware runs on.
 *
 * A host contains nothing specific to a cloud. The same contract tests (`conformance/contract`) run on each host: a
 * board, the Moddable simulator, the bare XS engine, Node.
 *
 * Rules for all ports:
 * - An operation that can wait takes a deadline in milliseconds and keeps it.
 * - A failed operation throws or rejects with a `Failure` and leaves nothing open.
 * - Ports log no secrets; secrets are passed as `Secret`.
 */

import type { Failure } from "../core/errors.js";
import type { Secret } from "../core/secret.js";
import type { CertificateCredential } from "./credential.js";
import type { BoardEvent } from "./event.js";
import type { SetupControl } from "./setup.js";

export type Milliseconds = number;
/** A string stands for its UTF-8 bytes. */
export type Bytes = string | Uint8Array;

export interface Host {
	readonly crypto: Crypto;
	/** `count` bytes, at most 64, from a cryptographic random generator. */
	readonly random: (count: number) => Uint8Array;
	readonly http: Http;
	readonly mqtt: Mqtt;
	readonly storage: Storage;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly network: Network;
	/** Only with set-up mode (`withSetup`): for button and console. */
	readonly setup?: SetupControl;
	/** Logs an event: to the trace, a terminal, a line of JSON. Must not throw. */
	readonly log: (event: BoardEvent) => void;
}

export type Hash = "MD5" | "SHA1" | "SHA256";

/** Deterministic cryptography and encodings. Synchronous. */
export interface Crypto {
	hmac(hash: Hash, key: Bytes, message: Bytes): Uint8Array;
	digest(hash: Hash, message: Bytes): Uint8Array;
	/** AES-128-CBC, padding left in place. `key` and `iv` are 16 bytes, `data` a multiple of 16. */
	decrypt(key: Bytes, iv: Bytes, data: Uint8Array): Uint8Array;
	utf8(text: string): Uint8Array;
	/** @throws Error on malformed UTF-8 */
	text(bytes: Uint8Array): string;
	/** Lower case. */
	hex(bytes: Uint8Array): string;
	/** Standard alphabet with padding. */
	base64(bytes: Uint8Array): string;
	/** @throws Error on anything but the standard alphabet with correct padding; white space is invalid too */
	fromBase64(text: string): Uint8Array;
	/**
	 * The DER inside the first PEM block (RFC 7468) that is a `CERTIFICATE`, `RSA PRIVATE KEY` or
	 * `PRIVATE KEY`. Text around it and white space within are ignored: the PEM files in the vendors' SDKs have blanks at
	 * the ends of lines.
	 *
	 * @throws Error if there is none, or it is not base64
	 */
	fromPem(text: string): Uint8Array;
}

/** A server. Plain transport needs `dangerouslyAllowPlain` in the configuration. */
export interface Endpoint {
	readonly secure: boolean;
	/** Host name or IPv4 address, which the certificate must contain. */
	readonly host: string;
	readonly port: number;
	/**
	 * Trust anchors, of which any may match: names of CA certificates (a PEM file on a desktop, a resource on a board),
	 * and `public` for the host's own store. Entries that cannot be loaded are skipped and named in verification
	 * failures; if none loads, no server is trusted.
	 */
	readonly trust: readonly string[];
	/** The protocol that the client offers in TLS (ALPN, RFC 7301), for a port with several. Default: none. */
	readonly alpn?: string;
}

export interface HttpRequest {
	readonly endpoint: Endpoint;
	readonly method: "GET" | "POST" | "PUT";
	readonly path: string;
	/** Without `Host`, `Content-Length` and `Connection`, which the port adds. */
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly body: string;
	/** A longer body fails with `answer-too-large` and is not buffered. */
	readonly maxResponseBytes: number;
}

export interface HttpResponse {
	readonly status: number;
	readonly body: Uint8Array;
	/** `Retry-After` header, as sent. */
	readonly retryAfter?: string;
	/** `Date` header, as sent. */
	readonly date?: string;
}

/** One request for each connection. Redirects are not followed. */
export interface Http {
	/**
	 * TLS verifies chain, name and dates before a byte is sent.
	 *
	 * @throws Failure in phase `register`: `dns-failed`, `connect-failed`, `connection-lost`, `timeout`,
	 * `certificate-…`, `tls-failed`, `answer-too-large`, `bad-answer` from a peer that does not speak HTTP
	 */
	request(request: HttpRequest, deadline: Milliseconds): Promise<HttpResponse>;
}

export interface MqttConnectOptions {
	readonly endpoint: Endpoint;
	readonly clientId: string;
	readonly username: string;
	/** Absent if the client certificate authenticates. */
	readonly password?: Secret;
	/**
	 * The client certificate, for a server that requests one. With a key that is not RSA or not the certificate's,
	 * `connect` fails with `tls-failed` before anything is sent.
	 */
	readonly certificate?: CertificateCredential;
	/** Seconds. */
	readonly keepAlive: number;
}

/**
 * MQTT 3.1.1, clean session, QoS 0 and 1.
 *
 * Protocol violations by the broker end the connection with `bad-answer`: malformed packets, a SUBACK whose return codes
 * are not one of 0, 1 and 128, packets that only a client sends, a second CONNACK, and messages with QoS 2, which no
 * subscription here is granted. An acknowledgement that nothing waits for is ignored.
 */
export interface Mqtt {
	/**
	 * Resolves when the broker has accepted the connection. May resume the TLS session of the last accepted connection while its
	 * trust stands (`docs/internals/tls.md`).
	 *
	 * @throws Failure in phase `connect`; a refused CONNACK is `mqtt-refused` with its return code as `number`, a
	 * `certificate` that the server's TLS refuses is `credential-refused`
	 */
	connect(options: MqttConnectOptions, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection>;
	/**
	 * Opens a connection ahead, TCP and TLS, for the next `connect` to the same endpoint with the same trust anchors. Sends no
	 * CONNECT. Absent on hosts without memory for a second handshake.
	 *
	 * A `connect` takes it in whatever state it is, unless it needs a client certificate; then, or to another endpoint, the
	 * opened one is closed. So it is at the deadline and by a second call. One that has failed or was lost costs only a normal
	 * `connect`, whose failure is then the real one.
	 *
	 * @returns a function that closes it; without effect once it is taken
	 */
	open?(endpoint: Endpoint, deadline: Milliseconds): () => void;
}

export interface MqttEvents {
	/**
	 * A message has arrived. Not called before `connect` has resolved, nor after `closed`. With QoS 1, the host then
	 * acknowledges it: once the promise is fulfilled, if one is returned.
	 *
	 * @returns while there is no room for another: a promise. Until it is fulfilled, the host delivers no message and
	 * reads no further from the network, beyond what it has read already
	 */
	message(topic: string, payload: Uint8Array): void | Promise<void>;
	/** The connection is lost. Called once, and not after `close`. Phase `session`. */
	closed(failure: Failure): void;
	/**
	 * The broker refuses a subscription, whose promise rejects with the same failure, `subscribe-refused`. An event, since a
	 * promise that is waited for takes 20 slots of a chip's memory.
	 */
	refused?(failure: Failure): void;
}

export interface PublishOptions {
	/** Default: 0. */
	readonly qos?: 0 | 1;
	/** The DUP flag of a message with QoS 1: an earlier session has sent it without an acknowledgement. */
	readonly duplicate?: boolean;
}

export interface SubscribeOptions {
	/** The QoS that is requested. Default: 0. */
	readonly qos?: 0 | 1;
}

/**
 * Operations never throw; their promises may be ignored. Once the connection is lost or closed, all promises that wait
 * reject with `connection-lost`, phase `session`, and so do later operations; `close` may always be called.
 *
 * Packets leave in the order of the calls. A host limits how many packets wait for their acknowledgement, and how many
 * and how many bytes wait behind these or for room in the network: what exceeds the second limit is rejected with
 * `queue-full`, and nothing of it is sent. These promises reject when there may be room again, or at the end of the
 * connection: a sender that then tries again needs no timer, and one that awaits each promise never meets it.
 */
export interface MqttConnection {
	/**
	 * Resolves with QoS 0 when the network has taken the message, with QoS 1 when the broker has acknowledged it (PUBACK).
	 * `payload` is not used after the call.
	 *
	 * @throws Failure `bad-message` with reason `too-large` and the packet's `bytes`, if the host cannot send it
	 */
	publish(topic: string, payload: Bytes, options?: PublishOptions): Promise<void>;
	/**
	 * Resolves with the granted QoS (SUBACK).
	 *
	 * @throws Failure `subscribe-refused` with the filter as `value`, if the broker refuses it (128)
	 */
	subscribe(filter: string, options?: SubscribeOptions): Promise<0 | 1>;
	/** Resolves when the broker has acknowledged it (UNSUBACK). */
	unsubscribe(filter: string): Promise<void>;
	close(): void;
}

/**
 * Keys and values in flash. Synchronous. A write is complete when `set` returns. It need not be atomic, since the vault
 * reads back and keeps the previous record; but it must not damage other keys.
 *
 * Keys are 1 to 15 characters of `[a-z0-9]`.
 *
 * @throws Failure `storage-failed` in phase `store`
 */
export interface Storage {
	/** The maximum length of a value. */
	readonly maxValueBytes: number;
	get(key: string): Uint8Array | undefined;
	set(key: string, value: Uint8Array): void;
	/** Deleting an unknown key is no error. */
	delete(key: string): void;
}

export interface Clock {
	/** UTC in milliseconds since 1970; undefined while unknown. A time before the build date is unknown. */
	now(): Milliseconds | undefined;
	/** Corrects the clock that `now` reads. */
	set(now: Milliseconds): void;
	/**
	 * Makes the time known, by SNTP if needed. Resolves at once if it is known.
	 *
	 * @param force the time is suspect: queries the time servers even if it is known, first the one after the last that
	 *   responded. The time is kept if none responds
	 * @throws Failure `clock-unknown` in phase `clock` if no time server responds
	 */
	sync(deadline: Milliseconds, force?: boolean): Promise<void>;
	/** A monotonic clock: milliseconds since an arbitrary moment, unaffected by `set`; it never wraps around. */
	ticks(): Milliseconds;
}

export interface Timers {
	/**
	 * Calls `action` once, not before `duration` has passed: of any length, months too.
	 *
	 * @returns a function that cancels it; harmless when called again, or after `action` was called
	 */
	after(duration: Milliseconds, action: () => void): () => void;
}

export interface Network {
	/**
	 * Resolves when the network is up.
	 *
	 * @throws Failure `no-network` in phase `network`
	 */
	up(deadline: Milliseconds): Promise<void>;
	/** "a4:d1:8c:db:c0:20"; undefined if the host has none. */
	mac(): string | undefined;
}
