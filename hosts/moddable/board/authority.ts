import Resource from "Resource";

/**
 * @param name a resource of the image that holds one certificate as DER, such as "authority.der"
 * @throws Error when there is none
 */
export function loadAuthority(name: string): Uint8Array[] {
	return [new Uint8Array(new Resource(name) as unknown as ArrayBuffer)];
}
