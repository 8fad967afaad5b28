/**
 * The topics of Volcengine's devices. Source: the vendor's Go SDK (vei-iot-sdk-go fdcd839, `topic.go`, `model.go`). Devices
 * subscribe to them: the SDK does so for each.
 */

import { parseJson } from "../../server/parse-json.js";
import { type Responder, type TopicRow, TopicTable } from "../topic-table.js";

type Json = Readonly<Record<string, unknown>>;

function read(payload: Buffer): Json | undefined {
	try {
		const request = parseJson(payload.toString("utf8"));
		return isObject(request) ? request : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Characters of all properties together: limits the memory of a device that keeps reporting new ones. */
const maxLength = 64 * 1024;

/** @returns the properties with these values, the oldest ones left out if there are too many */
function latest(properties: Json = {}, params: Json): Json {
	const values = Object.entries(params).map(([name, value]) => [
		name,
		isObject(value) && "Value" in value ? value.Value : value,
	]);
	const merged = Object.entries({ ...properties, ...Object.fromEntries(values) });
	let length = JSON.stringify(Object.fromEntries(merged)).length;
	while (length > maxLength) length -= JSON.stringify(merged.shift()).length;
	return Object.fromEntries(merged);
}

/** `{"ID":…,"Code":0,"Data":{}}` on the topic of the request with `_reply` behind it. */
function report(keepsProperties: boolean): Responder {
	return ({ topic, payload, device }) => {
		const { ID, Params } = read(payload) ?? {};
		const isValid = typeof ID === "string" && isObject(Params);
		if (isValid && keepsProperties) device.properties = latest(device.properties, Params);
		// The invalid parameter's number is of the HTTP API.
		const response = { ID: typeof ID === "string" ? ID : "", Code: isValid ? 0 : 10000030, Data: {} };
		return { topic: `${topic}_reply`, payload: JSON.stringify(response) };
	};
}

const time: Responder = ({ productId, device, payload, now }) => {
	const { ID, Params } = read(payload) ?? {};
	if (typeof ID !== "string" || typeof Params !== "number") return undefined;
	const Data = { DeviceSendTime: Params, ServerRecvTime: now, ServerSendTime: now };
	return {
		topic: `sys/${productId}/${device.name}/ntp/response`,
		payload: JSON.stringify({ ID, Code: 0, Data }),
	};
};

const unknown = "none: not established";
const noGateway = "none: gateways and their sub-devices are not imitated";

function up(name: string, response: string, respond?: Responder): TopicRow {
	return { topic: `sys/{own}/${name}`, direction: "up", source: "SDK", response, ...(respond && { respond }) };
}

function down(name: string): TopicRow {
	return { topic: `sys/{own}/${name}`, direction: "down", source: "SDK" };
}

/** A request of the device. @param reply its response's topic, where that has another end */
function exchange(name: string, response: string, respond?: Responder, reply = `${name}_reply`): TopicRow[] {
	return [up(name, response, respond), down(reply)];
}

/** A message of the platform. @param reply the device's response, if it makes one */
function command(name: string, reply?: string): TopicRow[] {
	return [down(name), ...(reply === undefined ? [] : [up(reply, "none: the device's response")])];
}

const success = "`Code` 0, or 10000030 for a malformed request (not established)";

export const topicRows: readonly TopicRow[] = [
	{ topic: "sys/{own}/custom/#", direction: "both", source: "SDK" },

	// Thing model.
	...exchange("thingmodel/property/post", success, report(true)),
	...exchange("thingmodel/event/+/+/post", success, report(false)),
	...command("thingmodel/service/preset/propertySet/post", "thingmodel/service/preset/propertySet/post_reply"),
	...command("thingmodel/service/+/+/post/+", "thingmodel/service/+/+/post_reply/+"),

	// Time.
	...exchange("ntp/request", "on `sys/{own}/ntp/response`: the time", time, "ntp/response"),

	// Shadow.
	...exchange("shadow/report", unknown),
	...exchange("shadow/desired/get", unknown, undefined, "shadow/desired/get/reply"),
	up("shadow/desired/clear", unknown),
	...command("shadow/desired/set"),

	// Updates, tasks.
	up("ota/version", "none: no update waits"),
	...command("ota/notify/+"),
	...exchange("ota/upgrade/post", "none: no update waits"),
	up("ota/progress/+", "none"),
	...command("task/notify"),
	...exchange("task/progress", unknown),
	...exchange("task/get", unknown),

	// Logs, files, diagnosis.
	up("log/batch/report", "none"),
	...command("log/batch/config"),
	...command("log/stream/config/+", "log/stream/report/+"),
	...command("log/local/config/+", "log/local/report/+"),
	...command("file/upload/notify/+", "file/upload/progress/+"),
	...exchange("file/upload/init/+", "none: the local cloud stores no files", undefined, "file/upload/init_reply/+"),
	...exchange("file/upload/end/+", "none: the local cloud stores no files", undefined, "file/upload/end_reply/+"),
	...command("webshell/cmd/+/post", "webshell/cmd/+/post_reply"),
	...command("delay/+/post", "delay/+/post_reply"),

	// Gateways.
	...["topo/add", "topo/delete", "topo/get", "sub/login", "sub/logout", "sub/discovery"].flatMap((name) =>
		exchange(`gateway/${name}`, noGateway),
	),
	...exchange("gateway/sub/secret/get/+", noGateway, undefined, "gateway/sub/secret/get_reply/+"),
	up("gateway/sub/report", noGateway),
	...command("gateway/topo/notify/+", "gateway/topo/notify_reply/+"),
	...["topo/change", "sub/change"].flatMap((name) => command(`gateway/${name}`, `gateway/${name}_reply`)),
];

export const deviceTopics = new TopicTable(topicRows);
