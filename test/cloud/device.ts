/** A Tencent device as a test sees it: written against the protocol's description, not against the cloud's code. */

import { createDecipheriv, createHash, createHmac, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Names {
	readonly productId: string;
	readonly deviceName: string;
}

/** The product that most tests use. Its secret is made up. */
export const product = { id: "TESTPROD01", secret: "made-up-product-secret" } as const;

export const vectors = JSON.parse(
	readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"),
) as Vectors;

interface Vectors {
	readonly tencent_v1_sign: readonly (Names & V1Fields & { productSecret: string; signature: string })[];
	readonly tencent_v2_sign: readonly {
		productSecret: string;
		algorithm: string;
		host: string;
		timestamp: number;
		nonce: number;
		body: string;
		signature: string;
	}[];
	readonly tencent_payload: readonly { productSecret: string; payload: string; len: number; plain: string }[];
	readonly tencent_mqtt: readonly { psk: string; clientId: string; username: string; password: string }[];
	readonly negative: readonly { what: string; productSecret: string; stringToSign: string; bad: string }[];
}

interface V1Fields {
	readonly nonce: number;
	readonly timestamp: number;
}

export interface V1Answer {
	readonly code: number;
	readonly message: string;
	readonly len?: number;
	readonly payload?: string;
}

export interface V2Answer {
	readonly Response: {
		readonly Len?: number;
		readonly Payload?: string;
		readonly Error?: { readonly Code: string; readonly Message: string };
		readonly RequestId: string;
	};
}

export function v1Body(names: Names, secret: string = product.secret, fields: Partial<V1Fields> = {}): string {
	const { productId, deviceName } = names;
	const { nonce = randomInt(1, 2 ** 31), timestamp = Math.floor(Date.now() / 1000) } = fields;
	const text = `deviceName=${deviceName}&nonce=${nonce}&productId=${productId}&timestamp=${timestamp}`;
	const signature = btoa(createHmac("sha1", secret).update(text).digest("hex"));
	return JSON.stringify({ deviceName, nonce, productId, timestamp, signature });
}

export interface V2Options {
	readonly algorithm?: "hmacsha1" | "hmacsha256";
	readonly timestamp?: number;
	/** In place of the usual spelling. */
	readonly body?: string;
}

export function v2Request(
	host: string,
	{ productId, deviceName }: Names,
	secret: string = product.secret,
	options: V2Options = {},
): { readonly headers: Record<string, string>; readonly body: string } {
	const { algorithm = "hmacsha256", timestamp = Math.floor(Date.now() / 1000) } = options;
	const body = options.body ?? JSON.stringify({ ProductId: productId, DeviceName: deviceName });
	const nonce = String(randomInt(1, 2 ** 31));
	const hash = algorithm.slice(4);
	const digest = createHash(hash).update(body).digest("hex");
	const text = ["POST", host, "/device/register", "", algorithm, timestamp, nonce, digest].join("\n");
	const headers = {
		"Content-Type": "application/json; charset=utf-8",
		"X-TC-Algorithm": algorithm,
		"X-TC-Timestamp": String(timestamp),
		"X-TC-Nonce": nonce,
		"X-TC-Signature": createHmac(hash, secret).update(text).digest("base64"),
	};
	return { headers, body };
}

export async function registerV1(url: string, names: Names, secret?: string): Promise<V1Answer> {
	return postV1(url, v1Body(names, secret));
}

export async function postV1(url: string, body: string): Promise<V1Answer> {
	const headers = { "Content-Type": "application/x-www-form-urlencoded" };
	return (await (await fetch(`${url}/register/dev`, { method: "POST", headers, body })).json()) as V1Answer;
}

export async function registerV2(url: string, names: Names, secret?: string, options?: V2Options): Promise<V2Answer> {
	const request = v2Request(new URL(url).hostname, names, secret, options);
	return (await (await fetch(`${url}/device/register`, { method: "POST", ...request })).json()) as V2Answer;
}

/** The plain text of an encrypted payload, without padding. */
export function decrypt(payload: string, len: number, secret: string = product.secret): string {
	const cipher = createDecipheriv("aes-128-cbc", secret.slice(0, 16), "0000000000000000").setAutoPadding(false);
	const plain = Buffer.concat([cipher.update(payload, "base64"), cipher.final()]);
	if (plain.subarray(len).some((byte) => byte !== 0)) throw new Error("the padding is not zero");
	return plain.subarray(0, len).toString();
}

/** Registers over HTTP with v2. */
export async function obtainPsk(url: string, names: Names): Promise<string> {
	const { Response } = await registerV2(url, names);
	if (Response.Payload === undefined || Response.Len === undefined) throw new Error(JSON.stringify(Response.Error));
	return (JSON.parse(decrypt(Response.Payload, Response.Len)) as { psk: string }).psk;
}

export interface LoginOptions {
	/** Seconds since 1970. */
	readonly expiry?: number | string;
	readonly method?: "hmacsha1" | "hmacsha256";
	/** In place of the decoded psk. */
	readonly key?: string | Buffer;
}

export interface LoginFields {
	readonly clientId: string;
	readonly username: string;
	readonly password: string;
}

export function login({ productId, deviceName }: Names, psk: string, options: LoginOptions = {}): LoginFields {
	const { expiry = 2147483647, method = "hmacsha256", key = Buffer.from(psk, "base64") } = options;
	const clientId = productId + deviceName;
	const username = `${clientId};12010126;x7K2q;${expiry}`;
	const digest = createHmac(method.slice(4), key).update(username).digest("hex");
	return { clientId, username, password: `${digest};${method}` };
}
