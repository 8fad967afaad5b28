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
