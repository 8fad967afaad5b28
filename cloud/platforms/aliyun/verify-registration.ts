/** The signature of registrations over HTTPS and MQTT. Source: vendor documentation, Link SDK for C 4.2. */

import type { Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { checkSignature, type SignMethod } from "./signature.js";

/** A registration request, not verified yet. */
export interface SignedRequest {
	readonly productKey: string;
	readonly deviceName: string;
	readonly random: string;
	readonly method: SignMethod;
	readonly sign: string;
}

/**
 * Verifies the signature.
 *
 * @returns the product
 * @throws RegistrationRefusal `unknown-product`, `bad-signature`
 */
export function verifyRegistration(request: SignedRequest, products: Products): Product {
	const { productKey, deviceName, random, method, sign } = request;
	const product = products.find("aliyun", productKey);
	if (!product)
		throw new RegistrationRefusal(
			"unknown-product",
			`The product ${productKey} does not exist. Create the product in the local cloud, or correct the board's productKey.`,
		);
	const names = [
		["deviceName", deviceName],
		["productKey", productKey],
	] as const;
	const spec = { method, fields: [...names, ["random", random]] as const, key: product.secret };
	const wrong = checkSignature(sign, spec, {
		fields: [{ fields: names, mistake: "The random number is not signed." }],
		keys: [
			{
				key: Buffer.from(product.secret, "base64"),
				mistake: "The key is the productSecret decoded as base64. Expected the productSecret itself.",
			},
			...deviceSecretMistake(product, deviceName),
		],
		unknownMistake:
			"The board's productSecret is probably another product's, cut short, or a sample. Otherwise compare the signed text with the expected text.",
	});
	if (wrong) throw new RegistrationRefusal("bad-signature", `The sign is wrong. ${wrong.reason}`, wrong.expected);
	return product;
}

function deviceSecretMistake(
	product: Product,
	deviceName: string,
): { readonly key: string; readonly mistake: string }[] {
	const key = product.devices.get(deviceName)?.secret;
	return key === undefined ? [] : [{ key, mistake: "The key is the deviceSecret. Expected the productSecret." }];
}
