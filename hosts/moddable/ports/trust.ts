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
	isStrong,
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
	const [leaf] = path ?? [];
	if (path === undefined || leaf === undefined || !isForServers(leaf)) return "untrusted";
	for (const { from, to } of path) {
		if (now < from) return "notYetValid";
		if (now > to) return "expired";
	}
	return carriesName(leaf, host) ? undefined : "wrongName";
}

/** The certificates from the server's own up to an authority of ours, each signed by the next. */
function findPath(chain: readonly Uint8Array[], authorities: Authorities): Certificate[] | undefined {
	const path: Certificate[] = [];
	for (const der of chain.slice(0, longestChain)) {
		const certificate = readCertificate(der);
		const issued = path.at(-1);
		if (issued && !(isAuthority(certificate, path.length - 1) && hasIssued(certificate, issued))) return undefined;
		if (!isStrong(certificate.key)) return undefined;
		path.push(certificate);
		for (const trusted of authorities(certificate)) {
			if (isEqual(trusted, der)) return path;
			const authority = readCertificate(trusted);
			if (hasIssued(authority, certificate)) return [...path, authority];
		}
	}
	return undefined;
}

function hasIssued(authority: Certificate, certificate: Certificate): boolean {
	return isEqual(authority.subject, certificate.issuer) && isSignedBy(certificate, authority.key);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** The authorities that come with the SDK, found by the key identifier of what they have issued. */
export function builtIn(manager: CertificateManager): Authorities {
	return ({ der }) => {
		const index = manager.getIndex("ca.ski", X509.decodeAKI(der));
		return index < 0 ? [] : [new Uint8Array(new Resource(`ca${index}.der`) as unknown as ArrayBuffer)];
	};
}
