/**
 * TLS-PSK as Link SDK for C 4.2 does it: identity `devicename|hmacsha256|{productKey}&{deviceName}|{timestamp}`,
 * key the upper-case hex text of HMAC-SHA256(deviceSecret, `id{productKey}&{deviceName}timestamp{timestamp}`).
 */

import type { Products } from "../../products/products.js";
import { hmac } from "./signature.js";

const identityPattern = /^devicename\|hmacsha256\|([^&|]+)&([^&|]+)\|(\d+)$/;

export function preSharedKey(identity: string, products: Products): Buffer | undefined {
	const [, productKey = "", deviceName = "", timestamp = ""] = identityPattern.exec(identity) ?? [];
	const secret = products.find("aliyun", productKey)?.devices.get(deviceName)?.secret;
	if (secret === undefined) return undefined;
	const digest = hmac("hmacsha256", secret, `id${productKey}&${deviceName}timestamp${timestamp}`);
	return Buffer.from(digest.toString("hex").toUpperCase());
}

/** Whether this is the identity of this device. */
export function identifies(identity: string, productKey: string, deviceName: string): boolean {
	const found = identityPattern.exec(identity);
	return found?.[1] === productKey && found[2] === deviceName;
}
