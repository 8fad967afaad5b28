import {
	configurationError,
	configuredAddress,
	endpoint,
	invalidValue,
	number,
	text,
} from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { CertificateCredential } from "../../contracts/credential.js";
import type { Problem } from "../../contracts/error.js";
import type { Crypto, Endpoint } from "../../contracts/host.js";
import type { Failure } from "../../core/errors.js";
import { certificateFromPem } from "../../x509/client-certificate.js";

/** A configured fleet of AWS IoT and one device of it, validated by `readProduct`. */
export interface Product {
	/** Of the provisioning template. */
	readonly templateName: string;
	/** The template's parameter `SerialNumber`. */
	readonly deviceName: string;
	/** Shared by all devices, only for registration. Absent in firmware for registered boards. */
	readonly claim: CertificateCredential | undefined;
	/** The template's parameters besides `SerialNumber`. */
	readonly parameters: Readonly<Record<string, string>>;
	/** The topic of commands, in which `{thingName}` stands for the thing's name; so the topic of events. */
	readonly controlTopic: string;
	readonly eventTopic: string;
	/** For registration and session. */
	readonly mqtt: Endpoint;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/**
 * Limits: template name up to 36 characters (vendor's Fleet Provisioning library 203803d); a thing's name from the vendor's
 * API reference. A serial number becomes a thing's name in the vendor's examples, so it keeps to the same characters.
 *
 * The host is the account's data endpoint (vendor documentation, "server authentication"), with 8883 for client certificates.
 * Port 443 has several protocols, so a client there names its own by ALPN (vendor documentation, "device communication protocols").
 */
export const readProduct = (configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Product => {
	const region = text(configuration, "region", 1, 20, "-", "us-east-1");
	// A configured address replaces both.
	const prefix =
		configuredAddress(configuration, "mqtt") == null ? text(configuration, "endpointPrefix", 1, 40, "-") : "";
	const mqtt = endpoint(configuration, "mqtt", `mqtts://${prefix}-ats.iot.${region}.amazonaws.com:8883`);
	return {
		templateName: text(configuration, "templateName", 1, 36, "_-"),
		deviceName: text(configuration, "deviceName", 1, 128, ":_-", mac?.split(":").join("").toLowerCase()),
		claim: readClaim(configuration, crypto),
		parameters: readParameters(configuration),
		controlTopic: text(configuration, "controlTopic", 1, 128, topicCharacters, "{thingName}/control"),
		eventTopic: text(configuration, "eventTopic", 1, 128, topicCharacters, "{thingName}/event"),
		mqtt: mqtt.port === 443 ? { ...mqtt, alpn: "x-amzn-mqtt-ca" } : mqtt,
		// The platform takes 30 to 1200 (vendor documentation, "endpoints and quotas").
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
};

const topicCharacters = "{}/$:._-";

/** @throws Failure `bad-configuration` unless certificate and key are a pair that a connection can be opened with */
const readClaim = ({ claimCertificate, claimKey }: RawConfiguration, crypto: Crypto) => {
	if (!claimCertificate && !claimKey) return undefined;
	if (!claimCertificate) throw configurationError("claimCertificate", "missing");
	if (!claimKey) throw configurationError("claimKey", "missing");
	try {
		return certificateFromPem(crypto, claimCertificate as string, claimKey as string);
	} catch (error) {
		const { key, reason } = error as Failure;
		throw configurationError(key === "clientKey" ? "claimKey" : "claimCertificate", reason as Problem);
	}
};

/** `Name=value`, separated by commas: `mcconfig key=value` knows only text. */
const readParameters = ({ templateParameters = "" }: RawConfiguration): Product["parameters"] => {
	const parameters: Record<string, string> = {};
	if (templateParameters === "") return parameters;
	if (typeof templateParameters !== "string") throw invalidValue("templateParameters", templateParameters);
	const parts = templateParameters.split(",");
	for (let i = 0; i < parts.length; i++) {
		const part = parts[i] as string;
		const end = part.indexOf("=");
		const name = part.slice(0, end);
		if (end < 1 || name === "SerialNumber") throw invalidValue("templateParameters", templateParameters);
		parameters[name] = part.slice(end + 1);
	}
	return parameters;
};
