/** MQTT authentication of certificate devices: TLS has proved that the board holds the certificate's private key. */

import { X509Certificate } from "node:crypto";
import { type Device, isRevoked, type Product } from "../../products/product.js";
import type { Connect, PlatformContext } from "../platform.js";
import { isIssuedBy, validityError } from "./certificate.js";

/** @returns why the device may not connect, undefined if it may */
export function certificateError(
	product: Product,
	device: Device,
	{ clientId, certificate, overTls }: Connect,
	{ certificates, now }: PlatformContext,
): string | undefined {
	if (device.certificate === undefined) return "The device has not registered yet, so the device has no certificate.";
	if (!overTls) return "The device authenticates by certificate, which needs TLS. Connect to a TLS port.";
	if (!certificate)
		return `The board sent no certificate, but product ${product.id} authenticates by certificate. Give the board's TLS client the certificate and the private key.`;
	if (isRevoked(product, certificate))
		return product.auth === "private-ca"
			? "The certificate was revoked. Issue another certificate, reset the device and let the board register again."
			: "The certificate was revoked. Reset the device and let the board register again.";
	const authority = product.auth === "private-ca" ? product.authority : certificates.authority?.certificate;
	if (authority === undefined || !isIssuedBy(certificate, authority))
		return product.auth === "private-ca"
			? "The certificate is not from the product's authority. Issue a certificate with that authority."
			: "The certificate is not from the local cloud. Let the board register for a certificate.";
	// Compares the whole certificate: another one may have the same names.
	if (!certificate.raw.equals(new X509Certificate(device.certificate).raw))
		return product.auth === "private-ca"
			? "The device registered with another certificate. Reset the device and let the board register with this certificate."
			: otherCertificateError(certificate, clientId);
	const fault = validityError(certificate, now);
	return fault && `The certificate is outside its validity period (${fault}).`;
}

function otherCertificateError({ subject }: X509Certificate, clientId: string): string {
	const [, name] = /^CN=(.*)$/m.exec(subject) ?? [];
	if (name !== clientId) return `The certificate is for ${name}. Expected a certificate for ${clientId}.`;
	return "The board holds an older certificate of the device. Reset the device and let the board register again.";
}
