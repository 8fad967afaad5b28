/** Common to sessions with a secret and with a token. */

import type { Device, Product } from "../../products/product.js";
import type { Message, Session } from "../platform.js";
import type { Attempt } from "./attempt.js";
import { propertyResponse } from "./property-response.js";
import { Rejection } from "./rejection.js";
import { timeResponse } from "./time-response.js";
import { topics } from "./topics.js";

/** Seconds (vendor documentation). */
const keepAliveRange = { least: 30, most: 1200 };

/** @throws Rejection 2 */
export function checkKeepAlive({ connect: { keepAlive } }: Attempt): void {
	const { least, most } = keepAliveRange;
	if (keepAlive >= least && keepAlive <= most) return;
	throw new Rejection(2, `the keep-alive is ${keepAlive} s: the platform takes ${least} to ${most} s`);
}

/** @throws Rejection 4 */
export function findDevice(attempt: Attempt): { readonly product: Product; readonly device: Device } {
	const { productKey, deviceName, context } = attempt;
	const product = context.products.find("aliyun", productKey);
	if (!product) throw new Rejection(4, `there is no product ${productKey}: create it, or check the board's productKey`);
	const device = product.devices.get(deviceName);
	if (!device)
		throw new Rejection(4, `product ${productKey} has no device ${deviceName}: it was deleted, or never registered`);
	return { product, device };
}

export function session(productKey: string, deviceName: string): Session {
	const { timeRequest, timeReply, propertyPost, postReply, ...own } = topics(productKey, deviceName);
	return {
		...own,
		respond(topic, payload, now): Message | undefined {
			if (topic === propertyPost) return { topic: postReply, payload: propertyResponse(payload) };
			const time = topic === timeRequest ? timeResponse(payload, now) : undefined;
			return time === undefined ? undefined : { topic: timeReply, payload: time };
		},
	};
}
