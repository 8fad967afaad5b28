/** Registration by `POST /auth/register/device`: for names that were created before. */

import type {
	PlatformContext,
	RegistrationEndpoint,
	RegistrationRequest,
	RegistrationResponse,
	RequestNames,
} from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import * as responses from "./responses.js";
import { rules, wellFormed } from "./rules.js";
import { readSignMethod, signMethods } from "./signature.js";
import { type SignedRequest, verifyRegistration } from "./verify-registration.js";

export const endpoint: RegistrationEndpoint = { operation: "register/device", names, respond: register };

/** Reads the body as a form, whatever its content type. */
function formOf({ body }: RegistrationRequest): URLSearchParams {
	return new URLSearchParams(body.toString("utf8"));
}

function names(request: RegistrationRequest): RequestNames {
	const form = formOf(request);
	return wellFormed(form.get("productKey"), form.get("deviceName"));
}

function register(request: RegistrationRequest, context: PlatformContext): RegistrationResponse {
	const form = formOf(request);
	const given = names(request);
	try {
		const signed = read(form);
		const product = verifyRegistration(signed, context.products);
		const { productKey, deviceName } = signed;
		const { secret } = context.products.register(product, deviceName, rules.newDeviceSecret);
		return {
			body: responses.successBody(productKey, deviceName, secret),
			outcome: { ...given, verdict: "accepted", reason: "Issued a deviceSecret." },
		};
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		const { body, code } = responses.errorResponse(error.kind);
		const expected = error.expected && { expected: error.expected };
		return { body, outcome: { ...given, verdict: "refused", reason: error.message, code, ...expected } };
	}
}

/** @throws RegistrationRefusal `bad-request`, `bad-device-name` */
function read(form: URLSearchParams): SignedRequest {
	const productKey = field(form, "productKey");
	if (!rules.productId.pattern.test(productKey))
		throw new RegistrationRefusal("bad-request", rules.productId.violation);
	const deviceName = field(form, "deviceName");
	if (!rules.deviceName.pattern.test(deviceName))
		throw new RegistrationRefusal("bad-device-name", rules.deviceName.violation);
	const random = field(form, "random");
	const sign = field(form, "sign");
	const method = readSignMethod(field(form, "signMethod"));
	if (!method) throw new RegistrationRefusal("bad-request", `"signMethod" is invalid. Expected one of ${signMethods}.`);
	return { productKey, deviceName, random, method, sign };
}

function field(form: URLSearchParams, name: string): string {
	const value = form.get(name);
	if (value) return value;
	throw new RegistrationRefusal(
		"bad-request",
		`"${name}" is missing in the form. Expected productKey, deviceName, random, sign and signMethod.`,
	);
}
