/**
 * The DNS responder of the set-up access point: each name has the board's address, so that a phone's probe reaches the
 * portal (RFC 1035, RFC 6891).
 */

import { concat } from "../core/bytes.js";

/**
 * The response to a query: the address for A and ANY, no data for other types such as AAAA and HTTPS. The question is
 * returned byte for byte, since resolvers compare the case of letters (draft-vixie-dnsext-dns0x20).
 *
 * @param address IPv4, 4 bytes
 * @returns undefined if the packet must be dropped: it is no query, too long, or has no complete header
 */
export const answerQuery = (query: Uint8Array, address: Uint8Array): Uint8Array | undefined => {
	/** The header with all counts 0, what follows it in the query up to `end`, and the records. */
	const reply = (code: number, end: number, records: readonly Uint8Array[]): Uint8Array => {
		const bytes = concat([query.subarray(0, end), ...records]);
		// Response, authoritative; opcode and RD are the query's. RA, and the query's CD (RFC 4035).
		bytes[2] = 0x84 | ((query[2] as number) & 0x79);
		bytes[3] = 0x80 | ((query[3] as number) & 0x10) | code;
		for (let i = 4; i < 12; i++) bytes[i] = 0;
		return bytes;
	};

	/** The end of the only question, whose last four bytes are type and class; 0 if there is not exactly one complete question. */
	const questionEnd = (): number => {
		// Neither answers nor authorities.
		if (number(4) !== 1 || number(6) !== 0 || number(8) !== 0) return 0;
		const end = nameEnd(12) + 4;
		return end > 16 && end <= query.length ? end : 0;
	};

	/** The end of a name; 0 if it is cut, too long or compressed, which the first name of a packet cannot be. */
	const nameEnd = (start: number): number => {
		for (let i = start; i < query.length && i - start < 255; ) {
			const length = query[i] as number;
			if (length === 0) return i + 1;
			if (length > 63) return 0;
			i += length + 1;
		}
		return 0;
	};

	/** The start of the OPT record behind the question; 0 if there is none; undefined if anything else follows. */
	const optRecord = (start: number): number | undefined => {
		const count = number(10);
		if (count === 0) return start === query.length ? 0 : undefined;
		// The name of OPT is the root. Signed queries (TSIG) are not for a captive portal.
		if (count > 1 || query.length < start + 11 || query[start] !== 0 || number(start + 1) !== 41) return undefined;
		return start + 11 + number(start + 9) === query.length ? start : undefined;
	};

	/** In network byte order. */
	const number = (offset: number): number => ((query[offset] as number) << 8) | (query[offset + 1] as number);

	// With or without EDNS, clients send no longer queries.
	if (query.length < 12 || query.length > 512) return undefined;
	const flags = query[2] as number;
	// A response is never responded to: two responders would keep each other busy.
	if (flags & 0x80) return undefined;
	// Not implemented (RFC 1035, section 4.1.1).
	if (flags & 0x78) return reply(4, 12, []);
	const end = questionEnd();
	const opt = end && optRecord(end);
	// Format error.
	if (end === 0 || opt === undefined) return reply(1, 12, []);
	const version = opt === 0 ? 0 : (query[opt + 6] as number);
	const type = number(end - 4);
	// Class IN. Of a version of EDNS that is unknown, nothing is understood: BADVERS, the upper bits of 16.
	const hasAddress = version === 0 && number(end - 2) === 1 && (type === 1 || type === 255);
	const records: Uint8Array[] = [];
	// The name is a pointer to the question's. 5 s, since the answer is wrong on any other network; some resolvers refuse 0,
	// which RFC 2181 allows.
	if (hasAddress) records.push(Uint8Array.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4), address);
	if (opt > 0) {
		// The DO bit is copied (RFC 3225); the size is what this responder accepts.
		const isDnssecOk = (query[opt + 7] as number) & 0x80;
		records.push(Uint8Array.of(0, 0, 41, 2, 0, version > 0 ? 1 : 0, 0, isDnssecOk, 0, 0, 0));
	}
	const bytes = reply(0, end, records);
	bytes[5] = 1;
	bytes[7] = hasAddress ? 1 : 0;
	bytes[11] = opt > 0 ? 1 : 0;
	return bytes;
};
