/**
 * A certificate authority and the server certificates that it issues (X.509 v3, RFC 5280).
 *
 * RSA 2048 with SHA-256, because TLS on the boards is ECDHE-RSA-AES128-GCM-SHA256. An
 * issued chain holds leaf *and* root: the Moddable TLS stack matches a host name only
 * against certificates that are not the last of the chain it was sent, and finds its
 * registered root by comparing the root's subject key identifier with the authority key
 * identifier of the certificate below.
 */

import { createHash, generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";
import { promisify } from "node:util";
import * as der from "./der.js";

const DAY = 24 * 60 * 60 * 1000;

export interface Authority {
	/** PEM */
	readonly certificate: string;
	/** PEM, PKCS #8 */
	readonly key: string;
}

export interface AuthorityOptions {
	/** Common name. Two authorities of one name still have different keys. */
	readonly name?: string;
	/** Default: yesterday, for boards whose clock is behind. */
	readonly notBefore?: Date;
	/** Default: in twenty years. */
	readonly notAfter?: Date;
}

export interface ServerCertificate {
	/** PEM: the leaf, then the authority's own certificate. */
	readonly chain: string;
	/** PEM, PKCS #8 */
	readonly key: string;
}

export interface IssueOptions {
	/** Host names (`*.example.org` stands for one label) and IPv4 addresses. The first is the common name too. */
	readonly names: readonly [string, ...string[]];
	/** Default: yesterday, for boards whose clock is behind. */
	readonly notBefore?: Date;
	/** Default: in one year. */
	readonly notAfter?: Date;
	/** A key pair made ahead of time with `createKeys`; otherwise a new one is made. */
	readonly keys?: Keys;
}

export interface Keys {
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

/** RSA 2048. Takes some 100 ms on another thread, so that several may be made at once. */
export function createKeys(): Promise<Keys> {
	return promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
}

export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
	const name = options.name ?? "dynreg local cloud";
	const keys = await createKeys();
	const certificate = signed(
		{
			issuer: name,
			subject: name,
			notBefore: options.notBefore ?? new Date(Date.now() - DAY),
			notAfter: options.notAfter ?? new Date(Date.now() + 20 * 365 * DAY),
			publicKey: keys.publicKey,
			extensions: [
				extension("2.5.29.19", true, der.sequence(der.boolean(true), der.integer(0n))),
				// keyCertSign and cRLSign: bits 5 and 6
				extension("2.5.29.15", true, der.bits(Buffer.of(0x06), 1)),
				subjectKeyIdentifier(keys.publicKey),
				authorityKeyIdentifier(keys.publicKey),
			],
		},
		keys.privateKey,
	);
	return { certificate: pem(certificate), key: privatePem(keys.privateKey) };
}

/** A TLS server certificate for these names. */
export async function issue(authority: Authority, options: IssueOptions): Promise<ServerCertificate> {
	const issuer = new X509Certificate(authority.certificate);
	const keys = options.keys ?? (await createKeys());
	const certificate = signed(
		{
			issuer: issuer.subject.replace(/^CN=/, ""),
			subject: options.names[0],
			notBefore: options.notBefore ?? new Date(Date.now() - DAY),
			notAfter: options.notAfter ?? new Date(Date.now() + 365 * DAY),
			publicKey: keys.publicKey,
			extensions: [
				extension("2.5.29.19", true, der.sequence()),
				// digitalSignature for ECDHE, keyEncipherment for old peers' RSA key exchange: bits 0 and 2
				extension("2.5.29.15", true, der.bits(Buffer.of(0xa0), 5)),
				// serverAuth
				extension("2.5.29.37", false, der.sequence(der.objectId("1.3.6.1.5.5.7.3.1"))),
				extension("2.5.29.17", false, der.sequence(...options.names.map(generalName))),
				subjectKeyIdentifier(keys.publicKey),
				authorityKeyIdentifier(issuer.publicKey),
			],
		},
		authority.key,
	);
	return { chain: pem(certificate) + authority.certificate, key: privatePem(keys.privateKey) };
}

interface Contents {
	readonly issuer: string;
	readonly subject: string;
	readonly notBefore: Date;
	readonly notAfter: Date;
	readonly publicKey: KeyObject;
	readonly extensions: readonly Buffer[];
}

function signed(contents: Contents, key: KeyObject | string): Buffer {
	const sha256WithRsa = der.sequence(der.objectId("1.2.840.113549.1.1.11"), der.nothing());
	const toBeSigned = der.sequence(
		der.tagged(0, der.integer(2n)),
		der.integer(serialNumber()),
		sha256WithRsa,
		commonName(contents.issuer),
		der.sequence(der.time(contents.notBefore), der.time(contents.notAfter)),
		commonName(contents.subject),
		contents.publicKey.export({ type: "spki", format: "der" }),
		der.tagged(3, der.sequence(...contents.extensions)),
	);
	return der.sequence(toBeSigned, sha256WithRsa, der.bits(sign("sha256", toBeSigned, key)));
}

/** Positive, never zero, at most 20 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): bigint {
	return BigInt(`0x01${randomBytes(15).toString("hex")}`);
}

function commonName(name: string): Buffer {
	return der.sequence(der.set(der.sequence(der.objectId("2.5.4.3"), der.text(name))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
	return der.sequence(der.objectId(id), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function generalName(name: string): Buffer {
	return isIPv4(name)
		? der.implicit(7, Buffer.from(name.split(".").map(Number)))
		: der.implicit(2, Buffer.from(name, "latin1"));
}

function subjectKeyIdentifier(key: KeyObject): Buffer {
	return extension("2.5.29.14", false, der.octets(keyIdentifier(key)));
}

function authorityKeyIdentifier(key: KeyObject): Buffer {
	return extension("2.5.29.35", false, der.sequence(der.implicit(0, keyIdentifier(key))));
}

/** SHA-1 of the public key proper, without algorithm (RFC 5280, 4.2.1.2, method 1). */
function keyIdentifier(key: KeyObject): Buffer {
	return createHash("sha1")
		.update(key.export({ type: "pkcs1", format: "der" }))
		.digest();
}

function privatePem(key: KeyObject): string {
	return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function pem(certificate: Buffer): string {
	const lines = certificate.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
	return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
