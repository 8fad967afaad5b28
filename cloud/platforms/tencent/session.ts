import type { Device, Product } from "../../products/product.js";
import type { Message, Session } from "../platform.js";
import { thingKinds, thingReply, thingSent } from "./data-template.js";
import { topics } from "./topics.js";

export function session(product: Product, device: Device): Session {
	const { timeRequest, timeResponse, thingUp, thingDown, ...own } = topics(product.id, device.name);
	return {
		...own,
		respond(topic, payload, now): Message | undefined {
			const kind = thingKinds.find((each) => thingUp[each] === topic);
			if (kind) {
				const reply = thingReply(kind, payload, device);
				return reply === undefined ? undefined : { topic: thingDown[kind], payload: reply };
			}
			if (topic !== timeRequest || !asksForTime(payload)) return undefined;
			// ntptime1: when the request arrived, ntptime2: when the response left.
			const response = { type: "get", time: Math.floor(now / 1000), ntptime1: now, ntptime2: now };
			return { topic: timeResponse, payload: JSON.stringify(response) };
		},
		sent({ topic, payload }) {
			if (topic === thingDown.property) thingSent(payload, device);
		},
	};
}

function asksForTime(payload: Buffer): boolean {
	try {
		const { type, resource } = JSON.parse(payload.toString("utf8")) as { type?: unknown; resource?: unknown };
		return type === "get" && Array.isArray(resource) && resource.includes("time");
	} catch {
		return false;
	}
}
