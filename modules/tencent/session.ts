import { sessionRefusal } from "dynreg/connack";
import { Secret } from "dynreg/secret";
import type { Moment, SessionPlan, TimeService } from "../contracts/cloud.js";
import type { Credential } from "../contracts/credential.js";
import type { Crypto } from "../contracts/host.js";
import { hashes, type Product } from "./product.js";

/** Names the SDK to the platform; the value of the documentation and the Java SDK. */
const sdkAppId = 12010126;
/** The latest second that fits 32 bits: the session does not expire, and needs no clock. */
const expiry = 2147483647;
/** Seconds. The platform allows 0 to 900 and drops a silent device after 1.5 times as much. */
const keepAlive = 240;

/** An MQTT session of a key product. Source: the vendor's MQTT documentation and its C and Java SDKs. */
export function session(crypto: Crypto, product: Product, credential: Credential, moment: Moment): SessionPlan {
	const { productId, deviceName, signMethod } = product;
	const clientId = productId + deviceName;
	const username = `${clientId};${sdkAppId};${connectionId(moment)};${expiry}`;
	const digest = crypto.hmac(hashes[signMethod], crypto.fromBase64(credential.secret.reveal()), username);
	return {
		connect: {
			endpoint: product.mqtt,
			clientId,
			username,
			password: new Secret(`${crypto.hex(digest)};${signMethod}`),
			keepAlive,
		},
		refusal: sessionRefusal,
		control: `${productId}/${deviceName}/control`,
		event: `${productId}/${deviceName}/event`,
		time: time(`${productId}/${deviceName}`),
	};
}

/** Five letters or digits. */
function connectionId({ random }: Moment): string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789";
	let id = "";
	for (let i = 0; i < 5; i++) id += alphabet[(random[i + 4] as number) % alphabet.length];
	return id;
}

/** `$sys/operation`: the platform's clock. */
function time(device: string): TimeService {
	return {
		topic: `$sys/operation/${device}`,
		request: '{"type":"get","resource":["time"]}',
		answerTopic: `$sys/operation/result/${device}`,
		accept(payload) {
			try {
				const { ntptime1, ntptime2 } = JSON.parse(payload);
				if (typeof ntptime1 !== "number" || typeof ntptime2 !== "number") return undefined;
				return { received: ntptime1, sent: ntptime2 };
			} catch {
				return undefined;
			}
		},
	};
}
