/** Common to sessions with a secret and with a token. */

import type { Device, Product } from "../../products/product.js";
import type { Session } from "../platform.js";
import { ConnackError } from "./connack-error.js";
import type { ParsedConnect } from "./parsed-connect.js";
import { deviceTopics } from "./topics.js";

/** Seconds (vendor documentation). */
const keepAliveRange = { minimum: 30, maximum: 1200 };

/** @throws ConnackError 2 */
export function checkKeepAlive({ connect: { keepAlive } }: ParsedConnect): void {
	const { minimum, maximum } = keepAliveRange;
	if (keepAlive >= minimum && keepAlive <= maximum) return;
	throw new ConnackError(2, `The keep-alive is ${keepAlive} s. Expected ${minimum} to ${maximum} s.`);
}

/** @throws ConnackError 4 */
export function findDevice(parsed: ParsedConnect): { readonly product: Product; readonly device: Device } {
	const { productKey, deviceName, context } = parsed;
	const product = context.products.find("aliyun", productKey);
	if (!product)
		throw new ConnackError(
			4,
			`The product ${productKey} does not exist. Create the product, or correct the board's productKey.`,
		);
	const device = product.devices.get(deviceName);
	if (!device)
		throw new ConnackError(
			4,
			`The product ${productKey} has no device ${deviceName}. The device was deleted, or has never registered.`,
		);
	return { product, device };
}

export function createSession(product: Product, device: Device): Session {
	return {
		...deviceTopics.of({ productId: product.id, device }),
		control: `/${product.id}/${device.name}/user/get`,
	};
}
