import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { certificatesIn } from "dynreg/x509/certificate";
import { crypto } from "./crypto.js";

/** Extensions of certificate files. */
const extensions = [".pem", ".crt", ".cer", ".der"];

/** The file of this name, with any extension, in the first folder that has one; undefined if there is none. */
export function findCertificateFile(folders: readonly string[], name: string): string | undefined {
	return folders
		.flatMap((folder) => extensions.map((ending) => join(folder, name + ending)))
		.find((file) => existsSync(file));
}

/**
 * @returns none if the file holds no certificate, or a damaged one
 * @throws Error if there is no file, or it cannot be read
 */
export function readCertificates(file: string): X509Certificate[] {
	return parseCertificates(readFileSync(file));
}

/** @param contents one certificate in DER, or any number in PEM @returns none if there is none, or a damaged one */
export function parseCertificates(contents: Uint8Array): X509Certificate[] {
	// In Latin-1 each byte is a character.
	const found = certificatesIn(contents, (bytes) => Buffer.from(bytes).toString("latin1"), fromBase64);
	return found.map((der) => new X509Certificate(der));
}

/** Passes over blanks, as boards do. */
function fromBase64(text: string): Uint8Array {
	return crypto.fromBase64(text.replace(/[ \t\n\f\r]/g, ""));
}
