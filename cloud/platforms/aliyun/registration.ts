/** The signature of registrations over HTTPS and MQTT. Source: vendor documentation, Link SDK for C 4.2. */

import type { Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import { Refusal } from "../refusal.js";
import { check, type SignMethod } from "./signature.js";

/** A registration request, not verified yet. */
export interface Claim {
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
 * @throws Refusal `unknown-product`, `bad-signature`
 */
export function provenProduct(claim: Claim, products: Products): Product {
	const { productKey, deviceName, random, method, sign } = claim;
	const product = products.find("aliyun", productKey);
	if (!product)
		throw new Refusal(
			"unknown-product",
			`there is no product ${productKey}: create it in the local cloud, or check the board's productKey`,
		);
	const names = [
		["deviceName", deviceName],
		["productKey", productKey],
	] as const;
	const recipe = { method, fields: [...names, ["random", random]] as const, key: product.secret };
	const wrong = check(sign, recipe, {
		fields: [{ fields: names, what: "the random number is not signed" }],
		keys: [
			{
				key: Buffer.from(product.secret, "base64"),
				what: "its key is the productSecret decoded as base64, not as it is",
			},
			...ownSecret(product, deviceName),
		],
		otherwise:
			"most likely the board's productSecret is not this product's (copied from another product, cut short, or a redacted sample); else what it signed differs from what is expected",
	});
	if (wrong) throw new Refusal("bad-signature", `the sign is wrong: ${wrong.reason}`, wrong.expected);
	return product;
}

function ownSecret(product: Product, deviceName: string): { readonly key: string; readonly what: string }[] {
	const key = product.devices.get(deviceName)?.secret;
	return key === undefined ? [] : [{ key, what: "its key is the deviceSecret, where the productSecret is due" }];
}
