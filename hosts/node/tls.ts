import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity, DEFAULT_CIPHERS, type PeerCertificate } from "node:tls";
import type { Clock, Endpoint } from "dynreg/contracts/host";
import type { Authorities } from "./authorities.js";

/** Level 2: no RSA below 2048 bits, no signature with SHA-1 or MD5 (OpenSSL, SSL_CTX_set_security_level). */
export const ciphers = `${DEFAULT_CIPHERS}:@SECLEVEL=2`;

/** Chain, dates and name are verified before the first byte of data. */
export function tlsOptions({ host, port }: Endpoint, { certificates }: Authorities, clock: Clock): ConnectionOptions {
	return {
		host,
		port,
		...(isIP(host) ? {} : { servername: host }),
		ca: [...certificates],
		// An authority that is trusted need not be the end of a chain.
		allowPartialTrustChain: true,
		minVersion: "TLSv1.2",
		ciphers,
		// Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
		rejectUnauthorized: true,
		checkServerIdentity: (name, certificate) =>
			outOfDate(certificate, clock.now() ?? 0) ?? checkServerIdentity(name, certificate),
	};
}

/** OpenSSL has held the chain against the computer's clock; the board's may read something else. */
function outOfDate(certificate: PeerCertificate, now: number): Error | undefined {
	for (const { valid_from, valid_to } of chainOf(certificate)) {
		if (now < Date.parse(valid_from)) return Object.assign(new Error("not valid yet"), { code: "CERT_NOT_YET_VALID" });
		if (now > Date.parse(valid_to)) return Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" });
	}
	return undefined;
}

/** The server's own certificate, and those above it; a root is its own issuer. */
function chainOf(certificate: PeerCertificate): Iterable<PeerCertificate> {
	const chain = new Set<PeerCertificate>();
	let next: PeerCertificate | undefined = certificate;
	while (next && !chain.has(next)) {
		chain.add(next);
		next = "issuerCertificate" in next ? (next.issuerCertificate as PeerCertificate) : undefined;
	}
	return chain;
}
