/**
 * A certificate authority and the server certificates that it issues (X.509 v3, RFC 5280).
 *
 * RSA 2048 with SHA-256, because TLS on the boards is ECDHE-RSA-AES128-GCM-SHA256. An
 * issued chain holds leaf *and* root: the Moddable TLS stack matches a host name only
 * against certificates that are not the last of the chain it was sent, and finds its
 * registered root by comparing the root's subject key identifier with the authority key
 * identifier of the certificate below.
 */

import { KeyObject, webcrypto } from "node:crypto";
import { isIPv4 } from "node:net";

const DAY = 24 * 60 * 60 * 1000;
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

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
	/** Who vouches for it, if it stands between a root and what it issues; default: itself. */
	readonly issuer?: Authority;
	/** How many authorities may stand between it and what they issue. Default: none. */
	readonly pathLength?: number;
	/** A key pair made ahead of time. */
	readonly keys?: Keys;
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
	/** Whom the certificate stands for. Default: a server. */
	readonly purpose?: "server" | "client";
	/** Of the signature. SHA-1 is no longer trusted by anybody: for tests. */
	readonly hash?: "SHA-256" | "SHA-1";
}

export type Keys = webcrypto.CryptoKeyPair;

/** RSA 2048 takes some 100 ms on another thread, so that several may be made at once. 1024 is for tests. */
export function createKeys(kind: "RSA 2048" | "RSA 1024" | "P-256" = "RSA 2048"): Promise<Keys> {
	if (kind === "P-256")
		return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: kind }, true, ["sign", "verify"]);
	const modulusLength = kind === "RSA 2048" ? 2048 : 1024;
	const parameters = { ...RSA, modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
	return webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
}

export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
	const [keys, x509] = await Promise.all([options.keys ?? createKeys(), library()]);
	const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
	const subject = commonName(x509, options.name ?? "dynreg local cloud");
	const above = options.issuer && new x509.X509Certificate(options.issuer.certificate);
	const certificate = await x509.X509CertificateGenerator.create({
		subject,
		issuer: above?.subjectName ?? subject,
		notBefore: options.notBefore ?? new Date(Date.now() - DAY),
		notAfter: options.notAfter ?? new Date(Date.now() + 20 * 365 * DAY),
		publicKey: keys.publicKey,
		signingKey: options.issuer ? await signingKey(x509, options.issuer) : keys.privateKey,
		extensions: [
			new x509.BasicConstraintsExtension(true, options.pathLength ?? 0, true),
			new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(above ?? keys.publicKey),
		],
	});
	return { certificate: `${certificate.toString("pem")}\n`, key: privatePem(keys.privateKey) };
}

/** A TLS certificate for these names. */
export async function issue(authority: Authority, options: IssueOptions): Promise<ServerCertificate> {
	const [keys, x509] = await Promise.all([options.keys ?? createKeys(), library()]);
	const issuer = new x509.X509Certificate(authority.certificate);
	const isRsa = keys.publicKey.algorithm.name === RSA.name;
	const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
	const certificate = await x509.X509CertificateGenerator.create({
		issuer: issuer.subjectName,
		subject: commonName(x509, options.names[0]),
		notBefore: options.notBefore ?? new Date(Date.now() - DAY),
		notAfter: options.notAfter ?? new Date(Date.now() + 365 * DAY),
		publicKey: keys.publicKey,
		signingKey: await signingKey(x509, authority, options.hash),
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			// keyEncipherment is for old peers' RSA key exchange, ECDHE does without
			new x509.KeyUsagesExtension(isRsa ? digitalSignature | keyEncipherment : digitalSignature, true),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${options.purpose ?? "server"}Auth`]]),
			new x509.SubjectAlternativeNameExtension(
				options.names.map((value) => ({ type: isIPv4(value) ? "ip" : "dns", value })),
			),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(issuer),
		],
	});
	return { chain: `${certificate.toString("pem")}\n${authority.certificate}`, key: privatePem(keys.privateKey) };
}

function signingKey(x509: Library, { key }: Authority, hash = RSA.hash): Promise<webcrypto.CryptoKey> {
	const pkcs8 = x509.PemConverter.decodeFirst(key);
	return webcrypto.subtle.importKey("pkcs8", pkcs8, { ...RSA, hash }, false, ["sign"]);
}

type Library = typeof import("@peculiar/x509");

/**
 * Loaded when the first certificate is made, while another thread makes its keys: a cloud
 * that finds its certificates in its state file starts without it.
 */
async function library(): Promise<Library> {
	// It reads decorators' metadata while it loads, with functions that this adds to `Reflect`.
	await import("reflect-metadata");
	return import("@peculiar/x509");
}

/** As an object with its type, so that nothing in it is taken for the syntax of a distinguished name. */
function commonName({ Name }: Library, name: string): InstanceType<Library["Name"]> {
	return new Name([{ CN: [{ utf8String: name }] }]);
}

function privatePem(key: webcrypto.CryptoKey): string {
	return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

/** How many authorities may stand between this one and what they issue. */
export async function pathLengthOf({ certificate }: Authority): Promise<number> {
	const { BasicConstraintsExtension, X509Certificate } = await library();
	const constraints = new X509Certificate(certificate).getExtension(BasicConstraintsExtension);
	return constraints?.pathLength ?? Number.POSITIVE_INFINITY;
}
