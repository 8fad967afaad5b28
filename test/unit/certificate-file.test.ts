import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { parseCertificates } from "@dynreg/node/internal/certificate-file";
import test from "ava";
import { crypto } from "../support/node-crypto.js";

const [one, two] = await Promise.all([createAuthority(), createAuthority()]);
const pem = one.certificate.trim();
const other = two.certificate.trim();
const der = Buffer.from(crypto.fromPem(pem));
const count = (contents: string | Uint8Array) =>
	parseCertificates(typeof contents === "string" ? Buffer.from(contents, "latin1") : contents).length;

for (const [what, contents, certificates] of [
	["DER", der, 1],
	["PEM", pem, 1],
	["PEM without a final line end, with a byte order mark", `\xef\xbb\xbf${pem}`, 1],
	["lines of Windows", pem.replaceAll("\n", "\r\n"), 1],
	["indented lines", pem.replaceAll("\n", "\n\t  "), 1],
	["one line", `${pem.slice(0, 27)}${pem.slice(27, -25).replaceAll("\n", "")}${pem.slice(-25)}`, 1],
	["several certificates", `${pem}\n${other}\n`, 2],
	["no line end in between", `${pem}${other}`, 2],
	[
		"what s_client prints",
		`0 s:CN = x\n   i:CN = y\n${pem}\n 1 s:CN = \xe4\xff\n${other}\n---\nServer certificate\n`,
		2,
	],
	["a private key as well", `${one.key}\n${pem}`, 1],
	["a text between them", `${pem}\n\0\nBag Attributes\n    friendlyName: x\n${other}`, 2],
] as const)
	test(`a file with ${what} has certificates`, (t) => t.is(count(contents), certificates));

for (const [what, contents] of [
	["nothing", ""],
	["a letter", "0 dear friend"],
	["OpenSSL's own format", pem.replaceAll(" CERT", " TRUSTED CERT")],
	["a private key only", one.key],
	["a certificate request's label", pem.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST")],
	["a private key in DER", Buffer.from(crypto.fromPem(one.key))],
	["PKCS #12", Buffer.concat([Buffer.from("3082046402010330820430", "hex"), der])],
	["a byte behind the certificate", Buffer.concat([der, Buffer.of(0)])],
	["two certificates in DER", Buffer.concat([der, der])],
	["a certificate cut off", der.subarray(0, 400)],
	["PEM cut off", pem.slice(0, 500)],
	["PEM cut off, behind a whole one", `${other}\n${pem.slice(0, 500)}`],
	["a damaged certificate beside a whole one", `${other}\n${pem.replace("\nMII", "\nMI*")}`],
	["base64 of something else", `${other}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`],
	["an empty certificate", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"],
	["a quoted mail", pem.replaceAll(/^/gm, "> ")],
	["UTF-16", Buffer.from(pem, "utf16le")],
	["one byte", Buffer.of(0x30)],
] as const)
	test(`a file with ${what} has no certificate`, (t) => t.is(count(contents), 0));
