/** A device of AWS IoT as a test sees it: written against the protocol's description, not against the cloud's code. */

import { readFileSync } from "node:fs";
import type { Cloud, JournalEntry } from "@dynreg/cloud";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";

export const template = "fleet";
export const createTopic = "$aws/certificates/create/json";
export const provisionTopic = `$aws/provisioning-templates/${template}/provision/json`;

/** PEM. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

export interface CreatedKeys {
	readonly certificateId: string;
	readonly certificatePem: string;
	readonly privateKey: string;
	readonly certificateOwnershipToken: string;
}

/** Creates the product. @returns its claim certificate */
export async function prepare(cloud: Cloud, id = template): Promise<Certificate> {
	cloud.administration.putProduct("aws", id, {});
	const { claimCertificate, claimKey } = await cloud.administration.newBoard("aws", id);
	return { cert: String(claimCertificate), key: String(claimKey) };
}

/** Connects once; a refusal rejects with the CONNACK return code as `code`. */
export async function open(
	cloud: Cloud,
	clientId: string,
	certificate?: Certificate,
	options: Omit<IClientOptions, "port"> & { readonly port?: "mqtt" | "mqtts" | "mtls" } = {},
): Promise<MqttClient> {
	const { port = "mqtts", ...others } = options;
	const fixed = { clientId, ca: readFileSync(cloud.ca), reconnectPeriod: 0, ...certificate };
	const client = await connectAsync(cloud.urls[port], { ...fixed, ...others } as IClientOptions, false);
	client.on("error", () => {});
	return client;
}

/** The CONNACK return code. */
export async function refusal(...given: Parameters<typeof open>): Promise<number | string> {
	try {
		(await open(...given)).end(true);
		return 0;
	} catch (error) {
		return (error as { code: number | string }).code;
	}
}

export interface Response {
	readonly verdict: "accepted" | "rejected";
	readonly body: Readonly<Record<string, unknown>>;
}

/** Subscribes to both responses, then publishes the request. @returns the response */
export async function ask(client: MqttClient, topic: string, payload: unknown): Promise<Response> {
	await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
	const response = new Promise<Response>((resolve, reject) => {
		const listen = (from: string, bytes: Buffer): void => {
			const verdict = (["accepted", "rejected"] as const).find((each) => from === `${topic}/${each}`);
			if (!verdict) return;
			client.off("message", listen);
			try {
				resolve({ verdict, body: JSON.parse(bytes.toString()) });
			} catch (error) {
				reject(error);
			}
		};
		client.on("message", listen);
	});
	await client.publishAsync(topic, typeof payload === "string" ? payload : JSON.stringify(payload), { qos: 1 });
	return response;
}

export async function createKeys(client: MqttClient, payload = "{}"): Promise<CreatedKeys> {
	const { verdict, body } = await ask(client, createTopic, payload);
	if (verdict === "rejected") throw new Error(JSON.stringify(body));
	return body as unknown as CreatedKeys;
}

export function registerThing(client: MqttClient, token: string, SerialNumber: unknown): Promise<Response> {
	return ask(client, provisionTopic, { certificateOwnershipToken: token, parameters: { SerialNumber } });
}

/** A whole registration. */
export async function obtain(cloud: Cloud, claim: Certificate, serial: string): Promise<Certificate> {
	const client = await open(cloud, serial, claim);
	const { certificatePem, privateKey, certificateOwnershipToken } = await createKeys(client);
	const { verdict, body } = await registerThing(client, certificateOwnershipToken, serial);
	client.end(true);
	if (verdict === "rejected") throw new Error(JSON.stringify(body));
	return { cert: certificatePem, key: privateKey };
}

export const closed = (client: MqttClient): Promise<void> =>
	new Promise((resolve) => {
		client.once("close", resolve);
	});

export function lastEntry(cloud: Cloud, operation: string): JournalEntry | undefined {
	return cloud.administration.requests().findLast((entry) => entry.operation === operation);
}
