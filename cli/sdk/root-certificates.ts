import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { findCertificateFile, readCertificates } from "@dynreg/node/internal/certificate-file";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { type CloudName, cloudNames } from "dynreg/clouds/schemas";
import type { RootCertificate } from "dynreg/contracts/cloud-profile";
import { UsageError } from "../command-line/usage-error.js";
import { libraryFolder } from "../state/folders.js";
import { findSdk } from "./moddable-sdk.js";

/** A root of one of the clouds. */
export type PlatformRoot = RootCertificate & { readonly cloud: CloudName };

/** The roots by purpose. Each cloud has its own, so a root of two clouds is there twice. */
export const platformRoots: readonly PlatformRoot[] = cloudNames.flatMap((cloud) =>
	cloudProfiles[cloud].roots.map((root) => ({ ...root, cloud })),
);

/** Its own, of a clone: an image that is built from the library's sources has what is in there. */
const libraryCerts = join(libraryFolder, "certs");

/**
 * Folders of roots that no public store has, in the order in which they are searched.
 *
 * @param given `--certs`
 * @param application its folder; default: the current one
 * @throws UsageError if there is no folder where `--certs` says
 */
export function rootFolders(given?: string, application = "."): string[] {
	if (given !== undefined && !statSync(given, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`--certs is invalid: there is no folder "${given}". Expected a folder of root certificates.`);
	const all = [...(given === undefined ? [] : [resolve(given)]), resolve(application, "certs"), libraryCerts];
	return [...new Set(all)];
}

/** Files of roots that an image lacks unless they are added to it. */
export function rootsToAdd(folders: readonly string[]): string[] {
	return platformRoots
		.filter(({ name, source }) => "publishedAt" in source && findCertificateFile([libraryCerts], name) === undefined)
		.flatMap(({ name }) => findCertificateFile(folders, name) ?? []);
}

/** What there is of a root on this machine. */
export interface RootLocation {
	/** Where: "certs/…", "SDK", "Node"; empty if nowhere. */
	readonly found: readonly string[];
	/** Why the file in `certs/` is invalid, and how to fix that. */
	readonly problem?: string;
}

export function findRoot(root: RootCertificate, folders: readonly string[] = rootFolders()): RootLocation {
	if ("publishedAt" in root.source) {
		const file = findCertificateFile(folders, root.name);
		if (file === undefined) return { found: [] };
		const problem = rootProblem(root, file);
		return problem === undefined ? { found: [file] } : { found: [], problem };
	}
	const found: string[] = [];
	const sdk = findSdk();
	if (sdk) {
		const file = join(sdk.folder, "modules", "crypt", "data", root.source.sdk);
		if (existsSync(file) && fingerprint(readFileSync(file)).startsWith(root.sha256)) found.push("SDK");
	}
	if (rootsOfNode().has(root.sha256)) found.push("Node");
	return { found };
}

/**
 * Refuses to build with a file in `certs/` that is not the root it is named after.
 *
 * @throws Error that says which file, what it should be and where the vendor publishes it
 */
export function checkRoots(folders: readonly string[] = rootFolders()): void {
	for (const root of platformRoots) {
		const { problem } = findRoot(root, folders);
		if (problem !== undefined) throw new Error(problem);
	}
}

/** What a root that is not there is for, and where it is had. */
export function rootInstructions(root: RootCertificate): string {
	if (!("publishedAt" in root.source)) return `The root comes with the Moddable SDK (${root.source.sdk}).`;
	return `Save ${root.subject} (for ${root.vouchesFor}) as certs/${root.name}.pem. Source: ${root.source.publishedAt}.`;
}

function rootProblem(root: RootCertificate, file: string): string | undefined {
	let certificates: readonly X509Certificate[] = [];
	try {
		certificates = readCertificates(file);
	} catch {
		// It cannot be read.
	}
	const [certificate, ...others] = certificates;
	if (certificate === undefined) return `${file} is not a certificate. ${rootInstructions(root)}`;
	// Boards would trust all of them.
	if (others.length > 0) return `${file} holds more than one certificate. ${rootInstructions(root)}`;
	const found = fingerprint(certificate.raw);
	if (found.startsWith(root.sha256)) return undefined;
	return `${file} is not ${root.subject}. Its SHA-256 is ${found}. Expected a SHA-256 that begins with ${root.sha256}. ${rootInstructions(root)}`;
}

function fingerprint(der: Buffer): string {
	return createHash("sha256").update(der).digest("hex");
}

let nodeRoots: ReadonlySet<string> | undefined;

function rootsOfNode(): ReadonlySet<string> {
	nodeRoots ??= new Set(rootCertificates.map((pem) => fingerprint(new X509Certificate(pem).raw)));
	return nodeRoots;
}
