/**
 * The certificate that a board of a private-ca product has of its own, and registers with.
 *
 * The vendor's documentation calls the field `ClientCert`, its C SDK `clientCert`. With it goes
 * `EncryptionType`, 1 for certificates, which the C SDK leaves out. Only version 2 has these fields.
 */

import type { X509Certificate } from "node:crypto";
import { parseCertificate } from "../parse-certificate.js";
import { isRevoked, type Product } from "../products.js";
import { Refusal } from "../refusal.js";
import { dateFault, isIssuedBy } from "./certificate.js";

/** What the body says of the board's certificate. */
export interface OwnCertificateFields {
	readonly certificate: unknown;
	readonly encryptionType: unknown;
}

export function readOwnCertificate(body: Record<string, unknown>): OwnCertificateFields {
	return { certificate: body.ClientCert ?? body.clientCert, encryptionType: body.EncryptionType };
}

/**
 * @param fields undefined if this version of the protocol has none
 * @param now milliseconds since 1970
 * @throws Refusal `bad-certificate`
 */
export function checkOwnCertificate(
	fields: OwnCertificateFields | undefined,
	product: Product,
	now: number,
): X509Certificate {
	if (!fields)
		throw bad(
			`product ${product.id} is "private-ca", whose boards register with version 2, as version 1 has no field for their certificate`,
		);
	const { certificate: pem, encryptionType } = fields;
	if (encryptionType !== undefined && encryptionType !== 1)
		throw bad('"EncryptionType" must be 1, for certificates, or be left out');
	if (pem === undefined)
		throw bad(`product ${product.id} is "private-ca": the body needs "ClientCert", the board's own certificate in PEM`);
	const certificate = typeof pem === "string" ? parseCertificate(pem) : undefined;
	if (!certificate)
		throw bad(
			'"ClientCert" is no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----, its lines end in \\n',
		);
	if (product.authority === undefined || !isIssuedBy(certificate, product.authority))
		throw bad(
			"the board's certificate was not issued by the product's authority: have it issued by that one, or PUT the right \"authority\"",
		);
	const fault = dateFault(certificate, now);
	if (fault) throw bad(`the board's certificate is out of its dates: ${fault}`);
	if (isRevoked(product, certificate))
		throw bad("the board's certificate was revoked: the product's authority has to issue another one");
	return certificate;
}

function bad(message: string): Refusal {
	return new Refusal("bad-certificate", message);
}
