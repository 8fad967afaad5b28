/** What all sessions have in common, whatever they were opened with. */

import type { Message, Session } from "../platform.js";
import type { Device, Product } from "../products.js";
import type { Attempt } from "./attempt.js";
import { propertyReply } from "./property-reply.js";
import { Rejection } from "./rejection.js";
import { timeAnswer } from "./time-answer.js";
import { topics } from "./topics.js";

/** Seconds (vendor documentation). */
const KEEP_ALIVE = { least: 30, most: 1200 };

/** @throws Rejection 2 */
export function checkKeepAlive({ connect: { keepAlive } }: Attempt): void {
	const { least, most } = KEEP_ALIVE;
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
	const { timeRequest, timeResponse, propertyPost, postReply, ...own } = topics(productKey, deviceName);
	return {
		...own,
		answer(topic, payload, now): Message | undefined {
			if (topic === propertyPost) return { topic: postReply, payload: propertyReply(payload) };
			const answer = topic === timeRequest ? timeAnswer(payload, now) : undefined;
			return answer === undefined ? undefined : { topic: timeResponse, payload: answer };
		},
	};
}
