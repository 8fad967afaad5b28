import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionOptions, DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { Clock, Endpoint } from "dynreg/contracts/host";
import type { ConnectionErrorCode } from "dynreg/core/connection-errors";
import { verifyChain } from "dynreg/x509/verify-chain";
import type { Authorities } from "./authorities.js";
import { isSignedBy } from "./certificate-chain.js";

/** The cipher suites of a board (`hosts/moddable/sdk/cipher-suites.ts`). Level 2 refuses weak client certificates. */
export const ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=2";

/**
 * The ClientHello of a board (`docs/internals/tls.md`). Nothing may be written to such a connection before
 * `verifyServer` has said that the server is trusted.
 */
export function tlsOptions({ host, port, alpn }: Endpoint): ConnectionOptions {
	return {
		host,
		port,
		...(isIP(host) ? {} : { servername: host }),
		...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
		minVersion: "TLSv1.2",
		maxVersion: "TLSv1.2",
		ciphers,
		ecdhCurve: "P-256:P-384",
		sigalgs: "ECDSA+SHA256:RSA+SHA256",
		// `verifyServer` verifies the server, by the rules of a board.
		rejectUnauthorized: false,
	};
}

export interface Verdict {
	/** Why the server is not to be trusted; undefined if it is. */
	readonly problem?: ConnectionErrorCode | undefined;
	/** UTC in milliseconds: when the first certificate of its path expires. */
	readonly until: number;
}

/**
 * Verifies the certificates of a server as a board does: with the same code. OpenSSL has put them in order.
 *
 * @param socket after its `secureConnect`, with a full handshake: of a resumed session, OpenSSL knows no chain
 */
export function verifyServer(
	socket: Pick<TLSSocket, "getPeerCertificate">,
	{ host }: Endpoint,
	{ certificates }: Authorities,
	clock: Clock,
): Verdict {
	const trusted = certificates.map(toDer);
	// As on a board, which has no memory for arithmetic beside a chain: signatures are verified last.
	const signatures: (() => boolean)[] = [];
	const anchors = {
		end: Number.POSITIVE_INFINITY,
		authorities: () => trusted,
		isSignedBy(certificate: Uint8Array, issuer: Uint8Array) {
			signatures.push(() => isSignedBy(certificate, issuer));
			return true;
		},
	};
	const problem = verifyChain(chainOf(socket), host, clock.now() ?? 0, anchors);
	const until = anchors.end;
	if (problem) return { problem, until };
	return signatures.every((isGenuine) => isGenuine()) ? { until } : { problem: "certificate-untrusted", until };
}

/** The certificates of a server, its own first; a root is its own issuer. */
function chainOf(socket: Pick<TLSSocket, "getPeerCertificate">): Uint8Array[] {
	const chain = new Set<Uint8Array>();
	let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
	while (next?.raw && !chain.has(next.raw)) {
		chain.add(next.raw);
		next = next.issuerCertificate;
	}
	return [...chain];
}

/** The public authorities are parsed once. */
const parsed = new Map<string, Uint8Array>();

function toDer(pem: string): Uint8Array {
	const der = parsed.get(pem) ?? new X509Certificate(pem).raw;
	parsed.set(pem, der);
	return der;
}
