/**
 * From the chip: `Math.random` is its hardware generator here (`c_rand` in the SDK's
 * xs/platforms/esp/xsHost.h), which is truly random once the radio is on. The SDK's `rng`
 * would stretch 16 bytes of it with RC4.
 */
export function random(count: number): Uint8Array<ArrayBuffer> {
	return new Uint8Array(count).map(() => Math.random() * 256);
}
