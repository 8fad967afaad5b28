import { authorityResource, certificatesIn } from "dynreg/tls/authorities";
import { File } from "file";

/**
 * @param name a file of one or more certificates, PEM or DER, else what it is on a board: a resource
 * @returns DER
 * @throws Error when there is none
 */
export const loadAuthority = (name: string): Uint8Array[] => {
	if (!File.exists(name)) return authorityResource(name);
	const file = new File(name);
	const contents = file.read(ArrayBuffer);
	file.close();
	return certificatesIn(contents);
};
