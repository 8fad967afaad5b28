/**
 * One slot's bytes. `docs/flash-format.md` has the same as a table.
 *
 *     0  "DR"                  4  generation, 32 bits
 *     2  format version, 1     8  length of identity, 8 bits
 *     3  state: 0 to 10 refusals in a row, plus 0x80 once active
 *     9  reserved, 0          10  length of credential, 16 bits
 *    12  length of the previous credential, 16 bits; 0 if there is none
 *    14  identity, credential, previous credential
 *   end  CRC-32 of all before, 32 bits
 *
 * Little-endian. Every later version keeps the lengths and the CRC where they are, so that an
 * older firmware can tell a sound record from a torn one. A credential is a byte for its kind and its content:
 *
 *     1  key          the text, UTF-8
 *     2  token        client id, token: UTF-8, each behind its length of 16 bits
 *     3  certificate  private key, certificates: DER, each behind its length of 16 bits
 */

import type { Credential } from "../contracts/credential.js";
import type { Crypto } from "../contracts/host.js";
import { Failure } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import { crc32 } from "./crc32.js";

export interface Record {
	/** Counts up with each write; of two valid slots the higher one wins. */
	readonly generation: number;
	/** Whose credential: cloud, product and device name. */
	readonly identity: string;
	readonly credential: Credential;
	/** The broker has accepted this credential at least once. */
	readonly active: boolean;
	/** How often in a row the broker has refused it, up to 10. */
	readonly refusals: number;
	/**
	 * While a replacement has not been accepted, the other one of the two: the active credential
	 * beside the fresh one in use, or the fresh one beside the active one (invariant 6).
	 */
	readonly previous: Credential | undefined;
}

const header = 14;
const trailer = 4;
const version = 1;
const kinds = Object.freeze(["key", "token", "certificate"] as const);
/** Bytes. No record is longer: what claims to be is what a power cut has left. Two RSA pairs with a chain each fit. */
const longest = 16384;

export function encode(crypto: Crypto, record: Record): Uint8Array {
	const identity = crypto.utf8(record.identity);
	const credential = encodeCredential(crypto, record.credential);
	const previous = record.previous === undefined ? new Uint8Array(0) : encodeCredential(crypto, record.previous);
	const bytes = joined([new Uint8Array(header), identity, credential, previous, new Uint8Array(trailer)]);
	const view = new DataView(bytes.buffer);
	bytes.set([0x44, 0x52, version, (record.active ? 0x80 : 0) | record.refusals]);
	view.setUint32(4, record.generation, true);
	view.setUint8(8, identity.length);
	view.setUint16(10, credential.length, true);
	view.setUint16(12, previous.length, true);
	view.setUint32(bytes.length - trailer, crc32(bytes.subarray(0, -trailer)), true);
	return bytes;
}

/** How long the record that begins with these bytes is; undefined if none begins here. */
export function recordLength(start: Uint8Array): number | undefined {
	if (start.length < header || start[0] !== 0x44 || start[1] !== 0x52) return undefined;
	const view = new DataView(start.buffer, start.byteOffset);
	const length = header + view.getUint8(8) + view.getUint16(10, true) + view.getUint16(12, true) + trailer;
	return length > longest ? undefined : length;
}

/**
 * The record, or undefined if these bytes are not a whole and sound one.
 *
 * @throws Failure if it is sound, but of a format that only a newer firmware knows
 */
export function decode(crypto: Crypto, bytes: Uint8Array): Record | undefined {
	if (recordLength(bytes) !== bytes.length) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	if (view.getUint32(bytes.length - trailer, true) !== crc32(bytes.subarray(0, -trailer))) return undefined;
	try {
		return contents(crypto, bytes, view);
	} catch (cause) {
		throw new Failure(
			"store",
			"storage-failed",
			"stop",
			"Flash holds the credential in a format that a newer firmware wrote; it is kept. Flash that firmware again.",
			{ cause },
		);
	}
}

/** @throws Error on what is not understood here */
function contents(crypto: Crypto, bytes: Uint8Array, view: DataView): Record {
	if (bytes[2] !== version) throw new Error("unknown version");
	const credentialStart = header + view.getUint8(8);
	const previousStart = credentialStart + view.getUint16(10, true);
	const end = bytes.length - trailer;
	const state = view.getUint8(3);
	return {
		generation: view.getUint32(4, true),
		identity: crypto.text(bytes.subarray(header, credentialStart)),
		credential: decodeCredential(crypto, bytes.subarray(credentialStart, previousStart)),
		active: (state & 0x80) !== 0,
		refusals: state & 0x7f,
		previous: previousStart < end ? decodeCredential(crypto, bytes.subarray(previousStart, end)) : undefined,
	};
}

function encodeCredential(crypto: Crypto, credential: Credential): Uint8Array {
	const secret = credential.secret.reveal();
	const kind = Uint8Array.of(kinds.indexOf(credential.kind) + 1);
	if (credential.kind === "key") return joined([kind, crypto.utf8(secret)]);
	const parts =
		credential.kind === "token"
			? [crypto.utf8(credential.clientId), crypto.utf8(secret)]
			: [crypto.fromBase64(secret), ...credential.certificates];
	return joined([kind, ...parts.flatMap((part) => [Uint8Array.of(part.length & 0xff, part.length >> 8), part])]);
}

/** @throws Error when it is none, or one of a kind that is not known here */
function decodeCredential(crypto: Crypto, bytes: Uint8Array): Credential {
	const kind = kinds[(bytes[0] ?? 0) - 1];
	if (kind === "key") return { kind, secret: new Secret(crypto.text(bytes.subarray(1))) };
	const parts: Uint8Array[] = [];
	for (let start = 1; start < bytes.length; ) {
		const begin = start + 2;
		start = begin + (bytes[start] as number) + ((bytes[start + 1] as number) << 8);
		if (start <= bytes.length) parts.push(bytes.slice(begin, start));
	}
	const [first, second, ...more] = parts;
	if (kind === undefined || first === undefined || second === undefined) throw new Error("unknown kind");
	if (kind === "token") return { kind, clientId: crypto.text(first), secret: new Secret(crypto.text(second)) };
	return { kind, secret: new Secret(crypto.base64(first)), certificates: [second, ...more] };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let position = 0;
	for (const part of parts) {
		bytes.set(part, position);
		position += part.length;
	}
	return bytes;
}
