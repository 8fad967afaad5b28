import { isEqual } from "../core/bytes.js";
import type { ConnectionErrorCode } from "../core/connection-errors.js";
import { algorithmOf, type Certificate, fieldsOf, isWeak, keyIn, readExtensions } from "./certificate.js";
import { DerReader } from "./der.js";

/** What the verification of a chain needs from its host. */
export interface TrustAnchors {
	/** UTC in milliseconds. Lowered to the first expiry on a trusted path, if it is set and later. */
	end?: number;
	/** @returns trusted certificates, among them those that may have issued this one */
	authorities(issued: Certificate): readonly Certificate[];
	/** @returns whether the key in the issuer's certificate made the signature of this one; the key is of the right kind */
	isSignedBy(certificate: Certificate, issuer: Certificate): boolean;
}

/** Maximum number of a server's certificates that are checked. */
const maxCertificates = 6;

/**
 * Verifies a server's certificates (RFC 5280, section 6): path, dates, use, strength and name (invariant 9). No chain
 * passes that `openssl verify -purpose sslserver -partial_chain` refuses; `docs/internals/tls.md` lists what is refused
 * beyond that.
 *
 * @param chain the server's own certificate first, the others in any order
 * @param now UTC in milliseconds since 1970
 * @returns why the server cannot be trusted; undefined if it can
 */
export const verifyChain = (
	chain: readonly Certificate[],
	host: string,
	now: number,
	anchors: TrustAnchors,
): ConnectionErrorCode | undefined => {
	try {
		const path = findPath(chain.slice(0, maxCertificates), now, anchors);
		return typeof path === "string" ? path : problemIn(path, host, now, anchors);
	} catch {
		// Malformed, or restricted in a way that is not evaluated here.
		return "certificate-untrusted";
	}
};

/** @returns the certificates from the server's own up to a trusted one, each signed by the next; or why there are none */
const findPath = (
	chain: readonly Certificate[],
	now: number,
	anchors: TrustAnchors,
): readonly Certificate[] | ConnectionErrorCode => {
	const path: Certificate[] = [];
	let next = chain[0];
	while (next && path.length <= chain.length) {
		const certificate: Certificate = next;
		path.push(certificate);
		const trusted = anchors.authorities(certificate);
		for (let i = 0; i < trusted.length; i++) if (isEqual(trusted[i] as Certificate, certificate)) return path;
		const signature = signatureProblem(certificate);
		if (signature) return signature;
		const anchor = findIssuer(trusted, certificate, now);
		next = anchor ?? findIssuer(chain, certificate, now);
		if (!next) return "certificate-incomplete";
		if (!maySign(next, certificate, path.length - 1, !!anchor) || !anchors.isSignedBy(certificate, next)) break;
		if (anchor) {
			path.push(anchor);
			return path;
		}
	}
	return "certificate-untrusted";
};

/** @returns why the certificate's signature cannot be verified; a root's own proves nothing, and need not be */
const signatureProblem = (certificate: Certificate): ConnectionErrorCode | undefined => {
	const { algorithm, issuer, subject } = fieldsOf(certificate);
	const { kind, weak } = algorithmOf(algorithm);
	if (kind || isEqual(issuer, subject)) return undefined;
	return weak ? "certificate-weak" : "certificate-unsupported";
};

/** Finds the issuer by its name and key identifiers (RFC 5280, section 4.2.1.1), preferably one that is valid now. */
const findIssuer = (among: readonly Certificate[], issued: Certificate, now: number): Certificate | undefined => {
	const { issuer: name, extensions: own } = fieldsOf(issued);
	let found: Certificate | undefined;
	for (let i = 0; i < among.length; i++) {
		const candidate = among[i] as Certificate;
		let same = false;
		try {
			const { subject, serial, issuer, from, to, extensions } = fieldsOf(candidate);
			same = isEqual(name, subject);
			if (!same) continue;
			const { issuerKey, issuerSerial, issuerIssuer } = readExtensions(own);
			if (differ(issuerSerial, serial) || differ(issuerIssuer, issuer)) continue;
			if (differ(issuerKey, readExtensions(extensions).subjectKey)) continue;
			found ??= candidate;
			if (now >= from && now < to) return candidate;
		} catch {
			// Malformed or restricted: it may be the issuer, but must not sign.
			if (same) found ??= candidate;
		}
	}
	return found;
};

const differ = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
	!!one && !!other && !isEqual(one, other);

/**
 * @param depth how many authorities stand between the issuer and the server's certificate
 * @param isTrusted the issuer is a trust anchor, which may be older than extensions
 * @throws RangeError on extensions that are not evaluated here
 */
const maySign = (issuer: Certificate, issued: Certificate, depth: number, isTrusted: boolean): boolean => {
	const { kind } = algorithmOf(fieldsOf(issued).algorithm);
	const { version, extensions, key, subject, issuer: above } = fieldsOf(issuer);
	const { authority, pathLength, signsCertificates, forServers } = readExtensions(extensions);
	return (
		(authority || (isTrusted && version === 0 && isEqual(subject, above))) &&
		pathLength >= depth &&
		signsCertificates &&
		forServers &&
		!!kind &&
		keyIn(key)?.kind === kind
	);
};

/** @returns what is wrong with one of these certificates by itself */
const problemIn = (
	path: readonly Certificate[],
	host: string,
	now: number,
	anchors: TrustAnchors,
): ConnectionErrorCode | undefined => {
	const { signs, forServers, names } = readExtensions(fieldsOf(path[0] as Certificate).extensions);
	// Each key exchange that the board offers is signed with this key (RFC 5246, section 7.4.2).
	if (!signs || !forServers) return "certificate-untrusted";
	for (let i = 0; i < path.length; i++) {
		const { from, to } = fieldsOf(path[i] as Certificate);
		if (now < from) return "certificate-not-yet-valid";
		if (now >= to) return "certificate-expired";
		// Nothing is less than undefined.
		if (to < (anchors.end as number)) anchors.end = to;
	}
	for (let i = 0; i < path.length; i++) {
		const key = keyIn(fieldsOf(path[i] as Certificate).key);
		if (isWeak(key)) return "certificate-weak";
		if (!key) return "certificate-unsupported";
	}
	return names && carriesName(names, host.toLowerCase()) ? undefined : "certificate-wrong-name";
};

/**
 * Compares a host's name with those of its certificate (RFC 6125): as it is, with `*` for the whole first label, or as
 * an IPv4 address. The common name does not count.
 *
 * @param names contents of subjectAltName's GeneralNames
 * @param host in lower case
 */
const carriesName = (names: Uint8Array, host: string): boolean => {
	const wildcard = `*${host.slice(host.indexOf("."))}`;
	// At least two labels after the star: "*.com" is nobody's.
	const mayBeWildcard = wildcard.indexOf(".", 2) > 0;
	const labels = host.split(".");
	const last = Number(labels[labels.length - 1]);
	// No name of a host ends in a number (as the URL standard has it).
	const isAddress = last >= 0 || last < 0;
	const list = new DerReader(names);
	while (list.peek() !== undefined) {
		const name = list.next();
		// GeneralName, by its tags (RFC 5280, section 4.2.1.6): 0x87 is an address, 0x82 a name.
		if (list.tag === 0x87 && name.join(".") === host) return true;
		if (list.tag === 0x82 && !isAddress && (isText(name, host) || (mayBeWildcard && isText(name, wildcard))))
			return true;
	}
	return false;
};

/** @param text in lower case */
const isText = (bytes: Uint8Array, text: string): boolean => {
	if (bytes.length !== text.length) return false;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if ((byte > 64 && byte < 91 ? byte + 32 : byte) !== text.charCodeAt(i)) return false;
	}
	return true;
};
