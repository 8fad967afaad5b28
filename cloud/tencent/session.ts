import type { Message, Session } from "../platform.js";
import type { Device, Product } from "../products.js";
import { THING_KINDS, thingReply, thingSent } from "./data-template.js";
import { topics } from "./topics.js";

export function session(product: Product, device: Device): Session {
	const { timeRequest, timeAnswer, thingUp, thingDown, ...own } = topics(product.id, device.name);
	return {
		...own,
		answer(topic, payload, now): Message | undefined {
			const kind = THING_KINDS.find((one) => thingUp[one] === topic);
			if (kind) {
				const reply = thingReply(kind, payload, device);
				return reply === undefined ? undefined : { topic: thingDown[kind], payload: reply };
			}
			if (topic !== timeRequest || !asksForTime(payload)) return undefined;
			// ntptime1: when the request arrived, ntptime2: when the answer left.
			const answer = { type: "get", time: Math.floor(now / 1000), ntptime1: now, ntptime2: now };
			return { topic: timeAnswer, payload: JSON.stringify(answer) };
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
