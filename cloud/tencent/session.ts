import type { Message, Session } from "../platform.js";
import { topics } from "./topics.js";

export function session(productId: string, deviceName: string): Session {
	const { timeRequest, timeAnswer, ...own } = topics(productId, deviceName);
	return {
		...own,
		answer(topic, payload, now): Message | undefined {
			if (topic !== timeRequest || !asksForTime(payload)) return undefined;
			// ntptime1: when the request arrived, ntptime2: when the answer left.
			const answer = { type: "get", time: Math.floor(now / 1000), ntptime1: now, ntptime2: now };
			return { topic: timeAnswer, payload: JSON.stringify(answer) };
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
