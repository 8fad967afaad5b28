import Resource from "Resource";

/**
 * @param name a resource of the image that holds one certificate as DER; the ending ".der" may be left out
 * @throws Error when there is none
 */
export function loadAuthority(name: string): Uint8Array[] {
	const resource = new Resource(name.endsWith(".der") ? name : `${name}.der`);
	return [new Uint8Array(resource as unknown as ArrayBuffer)];
}
