import { File } from "file";

const certificate = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;

/**
 * @param name a PEM file with one or more certificates
 * @returns DER
 * @throws Error when there is none
 */
export function loadAuthority(name: string): Uint8Array[] {
	const file = new File(name);
	const pem = file.read(String);
	file.close();
	const found = Array.from(pem.matchAll(certificate), ([, base64 = ""]) => Uint8Array.fromBase64(base64));
	if (found.length === 0) throw new Error("no certificate in the file");
	return found;
}
