import { authorityResource } from "dynreg/tls/authorities";

/**
 * @param name a resource of the image, as in `certs/`
 * @returns DER
 * @throws Error when there is none
 */
export const loadAuthority = (name: string): Uint8Array[] => authorityResource(name);
