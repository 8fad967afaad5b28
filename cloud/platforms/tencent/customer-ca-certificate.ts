/**
 * The certificate that a board of a private-ca product registers with: issued by the customer's authority.
 *
 * The vendor's documentation calls the field `ClientCert`, its C SDK `clientCert`. `EncryptionType`, 1 for
 * certificates, accompanies it; the C SDK leaves it out. Only version 2 has these fields.
 */

import type { X509Certificate } from "node:crypto";
import { parseCertificate } from "../../certificates/parse-certificate.js";
import { isRevoked, type Product } from "../../products/product.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { isIssuedBy, validityError } from "./certificate.js";

/** The fields of a request body about the board's certificate. */
export interface CertificateFields {
	readonly certificate: unknown;
	readonly encryptionType: unknown;
}

export function readCertificateFields(body: Record<string, unknown>): CertificateFields {
	return { certificate: body.ClientCert ?? body.clientCert, encryptionType: body.EncryptionType };
}

/**
 * @param fields undefined if this version of the protocol has no fields for it
 * @param now milliseconds since 1970
 * @throws RegistrationRefusal `bad-certificate`
 */
export function checkCustomerCaCertificate(
	fields: CertificateFields | undefined,
	product: Product,
	now: number,
): X509Certificate {
	if (!fields)
		throw refusal(
			`The board registered with version 1, which cannot send a certificate. The "private-ca" product ${product.id} needs version 2.`,
		);
	const { certificate: pem, encryptionType } = fields;
	if (encryptionType !== undefined && encryptionType !== 1)
		throw refusal('"EncryptionType" is invalid. Expected 1, for certificates, or no "EncryptionType".');
	if (pem === undefined)
		throw refusal(
			`"ClientCert" is missing. The "private-ca" product ${product.id} needs the board's certificate in PEM.`,
		);
	const certificate = typeof pem === "string" ? parseCertificate(pem) : undefined;
	if (!certificate)
		throw refusal(
			'"ClientCert" is invalid. Expected a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----, with lines that end in \\n.',
		);
	if (product.authority === undefined || !isIssuedBy(certificate, product.authority))
		throw refusal(
			"The board's certificate is not from the product's authority. Issue the certificate with that authority, or PUT the right \"authority\".",
		);
	const fault = validityError(certificate, now);
	if (fault) throw refusal(`The board's certificate is outside its validity period (${fault}).`);
	if (isRevoked(product, certificate))
		throw refusal("The board's certificate was revoked. Issue another certificate with the product's authority.");
	return certificate;
}

function refusal(message: string): RegistrationRefusal {
	return new RegistrationRefusal("bad-certificate", message);
}
