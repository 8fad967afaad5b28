import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Phase } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import { noAuthority } from "dynreg/core/connection-errors";

/** Who may vouch for a server. */
export interface Authorities {
	/** PEM. */
	readonly certificates: readonly string[];
	/** Names of those that cannot be loaded. */
	readonly missing: readonly string[];
}

/** What a certificate's file may end in, in the folder of the host's own. */
const endings = [".pem", ".crt", ".cer", ".der"];

/**
 * Loads what `trust` names: files of one or more certificates, PEM or DER.
 *
 * @param folder where names without a path and an ending are looked for
 * @throws Failure `certificate-untrusted` when none of them can be loaded
 */
export function loadAuthorities({ trust }: Endpoint, phase: Phase, folder: string | undefined): Authorities {
	const certificates: string[] = [];
	const missing: string[] = [];
	let cause: unknown;
	for (const name of trust)
		try {
			certificates.push(...(name === "public" ? rootCertificates : readCertificates(fileOf(name, folder))));
		} catch (error) {
			missing.push(name);
			cause = error;
		}
	if (missing.length > 0 && certificates.length === 0) throw noAuthority(phase, missing, cause);
	return { certificates, missing };
}

function fileOf(name: string, folder: string | undefined): string {
	if (folder === undefined || /[./\\]/.test(name)) return name;
	const candidates = endings.map((ending) => join(folder, name + ending));
	return candidates.find((file) => existsSync(file)) ?? name;
}

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** @throws Error when there is no file, or no certificate in it */
function readCertificates(file: string): string[] {
	const contents = readFileSync(file);
	// A byte is a character: DER passes through as it is.
	const blocks = contents.toString("latin1").match(block) ?? [contents];
	return blocks.map((each) => new X509Certificate(each).toString());
}
