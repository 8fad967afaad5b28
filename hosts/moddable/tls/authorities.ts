import Resource from "Resource";

/**
 * The certificates in an image's resource.
 *
 * @param name of the resource, with its ending or without
 * @returns DER
 * @throws Error when there is none
 */
export const authorityResource = (name: string): Uint8Array[] => {
	// A name that has its ending already is taken as it is.
	const endings = [".der", ".pem", ".crt", ".cer"];
	let found = name;
	for (const ending of endings) {
		if (name.endsWith(ending)) {
			found = name;
			break;
		}
		if (found === name && Resource.exists(name + ending)) found += ending;
	}
	return certificatesIn(new Resource(found) as unknown as ArrayBuffer);
};

/**
 * @param contents a file of one or more certificates, PEM or DER
 * @returns DER
 * @throws Error when there is none
 */
export const certificatesIn = (contents: ArrayBuffer): Uint8Array[] => {
	const bytes = new Uint8Array(contents);
	// DER begins with a SEQUENCE.
	if (bytes[0] === 0x30) return [bytes];
	const pem = String.fromArrayBuffer(bytes.slice().buffer);
	const found: Uint8Array[] = [];
	for (const part of pem.split("-----BEGIN CERTIFICATE-----").slice(1)) {
		const end = part.indexOf("-----END CERTIFICATE-----");
		if (end > 0) found.push(Uint8Array.fromBase64(part.slice(0, end)));
	}
	if (found.length === 0) throw new Error("no certificate in the file");
	return found;
};
