import type { Platform, PreSharedDevice } from "../platforms/platform.js";
import type { Products } from "../products/products.js";

/** @returns the device of this TLS-PSK identity, if a platform has it */
export function preSharedDevice(
	platforms: readonly Platform[],
	identity: string,
	products: Products,
): PreSharedDevice | undefined {
	for (const platform of platforms) {
		const device = platform.preSharedDevice(identity, products);
		if (device) return device;
	}
	return undefined;
}

/** Why a client that has named a TLS-PSK identity is not connected with its key. */
export function explainPreSharedKey(identity: string, device: PreSharedDevice | undefined): string {
	if (!device)
		return `No device has the TLS-PSK identity ${identity}. Check the product and the device name, and create the device if it is missing.`;
	const { key, keyForm } = device;
	if (!key) return `The device with the TLS-PSK identity ${identity} has no secret yet. Let the device register first.`;
	return `The TLS-PSK key does not belong to the identity ${identity}. Expected ${keyForm}. If the key is an older one, reset the device and let the device register again.`;
}
