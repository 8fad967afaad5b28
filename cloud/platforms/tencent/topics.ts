/**
 * The topics of Tencent's devices. Source: vendor documentation of IoT Hub and IoT Explorer, and its SDKs for C, Python and
 * Java. Devices subscribe to them: the platform does not do so by itself.
 */

import type { Device } from "../../products/product.js";
import { type Responder, type TopicRow, type TopicSource, TopicTable } from "../topic-table.js";
import { type DataTemplateTopic, dataTemplateResponse, dataTemplateTopics } from "./data-template.js";
import * as services from "./services.js";
import { shadowResponse } from "./shadow.js";

/** `{prefix}/{own}` up, `{prefix}/result/{own}` down. */
function operation(
	prefix: string,
	source: TopicSource,
	responseTo: (payload: Buffer, device: Device, now: number) => string | undefined,
	response: string,
): TopicRow[] {
	return [
		{ topic: `${prefix}/{own}`, direction: "up", source, respond: respondOn(`${prefix}/result`, responseTo), response },
		{ topic: `${prefix}/result/{own}`, direction: "down", source },
	];
}

function respondOn(
	prefix: string,
	responseTo: (payload: Buffer, device: Device, now: number) => string | undefined,
): Responder {
	return ({ productId, device, payload, now }) => {
		const response = responseTo(payload, device, now);
		return response === undefined ? undefined : { topic: `${prefix}/${productId}/${device.name}`, payload: response };
	};
}

function dataTemplate(kind: DataTemplateTopic): TopicRow[] {
	const respond = respondOn(`$thing/down/${kind}`, (payload, device) => dataTemplateResponse(kind, payload, device));
	const response =
		kind === "action"
			? "none: the device's response to a call"
			: `on \`$thing/down/${kind}/{own}\`: see the data template`;
	return [
		{ topic: `$thing/up/${kind}/{own}`, direction: "up", source: "documented", respond, response },
		{ topic: `$thing/down/${kind}/{own}`, direction: "down", source: "documented" },
	];
}

export const topicRows: readonly TopicRow[] = [
	{ topic: "{own}/data", direction: "both", source: "documented" },
	{ topic: "{own}/event", direction: "up", source: "documented" },
	{ topic: "{own}/control", direction: "down", source: "documented" },
	{ topic: "{own}/#", direction: "down", source: "documented", fallback: true },

	// IoT Explorer.
	...dataTemplateTopics.flatMap(dataTemplate),
	{
		topic: "$thing/up/service/{own}",
		direction: "up",
		source: "documented",
		respond: respondOn("$thing/down/service", services.serviceResponse),
		response:
			"on `$thing/down/service/{own}`: to `app_bind_token` and `report_version`; to others none, not established",
	},
	{ topic: "$thing/down/service/{own}", direction: "down", source: "documented" },
	{
		topic: "$thing/up/raw/{own}",
		direction: "up",
		source: "documented",
		response: "none: the product's script makes it, and there is none",
	},
	{ topic: "$thing/down/raw/{own}", direction: "down", source: "documented" },
	{
		topic: "$resource/up/service/{own}",
		direction: "up",
		source: "documented",
		response: "none: the local cloud stores no files",
	},
	{ topic: "$resource/down/service/{own}", direction: "down", source: "documented" },

	// IoT Hub, and both.
	...operation("$sys/operation", "documented", (payload, _, now) => services.timeResponse(payload, now), "the time"),
	...operation(
		"$shadow/operation",
		"documented",
		shadowResponse,
		"to `get` and `update`; the results of failures are the local cloud's own",
	),
	...operation("$template/operation", "SDK", shadowResponse, "as `$shadow/operation` (not established)"),
	{
		topic: "$ota/report/{own}",
		direction: "up",
		source: "documented",
		respond: respondOn("$ota/update", services.otaResponse),
		response: "on `$ota/update/{own}`: to `report_version`; to progress none",
	},
	{ topic: "$ota/update/{own}", direction: "down", source: "documented" },
	...operation("$config/operation", "documented", services.configResponse, "result 1001: there is no configuration"),
	{ topic: "$config/report/{own}", direction: "up", source: "documented", response: "none: not established" },
	{ topic: "$config/update/{own}", direction: "down", source: "documented" },
	...operation(
		"$log/operation",
		"SDK",
		(payload, _, now) => services.logResponse(payload, now),
		"level 0 (that the form is complete is not established)",
	),
	...operation(
		"$gateway/operation",
		"documented",
		services.gatewayResponse,
		"no sub-device is bound: an empty list, and result -1; to `bind` and `unbind` none: gateways are not imitated",
	),
	{ topic: "$rrpc/rxd/{own}/+", direction: "down", source: "documented" },
	{ topic: "$rrpc/txd/{own}/+", direction: "up", source: "documented" },
	{ topic: "$broadcast/rxd/{own}", direction: "down", source: "documented" },
];

export const deviceTopics = new TopicTable(topicRows);
