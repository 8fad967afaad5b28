import { configurationError } from "../../configuration/readers.js";
import type { Inputs, ServerTimestamps, SessionPlan, TimeService } from "../../contracts/cloud.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { connackError } from "../responses.js";
import { hashes, type Product } from "./product.js";

/**
 * An MQTT session. A key signs the user name; with a certificate TLS authenticates and no password is sent.
 *
 * Source: the vendor's MQTT documentation and its C and Java SDKs.
 *
 * @throws Failure `bad-configuration` for a certificate without TLS
 */
export const sessionPlan = (crypto: Crypto, product: Product, credential: Credential, inputs: Inputs): SessionPlan => {
	const { productId, deviceName, signMethod, service, keepAlive } = product;
	const clientId = productId + deviceName;
	// The SDK id is that of the documentation and the Java SDK. The expiry is the largest 64-bit second, as in the vendor's C SDK:
	// it never passes, needs no clock, and does not end in 2038.
	const username = `${clientId};12010126;${connectionId(inputs)};9223372036854775807`;
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
		connackError,
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
const connectionId = ({ random }: Inputs): string => {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789";
	let id = "";
	for (let i = 0; i < 5; i++) id += alphabet[(random[i + 4] as number) % alphabet.length];
	return id;
};

/** `$sys/operation`: the platform's time service. */
const time = (device: string): TimeService => {
	return {
		topic: `$sys/operation/${device}`,
		request: '{"type":"get","resource":["time"]}',
		responseTopic: `$sys/operation/result/${device}`,
		accept: (payload) => parseTimestamps(payload),
	};
};

const parseTimestamps = (payload: string): ServerTimestamps | undefined => {
	try {
		const { ntptime1, ntptime2 } = parseJson(payload) as Readonly<Record<string, unknown>>;
		if (typeof ntptime1 !== "number" || typeof ntptime2 !== "number") return undefined;
		return { received: ntptime1, sent: ntptime2 };
	} catch {
		return undefined;
	}
};
