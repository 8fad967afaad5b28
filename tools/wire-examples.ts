/**
 * What a board sends, byte for byte, for made-up products: the examples in `docs/reference/wire.md`. They come from the
 * firmware's own modules, given a fixed time and fixed random bytes.
 */

import { DeviceCertificates } from "@dynreg/cloud/internal/certificates/device-certificates";
import { claimKeys, newClaimKey } from "@dynreg/cloud/internal/platforms/aws/claim-key";
import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice } from "dynreg/clouds";
import type { Exchange, Inputs, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { Crypto, Endpoint, HttpRequest, MqttConnectOptions } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";

/** 1 July 2026, and the bytes 0 to 15. */
const inputs: Inputs = { now: Date.UTC(2026, 6, 1), random: Uint8Array.from({ length: 16 }, (_, index) => index) };
const productSecret = "an-example-of-a-secret";

const tencent: RawConfiguration = { productId: "EXAMPLE001", productSecret, deviceName: "board-1" };
const aliyun: RawConfiguration = { cloud: "aliyun", productKey: "exampleKey1", productSecret, deviceName: "board-1" };
const volcengine: RawConfiguration = {
	cloud: "volcengine",
	productKey: "exampleKey1",
	productSecret,
	instanceId: "example-instance",
	deviceName: "board-1",
};
const key: Credential = { kind: "key", secret: new Secret(Buffer.from("sixteen bytes...").toString("base64")) };
const deviceSecret: Credential = { kind: "key", secret: new Secret("an-example-of-a-device-secret") };
const accessToken: Credential = { kind: "key", secret: new Secret("an-example-of-a-token") };
const token: Credential = { kind: "token", secret: new Secret("an-example-of-a-token"), clientId: "exampleClientId" };

const thingsboard: RawConfiguration = {
	cloud: "thingsboard",
	host: "things.example.com",
	provisionKey: "exampleKey",
	productSecret,
	deviceName: "board-1",
};
const azure: RawConfiguration = {
	...{ cloud: "azure", idScope: "0neEXAMPLE1", deviceName: "board-1" },
	deviceKey: Buffer.from("an-example-of-a-device-key").toString("base64"),
};
const azureKey: Credential = {
	kind: "key",
	secret: new Secret(String(azure.deviceKey)),
	assigned: "example-hub.azure-devices.net/board-1",
};

interface Example {
	readonly title: string;
	readonly configuration: RawConfiguration;
	/** Absent: the registration. */
	readonly session?: Credential;
	/** What its signatures are made with, where the product has no secret. */
	readonly secret?: string;
}

const examples: readonly Example[] = [
	{ title: "Tencent, registration, `protocol` `v2` (the default of IoT Hub)", configuration: tencent },
	{
		title: "Tencent, registration, `protocol` `v1` (the default of IoT Explorer)",
		configuration: { ...tencent, protocol: "v1" },
	},
	{ title: "Tencent, session with a key", configuration: tencent, session: key },
	{ title: "Alibaba, registration over MQTT, `authType` `register`", configuration: aliyun },
	{
		title: "Alibaba, registration over MQTT, `authType` `regnwl`",
		configuration: { ...aliyun, authType: "regnwl" },
	},
	{ title: "Alibaba, registration over HTTPS", configuration: { ...aliyun, registrationTransport: "https" } },
	{ title: "Alibaba, session with a device secret", configuration: aliyun, session: deviceSecret },
	{
		title: "Alibaba, session with a token",
		configuration: { ...aliyun, authType: "regnwl" },
		session: token,
	},
	{ title: "Azure, registration over HTTPS, first request", configuration: azure, secret: "device key" },
	{
		title: "Azure, registration over MQTT",
		configuration: { ...azure, registrationTransport: "mqtt" },
		secret: "device key",
	},
	{ title: "Azure, session", configuration: azure, session: azureKey, secret: "device key" },
	{ title: "ThingsBoard, registration with an access token of the device's own", configuration: thingsboard },
	{ title: "ThingsBoard, session with an access token", configuration: thingsboard, session: accessToken },
	{ title: "Volcengine, registration", configuration: volcengine },
	{ title: "Volcengine, session", configuration: volcengine, session: deviceSecret },
];

/** With a claim certificate, of which nothing is shown. */
async function awsExamples(): Promise<readonly Example[]> {
	const claim = await claimKeys({ id: "example-template", secret: newClaimKey() }, new DeviceCertificates(undefined));
	const configuration: RawConfiguration = {
		...{ cloud: "aws", templateName: "example-template", endpointPrefix: "a1b2c3", deviceName: "board-1" },
		...claim,
	};
	return [{ title: "AWS, registration, first request, with the claim certificate", configuration }];
}

/** Markdown. */
export async function wireExamples(): Promise<string> {
	const own = examples.findIndex(({ title }) => title.startsWith("Azure"));
	return [...examples.slice(0, own), ...(await awsExamples()), ...examples.slice(own)]
		.map(({ title, configuration, session, secret = session ? "device secret" : "product secret" }) => {
			const signatures: Signature[] = [];
			const device = configuredDevice(configuration, recording(signatures), undefined);
			const text =
				session === undefined
					? registration(device.registration(inputs, device.proposal?.(inputs)))
					: plan(device.session(session, inputs));
			const signed = signatures.map((signature) => `\n\n${describe(signature, text, secret)}`).join("");
			return `### ${title}\n\n\`\`\`text\n${text}${signed}\n\`\`\``;
		})
		.join("\n\n");
}

/** An HMAC that the firmware made. */
interface Signature {
	readonly hash: string;
	readonly key: string | Uint8Array;
	readonly message: string;
	readonly digest: Uint8Array;
}

/** Notes each HMAC. */
function recording(signatures: Signature[]): Crypto {
	return {
		...crypto,
		hmac(hash, key, message) {
			const digest = crypto.hmac(hash, key, message);
			signatures.push({ hash, key: key as string | Uint8Array, message: message as string, digest });
			return digest;
		},
	};
}

/** How to compute the signature in `text` by hand. */
function describe({ hash, key, message, digest }: Signature, text: string, secret: string): string {
	const hex = crypto.hex(digest);
	const [encoding] =
		Object.entries({
			base64: crypto.base64(digest),
			"base64, percent-encoded": encodeURIComponent(crypto.base64(digest)),
			"base64 of hexadecimal": crypto.base64(crypto.utf8(hex)),
			hexadecimal: hex,
		}).find(([, encoded]) => text.includes(encoded)) ?? [];
	if (encoding === undefined) throw new Error("a signature is not in what the board sends");
	const keyText = typeof key === "string" ? `the ${secret}` : `the ${secret}, decoded from base64`;
	const lines = message.split("\n").map((line) => `  ${line}`.trimEnd());
	return [`signed with HMAC-${hash}, ${encoding}; key: ${keyText}:`, ...lines].join("\n");
}

function registration(exchange: Exchange): string {
	if ("request" in exchange) return request(exchange.request);
	const { subscribe = [], publish } = exchange;
	const messages = [
		...subscribe.map((filter) => `SUBSCRIBE ${filter}`),
		...(publish ? [`PUBLISH   ${publish.topic}  ${publish.payload}`] : []),
	];
	return [connect(exchange.connect), ...(messages.length > 0 ? ["", ...messages] : [])].join("\n");
}

function plan({ connect: options, control, event, time }: ReturnType<ReturnType<typeof configuredDevice>["session"]>) {
	const topics = [
		`SUBSCRIBE ${control}`,
		...(time ? [`SUBSCRIBE ${time.responseTopic}`, `PUBLISH   ${time.topic}  ${time.request}`] : []),
	];
	return [connect(options), "", ...topics, `events    ${event}`].join("\n");
}

function request({ endpoint, method, path, headers, body }: HttpRequest): string {
	const lines = headers.map(([name, value]) => `${name}: ${value}`);
	return [`to ${server(endpoint)}`, "", `${method} ${path} HTTP/1.1`, ...lines, "", body].join("\n");
}

function connect({ endpoint, clientId, username, password, keepAlive }: MqttConnectOptions): string {
	return [
		`to ${server(endpoint)}`,
		"",
		"CONNECT, MQTT 3.1.1, clean session",
		`client id  ${clientId}`,
		`user name  ${username}`,
		`password   ${password?.reveal() ?? "none"}`,
		`keep alive ${keepAlive} s`,
	].join("\n");
}

function server({ host, port }: Endpoint): string {
	return `${host}:${port}, TLS`;
}
