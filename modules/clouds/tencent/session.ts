import { configurationError } from "../../configuration/configuration.js";
import type { Moment, SessionPlan, TimeService, TimeStamps } from "../../contracts/cloud.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { sessionRefusal } from "../responses.js";
import { hashes, type Product } from "./product.js";

/**
 * An MQTT session. A key signs the user name; a certificate has proved itself to TLS, and no password is sent.
 * Source: the vendor's MQTT documentation and its C and Java SDKs.
 *
 * @throws Failure `bad-configuration` for a certificate without TLS
 */
export const session = (crypto: Crypto, product: Product, credential: Credential, moment: Moment): SessionPlan => {
	const { productId, deviceName, signMethod, service, keepAlive } = product;
	const clientId = productId + deviceName;
	// The SDK that the documentation and the Java SDK name; and the latest second that fits 32 bits: the session does not
	// expire, and needs no clock.
	const username = `${clientId};12010126;${connectionId(moment)};2147483647`;
	const device = `${productId}/${deviceName}`;
	return {
		connect: {
			endpoint: product.mqtt,
			clientId,
			username,
			...(credential.kind === "certificate"
				? withCertificate(product, credential)
				: { password: password(crypto, signMethod, credential.secret, username) }),
			keepAlive,
		},
		refusal: sessionRefusal,
		...(service === "hub"
			? { control: `${device}/control`, event: `${device}/event` }
			: { control: `$thing/down/property/${device}`, event: `$thing/up/event/${device}` }),
		time: time(device),
	};
};

const password = (crypto: Crypto, signMethod: Product["signMethod"], secret: Secret, username: string): Secret => {
	const digest = crypto.hmac(hashes[signMethod], crypto.fromBase64(secret.reveal()), username);
	return new Secret(`${crypto.hex(digest)};${signMethod}`);
};

const withCertificate = ({ mqtt }: Product, certificate: CertificateCredential) => {
	if (!mqtt.secure) throw configurationError("endpoints.mqtt", "conflict", "connect");
	return { certificate };
};

/** Five letters or digits. */
const connectionId = ({ random }: Moment): string => {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789";
	let id = "";
	for (let i = 0; i < 5; i++) id += alphabet[(random[i + 4] as number) % alphabet.length];
	return id;
};

/** `$sys/operation`: the platform's clock. */
const time = (device: string): TimeService => {
	return {
		topic: `$sys/operation/${device}`,
		request: '{"type":"get","resource":["time"]}',
		answerTopic: `$sys/operation/result/${device}`,
		accept: (payload) => stampsIn(payload),
	};
};

const stampsIn = (payload: string): TimeStamps | undefined => {
	try {
		const { ntptime1, ntptime2 } = parseJson(payload) as Readonly<Record<string, unknown>>;
		if (typeof ntptime1 !== "number" || typeof ntptime2 !== "number") return undefined;
		return { received: ntptime1, sent: ntptime2 };
	} catch {
		return undefined;
	}
};
