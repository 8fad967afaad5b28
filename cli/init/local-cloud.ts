import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RawConfiguration } from "dynreg/contracts/cloud";

/** A local cloud that runs, as it tells of itself. */
export interface LocalCloud {
	readonly admin: string;
	readonly urls: { readonly https: string; readonly mqtts: string };
	/** PEM. */
	readonly authority: string;
}

/** Where the documents start it. */
export const defaultAdmin = "http://127.0.0.1:8480";

/** @param admin address of its administration @throws Error when none answers there */
export async function findLocalCloud(admin: string): Promise<LocalCloud> {
	let answer: { urls: LocalCloud["urls"]; ca: string };
	try {
		answer = (await ask(admin, "GET", "/")) as typeof answer;
	} catch (error) {
		throw new Error(
			`no local cloud answers at ${admin}: start one with dynreg cloud --port-admin 8480 --state .dynreg/cloud.json, or say where it is with --admin`,
			{ cause: error },
		);
	}
	return { admin, urls: answer.urls, authority: readFileSync(answer.ca, "utf8") };
}

/**
 * Tells it of a product that it does not know yet, and of the device, where the platform wants to know it beforehand.
 *
 * @throws Error when it knows such a product already
 */
export async function makeProduct(
	{ admin }: LocalCloud,
	{ cloud, productId, productKey, deviceName }: RawConfiguration,
	secret: string,
): Promise<void> {
	const path = `/products/${cloud}/${productId ?? productKey}`;
	const known = (await ask(admin, "GET", "/products")) as { platform: string; id: string }[];
	if (known.some(({ platform, id }) => platform === cloud && id === (productId ?? productKey)))
		throw new Error(
			`the local cloud has a product ${productId ?? productKey} of ${cloud} already: give another with --product, or remove it with curl -X DELETE ${admin}${path}`,
		);
	await ask(admin, "PUT", path, { secret });
	if (cloud === "aliyun") await ask(admin, "PUT", `${path}/devices/${encodeURIComponent(String(deviceName))}`);
}

/** Where its boards go, in the words of a configuration. */
export function endpoints({ urls }: LocalCloud, cloud: unknown): RawConfiguration {
	return cloud === "aliyun" ? { mqtt: urls.mqtts } : { register: urls.https, mqtt: urls.mqtts };
}

/** As long as the platform's own, of the same letters. */
export function newSecret(cloud: unknown): string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const length = cloud === "aliyun" ? 16 : 24;
	return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}

async function ask(admin: string, method: string, path: string, body?: unknown): Promise<unknown> {
	const response = await fetch(new URL(path, admin), {
		method,
		signal: AbortSignal.timeout(30_000),
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	const answer: unknown = text === "" ? undefined : JSON.parse(text);
	if (response.ok) return answer;
	throw new Error(`the local cloud says: ${(answer as { error?: string }).error ?? response.status}`);
}
