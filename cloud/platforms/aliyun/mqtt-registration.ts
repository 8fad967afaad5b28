/**
 * Registration by a CONNECT, whose response follows the CONNACK: `register` hands out a deviceSecret to a name that was
 * created before, `regnwl` ("registration-free") a client id and a token to any name.
 *
 * The vendor documents the topic `/ext/register` for both, but its Link SDK for C and its Python sample accept the
 * response to `regnwl` only on `/ext/regnwl`.
 */

import type { Product } from "../../products/product.js";
import type { RegistrationLogin } from "../platform.js";
import { type Attempt, demandTls, password } from "./attempt.js";
import { parameter, signMethod } from "./client-id.js";
import { provenProduct } from "./registration.js";
import { Rejection } from "./rejection.js";
import { boardRules, rules } from "./rules.js";

/** Seconds after which the platform drops the connection (vendor documentation). */
const timeLimit = 15;

/** @throws Rejection, Refusal */
export function register(attempt: Attempt, operation: string): RegistrationLogin {
	const product = prove(attempt);
	const { productKey, deviceName, context } = attempt;
	const { device, secret } = context.products.register(product, deviceName, rules.newDeviceSecret);
	return {
		verdict: "registered",
		operation,
		reason: "handed out a deviceSecret",
		product,
		device,
		response: {
			topic: "/ext/register",
			payload: JSON.stringify({ productKey, deviceName, deviceSecret: secret }),
		},
		timeLimit,
	};
}

/** @throws Rejection, Refusal */
export function registerFree(attempt: Attempt, operation: string): RegistrationLogin {
	const product = prove(attempt);
	const { productKey, deviceName, context } = attempt;
	const { device, board } = context.products.registerBoard(product, deviceName, boardRules);
	const { clientId, token } = board;
	return {
		verdict: "registered",
		operation,
		reason: `handed out a token, to board ${device.boards?.length} of at most ${boardRules.most} of this name`,
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
function prove(attempt: Attempt): Product {
	const { clientId, productKey, deviceName, context } = attempt;
	demandTls(attempt, "registration");
	const mode = parameter(clientId, "securemode");
	if (mode !== "2" && mode !== "-2") throw new Rejection(2, "a registration's securemode must be 2 or -2");
	const random = parameter(clientId, "random");
	const claim = { productKey, deviceName, random, method: signMethod(clientId), sign: password(attempt) };
	const product = provenProduct(claim, context.products);
	checkInstance(product, clientId.parameters.get("instanceId"));
	return product;
}

function checkInstance({ id, instanceId }: Product, named: string | undefined): void {
	if (instanceId === undefined || named === undefined || named === instanceId) return;
	throw new Rejection(2, `the client id names the instance ${named}, but product ${id} belongs to ${instanceId}`);
}
