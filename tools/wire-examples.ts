/**
 * What a board sends, byte for byte, for made-up products: the examples in `docs/wire.md`. They come from the
 * firmware's own modules, given a fixed time and fixed random bytes.
 */

import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice } from "dynreg/clouds";
import type { Exchange, Moment, RawConfiguration } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { Endpoint, HttpRequest, MqttConnect } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";

/** 1 July 2026, and the bytes 0 to 15. */
const moment: Moment = { now: Date.UTC(2026, 6, 1), random: Uint8Array.from({ length: 16 }, (_, index) => index) };
const productSecret = "an-example-of-a-secret";

const tencent: RawConfiguration = { productId: "EXAMPLE001", productSecret, deviceName: "board-1" };
const aliyun: RawConfiguration = { cloud: "aliyun", productKey: "exampleKey1", productSecret, deviceName: "board-1" };
const key: Credential = { kind: "key", secret: new Secret(Buffer.from("sixteen bytes...").toString("base64")) };
const deviceSecret: Credential = { kind: "key", secret: new Secret("an-example-of-a-device-secret") };
const token: Credential = { kind: "token", secret: new Secret("an-example-of-a-token"), clientId: "exampleClientId" };

interface Example {
	readonly title: string;
	readonly configuration: RawConfiguration;
	/** Absent: the registration. */
	readonly session?: Credential;
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
	{ title: "Alibaba, registration over HTTPS", configuration: { ...aliyun, via: "https" } },
	{ title: "Alibaba, session with a device secret", configuration: aliyun, session: deviceSecret },
	{
		title: "Alibaba, session with a token",
		configuration: { ...aliyun, authType: "regnwl" },
		session: token,
	},
];

/** Markdown. */
export function wireExamples(): string {
	return examples
		.map(({ title, configuration, session }) => {
			const device = configuredDevice(configuration, crypto, undefined);
			const text =
				session === undefined ? registration(device.registration(moment)) : plan(device.session(session, moment));
			return `### ${title}\n\n\`\`\`text\n${text}\n\`\`\``;
		})
		.join("\n\n");
}

function registration(exchange: Exchange): string {
	return "request" in exchange ? request(exchange.request) : connect(exchange.connect);
}

function plan({ connect: options, control, event, time }: ReturnType<ReturnType<typeof configuredDevice>["session"]>) {
	const topics = [`SUBSCRIBE ${control}`, `SUBSCRIBE ${time.answerTopic}`, `PUBLISH   ${time.topic}  ${time.request}`];
	return [connect(options), "", ...topics, `events    ${event}`].join("\n");
}

function request({ endpoint, method, path, headers, body }: HttpRequest): string {
	const lines = headers.map(([name, value]) => `${name}: ${value}`);
	return [`to ${server(endpoint)}`, "", `${method} ${path} HTTP/1.1`, ...lines, "", body].join("\n");
}

function connect({ endpoint, clientId, username, password, keepAlive }: MqttConnect): string {
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
