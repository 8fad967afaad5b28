import type { SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import { connackError } from "../responses.js";
import type { Product } from "./product.js";

/**
 * An MQTT session with an access token, which is the user name, or with basic credentials. The server has no time service
 * for devices.
 *
 * Source: MqttTransportHandler.java and ReturnCodeResolver.java of ThingsBoard 4.4.
 */
export const sessionPlan = ({ mqtt, keepAlive, deviceName }: Product, credential: Credential): SessionPlan => {
	const { secret } = credential;
	return {
		connect: {
			endpoint: mqtt,
			keepAlive,
			...(credential.kind === "login"
				? { clientId: credential.clientId, username: credential.username, password: secret }
				: // With an access token, the client id is free.
					{ clientId: deviceName, username: secret.reveal() }),
		},
		connackError,
		// Commands are RPC requests, and events are telemetry.
		control: "v1/devices/me/rpc/request/+",
		event: "v1/devices/me/telemetry",
	};
};
