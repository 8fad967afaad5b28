import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { findCertificateFile, readCertificates } from "@dynreg/node/internal/certificate-file";
import { UsageError } from "../command-line/usage-error.js";
import { libraryFolder } from "../state/folders.js";
import { findSdk } from "./moddable-sdk.js";

/** A certificate authority that vouches for servers of the platforms. */
export interface RootCertificate {
	/** As in `Endpoint.trust`, for those that are private. */
	readonly name: string;
	readonly subject: string;
	readonly cloud: "tencent" | "aliyun";
	/** Which servers, for people: purpose, port, regions. */
	readonly vouchesFor: string;
	/** SHA-256 of the certificate, hexadecimal; for one of them only the first bytes are known. */
	readonly sha256: string;
	/** Last day, ISO 8601. */
	readonly expires: string;
	/** Public roots come with the SDK, under this name, and mostly with Node; private ones from the user. */
	readonly source: { readonly sdk: string } | { readonly publishedAt: string };
}

/**
 * The roots by purpose. Source: those that the vendors' SDKs carry (Tencent C SDK 3.3.0 `qcloud_iot_ca.c`,
 * LinkSDK for C 4.2.0), and each public root's successor, so that a server may move on.
 */
export const platformRoots: readonly RootCertificate[] = [
	{
		name: "tencent-iothub",
		subject: "Tencent Iothub (www.tencent.com)",
		cloud: "tencent",
		vouchesFor: "broker at 8883, all regions; registration by v1",
		sha256: "3b1fa1e1149e3f3bd3722730dbef9eb72ec4b9fd95553063a9c60ba62778e740",
		expires: "2032-11-23",
		source: {
			publishedAt:
				"Tencent's C SDK (tencentyun/qcloud-iot-sdk-embedded-c, sdk_src/utils/qcloud_iot_ca.c, the first one), or the console beside a device's certificate",
		},
	},
	{
		name: "digicert-global-root-ca",
		subject: "DigiCert Global Root CA",
		cloud: "tencent",
		vouchesFor: "registration, all regions",
		sha256: "4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161",
		expires: "2031-11-10",
		source: { sdk: "ca106.der" },
	},
	{
		name: "digicert-global-root-g2",
		subject: "DigiCert Global Root G2",
		cloud: "tencent",
		vouchesFor: "the same, its successor",
		sha256: "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",
		expires: "2038-01-15",
		source: { sdk: "ca170.der" },
	},
	{
		name: "globalsign-root-ca",
		subject: "GlobalSign Root CA (R1)",
		cloud: "aliyun",
		vouchesFor: "broker at 443 and 1883, registration, all regions",
		sha256: "ebd41040e4bb3ec742c9e381d31ef2a41a48b6685c96e7cef3c1df6cd4331c99",
		expires: "2028-01-28",
		source: { sdk: "ca22.der" },
	},
	{
		name: "globalsign-root-r3",
		subject: "GlobalSign Root CA - R3",
		cloud: "aliyun",
		vouchesFor: "the same, its successor",
		sha256: "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b",
		expires: "2029-03-18",
		source: { sdk: "ca215.der" },
	},
	{
		name: "alibaba-iot-root",
		subject: "Alibaba IoT Root CA",
		cloud: "aliyun",
		vouchesFor: "broker at 8883, all regions",
		// As much as is known of it; the certificate itself is in the vendor's newer SDKs.
		sha256: "7ca438a3976b5242",
		expires: "2053-07-04",
		source: { publishedAt: "Alibaba's Link SDK for C from 4.2.0 on (external/ali_ca_cert.c)" },
	},
];

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
