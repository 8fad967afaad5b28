/** Checks of a device's certificate, at registration and at each connection. */

import { X509Certificate } from "node:crypto";

export function isIssuedBy(certificate: X509Certificate, authority: string): boolean {
	const issuer = new X509Certificate(authority);
	return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** @param now milliseconds since 1970 */
export function validityError({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
	if (now < Date.parse(validFrom)) return `not valid before ${new Date(validFrom).toISOString()}`;
	if (now > Date.parse(validTo)) return `expired at ${new Date(validTo).toISOString()}`;
	return undefined;
}
