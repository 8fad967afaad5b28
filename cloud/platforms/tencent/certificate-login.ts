/** MQTT authentication of certificate devices: TLS has proved that the board holds the certificate's private key. */

import { X509Certificate } from "node:crypto";
import { type Device, isRevoked, type Product } from "../../products/product.js";
import type { Connect, Context } from "../platform.js";
import { dateFault, isIssuedBy } from "./certificate.js";

/** @returns why the device may not connect, undefined if it may */
export function certificateFault(
	product: Product,
	device: Device,
	{ clientId, certificate, secure }: Connect,
	{ certificates, now }: Context,
): string | undefined {
	if (device.certificate === undefined)
		return "the device has not registered yet, so there is no certificate to connect with";
	if (!secure) return "the device connects with its certificate, which takes TLS: connect to a TLS port";
	if (!certificate)
		return `the board sent no certificate in the TLS handshake, but product ${product.id} has certificate devices: give its TLS client the certificate and the private key`;
	if (isRevoked(product, certificate))
		return "the certificate was revoked: reset the device and let the board register again, for another one";
	const authority = product.auth === "private-ca" ? product.authority : certificates.authority?.certificate;
	if (authority === undefined || !isIssuedBy(certificate, authority))
		return product.auth === "private-ca"
			? "the certificate was not issued by the product's authority"
			: "the certificate was not issued by the local cloud: the board has to register for one";
	// Compares the whole certificate: another one may have the same names.
	if (!certificate.raw.equals(new X509Certificate(device.certificate).raw))
		return product.auth === "private-ca"
			? "the certificate is not the one that the device has registered with: let it register with this one (reset it before, if it is active)"
			: otherFault(certificate, clientId);
	const fault = dateFault(certificate, now);
	return fault && `the certificate is out of its dates: ${fault}`;
}

function otherFault({ subject }: X509Certificate, clientId: string): string {
	const [, name] = /^CN=(.*)$/m.exec(subject) ?? [];
	if (name !== clientId) return `the certificate is that of ${name}, not that of ${clientId}`;
	return "the certificate is not the device's newest: the board holds an older one; reset the device and let it register again";
}
