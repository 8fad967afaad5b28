/**
 * Certificate products, made cheap: the local cloud's decisions about devices and their secrets stand, but the secret
 * goes out, and comes back, as a certificate with its key. Nothing looks into either, so they are mere bytes.
 */

import { createHash } from "node:crypto";
import type { Login } from "@dynreg/cloud/internal/platforms/platform";
import { session } from "@dynreg/cloud/internal/platforms/tencent/session";
import type { Products } from "@dynreg/cloud/internal/products/products";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { seal } from "../unit/seal.js";
import type { Name } from "./cloud.js";

/** Bytes of a certificate and of an RSA key of 2048 bits, as the platform issues them. */
const certificateBytes = 860;
const keyBytes = 1190;

/** The answer to a registration, v2. */
export function certificateFor(secret: string, productSecret: string): string {
	const plain = JSON.stringify({
		encryptionType: 1,
		clientCert: pem("CERTIFICATE", Buffer.concat([Buffer.from(secret), noise(secret, certificateBytes)])),
		clientKey: pem("RSA PRIVATE KEY", noise(`${secret} key`, keyBytes)),
	});
	return JSON.stringify({ Response: { Len: plain.length, Payload: seal(productSecret, plain), RequestId: "1" } });
}

/** The device secret that this certificate stands for. */
export function seedOf({ certificates: [own] }: CertificateCredential): string {
	return Buffer.from((own as Uint8Array).subarray(0, 24)).toString();
}

export const tencentCertificates = {
	login({ product: id, device: name }: Name, certificate: CertificateCredential, products: Products): Login {
		const product = products.find("tencent", id);
		const device = product?.devices.get(name);
		if (product && device && device.secret === seedOf(certificate))
			return { verdict: "accepted", product, device, session: session(product, device) };
		return { verdict: "refused", code: 5, reason: "the certificate is not this device's" };
	},
};

function noise(seed: string, length: number): Buffer {
	const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
		createHash("sha256").update(`${seed} ${block}`).digest(),
	);
	return Buffer.concat(blocks).subarray(0, length);
}

function pem(label: string, der: Buffer): string {
	return `-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`;
}
