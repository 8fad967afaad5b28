import { certificateResource } from "dynreg/tls/certificate-files";

/** A board's random bytes, CA certificates, and time at power-up. */

/**
 * `Math.random` is the chip's hardware generator (`c_rand` in the SDK's xs/platforms/esp/xsHost.h), which is truly random
 * while the radio is on. The SDK's `rng` would only stretch 16 bytes of it with RC4.
 */
export const random = (count: number): Uint8Array<ArrayBuffer> => {
	const bytes = new Uint8Array(count);
	for (let i = 0; i < count; i++) bytes[i] = Math.random() * 256;
	return bytes;
};

/**
 * @param name a resource of the image, as in `certs/`
 * @returns DER; none if it holds no certificate
 * @throws Error if there is no such resource
 */
export const loadAuthority = (name: string): Uint8Array[] => certificateResource(name);

/** A board's clock keeps its value: arbitrary after power-up, right after a reset. */
export const clockAtPowerUp = (): undefined => undefined;
