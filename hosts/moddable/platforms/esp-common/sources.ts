import { authorityResource } from "dynreg/tls/certificate";

/** What a board has of its own: random bytes, authorities, and the time at power-up. */

/**
 * From the chip: `Math.random` is its hardware generator here (`c_rand` in the SDK's
 * xs/platforms/esp/xsHost.h), which is truly random once the radio is on. The SDK's `rng`
 * would stretch 16 bytes of it with RC4.
 */
export const random = (count: number): Uint8Array<ArrayBuffer> => {
	const bytes = new Uint8Array(count);
	for (let i = 0; i < count; i++) bytes[i] = Math.random() * 256;
	return bytes;
};

/**
 * @param name a resource of the image, as in `certs/`
 * @returns DER
 * @throws Error when there is none
 */
export const loadAuthority = (name: string): Uint8Array[] => authorityResource(name);

/** A board's clock reads what it reads: nothing in particular, unless it was only reset. */
export const clockAtPowerUp = (): undefined => undefined;
