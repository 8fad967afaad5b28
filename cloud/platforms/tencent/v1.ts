/**
 * Version 1: flat JSON, signature in the body. Used by the Explorer C and Java SDKs, and Hub C up to 3.2.
 *
 * The timestamp is signed but not checked: the vendor documents no window for v1.
 */

import { permutations } from "../permutations.js";
import type { RegistrationRequest } from "../platform.js";
import { Refusal } from "../refusal.js";
import { type Claim, readBody, readName, type Version } from "./registration.js";
import * as responses from "./responses.js";
import { explain, type Mistake, type Recipe, signature } from "./signature.js";

export const v1: Version = {
	operation: "register/v1",
	responses: responses.v1,
	keys: { product: "productId", device: "deviceName" },
	read,
};

function read(request: RegistrationRequest): Claim {
	const body = readBody(request.body);
	const productId = readName(body, "productId", "productId");
	const deviceName = readName(body, "deviceName", "deviceName");
	const fields = {
		deviceName,
		nonce: readInteger(body, "nonce", 1),
		productId,
		timestamp: readInteger(body, "timestamp", 0),
	};
	const received = body.signature;
	if (typeof received !== "string") throw new Refusal("bad-request", 'the body needs "signature" as a string');

	return {
		productId,
		deviceName,
		prove(productSecret) {
			const recipe: Recipe = {
				algorithm: "hmacsha1",
				encoding: "base64 of the lower-case hex digest",
				stringToSign: joined(Object.entries(fields)),
			};
			if (signature(recipe, productSecret) === received) return;
			throw new Refusal(
				"bad-signature",
				explain(received, recipe, productSecret, otherOrders(Object.entries(fields))),
				recipe,
			);
		},
	};
}

function readInteger(body: Record<string, unknown>, key: string, least: number): number {
	const value = body[key];
	if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
		throw new Refusal("bad-request", `the body needs "${key}" as an integer of at least ${least}`);
	return value;
}

type Fields = readonly (readonly [string, string | number])[];

function joined(fields: Fields): string {
	return fields.map(([key, value]) => `${key}=${value}`).join("&");
}

function otherOrders(fields: Fields): Mistake[] {
	return permutations(fields)
		.slice(1)
		.map((order) => ({
			stringToSign: joined(order),
			what: `its fields are in the order ${order.map(([key]) => key).join(", ")}, where the alphabetical one is due`,
		}));
}
