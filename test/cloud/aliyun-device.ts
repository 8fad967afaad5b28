/** An Alibaba device as a test sees it: written against the protocol's description, not against the cloud's code. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ConnectionOptions } from "node:tls";
import type { Cloud, JournalEntry } from "@dynreg/cloud";
import { connect, type IClientOptions, type MqttClient } from "mqtt";

export interface Names {
	readonly productKey: string;
	readonly deviceName: string;
}

/** Made up. */
export const productSecret = "madeUpSecret0001";

export const vectors = JSON.parse(
	readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"),
) as Vectors;

interface SignedRegistration extends Names {
	readonly origin: string;
	readonly signMethod: string;
	readonly productSecret: string;
	readonly random: string;
}

interface Vectors {
	readonly aliyun_register_sign: readonly (SignedRegistration & { content: string; sign: string })[];
	readonly aliyun_session: readonly {
		readonly origin: string;
		readonly signMethod: string;
		readonly deviceSecret: string;
		readonly content: string;
		readonly password: string;
	}[];
	readonly aliyun_negative: readonly {
		readonly what: string;
		readonly productSecret: string;
		readonly stringToSign: string;
		readonly bad: string;
		readonly signMethod: string;
	}[];
	readonly aliyun_https_exchange: readonly (SignedRegistration & {
		readonly requestBytes: number;
		readonly replyBytes: number;
		readonly reply: string;
		readonly deviceSecret: string;
	})[];
}

export function hmac(signMethod: string, key: string | Buffer, content: string): string {
	return createHmac(signMethod.slice(4), key).update(content).digest("hex");
}

export function form(
	names: Names,
	secret: string = productSecret,
	change: Readonly<Record<string, string>> = {},
): string {
	const { productKey, deviceName } = names;
	const random = "661988398";
	const sign = hmac("hmacsha256", secret, `deviceName${deviceName}productKey${productKey}random${random}`);
	return String(new URLSearchParams({ productKey, deviceName, random, sign, signMethod: "hmacsha256", ...change }));
}

export interface PostOptions {
	readonly headers?: Record<string, string>;
	readonly tls?: Pick<ConnectionOptions, "ca" | "ciphers" | "maxVersion">;
}

/** The body of the answer, whose status is 200. */
export function post(url: string, body: string, { headers = {}, tls = {} }: PostOptions = {}): Promise<string> {
	const request = url.startsWith("https:") ? httpsRequest : httpRequest;
	return new Promise((resolve, reject) => {
		const message = request(`${url}/auth/register/device`, {
			method: "POST",
			headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers, "Content-Length": body.length },
			...tls,
		});
		message.once("response", (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.once("end", () =>
				response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`)),
			);
		});
		message.once("error", reject);
		message.end(body);
	});
}

/** Registers over HTTP. */
export async function obtainSecret(cloud: Cloud, names: Names): Promise<string> {
	const answer = JSON.parse(await post(cloud.urls.http, form(names))) as { data?: { deviceSecret: string } };
	if (!answer.data) throw new Error(JSON.stringify(answer));
	return answer.data.deviceSecret;
}

export interface Fields {
	readonly clientId: string;
	readonly username: string;
	readonly password: string;
}

/** What a change sets to undefined is left out. */
type Parameters = Readonly<Record<string, string | undefined>>;

function clientIdOf(id: string, parameters: Parameters): string {
	const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
	return `${id}|${given.map(([name, value]) => `${name}=${value}`).join(",")}|`;
}

/** A CONNECT that registers, in the words of Link SDK for C. */
export function registration(
	authType: "register" | "regnwl",
	{ productKey, deviceName }: Names,
	{ secret = productSecret, ...change }: Parameters & { readonly secret?: string } = {},
): Fields {
	const random = "567824173";
	const parameters = { random, authType, securemode: "2", signmethod: "hmacsha256", ...change };
	const content = `deviceName${deviceName}productKey${productKey}random${random}`;
	return {
		clientId: clientIdOf(`${deviceName}.${productKey}`, parameters),
		username: `${deviceName}&${productKey}`,
		password: hmac("hmacsha256", secret, content).toUpperCase(),
	};
}

/** A CONNECT with the device secret, over TCP. */
export function session(
	{ productKey, deviceName }: Names,
	deviceSecret: string,
	{ id = `${productKey}.${deviceName}`, ...change }: Parameters & { readonly id?: string } = {},
): Fields {
	const timestamp = "2524608000000";
	const parameters = { timestamp, _v: "sdk-c-4.2.0", securemode: "3", signmethod: "hmacsha256", ext: "3", ...change };
	const signed = parameters.timestamp === undefined ? "" : `timestamp${parameters.timestamp}`;
	const content = `clientId${id}deviceName${deviceName}productKey${productKey}${signed}`;
	return {
		clientId: clientIdOf(id, parameters),
		username: `${deviceName}&${productKey}`,
		password: hmac(parameters.signmethod ?? "hmacsha256", deviceSecret, content),
	};
}

export interface Token {
	readonly clientId: string;
	readonly deviceToken: string;
}

/** A CONNECT with a token. */
export function tokenSession({ productKey, deviceName }: Names, token: Token, change: Parameters = {}): Fields {
	const parameters = { securemode: "-2", authType: "connwl", ...change };
	return {
		clientId: clientIdOf(token.clientId, parameters),
		username: `${deviceName}&${productKey}`,
		password: token.deviceToken,
	};
}

/** Includes what the client passes on to `node:tls`, though its own types do not say so. */
export type Options = IClientOptions &
	Pick<ConnectionOptions, "maxVersion" | "ciphers" | "pskCallback" | "checkServerIdentity">;

/** Connects once; a refusal rejects with the CONNACK return code as `code`. Whatever comes is kept from the start. */
export function open(
	url: string,
	fields: Partial<Fields>,
	options: Options = {},
): Promise<MqttClient & { got: [topic: string, text: string][] }> {
	return new Promise((resolve, reject) => {
		const client = connect(url, { ...fields, keepalive: 60, reconnectPeriod: 0, ...options });
		const got: [string, string][] = [];
		client.on("message", (topic, payload) => got.push([topic, payload.toString()]));
		client.on("error", reject);
		client.once("connect", () => resolve(Object.assign(client, { got })));
	});
}

/** The CONNACK return code. */
export async function refusal(url: string, fields: Partial<Fields>, options: Options = {}): Promise<number> {
	try {
		(await open(url, fields, options)).end(true);
		return 0;
	} catch (error) {
		return (error as { code: number }).code;
	}
}

/** Registers over MQTT and leaves. @returns topic and JSON of what was pushed */
export async function obtain(cloud: Cloud, fields: Fields): Promise<readonly [topic: string, json: string]> {
	const client = await open(cloud.urls.mqtts, fields, { ca: readFileSync(cloud.ca) });
	await until(() => client.got.length > 0);
	client.end(true);
	return client.got[0] ?? ["", ""];
}

export async function obtainToken(cloud: Cloud, names: Names): Promise<Token> {
	const [, json] = await obtain(cloud, registration("regnwl", names));
	return JSON.parse(json) as Token;
}

export const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once("close", resolve));

export async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("it did not happen within 30 s");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** What the journal says of this device. */
export function entries(cloud: Cloud, { productKey, deviceName }: Names): JournalEntry[] {
	return cloud.administration.requests().filter((entry) => entry.product === productKey && entry.device === deviceName);
}
