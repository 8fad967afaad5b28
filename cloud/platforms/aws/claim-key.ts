/** The claim certificate that all boards of a product share, for registration only. Its key is the product's secret. */

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { DeviceCertificates } from "../../certificates/device-certificates.js";
import type { Product } from "../../products/product.js";

/** PEM, PKCS #1. */
export function newClaimKey(): string {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

export function isClaimKey(pem: string): boolean {
	try {
		return createPrivateKey(pem).asymmetricKeyType === "rsa";
	} catch {
		return false;
	}
}

/** The keys of a board's configuration. Each call issues another certificate for the same key; all are valid. */
export async function claimKeys(
	{ id, secret }: Pick<Product, "id" | "secret">,
	certificates: DeviceCertificates,
): Promise<RawConfiguration> {
	return { claimCertificate: await certificates.issueFor(`claim of ${id}`, secret), claimKey: secret };
}
