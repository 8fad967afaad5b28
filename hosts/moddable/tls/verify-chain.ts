import Resource from "Resource";
import { isEqual } from "dynreg/core/bytes";
import type { BuiltInAuthorities } from "securesocket";
import X509 from "x509";
import type { Trouble } from "../../../modules/core/connection-errors.js";
import {
	type Certificate,
	carriesName,
	isAuthority,
	isForServers,
	isSignedBy,
	isWeak,
	isWeaklySigned,
	keyIn,
	namesIn,
	validityOf,
} from "./certificate.js";

/** Who is trusted. */
export interface Trust {
	/** The authorities that may have issued this certificate. */
	authorities(issued: Certificate): readonly Certificate[];
}

/**
 * Why this server is not to be trusted, or undefined if it is (invariant 9).
 *
 * The SDK's own `CertificateManager.verify` cannot be relied on: a first certificate that
 * is out of date, or that the second one has not signed, is merely skipped, and the last
 * of the chain is held against the authorities. A certificate of one's own, followed by
 * any genuine root, passes.
 *
 * @param chain the server's own certificate first
 * @param now UTC in milliseconds since 1970
 */
export const distrust = (
	chain: readonly Certificate[],
	host: string,
	trust: Trust,
	now: number,
): Trouble | undefined => {
	const path = findPath(chain, trust);
	return typeof path === "string" ? path : flaw(path, host, now);
};

/** What is wrong with one of these certificates by itself. Not within `distrust`, whose frame is below all that verifies. */
const flaw = (path: readonly Certificate[], host: string, now: number): Trouble | undefined => {
	const leaf = path[0];
	if (leaf === undefined || !isForServers(leaf)) return "certificate-untrusted";
	for (let i = 0; i < path.length; i++) {
		const { from, to } = validityOf(path[i] as Certificate);
		if (now < from) return "certificate-not-yet-valid";
		if (now > to) return "certificate-expired";
	}
	for (let i = 0; i < path.length; i++) if (isWeak(keyIn(path[i] as Certificate))) return "certificate-weak";
	return carriesName(leaf, host) ? undefined : "certificate-wrong-name";
};

/** The certificates from the server's own up to an authority of ours, each signed by the next; or why there are none. */
const findPath = (chain: readonly Certificate[], trust: Trust): readonly Certificate[] | Trouble => {
	const path: Certificate[] = [];
	let issued: Certificate | undefined;
	// Longer chains do not exist in good faith.
	for (let i = 0; i < chain.length && i < 6; i++) {
		const certificate = chain[i] as Certificate;
		if (issued && !isIssuedBy(issued, certificate)) break;
		if (issued && !(isAuthority(certificate, i - 1) && isSignedBy(issued, keyIn(certificate))))
			return "certificate-untrusted";
		path.push(certificate);
		const trusted = trust.authorities(certificate);
		for (let j = 0; j < trusted.length; j++) if (isEqual(trusted[j] as Certificate, certificate)) return path;
		// A root's signature by itself says nothing, and old ones have SHA-1 there.
		if (isWeaklySigned(certificate) && !isIssuedBy(certificate, certificate)) return "certificate-weak";
		for (let j = 0; j < trusted.length; j++)
			if (hasIssued(trusted[j] as Certificate, certificate)) {
				path.push(trusted[j] as Certificate);
				return path;
			}
		issued = certificate;
	}
	return issued === undefined || isIssuedBy(issued, issued) ? "certificate-untrusted" : "certificate-incomplete";
};

const hasIssued = (authority: Certificate, certificate: Certificate): boolean => {
	try {
		return isIssuedBy(certificate, authority) && isSignedBy(certificate, keyIn(authority));
	} catch {
		// Of a kind that the SDK does not know; another one may do.
		return false;
	}
};

/** By name. */
const isIssuedBy = (issued: Certificate, issuer: Certificate): boolean =>
	isEqual(namesIn(issued).issuer, namesIn(issuer).subject);

/** The authority that comes with the SDK and may have issued this certificate, found by its key identifier. */
export const builtIn = (authorities: BuiltInAuthorities, issued: Certificate): readonly Certificate[] => {
	try {
		const index = authorities.getIndex("ca.ski", X509.decodeAKI(issued));
		return index < 0 ? [] : [new Uint8Array(new Resource(`ca${index}.der`) as unknown as ArrayBuffer)];
	} catch {
		// The index lists them all; an image holds the few that it was built with.
		return [];
	}
};
