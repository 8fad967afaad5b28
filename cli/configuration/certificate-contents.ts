import { readFileSync } from "node:fs";
import { parseCertificates } from "@dynreg/node/internal/certificate-file";
import { DerReader } from "dynreg/x509/der";

/** What files are that are not certificates, by the first label in PEM; each with what to do. */
const labels: readonly (readonly [label: RegExp, contents: string, advice: (file: string) => string])[] = [
	[/^CERTIFICATE$/, "a damaged certificate", () => "Copy the file again."],
	[/^TRUSTED CERTIFICATE$/, "a certificate in OpenSSL's own format", (file) => `openssl x509 -in ${file} -out ca.pem`],
	[/CERTIFICATE REQUEST$/, "a certificate request", () => "Name the certificate that the authority has issued."],
	[/PRIVATE KEY$/, "a private key", () => "Name the authority's certificate. Keep the key secret."],
	[/PUBLIC KEY$/, "a public key", () => "Name the authority's certificate."],
	[/^X509 CRL$/, "a revocation list", () => "Name the authority's certificate."],
	[/^(PKCS7|CMS)$/, "PKCS #7", (file) => `openssl pkcs7 -print_certs -in ${file} -out ca.pem`],
];

/**
 * Why a file of `ca` is none, for people: "ca.p12 holds PKCS #12. Convert the file: …"
 *
 * @returns undefined for a file of certificates
 * @throws errors of the file system
 */
export function certificateFileProblem(file: string): string | undefined {
	const bytes = readFileSync(file);
	if (parseCertificates(bytes).length > 0) return undefined;
	const [contents, advice] = contentsOf(bytes, file);
	return `${file} holds ${contents}. ${advice}`;
}

function contentsOf(bytes: Buffer, file: string): readonly [contents: string, advice: string] {
	const expected = "Expected certificates in PEM, or one in DER.";
	if (bytes.length === 0) return ["nothing", expected];
	const text = bytes.toString("latin1");
	const [, label = ""] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
	const first = text.includes("-----BEGIN CERTIFICATE-----") ? "CERTIFICATE" : label;
	const known = labels.find(([pattern]) => pattern.test(first));
	if (known !== undefined) return [known[1], advise(known[2](file))];
	if (text.includes("B\0E\0G\0I\0N")) return ["a text in UTF-16", "Save the file in UTF-8."];
	return derContents(bytes, file) ?? ["no certificate", expected];
}

/** By the first element of its SEQUENCE. */
function derContents(bytes: Uint8Array, file: string): readonly [contents: string, advice: string] | undefined {
	let first: string;
	try {
		const inner = new DerReader(new DerReader(bytes).next(0x30));
		const value = Buffer.from(inner.next()).toString("hex");
		first = `${inner.tag} ${value}`;
	} catch {
		return undefined;
	}
	switch (first) {
		// INTEGER, the version: RFC 7292, section 4; RFC 5208, section 5, and RFC 8017, appendix A.1.2.
		case "2 03":
			return ["PKCS #12", advise(`openssl pkcs12 -in ${file} -nokeys -out ca.pem`)];
		case "2 00":
			return ["a private key", "Name the authority's certificate. Keep the key secret."];
		// OBJECT IDENTIFIER signedData: RFC 2315, section 14.
		case "6 2a864886f70d010702":
			return ["PKCS #7", advise(`openssl pkcs7 -print_certs -inform DER -in ${file} -out ca.pem`)];
		default:
			return undefined;
	}
}

function advise(advice: string): string {
	return advice.startsWith("openssl") ? `Convert the file: ${advice}` : advice;
}
