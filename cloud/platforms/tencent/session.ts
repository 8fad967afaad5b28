import type { Device, Product } from "../../products/product.js";
import type { Session } from "../platform.js";
import { recordCommand } from "./data-template.js";
import { deviceTopics } from "./topics.js";

export function createSession({ id }: Product, device: Device): Session {
	const own = `${id}/${device.name}`;
	return {
		...deviceTopics.of({ productId: id, device }),
		control: `${own}/control`,
		onMessageSent({ topic, payload }) {
			if (topic === `$thing/down/property/${own}`) recordCommand(payload, device);
		},
	};
}
