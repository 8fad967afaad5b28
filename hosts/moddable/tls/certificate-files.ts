import Resource from "Resource";
import { certificatesIn } from "dynreg/x509/certificate";

/**
 * The certificates in an image's resource.
 *
 * @param name of the resource, with or without extension
 * @returns DER; none if it holds no certificate
 * @throws Error if there is no such resource
 */
export const certificateResource = (name: string): Uint8Array[] => {
	// A name with an extension is used unchanged.
	const endings = [".der", ".pem", ".crt", ".cer"];
	let found = name;
	for (let i = 0; i < endings.length; i++) {
		const ending = endings[i] as string;
		if (name.endsWith(ending)) {
			found = name;
			break;
		}
		if (found === name && Resource.exists(name + ending)) found += ending;
	}
	return parseCertificates(new Resource(found) as unknown as ArrayBuffer);
};

/**
 * @param contents a file of one certificate in DER, or any number in PEM
 * @returns DER; none if it holds no certificate
 */
export const parseCertificates = (contents: ArrayBuffer): Uint8Array[] =>
	certificatesIn(
		new Uint8Array(contents),
		(bytes) => {
			// The engine converts UTF-8 only, and ends a text at a zero.
			const copy = bytes.slice();
			for (let i = 0; i < copy.length; i++) if (!copy[i] || (copy[i] as number) > 0x7f) copy[i] = 0x3f;
			return String.fromArrayBuffer(copy.buffer);
		},
		(text) => Uint8Array.fromBase64(text, { lastChunkHandling: "strict" }),
	);
