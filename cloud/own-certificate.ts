import { X509Certificate } from "node:crypto";
import { type Authority, createAuthority, createKeys, issue, type ServerCertificate } from "./certificates.js";

/** A certificate with less time left than this is replaced. */
const RENEW_BEFORE = 30 * 24 * 60 * 60 * 1000;

/** The authority that boards are told to trust, and the servers' certificate. As in the state file. */
export interface OwnCertificate {
	readonly authority: Authority;
	readonly names: readonly string[];
	readonly certificate: ServerCertificate;
}

/**
 * The saved one as long as it is good for these names; otherwise a new certificate of the
 * same authority, so that boards need not be told anew; a new authority only if there is none
 * or its own time is up.
 */
export async function ownCertificate(
	saved: OwnCertificate | undefined,
	names: readonly [string, ...string[]],
): Promise<OwnCertificate> {
	const kept = saved && isValid(saved.authority.certificate) ? saved : undefined;
	if (kept && isValid(kept.certificate.chain) && names.every((name) => kept.names.includes(name))) return kept;
	const ready = createKeys();
	const authority = kept?.authority ?? (await createAuthority({ pathLength: 1 }));
	return { authority, names, certificate: await issue(authority, { names, keys: await ready }) };
}

/** @param pem its first certificate counts */
function isValid(pem: string): boolean {
	return Date.parse(new X509Certificate(pem).validTo) - RENEW_BEFORE > Date.now();
}
