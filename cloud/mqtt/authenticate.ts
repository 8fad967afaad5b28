import type { Connect, Context, Login, Platform } from "../platforms/platform.js";
import type { Products } from "../products/products.js";

/** Asks the platform whose form the CONNECT has. */
export function authenticate(platforms: readonly Platform[], connect: Connect, context: Context): Login {
	for (const platform of platforms) {
		const login = platform.login(connect, context);
		if (login) return login;
	}
	const reason =
		connect.username === undefined
			? "the CONNECT has no user name: it is required"
			: "the user name has the form of no platform known here";
	return { verdict: "refused", code: 4, reason };
}

/** @returns the key of this TLS-PSK identity, if a platform has such a device */
export function preSharedKey(platforms: readonly Platform[], identity: string, products: Products): Buffer | undefined {
	for (const platform of platforms) {
		const key = platform.preSharedKey(identity, products);
		if (key) return key;
	}
	return undefined;
}
