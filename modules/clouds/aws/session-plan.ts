import { configurationError } from "../../configuration/readers.js";
import type { SessionPlan } from "../../contracts/cloud.js";
import type { Assigned, CertificateCredential } from "../../contracts/credential.js";
import { connackError } from "../responses.js";
import type { Product } from "./product.js";

/** The platform needs none; its SDKs send their name in this form. A host may need one. */
export const username = "?SDK=dynreg";

/**
 * A session with the device's own certificate. The thing's name is the client id, as policies with
 * `${iot:Connection.Thing.ThingName}` require. The platform has no topics for commands and events, and no time service.
 *
 * Source: vendor documentation, "Thing policy variables".
 *
 * @throws Failure `bad-configuration` without TLS
 */
export const sessionPlan = (product: Product, credential: CertificateCredential & Assigned): SessionPlan => {
	const { mqtt, keepAlive, deviceName, controlTopic, eventTopic } = product;
	if (!mqtt.secure) throw configurationError("endpoints.mqtt", "conflict", "connect");
	const { assigned: clientId = deviceName } = credential;
	const topic = (pattern: string) => pattern.split("{thingName}").join(clientId);
	return {
		connect: { endpoint: mqtt, clientId, username, certificate: credential, keepAlive },
		connackError,
		control: topic(controlTopic),
		event: topic(eventTopic),
	};
};
