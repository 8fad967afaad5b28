import { rootCertificates } from "node:tls";
import type { Phase } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import { noAuthority } from "dynreg/core/connection-errors";
import { findCertificateFile, readCertificates } from "./certificate-file.js";

/** Who may vouch for a server. */
export interface Authorities {
	/** PEM. */
	readonly certificates: readonly string[];
	/** Names of those that cannot be loaded. */
	readonly missing: readonly string[];
}

/**
 * Loads what `trust` names: files of one or more certificates, PEM or DER.
 *
 * @param folders where names without a path and an ending are looked for, the first first
 * @throws Failure `certificate-untrusted` when none of them can be loaded
 */
export function loadAuthorities({ trust }: Endpoint, phase: Phase, folders: readonly string[] = []): Authorities {
	const certificates: string[] = [];
	const missing: string[] = [];
	let cause: unknown;
	for (const name of trust)
		try {
			certificates.push(
				...(name === "public" ? rootCertificates : readCertificates(fileOf(name, folders)).map(String)),
			);
		} catch (error) {
			missing.push(name);
			cause = error;
		}
	if (missing.length > 0 && certificates.length === 0) throw noAuthority(phase, missing, cause);
	return { certificates, missing };
}

function fileOf(name: string, folders: readonly string[]): string {
	if (/[./\\]/.test(name)) return name;
	return findCertificateFile(folders, name) ?? name;
}
