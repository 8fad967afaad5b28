/**
 * What a host promises: the ports that the firmware runs on.
 *
 * A host knows nothing of any cloud. The same contract tests (`test/contract`) run on
 * each: a board, the Moddable simulator, the bare XS engine, Node.
 *
 * Rules for all ports:
 * - what can wait takes a deadline in milliseconds and keeps it;
 * - what fails throws or rejects with a `Failure` and leaves nothing open;
 * - nothing secret is logged; secrets travel as `Secret`.
 */

import type { Failure } from "../core/errors.js";
import type { Secret } from "../core/secret.js";
import type { CertificateCredential } from "./credential.js";
import type { BoardEvent } from "./event.js";

export type Milliseconds = number;
/** A string stands for its UTF-8 bytes. */
export type Bytes = string | Uint8Array;

export interface Host {
	readonly crypto: Crypto;
	/** `count` bytes (at most 64) that nobody can predict. */
	readonly random: (count: number) => Uint8Array;
	readonly http: Http;
	readonly mqtt: Mqtt;
	readonly storage: Storage;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly network: Network;
	/** Where events go: a trace, a terminal, a line of JSON. Must not throw. */
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
	/** @throws Error on anything but the standard alphabet with right padding; no white space */
	fromBase64(text: string): Uint8Array;
	/**
	 * The DER inside the first PEM block (RFC 7468) that is a `CERTIFICATE`, `RSA PRIVATE KEY` or
	 * `PRIVATE KEY`. White space anywhere in it, and text around it, do not matter: the vendors'
	 * SDKs come with a blank before the ends of lines.
	 *
	 * @throws Error if there is none, or it is not base64
	 */
	fromPem(text: string): Uint8Array;
}

/** A server. Plain transport only where the configuration says `dangerously…`. */
export interface Endpoint {
	readonly secure: boolean;
	/** Host name or IPv4 address; the name that the certificate must carry. */
	readonly host: string;
	readonly port: number;
	/**
	 * Who may vouch for it, any of them: names of certificate authorities (a PEM file on a desktop, a resource
	 * on a board), and `public` for the host's own store. One that cannot be loaded vouches for nobody, and
	 * the failure to verify names it; where none can, nobody is trusted.
	 */
	readonly trust: readonly string[];
}

export interface HttpRequest {
	readonly endpoint: Endpoint;
	readonly method: "GET" | "POST";
	readonly path: string;
	/** `Host`, `Content-Length` and `Connection` are the port's business. */
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly body: string;
	/** A longer body is cut off with `answer-too-large`, not buffered. */
	readonly maxReplyBytes: number;
}

export interface HttpReply {
	readonly status: number;
	readonly body: Uint8Array;
	/** `Retry-After` header, as sent. */
	readonly retryAfter?: string;
	/** `Date` header, as sent. */
	readonly date?: string;
}

/** One request a connection; redirects are not followed. */
export interface Http {
	/**
	 * TLS verifies chain, name and dates before a byte is sent.
	 *
	 * @throws Failure in phase `register`: `dns-failed`, `connect-failed`, `connection-lost`, `timeout`,
	 * `certificate-…`, `tls-failed`, `answer-too-large`, `bad-answer` from a peer that does not speak HTTP
	 */
	request(request: HttpRequest, deadline: Milliseconds): Promise<HttpReply>;
}

export interface MqttConnect {
	readonly endpoint: Endpoint;
	readonly clientId: string;
	readonly username: string;
	/** Absent where TLS has authenticated already. */
	readonly password?: Secret;
	/**
	 * The device's own, for a server that asks for one. RSA: with another key, or one that is not the
	 * certificate's, `connect` fails with `tls-failed` before anything is sent.
	 */
	readonly certificate?: CertificateCredential;
	/** Seconds. */
	readonly keepAlive: number;
}

/** MQTT 3.1.1, clean session, QoS 0. */
export interface Mqtt {
	/**
	 * Resolves once the broker accepted the connection.
	 *
	 * @throws Failure in phase `connect`; a refused CONNACK is `mqtt-refused` with its return code as `number`, a
	 * `certificate` that the server's TLS refuses is `credential-refused`
	 */
	connect(options: MqttConnect, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection>;
}

export interface MqttEvents {
	/** A message arrived. Not called before `connect` has resolved, nor after `closed`. */
	message(topic: string, payload: Uint8Array): void;
	/** The connection is gone, once, unless `close` was called. Phase `session`. */
	closed(failure: Failure): void;
}

/** After the connection is gone, `publish` and `subscribe` throw `connection-lost`; `close` is always safe. */
export interface MqttConnection {
	publish(topic: string, payload: Bytes): void;
	subscribe(topic: string): void;
	close(): void;
}

/**
 * Keys and values in flash. Synchronous. A write is done when `set` returns; it need
 * not be atomic: the vault stands on less.
 *
 * Keys are 1 to 15 characters of `[a-z0-9]`.
 *
 * @throws Failure `storage-failed` in phase `store`
 */
export interface Storage {
	/** The longest value that one key holds. */
	readonly maxValueBytes: number;
	get(key: string): Uint8Array | undefined;
	set(key: string, value: Uint8Array): void;
	/** No error if there is none. */
	delete(key: string): void;
}

export interface Clock {
	/** UTC in milliseconds since 1970, or undefined while unknown. A clock before the build date is unknown. */
	now(): Milliseconds | undefined;
	/** Corrects the clock that `now` reads. */
	set(now: Milliseconds): void;
	/**
	 * Makes the time known, by SNTP where the host has to. Resolves at once if it is, unless
	 * it is `doubted`: then the host asks again, and what it knew stands if nobody answers.
	 *
	 * @throws Failure `clock-unknown` in phase `clock`
	 */
	sync(deadline: Milliseconds, doubted?: boolean): Promise<void>;
	/** Milliseconds since some moment in the past. Never jumps, whatever `set` does. */
	ticks(): Milliseconds;
}

export interface Timers {
	sleep(duration: Milliseconds): Promise<void>;
}

export interface Network {
	/**
	 * Resolves once there is a network to talk over.
	 *
	 * @throws Failure `no-network` in phase `network`
	 */
	up(deadline: Milliseconds): Promise<void>;
	/** "a4:d1:8c:db:c0:20", or undefined where the host has none. */
	mac(): string | undefined;
}
