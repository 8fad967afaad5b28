import Resource from "Resource";

/** What DER begins with: a SEQUENCE. */
const sequence = 0x30;
/** What a certificate's name may end in; one that already does is taken as it is. */
const endings = Object.freeze([".der", ".pem", ".crt", ".cer"]);

/**
 * The certificates in an image's resource.
 *
 * @param name of the resource, with its ending or without
 * @returns DER
 * @throws Error when there is none
 */
export function authorityResource(name: string): Uint8Array[] {
	const ending = endings.some((each) => name.endsWith(each))
		? ""
		: endings.find((each) => Resource.exists(`${name}${each}`));
	return certificatesIn(new Resource(`${name}${ending}`) as unknown as ArrayBuffer);
}

/**
 * @param contents a file of one or more certificates, PEM or DER
 * @returns DER
 * @throws Error when there is none
 */
export function certificatesIn(contents: ArrayBuffer): Uint8Array[] {
	const bytes = new Uint8Array(contents);
	if (bytes[0] === sequence) return [bytes];
	const pem = String.fromArrayBuffer(bytes.slice().buffer);
	const certificate = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;
	const found = Array.from(pem.matchAll(certificate), ([, base64 = ""]) => Uint8Array.fromBase64(base64));
	if (found.length === 0) throw new Error("no certificate in the file");
	return found;
}
