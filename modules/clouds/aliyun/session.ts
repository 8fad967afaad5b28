import { configurationError } from "../../configuration/configuration.js";
import type { Moment, SessionPlan, TimeService, TimeStamps } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { sessionRefusal } from "../responses.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/**
 * An MQTT session with a device secret, or with the token of a registration-free product.
 * Source: vendor documentation, "MQTT connections"; LinkSDK for C 4.2.0.
 *
 * @throws Failure `bad-configuration` for a token without TLS
 */
export const session = (crypto: Crypto, product: Product, credential: Credential, moment: Moment): SessionPlan => {
	const { productKey, deviceName, mqtt, keepAlive } = product;
	const device = `${productKey}/${deviceName}`;
	return {
		connect: {
			endpoint: mqtt,
			username: `${deviceName}&${productKey}`,
			keepAlive,
			...(credential.kind === "token"
				? withToken(product, credential.clientId, credential.secret)
				: withKey(crypto, product, credential.secret, moment)),
		},
		refusal: sessionRefusal,
		// The two custom topics that every product has from the start.
		control: `/${device}/user/get`,
		event: `/${device}/user/update`,
		time: time(device, moment),
	};
};

/** The token is the password as it is, so it never travels in the clear. */
const withToken = ({ mqtt }: Product, clientId: string, token: Secret) => {
	if (!mqtt.secure) throw configurationError("endpoints.mqtt", "conflict", "connect");
	return { clientId: `${clientId}|securemode=-2,authType=connwl|`, password: token };
};

/** The timestamp is optional, and signed where it stands; a board that does not know the time leaves it out. */
const withKey = (crypto: Crypto, product: Product, secret: Secret, { now }: Moment) => {
	const { productKey, deviceName, signMethod, mqtt } = product;
	const clientId = `${productKey}.${deviceName}`;
	const timestamp = now === undefined ? undefined : String(now);
	const signature = sign(crypto, signMethod, secret, {
		clientId,
		deviceName,
		productKey,
		...(timestamp === undefined ? {} : { timestamp }),
	});
	// 3 is plain TCP: endpoints like that exist behind dangerouslyAllowPlain only.
	const parameters = `securemode=${mqtt.secure ? 2 : 3},signmethod=${signMethod}`;
	return {
		clientId: `${clientId}|${parameters}${timestamp === undefined ? "" : `,timestamp=${timestamp}`}|`,
		password: new Secret(signature),
	};
};

/**
 * The platform's own clock. All numbers are text, in milliseconds.
 * Source: vendor documentation, "NTP service".
 */
export const time = (device: string, { now = 0 }: Moment): TimeService => {
	const asked = String(now);
	return {
		topic: `/ext/ntp/${device}/request`,
		request: JSON.stringify({ deviceSendTime: asked }),
		answerTopic: `/ext/ntp/${device}/response`,
		accept: (payload) => stampsIn(payload, asked),
	};
};

const stampsIn = (payload: string, asked: string): TimeStamps | undefined => {
	try {
		const { deviceSendTime, serverRecvTime, serverSendTime } = parseJson(payload) as Readonly<Record<string, unknown>>;
		const received = Number(serverRecvTime);
		const sent = Number(serverSendTime);
		// Boards of one name hear each other's answers.
		return String(deviceSendTime) === asked && received > 0 && sent >= received ? { received, sent } : undefined;
	} catch {
		return undefined;
	}
};
