import { rootCertificates } from "node:tls";
import type { Phase } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import { noTrustAnchor } from "dynreg/core/connection-errors";
import { findCertificateFile, readCertificates } from "./certificate-file.js";

/** The trust anchors for a server. */
export interface Authorities {
	/** PEM. */
	readonly certificates: readonly string[];
	/** Names of trust anchors that cannot be loaded. */
	readonly missing: readonly string[];
}

/**
 * Loads the trust anchors of an endpoint: files of one certificate in DER, or any number in PEM.
 *
 * @param folders searched in this order for names without path and extension
 * @throws Failure `certificate-untrusted` if none can be loaded
 */
export function loadAuthorities({ trust }: Endpoint, phase: Phase, folders: readonly string[] = []): Authorities {
	const certificates: string[] = [];
	const missing: string[] = [];
	let cause: unknown;
	for (const name of trust) {
		let found: readonly string[] = [];
		try {
			found = name === "public" ? rootCertificates : readCertificates(fileOf(name, folders)).map(String);
		} catch (error) {
			cause = error;
		}
		if (found.length === 0) missing.push(name);
		certificates.push(...found);
	}
	if (missing.length > 0 && certificates.length === 0) throw noTrustAnchor(phase, missing, cause);
	return { certificates, missing };
}

function fileOf(name: string, folders: readonly string[]): string {
	if (/[./\\]/.test(name)) return name;
	return findCertificateFile(folders, name) ?? name;
}
