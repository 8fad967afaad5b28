import Resource from "Resource";
import type { Trouble } from "dynreg/trouble";
import type { CertificateManager } from "securesocket";
import X509 from "x509";
import {
	type Certificate,
	carriesName,
	isAuthority,
	isForServers,
	isSignedBy,
	isWeak,
	isWeaklySigned,
	readCertificate,
} from "./certificate.js";

/** The authorities that may have issued this certificate, as DER. */
export type Authorities = (issued: Certificate) => readonly Uint8Array[];

/** Longer chains do not exist in good faith. */
const longestChain = 6;

/**
 * Why this server is not to be trusted, or undefined if it is (invariant 9).
 *
 * The SDK's own `CertificateManager.verify` cannot be relied on: a first certificate that
 * is out of date, or that the second one has not signed, is merely skipped, and the last
 * of the chain is held against the authorities. A certificate of one's own, followed by
 * any genuine root, passes.
 *
 * @param chain DER, the server's own certificate first
 * @param now UTC in milliseconds since 1970
 */
export function distrust(
	chain: readonly Uint8Array[],
	host: string,
	authorities: Authorities,
	now: number,
): Trouble | undefined {
	const path = findPath(chain, authorities);
	if (typeof path === "string") return path;
	const [leaf] = path;
	if (leaf === undefined || !isForServers(leaf)) return "untrusted";
	for (const { from, to } of path) {
		if (now < from) return "notYetValid";
		if (now > to) return "expired";
	}
	if (path.some(({ key }) => isWeak(key))) return "weak";
	return carriesName(leaf, host) ? undefined : "wrongName";
}

/** The certificates from the server's own up to an authority of ours, each signed by the next; or why there are none. */
function findPath(chain: readonly Uint8Array[], authorities: Authorities): readonly Certificate[] | Trouble {
	const path: Certificate[] = [];
	for (const der of chain.slice(0, longestChain)) {
		const certificate = readCertificate(der);
		const issued = path.at(-1);
		if (issued && !isEqual(certificate.subject, issued.issuer)) break;
		if (issued && !(isAuthority(certificate, path.length - 1) && isSignedBy(issued, certificate.key)))
			return "untrusted";
		path.push(certificate);
		const trusted = authorities(certificate);
		if (trusted.some((each) => isEqual(each, der))) return path;
		// A root's signature by itself says nothing, and old ones have SHA-1 there.
		if (isWeaklySigned(certificate) && !isSelfIssued(certificate)) return "weak";
		const authority = findIssuer(certificate, trusted);
		if (authority) return [...path, authority];
	}
	const last = path.at(-1);
	return last === undefined || isSelfIssued(last) ? "untrusted" : "incomplete";
}

function findIssuer(issued: Certificate, authorities: readonly Uint8Array[]): Certificate | undefined {
	for (const der of authorities)
		try {
			const authority = readCertificate(der);
			if (isEqual(authority.subject, issued.issuer) && isSignedBy(issued, authority.key)) return authority;
		} catch {
			// Of a kind that the SDK does not know; another one may do.
		}
	return undefined;
}

function isSelfIssued({ subject, issuer }: Certificate): boolean {
	return isEqual(subject, issuer);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** The authorities that come with the SDK, found by the key identifier of what they have issued. */
export function builtIn(manager: CertificateManager): Authorities {
	return ({ der }) => {
		try {
			const index = manager.getIndex("ca.ski", X509.decodeAKI(der));
			return index < 0 ? [] : [new Uint8Array(new Resource(`ca${index}.der`) as unknown as ArrayBuffer)];
		} catch {
			// The index lists them all; an image holds the few that it was built with.
			return [];
		}
	};
}
