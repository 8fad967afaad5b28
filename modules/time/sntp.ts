/** An SNTP client's packets (RFC 5905, sections 7.3 and 14). */

import { invalidValue, list, server } from "../configuration/readers.js";
import type { Milliseconds } from "../contracts/host.js";
import { isEqual, uint32 } from "../core/bytes.js";
import { Failure } from "../core/errors.js";

export interface TimeServer {
	readonly host: string;
	readonly port: number;
}

// A packet without extensions has 48 bytes. Offset 24: origin timestamp, the query's transmit timestamp returned by the
// server. Offset 40: transmit timestamp.

/**
 * A query without information about the client (draft-ietf-ntp-data-minimization): random bytes instead of the
 * transmit timestamp, which only a server that has received the query can return.
 *
 * @param random 8 unpredictable bytes, different for each query
 */
export const query = (random: Uint8Array): Uint8Array => {
	const packet = new Uint8Array(48);
	// Version 4, mode 3: a client.
	packet[0] = 0x23;
	packet.set(random, 40);
	return packet;
};

/** Whether a packet is the response to this query. Ignore all others. */
export const isResponse = (bytes: Uint8Array, random: Uint8Array): boolean => {
	// Mode 4 is a server.
	if (bytes.length < 48 || ((bytes[0] as number) & 7) !== 4) return false;
	return isEqual(bytes.subarray(24, 24 + random.length), random);
};

/**
 * The time in a response; undefined if it is no response to this query, or the server has no time, in which case it must
 * not be queried again (RFC 5905, section 7.4).
 *
 * @param random of the query
 * @param rtt round-trip time in milliseconds, of which half is added to the server's time
 * @returns UTC in milliseconds since 1970, up to 2106: NTP's seconds wrap around in 2036
 */
export const readResponse = (bytes: Uint8Array, random: Uint8Array, rtt: Milliseconds): Milliseconds | undefined => {
	if (!isResponse(bytes, random)) return undefined;
	const flags = bytes[0] as number;
	const stratum = bytes[1] as number;
	// Leap indicator 3: clock not synchronised. Stratum 0: kiss-o'-death. Stratum 16 and above: no source.
	if (flags >> 6 === 3 || stratum < 1 || stratum > 15) return undefined;
	const seconds = uint32(bytes, 40);
	const fraction = uint32(bytes, 44);
	if (seconds + fraction === 0) return undefined;
	// NTP counts from 1900.
	return ((seconds - 2_208_988_800) >>> 0) * 1000 + Math.floor(fraction / 4_294_967.296 + rtt / 2 + 0.5);
};

/**
 * Parses the configuration's `sntp`: servers in the order of queries.
 *
 * @param configured `host` or `host:port`, several in a list or separated by commas; or nothing
 * @throws Failure `bad-configuration` in phase `clock`
 */
export const timeServers = (configured: unknown): readonly TimeServer[] => {
	if (configured == null || configured === "") return [];
	const names = list(configured);
	const servers: TimeServer[] = [];
	for (let i = 0; i < names.length; i++) {
		const name = names[i];
		const found = typeof name === "string" ? server(name.trim(), 123) : undefined;
		if (found) servers.push(found);
	}
	if (servers.length === names.length && (names.length > 0 || Array.isArray(configured))) return servers;
	throw invalidValue("sntp", configured, "clock");
};

/** No time server has responded with a valid time. @param times those of `servers` that responded, in milliseconds since 1970 */
export const noResponse = (
	servers: readonly TimeServer[],
	times: readonly (Milliseconds | undefined)[] = [],
): Failure => {
	const names: string[] = [];
	for (let i = 0; i < servers.length; i++)
		names.push((servers[i] as TimeServer).host + (times[i] === undefined ? "" : ` ${times[i]}`));
	return new Failure("clock", "clock-unknown", "retry", { names });
};
