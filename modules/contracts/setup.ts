/**
 * The ports of set-up mode: what a board needs besides `Host` to ask a person for its network.
 *
 * The rules of `contracts/host.ts` apply: deadlines are kept, a failed operation leaves nothing open, no port logs a
 * network's name or password.
 */

import type { Secret } from "../core/secret.js";
import type { CommandSink, ParsedLine } from "./event.js";
import type { Milliseconds } from "./host.js";

/** A network to join. */
export interface WifiNetwork {
	/** SSID, 1 to 32 bytes of UTF-8 without NUL. */
	readonly name: string;
	/** WPA passphrase of 8 to 63 bytes, or 64 hexadecimal digits; absent for an open network. */
	readonly password?: Secret | undefined;
}

/** A network that a scan has found. */
export interface FoundNetwork {
	/** As received: empty for a hidden network, and not always valid UTF-8 at its source. */
	readonly name: string;
	/** dBm, below 0. */
	readonly signal: number;
	readonly channel: number;
	/** `unsupported`: the chip cannot join it, such as WPA2-Enterprise. */
	readonly security: "open" | "password" | "unsupported";
}

/** Why a network could not be joined. */
export type JoinFailure =
	/** The access point refuses the password, or the handshake fails as with a wrong one. */
	| "wrong-password"
	/** No access point of this name responds: out of range, another band, or mistyped. */
	| "not-found"
	/** Associated, but DHCP has given no address. */
	| "no-address"
	/** Anything else, such as a full or filtering access point. */
	| "refused";

export type JoinOutcome = "joined" | JoinFailure;

/** The station. */
export interface Joiner {
	/** Resolves with all that was found by the deadline, perhaps nothing. Not called while the access point is open. */
	scan(deadline: Milliseconds): Promise<readonly FoundNetwork[]>;
	/**
	 * Joins, and leaves an open access point open. Resolves with "joined" once there is an address, at once if the board is
	 * in this network already; otherwise the station is switched off, since a station that keeps trying makes the access
	 * point unusable.
	 */
	join(network: WifiNetwork, deadline: Milliseconds): Promise<JoinOutcome>;
	/** Ends the connection. Harmless without one. */
	leave(): void;
}

export interface AccessPointOptions {
	readonly name: string;
	/** WPA2 passphrase; absent for an open access point. */
	readonly password?: Secret | undefined;
	/** IPv4, also the DHCP server's and the DNS server that it offers. */
	readonly address: string;
	readonly channel: number;
}

export interface AccessPoint {
	/** Resolves when phones can join. */
	open(options: AccessPointOptions, deadline: Milliseconds): Promise<void>;
	/** Harmless when it is closed. */
	close(): void;
	/** How many phones have joined. */
	guests(): number;
}

/** A TCP connection to the board. */
export interface Connection {
	/**
	 * Resolves when the network has taken all bytes, and `bytes` may change again.
	 *
	 * @throws if the connection is closed, by either side
	 */
	write(bytes: Uint8Array): Promise<void>;
	/** Closes once what was written is sent. Harmless when it is closed. */
	close(): void;
}

export interface ConnectionEvents {
	/** `bytes` may change after the call. */
	received(bytes: Uint8Array): void;
	/** Called once, and not after `close`. */
	closed(): void;
}

export interface Listener {
	close(): void;
}

export interface Server {
	/** @throws if the port cannot be used */
	listen(port: number, accept: (connection: Connection) => ConnectionEvents): Promise<Listener>;
}

export interface Datagrams {
	/**
	 * @param respond the response to a datagram; undefined: none
	 * @throws if the port cannot be used
	 */
	listen(port: number, respond: (bytes: Uint8Array) => Uint8Array | undefined): Promise<Listener>;
}

export interface SetupPorts {
	readonly accessPoint: AccessPoint;
	readonly joiner: Joiner;
	readonly server: Server;
	readonly datagrams: Datagrams;
	/**
	 * Restarts the board, so that its normal life, or set-up mode, begins with a whole heap. Resolves only on a host that
	 * has no heap to win back: there the firmware continues.
	 */
	restart(): Promise<void>;
}

/** What a host has for set-up mode. */
export interface SetupHost extends SetupPorts {
	/** As a browser reaches the portal. Default: the access point's address. */
	readonly urlHost?: string | undefined;
	/** Default: 80. */
	readonly httpPort?: number | undefined;
	/** Default: 53. */
	readonly dnsPort?: number | undefined;
}

/**
 * Why set-up mode opens.
 *
 * - `no-network`: neither flash nor the configuration has one.
 * - `ordered`: by the button or the console.
 * - `lost`: with `setup: "lost"`, the known network has not been found for ten minutes.
 */
export type SetupReason = "no-network" | "ordered" | "lost";

/** Set-up mode for button and console. */
export interface SetupControl {
	/**
	 * Orders set-up mode, which opens instead of the next attempt. The network in flash stays until another one is joined.
	 *
	 * @param commands are told not to wait for the next attempt
	 */
	open(commands?: CommandSink): void;
	/** Where the board's network is from; undefined if flash cannot be read. */
	state(): KnownNetwork | undefined;
	/** The effect of a line in the console; undefined if it is for the console itself. */
	execute(line: string): ParsedLine | undefined;
}

export type KnownNetwork = "stored" | "configured" | "none";
