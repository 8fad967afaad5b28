import { configurationError, text } from "../../configuration/readers.js";
import type { Inputs, MqttExchange, MqttStep } from "../../contracts/cloud.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Action } from "../../contracts/error.js";
import type { Crypto } from "../../contracts/host.js";
import { Failure } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { fieldsOf } from "../../x509/certificate.js";
import { certificateFromPem } from "../../x509/client-certificate.js";
import { badResponse, field, type JsonObject, parseObject, vendorMessage } from "../responses.js";
import type { Product } from "./product.js";
import { username } from "./session-plan.js";

/** Seconds. The conversation ends long before. */
const keepAlive = 60;

/**
 * Fleet provisioning by claim, on one connection: the platform makes certificate and key, then the template makes the thing
 * and activates the certificate. The ownership token between the two is valid for an hour.
 *
 * Source: vendor documentation, "Device provisioning MQTT API"; a run of the vendor's JavaScript SDK 1.28.0.
 *
 * @throws Failure `bad-configuration` without a valid claim certificate, or without TLS
 */
export const registration = (crypto: Crypto, product: Product, { now }: Inputs): MqttExchange => {
	const { claim, mqtt, deviceName } = product;
	if (!claim) throw configurationError("claimCertificate", "missing", "register");
	if (!mqtt.secure) throw configurationError("endpoints.mqtt", "conflict", "register");
	// The configuration was read before the time was known.
	if ((now ?? 0) >= fieldsOf(claim.certificates[0] as Uint8Array).to)
		throw configurationError("claimCertificate", "expired", "register");
	return {
		connect: { endpoint: mqtt, clientId: deviceName, username, certificate: claim, keepAlive },
		connackError: connectionRefused,
		...step(
			"$aws/certificates/create/json",
			"{}",
			(payload) => {
				const content = parseObject(payload, crypto);
				const token = field(content, "certificateOwnershipToken", "string");
				if (!token) throw badResponse("invalid", { key: "certificateOwnershipToken" });
				return provision(crypto, product, token, parseCertificate(crypto, content, now));
			},
			crypto,
			claim.secret,
		),
	};
};

/** `RegisterThing`: the template's resources, for the certificate that the token stands for. */
const provision = (
	crypto: Crypto,
	{ templateName, deviceName, parameters }: Product,
	certificateOwnershipToken: string,
	certificate: CertificateCredential,
): MqttStep =>
	step(
		`$aws/provisioning-templates/${templateName}/provision/json`,
		JSON.stringify({ certificateOwnershipToken, parameters: { ...parameters, SerialNumber: deviceName } }),
		(payload) => ({ ...certificate, assigned: thingName(parseObject(payload, crypto)) }),
		crypto,
		new Secret(certificateOwnershipToken),
	);

/** A request whose response is published at `/accepted` or `/rejected`. @param secret which the platform may echo */
const step = (
	topic: string,
	payload: string,
	accepted: (payload: Uint8Array) => Credential | MqttStep,
	crypto: Crypto,
	secret: Secret,
): MqttStep => {
	const rejected = `${topic}/rejected`;
	return {
		subscribe: [`${topic}/accepted`, rejected],
		publish: { topic, payload },
		accept(from, response) {
			if (from === rejected) throw refused(parseObject(response, crypto), secret);
			return from === `${topic}/accepted` ? accepted(response) : undefined;
		},
	};
};

/** @throws Failure `bad-answer` unless a connection can be opened with them (invariant 4) */
const parseCertificate = (crypto: Crypto, content: JsonObject, now: number | undefined): CertificateCredential => {
	const certificate = field(content, "certificatePem", "string");
	const key = field(content, "privateKey", "string");
	try {
		return certificateFromPem(crypto, certificate, key, now);
	} catch (error) {
		const { reason } = error as Failure;
		throw badResponse(reason === "invalid" ? "no-certificate" : (reason as string));
	}
};

/** It becomes client id and topics, so it must be a name by the vendor's API reference. */
const thingName = (content: JsonObject): string => {
	try {
		return text(content, "thingName", 1, 128, ":_-");
	} catch {
		throw badResponse("invalid", { key: "thingName" });
	}
};

/**
 * The failure for a rejected request: `statusCode`, `errorCode` and `errorMessage` (vendor documentation). The vendor publishes
 * no complete list of codes. Source: users' reports of `InvalidCertificateOwnershipToken` and `InvalidParameters`.
 */
const refused = ({ statusCode, errorCode, errorMessage }: JsonObject, secret: Secret): Failure => {
	const said = vendorMessage(errorMessage, secret);
	const vendorCode = vendorMessage(errorCode, secret) ?? (typeof statusCode === "number" ? statusCode : undefined);
	return new Failure("register", "registration-refused", actionOf(statusCode, errorCode), {
		cloud: "aws",
		...(vendorCode === undefined ? {} : { vendorCode }),
		...(said === undefined ? {} : { said }),
	});
};

const actionOf = (statusCode: unknown, errorCode: unknown): Action => {
	// Another registration has another token.
	if (errorCode === "InvalidCertificateOwnershipToken") return "retry";
	return typeof statusCode === "number" && (statusCode === 429 || statusCode > 499) ? "wait" : "needs-attention";
};

/** The failure for a refused CONNACK. Which codes the platform uses is not established. */
const connectionRefused = (connackCode: number): Failure =>
	connackCode === 3
		? new Failure("register", "broker-unavailable", "retry", { cloud: "aws", connackCode })
		: new Failure("register", connackCode === 1 ? "mqtt-refused" : "registration-refused", "needs-attention", {
				cloud: "aws",
				connackCode,
			});
