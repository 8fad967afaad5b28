import { configurationError } from "../../configuration/readers.js";
import type { Inputs, ServerTimestamps, SessionPlan, TimeService } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { connackError } from "../responses.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/**
 * An MQTT session with a device secret, or with the token of a registration-free product.
 *
 * Source: vendor documentation, "MQTT connections"; LinkSDK for C 4.2.0.
 *
 * @throws Failure `bad-configuration` for a token without TLS
 */
export const sessionPlan = (crypto: Crypto, product: Product, credential: Credential, inputs: Inputs): SessionPlan => {
	const { productKey, deviceName, mqtt, keepAlive } = product;
	const device = `${productKey}/${deviceName}`;
	return {
		connect: {
			endpoint: mqtt,
			username: `${deviceName}&${productKey}`,
			keepAlive,
			...(credential.kind === "token"
				? withToken(product, credential.clientId, credential.secret)
				: withKey(crypto, product, credential.secret, inputs)),
		},
		connackError,
		// The two custom topics that every new product has.
		control: `/${device}/user/get`,
		event: `/${device}/user/update`,
		time: time(device, inputs),
	};
};

/** The token itself is the password, so it needs TLS. */
const withToken = ({ mqtt }: Product, clientId: string, token: Secret) => {
	if (!mqtt.secure) throw configurationError("endpoints.mqtt", "conflict", "connect");
	return { clientId: `${clientId}|securemode=-2,authType=connwl|`, password: token };
};

/** The timestamp is optional and part of the signature; a board without a known time omits it. */
const withKey = (crypto: Crypto, product: Product, secret: Secret, { now }: Inputs) => {
	const { productKey, deviceName, signMethod, mqtt } = product;
	const clientId = `${productKey}.${deviceName}`;
	const timestamp = now === undefined ? undefined : String(now);
	const signature = sign(crypto, signMethod, secret, {
		clientId,
		deviceName,
		productKey,
		...(timestamp === undefined ? {} : { timestamp }),
	});
	// 3 is plain TCP, which needs dangerouslyAllowPlain.
	const parameters = `securemode=${mqtt.secure ? 2 : 3},signmethod=${signMethod}`;
	return {
		clientId: `${clientId}|${parameters}${timestamp === undefined ? "" : `,timestamp=${timestamp}`}|`,
		password: new Secret(signature),
	};
};

/**
 * The platform's time service. All numbers are text, in milliseconds.
 *
 * Source: vendor documentation, "NTP service".
 */
export const time = (device: string, { now = 0 }: Inputs): TimeService => {
	const requestedAt = String(now);
	return {
		topic: `/ext/ntp/${device}/request`,
		request: JSON.stringify({ deviceSendTime: requestedAt }),
		responseTopic: `/ext/ntp/${device}/response`,
		accept: (payload) => parseTimestamps(payload, requestedAt),
	};
};

const parseTimestamps = (payload: string, requestedAt: string): ServerTimestamps | undefined => {
	try {
		const { deviceSendTime, serverRecvTime, serverSendTime } = parseJson(payload) as Readonly<Record<string, unknown>>;
		const received = Number(serverRecvTime);
		const sent = Number(serverSendTime);
		// Boards that share a name receive each other's responses.
		return String(deviceSendTime) === requestedAt && received > 0 && sent >= received ? { received, sent } : undefined;
	} catch {
		return undefined;
	}
};
