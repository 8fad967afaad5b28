/**
 * TLS-PSK as Link SDK for C 4.2 does it: identity `devicename|hmacsha256|{productKey}&{deviceName}|{timestamp}`,
 * key the upper-case hex text of HMAC-SHA256(deviceSecret, `id{productKey}&{deviceName}timestamp{timestamp}`).
 */

import type { Products } from "../../products/products.js";
import type { PreSharedDevice } from "../platform.js";
import { signHmac } from "./signature.js";

const identityPattern = /^devicename\|hmacsha256\|([^&|]+)&([^&|]+)\|(\d+)$/;

export function preSharedDevice(identity: string, products: Products): PreSharedDevice | undefined {
	const [, productKey = "", deviceName = "", timestamp = ""] = identityPattern.exec(identity) ?? [];
	const device = products.find("aliyun", productKey)?.devices.get(deviceName);
	if (!device) return undefined;
	const { secret } = device;
	const text = `id${productKey}&${deviceName}timestamp${timestamp}`;
	return {
		product: productKey,
		device: deviceName,
		key:
			secret === undefined
				? undefined
				: Buffer.from(signHmac("hmacsha256", secret, text).toString("hex").toUpperCase()),
		keyForm: `the upper-case hex text of HMAC-SHA256(deviceSecret, "${text}")`,
	};
}

/** Whether this is the identity of this device. */
export function isIdentityOf(identity: string, productKey: string, deviceName: string): boolean {
	const found = identityPattern.exec(identity);
	return found?.[1] === productKey && found[2] === deviceName;
}
