/** The topics of one device. Source: vendor documentation and C SDK. */

import type { ThingKind } from "./data-template.js";

export interface Topics {
	readonly control: string;
	readonly timeRequest: string;
	readonly timeResponse: string;
	/** Of the data template. */
	readonly thingUp: Readonly<Record<ThingKind, string>>;
	readonly thingDown: Readonly<Record<ThingKind, string>>;
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
}

export function topics(productId: string, deviceName: string): Topics {
	const own = `${productId}/${deviceName}`;
	const call = `$rrpc/txd/${own}/`;
	const thing = (direction: "up" | "down"): Record<ThingKind, string> => ({
		property: `$thing/${direction}/property/${own}`,
		event: `$thing/${direction}/event/${own}`,
		action: `$thing/${direction}/action/${own}`,
	});
	const thingUp = thing("up");
	const thingDown = thing("down");
	const up = new Set([
		`${own}/data`,
		`${own}/event`,
		`$sys/operation/${own}`,
		`$shadow/operation/${own}`,
		`$ota/report/${own}`,
		`$gateway/operation/${own}`,
		`$log/operation/${own}`,
		`$config/report/${own}`,
		`$config/operation/${own}`,
		`$template/operation/${own}`,
		...Object.values(thingUp),
	]);
	const down = new Set([
		`${own}/data`,
		`${own}/control`,
		`$sys/operation/result/${own}`,
		`$shadow/operation/result/${own}`,
		`$ota/update/${own}`,
		`$gateway/operation/result/${own}`,
		`$log/operation/result/${own}`,
		`$rrpc/rxd/${own}/+`,
		`$broadcast/rxd/${own}`,
		`$config/update/${own}`,
		`$config/operation/result/${own}`,
		`$template/operation/result/${own}`,
		...Object.values(thingDown),
	]);
	return {
		control: `${own}/control`,
		timeRequest: `$sys/operation/${own}`,
		timeResponse: `$sys/operation/result/${own}`,
		thingUp,
		thingDown,
		mayPublish: (topic) => up.has(topic) || (topic.startsWith(call) && topic.length > call.length),
		maySubscribe: (filter) => down.has(filter),
	};
}
