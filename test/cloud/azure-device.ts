/** An Azure device as a test sees it: written against the protocol's description, not against the cloud's code. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import type { Cloud } from "@dynreg/cloud";

/** Made up. */
export const groupKey = "InventedGroupKeyForTestsInventedGroupKeyForTests";

export const keyFor = (name: string, group = groupKey): string =>
	createHmac("sha256", Buffer.from(group, "base64")).update(name).digest("base64");

export interface TokenFields {
	readonly key: string;
	/** As it is sent. */
	readonly sr: string;
	readonly skn?: string;
	/** Seconds since 1970. */
	readonly se?: number;
	/** What is signed, if it is not as it should be. */
	readonly text?: string;
	readonly encoding?: "base64" | "hex";
}

export const soon = (): number => Math.floor(Date.now() / 1000) + 3600;

export function token({ key, sr, skn, se = soon(), text, encoding = "base64" }: TokenFields): string {
	const sig = createHmac("sha256", Buffer.from(key, "base64"))
		.update(text ?? `${sr}\n${se}`)
		.digest(encoding);
	const policy = skn === undefined ? "" : `&skn=${skn}`;
	return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}${policy}&se=${se}`;
}

export interface Response {
	readonly status: number;
	readonly retryAfter: string | undefined;
	// biome-ignore lint/suspicious/noExplicitAny: JSON
	readonly body: any;
}

export function send(
	{ urls, ca }: Cloud,
	method: string,
	path: string,
	authorization: string | undefined,
	body = "",
): Promise<Response> {
	return new Promise((resolve, reject) => {
		const headers = { "Content-Length": body.length, ...(authorization && { Authorization: authorization }) };
		const message = httpsRequest(`${urls.https}${path}?api-version=2019-03-31`, {
			method,
			headers,
			ca: readFileSync(ca),
		});
		message.once("response", (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.once("end", () =>
				resolve({
					status: response.statusCode ?? 0,
					retryAfter: response.headers["retry-after"],
					body: JSON.parse(text),
				}),
			);
		});
		message.once("error", reject);
		message.end(body);
	});
}

export const resourceOf = (idScope: string, name: string): string => `${idScope}/registrations/${name}`;

/** Registers over HTTPS, up to the response with the hub. */
export async function register(
	cloud: Cloud,
	idScope: string,
	name: string,
	fields: Partial<TokenFields> = {},
): Promise<Response> {
	const resource = resourceOf(idScope, name);
	const authorization = token({ key: keyFor(name), sr: resource, skn: "registration", ...fields });
	const body = JSON.stringify({ registrationId: name });
	const first = await send(cloud, "PUT", `/${resource}/register`, authorization, body);
	if (first.status !== 202) return first;
	return send(cloud, "GET", `/${resource}/operations/${first.body.operationId}`, authorization);
}

/** A CONNECT to a hub. */
export function session(hub: string, name: string, fields: Partial<TokenFields> = {}) {
	return {
		clientId: name,
		username: `${hub}/${name}/?api-version=2021-04-12&DeviceClientType=test%2F1%3B`,
		password: token({ key: keyFor(name), sr: encodeURIComponent(`${hub}/devices/${name}`), ...fields }),
	};
}
