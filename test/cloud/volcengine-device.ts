/** A Volcengine device as a test sees it: written against the protocol's description, not against the cloud's code. */

import { createDecipheriv, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { Cloud } from "@dynreg/cloud";
import type { Fields } from "./aliyun-device.js";

export interface Names {
	readonly productKey: string;
	readonly deviceName: string;
}

/** Made up. */
export const productSecret = "madeUpSecret0001OfAProduct";

export const path = "/2021-12-14/DynamicRegister?Action=DynamicRegister&Version=2021-12-14";

/** What is signed: numbers as text, to the digit. */
export interface Signed {
	readonly authType: string;
	readonly random: string;
	readonly timestamp: string;
}

export const now = () => String(Math.floor(Date.now() / 1000));

export function stringToSign({ productKey, deviceName }: Names, { authType, random, timestamp }: Signed): string {
	return `auth_type=${authType}&device_name=${deviceName}&random_num=${random}&product_key=${productKey}&timestamp=${timestamp}`;
}

export function sign(key: string | Buffer, text: string): string {
	return createHmac("sha256", key).update(text).digest("base64");
}

export interface RequestChange extends Partial<Signed> {
	readonly signature?: string;
	readonly secret?: string;
	/** Members of the body, over the usual ones. */
	readonly body?: Readonly<Record<string, unknown>>;
}

/** The body of a registration, in the words of the C SDK. */
export function body(names: Names, change: RequestChange = {}): string {
	const { authType = "1", random = "1291669616", timestamp = now(), secret = productSecret } = change;
	const signature = change.signature ?? sign(secret, stringToSign(names, { authType, random, timestamp }));
	const text = JSON.stringify({
		InstanceID: "unit-instance",
		product_key: names.productKey,
		device_name: names.deviceName,
		random_num: "RANDOM",
		timestamp: "TIMESTAMP",
		auth_type: "AUTH",
		signature,
		...change.body,
	});
	return text.replace('"RANDOM"', random).replace('"TIMESTAMP"', timestamp).replace('"AUTH"', authType);
}

/** The answer's body, whose status is 200. */
export function post(url: string, content: string, type = "application/json", at = path): Promise<string> {
	return new Promise((resolve, reject) => {
		const headers = { "Content-Type": type, "Content-Length": Buffer.byteLength(content) };
		const message = httpRequest(`${url}${at}`, { method: "POST", headers });
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
		message.end(content);
	});
}

/** `CodeN`; 0 for success. */
export function codeOf(answer: string): number {
	const { ResponseMetadata } = JSON.parse(answer) as { ResponseMetadata: { Error?: { CodeN: number } } };
	return ResponseMetadata.Error?.CodeN ?? 0;
}

/** @throws Error on a refusal, or another length */
export function secretIn(answer: string, secret = productSecret): string {
	const { Result } = JSON.parse(answer) as { Result?: { len: number; payload: string } };
	if (!Result) throw new Error(answer);
	const key = secret.slice(0, 16);
	// Takes PKCS #7 away, and throws where there is none.
	const decipher = createDecipheriv("aes-128-cbc", key, key);
	const plain = Buffer.concat([decipher.update(Result.payload, "base64"), decipher.final()]);
	if (plain.length !== Result.len) throw new Error(`${plain.length} bytes in place of ${Result.len}`);
	return plain.toString();
}

/** Registers over HTTP. */
export async function obtainSecret(cloud: Cloud, names: Names, change: RequestChange = {}): Promise<string> {
	return secretIn(await post(cloud.urls.http, body(names, change)));
}

/** A CONNECT with the device secret. */
export function session(names: Names, secret: string, change: Partial<Signed> = {}): Fields {
	const signed = { authType: "1", random: "1291669616", timestamp: now(), ...change };
	const username = `${names.productKey}|${names.deviceName}`;
	const signature = sign(secret, stringToSign(names, signed));
	const password = [signed.authType, signed.random, signed.timestamp, signature].join("|");
	return { clientId: username, username, password };
}
