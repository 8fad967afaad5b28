/** The Simple Network Time Protocol, the client's side (RFC 5905, sections 7.3 and 14). */

import { invalidValue, list, server } from "../configuration/configuration.js";
import type { Milliseconds } from "../contracts/host.js";
import { isEqual, word } from "../core/bytes.js";
import { Failure } from "../core/errors.js";

export interface TimeServer {
	readonly host: string;
	readonly port: number;
}

// A packet without extensions has 48 bytes. In it timestamps stand: from 24 on the query's own, as it comes back, and from
// 40 on when the answer left.

/**
 * A query that tells nothing of who asks (draft-ietf-ntp-data-minimization): in place of the
 * time of sending stands what only a server that has seen this query can send back.
 *
 * @param random 8 bytes that nobody can predict, other ones for each query
 */
export const query = (random: Uint8Array): Uint8Array => {
	const packet = new Uint8Array(48);
	// Version 4, mode 3: a client.
	packet[0] = 0x23;
	packet.set(random, 40);
	return packet;
};

/** Whether a server has sent this to this query; whatever else comes is to be passed over. */
export const isAnswer = (bytes: Uint8Array, random: Uint8Array): boolean => {
	// Mode 4 is a server.
	if (bytes.length < 48 || ((bytes[0] as number) & 7) !== 4) return false;
	return isEqual(bytes.subarray(24, 24 + random.length), random);
};

/**
 * The time in this answer, or undefined if it is not one to this query or the server does not tell it:
 * then there is no use in asking that one again (RFC 5905, section 7.4).
 *
 * @param random of the query
 * @param rtt between query and answer; half of it is the answer's way
 * @returns UTC in milliseconds since 1970, up to 2106: NTP's seconds begin anew in 2036
 */
export const answer = (bytes: Uint8Array, random: Uint8Array, rtt: Milliseconds): Milliseconds | undefined => {
	if (!isAnswer(bytes, random)) return undefined;
	const flags = bytes[0] as number;
	const stratum = bytes[1] as number;
	// Leap indicator 3: its clock is not synchronised; stratum 0: a kiss-o'-death; from 16 on: it has no source itself.
	if (flags >> 6 === 3 || stratum < 1 || stratum > 15) return undefined;
	const seconds = word(bytes, 40);
	const fraction = word(bytes, 44);
	if (seconds + fraction === 0) return undefined;
	// NTP begins to count in 1900, so many seconds before 1970.
	return ((seconds - 2_208_988_800) >>> 0) * 1000 + Math.floor(fraction / 4_294_967.296 + rtt / 2 + 0.5);
};

/**
 * The configuration's `sntp`: servers to ask, in this order.
 *
 * @param configured `host` or `host:port`, several in a list or between commas; or nothing
 * @throws Failure `bad-configuration` in phase `clock`
 */
export const timeServers = (configured: unknown): readonly TimeServer[] => {
	if (configured === undefined || configured === "") return [];
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

/** No time server has responded. */
export const noAnswer = (servers: readonly TimeServer[]): Failure => {
	const names: string[] = [];
	for (let i = 0; i < servers.length; i++) names.push((servers[i] as TimeServer).host);
	return new Failure("clock", "clock-unknown", "retry", { names });
};
