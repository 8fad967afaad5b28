/**
 * The topics of Alibaba's devices. Source: vendor documentation (Alink protocol, shadow, OTA, "automatic topic
 * subscription"), its SDKs for C (3.x, Link SDK 4.x), JavaScript and Java.
 *
 * The platform subscribes its devices to its own topics by itself, until they unsubscribe. The vendor documents that for
 * its C SDKs; they and an Arduino library never subscribe, and the latter says nothing about it in its client id.
 */

import { type Responder, type TopicRow, TopicTable } from "../topic-table.js";
import { alink } from "./alink-response.js";
import { shadowResponse } from "./shadow.js";
import { timeResponse } from "./time-response.js";

const ntp: Responder = ({ productId, device, payload, now }) => {
	const time = timeResponse(payload, now);
	return time === undefined ? undefined : { topic: `/ext/ntp/${productId}/${device.name}/response`, payload: time };
};

/** A request below `/sys/{own}/`, and the topic of its response. */
function exchange(name: string, source: TopicRow["source"], respond: Responder, response: string): TopicRow[] {
	return [
		{ topic: `/sys/{own}/${name}`, direction: "up", source, respond, response },
		{ topic: `/sys/{own}/${name}_reply`, direction: "down", source, automatic: true },
	];
}

/** As `exchange`, where there is no response here. */
function unanswered(name: string, source: TopicRow["source"], response: string): TopicRow[] {
	return [
		{ topic: `/sys/{own}/${name}`, direction: "up", source, response },
		{ topic: `/sys/{own}/${name}_reply`, direction: "down", source, automatic: true },
	];
}

/** A message of the platform below `/sys/{own}/`, and the device's response. The JavaScript SDK subscribes to both. */
function command(name: string, source: TopicRow["source"]): TopicRow[] {
	return [
		{ topic: `/sys/{own}/${name}`, direction: "down", source, automatic: true },
		{ topic: `/sys/{own}/${name}_reply`, direction: "up", source, subscribable: true },
	];
}

const success = "code 200, or 460 for a malformed request";
const noGateway = "none: gateways and their sub-devices are not imitated";
const noModel = "none: the local cloud has no thing model";
const unknown = "none: not established";

export const topicRows: readonly TopicRow[] = [
	{ topic: "/{own}/user/#", direction: "both", source: "documented" },

	// Thing model.
	...["property", "property/batch", "property/history", "property/pack", "+"].flatMap((event) =>
		exchange(
			`thing/event/${event}/post`,
			"documented",
			alink({ needsParams: true, ...(event === "property" && { keepsProperties: true }) }),
			success,
		),
	),
	...command("thing/service/property/set", "documented"),
	...command("thing/service/property/get", "documented"),
	...command("thing/service/+", "documented"),
	{
		topic: "/sys/{own}/thing/model/up_raw",
		direction: "up",
		source: "documented",
		response: "none: the product's script makes it, and there is none",
	},
	{ topic: "/sys/{own}/thing/model/up_raw_reply", direction: "down", source: "documented", automatic: true },
	{ topic: "/sys/{own}/thing/model/down_raw", direction: "down", source: "documented", automatic: true },
	{ topic: "/sys/{own}/thing/model/down_raw_reply", direction: "up", source: "documented" },
	...unanswered("thing/dsltemplate/get", "documented", noModel),
	...unanswered("thing/dynamicTsl/get", "documented", noModel),
	...exchange("thing/property/desired/get", "documented", alink(), "code 200 without values: none are desired"),
	...exchange("thing/property/desired/delete", "documented", alink(), success),

	// Tags, configuration, logs, network state.
	...exchange("thing/deviceinfo/update", "documented", alink({ needsParams: true }), success),
	...exchange("thing/deviceinfo/delete", "documented", alink({ needsParams: true }), success),
	...exchange(
		"thing/config/get",
		"documented",
		alink({ code: 6710, message: "no data" }),
		"code 6710, no data: there is no configuration (that number is not established)",
	),
	...command("thing/config/push", "documented"),
	...exchange("thing/log/post", "documented", alink(), success),
	...unanswered("thing/config/log/get", "documented", unknown),
	{ topic: "/sys/{own}/thing/config/log/push", direction: "down", source: "documented", automatic: true },
	...exchange("_thing/diag/post", "documented", alink(), success),
	{ topic: "/sys/{own}/_thing/event/notify", direction: "down", source: "documented", automatic: true },
	...unanswered("_thing/service/post", "documented", unknown),

	// Updates.
	{ topic: "/ota/device/inform/{own}", direction: "up", source: "documented", response: "none: no update waits" },
	{ topic: "/ota/device/progress/{own}", direction: "up", source: "documented", response: "none" },
	{ topic: "/ota/device/upgrade/{own}", direction: "down", source: "documented", automatic: true },
	{
		topic: "/ota/device/request/{own}",
		direction: "both",
		source: "documented",
		automatic: true,
		response: "none: no update waits",
	},
	...exchange("thing/ota/firmware/get", "documented", alink(), "code 200 without data: no update waits"),

	// Shadow, time, calls, broadcasts.
	{
		topic: "/shadow/update/{own}",
		direction: "up",
		source: "documented",
		respond: shadowResponse,
		response: "on `/shadow/get/{own}`: success, or the documented error code",
	},
	{ topic: "/shadow/get/{own}", direction: "down", source: "documented", automatic: true },
	{
		topic: "/ext/ntp/{own}/request",
		direction: "up",
		source: "documented",
		respond: ntp,
		response: "on `/ext/ntp/{own}/response`: the time",
	},
	{ topic: "/ext/ntp/{own}/response", direction: "down", source: "documented", automatic: true },
	{ topic: "/sys/{own}/rrpc/request/+", direction: "down", source: "documented", automatic: true },
	{ topic: "/sys/{own}/rrpc/response/+", direction: "up", source: "documented" },
	{ topic: "/ext/rrpc/#", direction: "both", source: "documented", automatic: true },
	{ topic: "/sys/{own}/broadcast/request/+", direction: "down", source: "documented", automatic: true },
	{ topic: "/broadcast/{product}/#", direction: "down", source: "documented" },
	{ topic: "/ext/network/probe/+", direction: "down", source: "SDK", automatic: true },
	{ topic: "/ext/error/{own}", direction: "down", source: "SDK", automatic: true },

	// Gateways.
	...["thing/sub/register", "thing/sub/unregister", "thing/topo/add", "thing/topo/delete", "thing/list/found"].flatMap(
		(name) => unanswered(name, "documented", noGateway),
	),
	...exchange("thing/topo/get", "documented", alink({ data: [] }), "code 200 with an empty list"),
	...["thing/topo/change", "thing/topo/add/notify", "thing/gateway/permit"].flatMap((name) =>
		command(name, "documented"),
	),
	...["thing/disable", "thing/enable", "thing/delete"].flatMap((name) => command(name, "documented")),
	...unanswered("thing/proxy/provisioning/product_register", "documented", noGateway),
	...["login", "logout", "batch_login", "batch_logout"].flatMap((name): TopicRow[] => [
		{ topic: `/ext/session/{own}/combine/${name}`, direction: "up", source: "documented", response: noGateway },
		{ topic: `/ext/session/{own}/combine/${name}_reply`, direction: "down", source: "documented", automatic: true },
	]),

	// Jobs, files, tunnels, provisioning.
	...["thing/job/get", "thing/job/update"].flatMap((name) => unanswered(name, "documented", unknown)),
	...command("thing/job/notify", "documented"),
	...["init", "send", "cancel"].flatMap((name) => unanswered(`thing/file/upload/mqtt/${name}`, "documented", unknown)),
	{ topic: "/sys/{own}/secure_tunnel/notify", direction: "down", source: "SDK", automatic: true },
	...unanswered("secure_tunnel/proxy/request", "SDK", unknown),
	...command("thing/bootstrap/notify", "SDK"),
	...command("thing/bootstrap/config/push", "documented"),
	...exchange("thing/reset", "SDK", alink(), "code 200 (not established)"),
	...["thing/lan/prefix/get", "thing/lan/blacklist/update", "thing/cipher/get"].flatMap((name) =>
		unanswered(name, "SDK", unknown),
	),
	...command("thing/lan/prefix/update", "SDK"),
	...["thing/awss/enrollee/match", "thing/awss/enrollee/found"].flatMap((name) => unanswered(name, "SDK", unknown)),
	...["thing/awss/enrollee/checkin", "thing/awss/device/switchap"].flatMap((name) => command(name, "SDK")),

	// Whatever else is below the platform's own prefixes.
	{ topic: "/sys/{own}/thing/#", direction: "up", source: "not established", fallback: true, response: unknown },
	{ topic: "/sys/{own}/#", direction: "down", source: "not established", automatic: true, fallback: true },
	{ topic: "/ext/{service}/{own}/#", direction: "down", source: "not established", automatic: true, fallback: true },
	{ topic: "/ext/{service}/{own}", direction: "down", source: "not established", automatic: true, fallback: true },
];

export const deviceTopics = new TopicTable(topicRows);
