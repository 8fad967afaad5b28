import { X509Certificate } from "node:crypto";
import {
	type CertificateAuthority,
	createAuthority,
	createKeyPair,
	issueCertificate,
	type ServerCertificate,
} from "./certificate-authority.js";

/** Milliseconds. A certificate with less time left than this is replaced. */
const renewBefore = 30 * 24 * 60 * 60 * 1000;

/** The authority that boards trust, and the servers' certificate. As in the state file. */
export interface ServerIdentity {
	readonly authority: CertificateAuthority;
	/** Host names and addresses of the certificate. */
	readonly names: readonly string[];
	readonly certificate: ServerCertificate;
}

/**
 * @returns the saved identity while it is valid for these names; otherwise a new certificate of the same authority, so
 * that boards keep their trust anchor; a new authority only if there is none or its time is up
 */
export async function serverIdentity(
	saved: ServerIdentity | undefined,
	names: readonly [string, ...string[]],
): Promise<ServerIdentity> {
	const kept = saved && isValid(saved.authority.certificate) ? saved : undefined;
	if (kept && isValid(kept.certificate.chain) && names.every((name) => kept.names.includes(name))) return kept;
	const keys = createKeyPair();
	const authority = kept?.authority ?? (await createAuthority({ pathLength: 1 }));
	return { authority, names, certificate: await issueCertificate(authority, { names, keys: await keys }) };
}

/** @param pem only its first certificate counts */
function isValid(pem: string): boolean {
	return Date.parse(new X509Certificate(pem).validTo) - renewBefore > Date.now();
}
