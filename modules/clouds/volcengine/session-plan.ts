import type { Inputs, ServerTimestamps, SessionPlan, TimeService } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { connackError } from "../responses.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/**
 * An MQTT session with the device secret.
 *
 * Source: the vendor's C SDK (onesdk 3e447d3, `iot_mqtt.c`) and Go SDK (vei-iot-sdk-go fdcd839, `util.go`, `topic.go`).
 */
export const sessionPlan = (crypto: Crypto, product: Product, credential: Credential, inputs: Inputs): SessionPlan => {
	const { productKey, deviceName, authType, mqtt, keepAlive } = product;
	const { random, timestamp, signature } = sign(crypto, product, credential.secret, inputs);
	const name = `${productKey}|${deviceName}`;
	const topics = `sys/${productKey}/${deviceName}`;
	return {
		connect: {
			endpoint: mqtt,
			clientId: name,
			username: name,
			password: new Secret(`${authType}|${random}|${timestamp}|${signature}`),
			keepAlive,
		},
		connackError,
		// Of the thing model, which every product has: custom topics have to be made in the console.
		control: `${topics}/thingmodel/service/preset/propertySet/post`,
		event: `${topics}/thingmodel/property/post`,
		time: time(topics, inputs),
	};
};

/**
 * The platform's time service, in milliseconds.
 *
 * Source: Go SDK fdcd839 (`ntp.go`, `model.go`).
 */
export const time = (topics: string, { now = 0 }: Inputs): TimeService => ({
	topic: `${topics}/ntp/request`,
	request: JSON.stringify({ ID: `${now}`, Version: "1.0", Params: now }),
	responseTopic: `${topics}/ntp/response`,
	accept: (payload) => parseTimestamps(payload, now),
});

const parseTimestamps = (payload: string, requestedAt: number): ServerTimestamps | undefined => {
	try {
		const { Code, Data } = parseJson(payload) as Readonly<Record<string, unknown>>;
		const { DeviceSendTime, ServerRecvTime, ServerSendTime } = Data as Readonly<Record<string, unknown>>;
		if (typeof ServerRecvTime !== "number" || typeof ServerSendTime !== "number") return undefined;
		return Code === 0 && DeviceSendTime === requestedAt && ServerRecvTime > 0 && ServerSendTime >= ServerRecvTime
			? { received: ServerRecvTime, sent: ServerSendTime }
			: undefined;
	} catch {
		return undefined;
	}
};
