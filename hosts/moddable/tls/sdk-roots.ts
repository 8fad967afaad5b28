import Resource from "Resource";
import { type Certificate, fieldsOf, readExtensions } from "dynreg/x509/certificate";

/** @returns the SDK's root that may have issued this certificate, by key identifier */
export const sdkRoots = (issued: Certificate): readonly Certificate[] => {
	try {
		const { issuerKey } = readExtensions(fieldsOf(issued).extensions);
		// Key identifiers of 20 bytes, in the order of the numbers in the resources' names.
		const index = new Uint8Array(new Resource("ca.ski") as unknown as ArrayBuffer);
		for (let start = 0; issuerKey?.length === 20 && start < index.length; start += 20) {
			let i = 0;
			while (i < 20 && index[start + i] === issuerKey[i]) i++;
			if (i === 20) return [new Uint8Array(new Resource(`ca${start / 20}.der`) as unknown as ArrayBuffer)];
		}
	} catch {
		// The index lists all roots; an image contains only those it was built with.
	}
	return [];
};
