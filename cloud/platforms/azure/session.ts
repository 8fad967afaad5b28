import type { Device, Product } from "../../products/product.js";
import type { Session } from "../platform.js";
import { deviceTopics } from "./topics.js";

export function createSession({ id }: Product, device: Device): Session {
	return {
		...deviceTopics.of({ productId: id, device }),
		control: `devices/${device.name}/messages/devicebound/`,
	};
}
