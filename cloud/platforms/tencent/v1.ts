/**
 * Version 1: flat JSON, signature in the body. Used by the Explorer C and Java SDKs, and Hub C up to 3.2.
 *
 * The timestamp is signed but not checked: the vendor documents no window for v1.
 */

import { permutations } from "../permutations.js";
import type { RegistrationRequest } from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { invalid, type ParsedRequest, type ProtocolVersion, readBody, readName } from "./registration.js";
import * as responses from "./responses.js";
import { createSignature, explainSignature, type Mistake, type SignatureSpec } from "./signature.js";

export const v1: ProtocolVersion = {
	operation: "register/v1",
	responses: responses.v1,
	keys: { product: "productId", device: "deviceName" },
	read,
};

function read(request: RegistrationRequest): ParsedRequest {
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
	if (typeof received !== "string") throw invalid("signature", received, "a string");

	return {
		productId,
		deviceName,
		verify(productSecret) {
			const spec: SignatureSpec = {
				algorithm: "hmacsha1",
				encoding: "base64 of the lower-case hex digest",
				stringToSign: joined(Object.entries(fields)),
			};
			if (createSignature(spec, productSecret) === received) return;
			throw new RegistrationRefusal(
				"bad-signature",
				explainSignature(received, spec, productSecret, otherOrders(Object.entries(fields))),
				spec,
			);
		},
	};
}

function readInteger(body: Record<string, unknown>, key: string, least: number): number {
	const value = body[key];
	if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
		throw invalid(key, value, `an integer of at least ${least}`);
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
			mistake: `The fields are in the order ${order.map(([key]) => key).join(", ")}. Expected the alphabetical order.`,
		}));
}
