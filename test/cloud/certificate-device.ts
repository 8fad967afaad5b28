/** A Tencent device that connects with a certificate, as a test sees it: written against the protocol's description. */

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { Cloud, JournalEntry } from "@dynreg/cloud";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { decrypt, type Names, product, registerV2, type V2Answer, type V2Options } from "./device.js";

/** PEM. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

interface Payload {
	readonly encryptionType: number;
	readonly clientCert: string;
	readonly clientKey: string;
}

export async function obtainCertificate(url: string, names: Names): Promise<Certificate> {
	const { clientCert, clientKey } = JSON.parse(plain(await registerV2(url, names))) as Payload;
	return { cert: clientCert, key: clientKey };
}

/** What a v2 answer holds. */
export function plain({ Response }: V2Answer, secret?: string): string {
	if (Response.Payload === undefined || Response.Len === undefined) throw new Error(JSON.stringify(Response.Error));
	return decrypt(Response.Payload, Response.Len, secret);
}

/** Registers with the board's own certificate. */
export function registerOwn(url: string, names: Names, fields: Record<string, unknown>): Promise<V2Answer> {
	const body = JSON.stringify({ ProductId: names.productId, DeviceName: names.deviceName, ...fields });
	const options: V2Options = { body };
	return registerV2(url, names, product.secret, options);
}

/** Includes what the client passes on to `node:tls`, though its own types do not say so. */
type Options = IClientOptions & Pick<ConnectionOptions, "maxVersion" | "ciphers" | "session">;

/** Connects once, with user name and no password; a refusal rejects with the CONNACK return code as `code`. */
export async function open(
	cloud: Cloud,
	port: "mqtt" | "mqtts" | "mtls",
	{ productId, deviceName }: Names,
	certificate?: Certificate,
	options: Options = {},
): Promise<MqttClient> {
	const clientId = productId + deviceName;
	const fields = { clientId, username: `${clientId};12010126;x7K2q;2147483647`, ...certificate };
	const all = { ...fields, ca: readFileSync(cloud.ca), reconnectPeriod: 0, ...options };
	const client = await connectAsync(cloud.urls[port], all, false);
	client.on("error", () => {});
	return client;
}

/** The CONNACK return code. */
export async function refusal(...args: Parameters<typeof open>): Promise<number | string> {
	try {
		(await open(...args)).end(true);
		return 0;
	} catch (error) {
		return (error as { code: number | string }).code;
	}
}

/** @throws Error if it does not happen within 30 s */
export function closed(client: MqttClient): Promise<void> {
	return new Promise((resolve, reject) => {
		const deadline = setTimeout(() => reject(new Error("the connection was not closed within 30 s")), 30_000);
		client.once("close", () => {
			clearTimeout(deadline);
			resolve();
		});
	});
}

export function lastEntry(cloud: Cloud, { productId, deviceName }: Names): JournalEntry | undefined {
	const entries = cloud.administration.requests();
	return entries.findLast((entry) => entry.product === productId && entry.device === deviceName);
}

/** The latest one that says how a connection began. */
export function lastConnect(cloud: Cloud, { productId, deviceName }: Names): JournalEntry | undefined {
	const entries = cloud.administration.requests();
	return entries.findLast(
		({ operation, product, device }) => operation === "connect" && product === productId && device === deviceName,
	);
}
