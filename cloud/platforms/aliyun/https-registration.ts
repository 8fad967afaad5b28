/** Registration by `POST /auth/register/device`: for names that were created before. */

import type { Context, Names, RegistrationEndpoint, RegistrationRequest, RegistrationResponse } from "../platform.js";
import { Refusal } from "../refusal.js";
import { type Claim, provenProduct } from "./registration.js";
import * as responses from "./responses.js";
import { rules, wellFormed } from "./rules.js";
import { readSignMethod, signMethods } from "./signature.js";

export const endpoint: RegistrationEndpoint = { operation: "register/device", names, respond: register };

/** Reads the body as a form, whatever its content type. */
function formOf({ body }: RegistrationRequest): URLSearchParams {
	return new URLSearchParams(body.toString("utf8"));
}

function names(request: RegistrationRequest): Names {
	const form = formOf(request);
	return wellFormed(form.get("productKey"), form.get("deviceName"));
}

function register(request: RegistrationRequest, context: Context): RegistrationResponse {
	const form = formOf(request);
	const given = names(request);
	try {
		const claim = read(form);
		const product = provenProduct(claim, context.products);
		const { productKey, deviceName } = claim;
		const { secret } = context.products.register(product, deviceName, rules.newDeviceSecret);
		return {
			body: responses.accepted(productKey, deviceName, secret),
			outcome: { ...given, verdict: "accepted", reason: "handed out a deviceSecret" },
		};
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const { body, code } = responses.refused(error.kind);
		const expected = error.expected && { expected: error.expected };
		return { body, outcome: { ...given, verdict: "refused", reason: error.message, code, ...expected } };
	}
}

/** @throws Refusal `bad-request`, `bad-device-name` */
function read(form: URLSearchParams): Claim {
	const productKey = field(form, "productKey");
	if (!rules.productId.pattern.test(productKey))
		throw new Refusal("bad-request", `"productKey" is malformed: ${rules.productId.sentence}`);
	const deviceName = field(form, "deviceName");
	if (!rules.deviceName.pattern.test(deviceName))
		throw new Refusal("bad-device-name", `"deviceName" is out of spec: ${rules.deviceName.sentence}`);
	const random = field(form, "random");
	const sign = field(form, "sign");
	const method = readSignMethod(field(form, "signMethod"));
	if (!method) throw new Refusal("bad-request", `"signMethod" must be one of ${signMethods}`);
	return { productKey, deviceName, random, method, sign };
}

function field(form: URLSearchParams, name: string): string {
	const value = form.get(name);
	if (value) return value;
	throw new Refusal(
		"bad-request",
		`the form needs "${name}": it is productKey, deviceName, random, sign and signMethod`,
	);
}
