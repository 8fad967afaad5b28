import Resource from "Resource";
import { File } from "file";

const certificate = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;
/** What DER begins with: a SEQUENCE. */
const sequence = 0x30;

/**
 * @param name a file of one or more certificates, PEM or DER, else what it is on a board: a resource
 * @returns DER
 * @throws Error when there is none
 */
export function loadAuthority(name: string): Uint8Array[] {
	if (!File.exists(name)) {
		const resource = new Resource(name.endsWith(".der") ? name : `${name}.der`);
		return [new Uint8Array(resource as unknown as ArrayBuffer)];
	}
	const file = new File(name);
	const contents = file.read(ArrayBuffer);
	file.close();
	const bytes = new Uint8Array(contents);
	if (bytes[0] === sequence) return [bytes];
	const pem = String.fromArrayBuffer(contents);
	const found = Array.from(pem.matchAll(certificate), ([, base64 = ""]) => Uint8Array.fromBase64(base64));
	if (found.length === 0) throw new Error("no certificate in the file");
	return found;
}
