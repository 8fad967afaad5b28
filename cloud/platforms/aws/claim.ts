/** Which product's claim certificate a client has shown. */

import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { isRevoked, type Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";

/** A key is parsed once. */
const keys = new WeakMap<Product, { readonly secret: string; readonly key: KeyObject }>();

function claimKeyOf(product: Product): KeyObject {
	const { secret } = product;
	const known = keys.get(product);
	if (known?.secret === secret) return known.key;
	const key = createPrivateKey(secret);
	keys.set(product, { secret, key });
	return key;
}

/** @returns the product whose claim certificate it is, by its key */
export function claimedProduct(certificate: X509Certificate | undefined, products: Products): Product | undefined {
	if (!certificate) return undefined;
	return [...products.all()].find(
		(product) => product.platform === "aws" && certificate.checkPrivateKey(claimKeyOf(product)),
	);
}

/** @returns why the certificate may not register boards, undefined if it may */
export function claimError(product: Product, certificate: X509Certificate, now: number): string | undefined {
	if (isRevoked(product, certificate)) return "The claim certificate was revoked.";
	if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
		return "The claim certificate is outside its validity period.";
	return undefined;
}
