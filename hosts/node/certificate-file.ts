import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a certificate's file may end in. */
const endings = [".pem", ".crt", ".cer", ".der"];

/** The file of this name in the first folder that has one, whatever its ending; undefined if there is none. */
export function findCertificateFile(folders: readonly string[], name: string): string | undefined {
	return folders
		.flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
		.find((file) => existsSync(file));
}

/** @throws Error when there is no file, or no certificate in it */
export function readCertificates(file: string): X509Certificate[] {
	return parseCertificates(readFileSync(file));
}

/**
 * @param contents one or more certificates, PEM or DER
 * @throws Error when there is none
 */
export function parseCertificates(contents: Buffer): X509Certificate[] {
	// A byte is a character: DER passes through as it is.
	const blocks = contents.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [
		contents,
	];
	return blocks.map((block) => new X509Certificate(block));
}
