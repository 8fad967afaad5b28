/**
 * The platform's smaller services. Source: vendor documentation and its SDKs for C. Requests that have no documented
 * response, or a malformed one, get none.
 */

import { isObject, type Json, readMessage } from "./json-message.js";

/** `$sys/operation`: the time. ntptime1: when the request arrived, ntptime2: when the response left. */
export function timeResponse(payload: Buffer, now: number): string | undefined {
	const { type, resource } = readMessage(payload) ?? {};
	if (type !== "get" || !Array.isArray(resource) || !resource.includes("time")) return undefined;
	return JSON.stringify({ type: "get", time: Math.floor(now / 1000), ntptime1: now, ntptime2: now });
}

/** `$ota/report`: a version is acknowledged; progress is not. */
export function otaResponse(payload: Buffer): string | undefined {
	const { type, report } = readMessage(payload) ?? {};
	if (type !== "report_version" || !isObject(report) || typeof report.version !== "string") return undefined;
	const { version } = report;
	return JSON.stringify({ type: "report_version_rsp", result_code: 0, result_msg: "success", version });
}

/** `$config/operation`: there is no configuration; 1001 is documented for one that is disabled. */
export function configResponse(payload: Buffer): string | undefined {
	if (readMessage(payload)?.type !== "get") return undefined;
	return JSON.stringify({ type: "reply", result: 1001, payload: {} });
}

/** `$log/operation`: 0, no log is to be uploaded. */
export function logResponse(payload: Buffer, now: number): string | undefined {
	const { type, clientToken } = readMessage(payload) ?? {};
	if (type !== "get_log_level") return undefined;
	const token = clientToken === undefined ? {} : { clientToken };
	return JSON.stringify({ ...token, log_level: 0, result: 0, timestamp: Math.floor(now / 1000), type });
}

/** `$gateway/operation`: no sub-device is bound, so none is listed, and none goes online (-1). */
export function gatewayResponse(payload: Buffer): string | undefined {
	const message = readMessage(payload);
	if (message?.type === "describe_sub_devices") return JSON.stringify({ type: message.type, payload: { devices: [] } });
	if (message?.type !== "online" && message?.type !== "offline") return undefined;
	const devices = isObject(message.payload) && Array.isArray(message.payload.devices) ? message.payload.devices : [];
	const refused = devices
		.filter(isObject)
		.map(({ product_id, device_name }: Json) => ({ product_id, device_name, result: -1 }));
	return JSON.stringify({ type: message.type, payload: { devices: refused } });
}

/** `$thing/up/service`: binding to a user, and files ("resources"), of which the local cloud has none. */
export function serviceResponse(payload: Buffer): string | undefined {
	const message = readMessage(payload);
	switch (message?.method) {
		case "app_bind_token":
			return JSON.stringify({
				method: "app_bind_token_reply",
				clientToken: message.clientToken,
				code: 0,
				status: "success",
			});
		case "report_version": {
			if (!isObject(message.report) || !Array.isArray(message.report.resource_list)) return undefined;
			const { resource_list } = message.report;
			return JSON.stringify({ method: "report_version_rsp", result_code: 0, result_msg: "success", resource_list });
		}
	}
	return undefined;
}
