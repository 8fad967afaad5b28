import type { Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { uint32 } from "../../core/bytes.js";
import { Failure } from "../../core/errors.js";
import { connackError } from "../responses.js";
import type { Product } from "./product.js";
import { accessToken, percentEncoded } from "./token.js";

/**
 * An MQTT session at the assigned hub.
 *
 * Source: vendor documentation, "Communicate with an IoT hub using MQTT"; Node SDK, azure-iot-device-mqtt. The hub ends a session
 * 5 to 10 minutes after its token has expired (maintainers of the vendor's SDKs, 2018). The device ends it before, when 75 to 95 %
 * of the token's time have passed.
 *
 * @throws Failure `credential-refused` for a credential without a hub, `clock-unknown` while the time is unknown
 */
export const sessionPlan = (
	crypto: Crypto,
	{ broker, isFixed, keepAlive, tokenLifetime }: Product,
	{ assigned = "", secret }: Credential,
	{ now, random }: Inputs,
): SessionPlan => {
	const end = assigned.indexOf("/");
	// As if it were refused: the device registers again.
	if (end < 1) throw new Failure("connect", "credential-refused", "retry", { cloud: "azure" });
	const hub = assigned.slice(0, end);
	const deviceId = assigned.slice(end + 1);
	const resource = percentEncoded(`${hub}/devices/${deviceId}`);
	return {
		connect: {
			endpoint: isFixed ? broker : { ...broker, host: hub },
			clientId: deviceId,
			username: `${hub}/${deviceId}/?api-version=2021-04-12`,
			password: accessToken(crypto, secret, resource, "", now, tokenLifetime, "connect"),
			keepAlive,
		},
		connackError,
		control: `devices/${deviceId}/messages/devicebound/#`,
		event: `devices/${deviceId}/messages/events/`,
		lifetime: tokenLifetime * (750 + (uint32(random, 0) % 200)),
	};
};
