import type { Device, Product } from "../../products/product.js";
import type { Session } from "../platform.js";
import { thingTopics } from "./topics.js";

/** As the template makes it of the serial number. */
export function thingName({ thingPrefix = "" }: Pick<Product, "thingPrefix">, serialNumber: string): string {
	return thingPrefix + serialNumber;
}

export function createSession(product: Product, device: Device): Session {
	const name = thingName(product, device.name);
	return {
		...thingTopics.of({ productId: product.id, device: { ...device, name } }),
		control: `${name}/control`,
		closesOnRefusal: true,
	};
}
