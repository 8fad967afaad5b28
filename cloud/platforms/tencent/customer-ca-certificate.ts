/**
 * The certificate that a board of a private-ca product registers with: issued by the customer's authority.
 *
 * The vendor's documentation calls the field `ClientCert`, its C SDK `clientCert`. `EncryptionType`, 1 for
 * certificates, accompanies it; the C SDK leaves it out. Only version 2 has these fields.
 */

import type { X509Certificate } from "node:crypto";
import { parseCertificate } from "../../certificates/parse-certificate.js";
import { isRevoked, type Product } from "../../products/product.js";
import { Refusal } from "../refusal.js";
import { dateFault, isIssuedBy } from "./certificate.js";

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
 * @throws Refusal `bad-certificate`
 */
export function checkCustomerCaCertificate(
	fields: CertificateFields | undefined,
	product: Product,
	now: number,
): X509Certificate {
	if (!fields)
		throw refusal(
			`product ${product.id} is "private-ca", whose boards register with version 2, as version 1 has no field for their certificate`,
		);
	const { certificate: pem, encryptionType } = fields;
	if (encryptionType !== undefined && encryptionType !== 1)
		throw refusal('"EncryptionType" must be 1, for certificates, or be left out');
	if (pem === undefined)
		throw refusal(
			`product ${product.id} is "private-ca": the body needs "ClientCert", the board's own certificate in PEM`,
		);
	const certificate = typeof pem === "string" ? parseCertificate(pem) : undefined;
	if (!certificate)
		throw refusal(
			'"ClientCert" is no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----, its lines end in \\n',
		);
	if (product.authority === undefined || !isIssuedBy(certificate, product.authority))
		throw refusal(
			"the board's certificate was not issued by the product's authority: have it issued by that one, or PUT the right \"authority\"",
		);
	const fault = dateFault(certificate, now);
	if (fault) throw refusal(`the board's certificate is out of its dates: ${fault}`);
	if (isRevoked(product, certificate))
		throw refusal("the board's certificate was revoked: the product's authority has to issue another one");
	return certificate;
}

function refusal(message: string): Refusal {
	return new Refusal("bad-certificate", message);
}
