/**
 * Registration by a CONNECT, whose response follows the CONNACK: `register` hands out a deviceSecret to a name that was
 * created before, `regnwl` ("registration-free") a client id and a token to any name.
 *
 * The vendor documents the topic `/ext/register` for both, but its Link SDK for C and its Python sample accept the
 * response to `regnwl` only on `/ext/regnwl`.
 */

import type { Product } from "../../products/product.js";
import type { RegistrationLogin } from "../platform.js";
import { requireParameter, requireSignMethod } from "./client-id.js";
import { ConnackError } from "./connack-error.js";
import { type ParsedConnect, requirePassword, requireTls } from "./parsed-connect.js";
import { boardRules, rules } from "./rules.js";
import { verifyRegistration } from "./verify-registration.js";

/** Seconds after which the platform drops the connection (vendor documentation). */
const timeLimit = 15;

/** @throws ConnackError, RegistrationRefusal */
export function registerForSecret(parsed: ParsedConnect, operation: string): RegistrationLogin {
	const product = verify(parsed);
	const { productKey, deviceName, context } = parsed;
	const { device, secret } = context.products.register(product, deviceName, rules.newDeviceSecret);
	return {
		verdict: "registered",
		operation,
		reason: "Issued a deviceSecret.",
		product,
		device,
		response: {
			topic: "/ext/register",
			payload: JSON.stringify({ productKey, deviceName, deviceSecret: secret }),
		},
		timeLimit,
	};
}

/** @throws ConnackError, RegistrationRefusal */
export function registerForToken(parsed: ParsedConnect, operation: string): RegistrationLogin {
	const product = verify(parsed);
	const { productKey, deviceName, context } = parsed;
	const { device, board } = context.products.registerBoard(product, deviceName, boardRules);
	const { clientId, token } = board;
	return {
		verdict: "registered",
		operation,
		reason: `Issued a token to board ${device.boards?.length} of at most ${boardRules.maxBoards} of this name.`,
		product,
		device,
		response: {
			topic: "/ext/regnwl",
			payload: JSON.stringify({ productKey, deviceName, clientId, deviceToken: token }),
		},
		timeLimit,
	};
}

/**
 * Accepts any keep-alive, and both values of `securemode`: Link SDK for C sends 2, the documentation says -2 for
 * `regnwl`.
 */
function verify(parsed: ParsedConnect): Product {
	const { clientId, productKey, deviceName, context } = parsed;
	requireTls(parsed, "A registration");
	const mode = requireParameter(clientId, "securemode");
	if (mode !== "2" && mode !== "-2")
		throw new ConnackError(2, "The securemode of this registration is invalid. Expected 2 or -2.");
	const random = requireParameter(clientId, "random");
	const request = {
		productKey,
		deviceName,
		random,
		method: requireSignMethod(clientId),
		sign: requirePassword(parsed),
	};
	const product = verifyRegistration(request, context.products);
	checkInstance(product, clientId.parameters.get("instanceId"));
	return product;
}

function checkInstance({ id, instanceId }: Product, named: string | undefined): void {
	if (instanceId === undefined || named === undefined || named === instanceId) return;
	throw new ConnackError(
		2,
		`The client id names the instance ${named}. Product ${id} belongs to the instance ${instanceId}.`,
	);
}
