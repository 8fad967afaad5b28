/**
 * The bytes of one slot. `docs/reference/flash-format.md` has the same as a table.
 *
 *     0  "DR"                  4  generation, 32 bits
 *     2  format version, 1     8  length of identity, 8 bits
 *     3  state: 0 to 10 refusals in a row, plus 0x80 once active
 *     9  reserved, 0          10  length of credential, 16 bits
 *    12  length of the previous credential, 16 bits; 0 if there is none
 *    14  identity, credential, previous credential
 *   end  CRC-32 of all before, 32 bits
 *
 * Little-endian. Later versions must keep the lengths and the CRC in place, so that older firmware can distinguish a
 * valid record from a torn one. A credential is a byte for its kind and its content:
 *
 *     1  key          the text, UTF-8
 *     2  token        client id, token: UTF-8, each after its length of 16 bits
 *     3  certificate  private key, certificates: DER, each after its length of 16 bits
 *     4  login        client id, password, user name: UTF-8, each after its length of 16 bits
 *
 * Plus 0x40 if the platform has assigned more, which comes first: UTF-8 after its length of 16 bits. A key then is after its
 * length, too.
 */

import type { Credential } from "../contracts/credential.js";
import type { Crypto } from "../contracts/host.js";
import { concat, crc32, readNumber, writeNumber } from "../core/bytes.js";
import { Failure } from "../core/errors.js";
import { Secret } from "../core/secret.js";

export interface VaultRecord {
	/** Incremented by each write; of two valid slots the higher one is in use. */
	readonly generation: number;
	/** `cloud/product/name`. */
	readonly identity: string;
	readonly credential: Credential;
	/** Whether the broker has accepted this credential at least once. */
	readonly active: boolean;
	/** Refusals by the broker in a row, up to 10. */
	readonly refusals: number;
	/**
	 * The other credential, until the replacement has been accepted: the active one if the fresh one is in use, or the
	 * fresh one if the active one is in use (invariant 6).
	 */
	readonly previous: Credential | undefined;
}

export const encode = (crypto: Crypto, record: VaultRecord): Uint8Array => {
	const identity = crypto.utf8(record.identity);
	const credential = encodeCredential(crypto, record.credential);
	const previous = record.previous === undefined ? new Uint8Array(0) : encodeCredential(crypto, record.previous);
	const bytes = concat([new Uint8Array(14), identity, credential, previous, new Uint8Array(4)]);
	bytes.set([0x44, 0x52, 1, (record.active ? 0x80 : 0) | record.refusals]);
	writeNumber(bytes, 4, 4, record.generation);
	bytes[8] = identity.length;
	writeNumber(bytes, 10, 2, credential.length);
	writeNumber(bytes, 12, 2, previous.length);
	writeNumber(bytes, bytes.length - 4, 4, crc32(bytes.subarray(0, -4)));
	return bytes;
};

/** The length in bytes of the record that begins with `start`; undefined if it is no record. */
export const recordLength = (start: Uint8Array): number | undefined => {
	if (start.length < 14 || start[0] !== 0x44 || start[1] !== 0x52) return undefined;
	const length = 14 + (start[8] as number) + readNumber(start, 10, 2) + readNumber(start, 12, 2) + 4;
	// A longer one is a torn write. Two RSA pairs with a chain each fit into 16 KB.
	return length > 16384 ? undefined : length;
};

/**
 * The record, or undefined if the bytes are no complete and valid record.
 *
 * @throws Failure `storage-failed` if the record is valid but of a newer format
 */
export const decode = (crypto: Crypto, bytes: Uint8Array): VaultRecord | undefined => {
	if (recordLength(bytes) !== bytes.length) return undefined;
	if (readNumber(bytes, bytes.length - 4, 4) !== crc32(bytes.subarray(0, -4))) return undefined;
	try {
		return contents(crypto, bytes);
	} catch (cause) {
		throw new Failure("store", "storage-failed", "needs-attention", { reason: "newer-format" }, cause);
	}
};

/** @throws Error on an unknown version or kind */
const contents = (crypto: Crypto, bytes: Uint8Array): VaultRecord => {
	if (bytes[2] !== 1) throw new Error("unknown version");
	const credentialStart = 14 + (bytes[8] as number);
	const previousStart = credentialStart + readNumber(bytes, 10, 2);
	const end = bytes.length - 4;
	const state = bytes[3] as number;
	return {
		generation: readNumber(bytes, 4, 4),
		identity: crypto.text(bytes.subarray(14, credentialStart)),
		credential: decodeCredential(crypto, bytes.subarray(credentialStart, previousStart)),
		active: (state & 0x80) !== 0,
		refusals: state & 0x7f,
		previous: previousStart < end ? decodeCredential(crypto, bytes.subarray(previousStart, end)) : undefined,
	};
};

const encodeCredential = (crypto: Crypto, credential: Credential): Uint8Array => {
	const { kind, assigned } = credential;
	const secret = credential.secret.reveal();
	const content: Uint8Array[] = assigned === undefined ? [] : [crypto.utf8(assigned)];
	let code = 3;
	if (kind === "certificate") content.push(crypto.fromBase64(secret), ...credential.certificates);
	else {
		code = kind === "key" ? 1 : kind === "token" ? 2 : 4;
		if (kind !== "key") content.push(crypto.utf8(credential.clientId));
		content.push(crypto.utf8(secret));
		if (kind === "login") content.push(crypto.utf8(credential.username));
	}
	if (code === 1 && assigned === undefined) return concat([Uint8Array.of(1), ...content]);
	const parts: Uint8Array[] = [Uint8Array.of(assigned === undefined ? code : code | 0x40)];
	for (let i = 0; i < content.length; i++) {
		const part = content[i] as Uint8Array;
		parts.push(Uint8Array.of(part.length, part.length >> 8), part);
	}
	return concat(parts);
};

/** @throws Error on an incomplete credential or an unknown kind */
const decodeCredential = (crypto: Crypto, bytes: Uint8Array): Credential => {
	const code = bytes[0] as number;
	if (code === 1) return { kind: "key", secret: new Secret(crypto.text(bytes.subarray(1))) };
	const parts: Uint8Array[] = [];
	for (let start = 1; start < bytes.length; ) {
		const position = start + 2;
		start = position + readNumber(bytes, start, 2);
		if (start <= bytes.length) parts.push(bytes.slice(position, start));
	}
	return code < 0x40
		? credentialOf(crypto, code, parts)
		: { assigned: crypto.text(nextOf(parts)), ...credentialOf(crypto, code - 0x40, parts) };
};

const credentialOf = (crypto: Crypto, code: number, parts: Uint8Array[]): Credential => {
	const first = nextOf(parts);
	if (code === 1) return { kind: "key", secret: new Secret(crypto.text(first)) };
	if (code === 3)
		return { kind: "certificate", secret: new Secret(crypto.base64(first)), certificates: [nextOf(parts), ...parts] };
	const login = { clientId: crypto.text(first), secret: new Secret(crypto.text(nextOf(parts))) };
	if (code === 2) return { kind: "token", ...login };
	if (code !== 4) throw new Error("unknown kind");
	return { kind: "login", ...login, username: crypto.text(nextOf(parts)) };
};

const nextOf = (parts: Uint8Array[]): Uint8Array => {
	const part = parts.shift();
	if (part === undefined) throw new Error("incomplete");
	return part;
};
