/**
 * Certificate products, made cheap: the local cloud's decisions about devices and their secrets stand, but the secret
 * goes out, and comes back, as a certificate with its key. All have the same RSA key, and no two the same bytes.
 */

import { X509Certificate } from "node:crypto";
import type { Login } from "@dynreg/cloud/internal/platforms/platform";
import { createSession } from "@dynreg/cloud/internal/platforms/tencent/session";
import type { Products } from "@dynreg/cloud/internal/products/products";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { certificate, keys } from "../trust/certificate-builder.js";
import { der, octets, oid, sequence } from "../trust/der-writer.js";
import { encryptPayload } from "../unit/encrypt-payload.js";
import type { DeviceIdentity } from "./in-memory-cloud.js";

const pkcs1 = keys.server.privateKey.export({ type: "pkcs1", format: "der" });
/** By device secret. */
const issued = new Map<string, string>();

/** The answer to a registration, v2. */
export function certificateFor(secret: string, productSecret: string): string {
	const plain = issued.get(secret) ?? issue(secret);
	issued.set(secret, plain);
	return JSON.stringify({
		Response: { Len: plain.length, Payload: encryptPayload(productSecret, plain), RequestId: "1" },
	});
}

function issue(secret: string): string {
	const { certificate: clientCert, key: clientKey } = pairFor(secret);
	return JSON.stringify({ encryptionType: 1, clientCert, clientKey });
}

/** PEM. */
export function pairFor(secret: string): { readonly certificate: string; readonly key: string } {
	const own = certificate({ subject: secret, issuer: "authority", key: keys.server, signer: keys.root });
	return { certificate: pem("CERTIFICATE", own), key: pem("PRIVATE KEY", pkcs8(secret)) };
}

/** A claim certificate and its key, of an AWS account. PEM. */
export const claim = {
	certificate: pem(
		"CERTIFICATE",
		certificate({ subject: "claim", issuer: "authority", key: keys.other, signer: keys.root }),
	),
	key: String(keys.other.privateKey.export({ type: "pkcs1", format: "pem" })),
};

/** RFC 5208, section 5: the secret is an attribute, which makes these bytes this device's. */
function pkcs8(secret: string): Buffer {
	const rsaEncryption = sequence(oid("1.2.840.113549.1.1.1"), Buffer.from([0x05, 0x00]));
	const attribute = sequence(oid("2.5.4.3"), der(0x31, der(0x0c, Buffer.from(secret))));
	return Buffer.from(sequence(Buffer.from([0x02, 0x01, 0x00]), rsaEncryption, octets(pkcs1), der(0xa0, attribute)));
}

/** The device secret that this certificate stands for. */
export function seedOf({ certificates: [own] }: CertificateCredential): string {
	return new X509Certificate(own as Uint8Array).subject.slice("CN=".length);
}

export const tencentCertificates = {
	login({ product: id, device: name }: DeviceIdentity, certificate: CertificateCredential, products: Products): Login {
		const product = products.find("tencent", id);
		const device = product?.devices.get(name);
		if (product && device && device.secret === seedOf(certificate))
			return { verdict: "accepted", product, device, session: createSession(product, device) };
		return { verdict: "refused", code: 5, reason: "the certificate is not this device's" };
	},
};

function pem(label: string, der: Buffer): string {
	return `-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`;
}
