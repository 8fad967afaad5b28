/**
 * Creates certificate authorities, and issues certificates for servers and clients (X.509 v3, RFC 5280).
 *
 * Keys are RSA 2048 with SHA-256, because boards speak ECDHE-RSA-AES128-GCM-SHA256. An issued chain holds leaf *and*
 * root: the Moddable TLS stack matches a host name only against certificates that are not the last of the chain, and
 * finds its registered root by comparing the root's subject key identifier with the authority key identifier of the
 * certificate below.
 */

import { KeyObject, webcrypto } from "node:crypto";
import { isIPv4 } from "node:net";

/** Milliseconds. */
const day = 24 * 60 * 60 * 1000;
const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export interface CertificateAuthority {
	/** PEM */
	readonly certificate: string;
	/** PEM, PKCS #8 */
	readonly key: string;
}

export interface AuthorityOptions {
	/** Common name. Two authorities with the same name still have different keys. */
	readonly name?: string;
	/** Default: yesterday, for boards whose clock is behind. */
	readonly notBefore?: Date;
	/** Default: in twenty years. */
	readonly notAfter?: Date;
	/** The authority above, for an intermediate. Default: itself. */
	readonly issuer?: CertificateAuthority;
	/** How many intermediates may follow below it. Default: none. */
	readonly pathLength?: number;
	/** A key pair made ahead of time. */
	readonly keys?: KeyPair;
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
	readonly keys?: KeyPair;
	/** Extended key usage. Default: server. */
	readonly purpose?: "server" | "client";
	/** Hash of the signature. SHA-1, which clients no longer accept, is for tests. */
	readonly hash?: "SHA-256" | "SHA-1";
}

export type KeyPair = webcrypto.CryptoKeyPair;

/** RSA 2048 takes about 100 ms on another thread, so several can be made at once. RSA 1024 is for tests. */
export function createKeyPair(kind: "RSA 2048" | "RSA 1024" | "P-256" | "P-384" = "RSA 2048"): Promise<KeyPair> {
	if (kind === "P-256" || kind === "P-384")
		return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: kind }, true, ["sign", "verify"]);
	const modulusLength = kind === "RSA 2048" ? 2048 : 1024;
	const parameters = { ...rsa, modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
	return webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
}

export async function createAuthority(options: AuthorityOptions = {}): Promise<CertificateAuthority> {
	const [keys, x509] = await Promise.all([options.keys ?? createKeyPair(), loadX509()]);
	const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
	const subject = commonName(x509, options.name ?? "dynreg local cloud");
	const issuer = options.issuer && new x509.X509Certificate(options.issuer.certificate);
	const certificate = await x509.X509CertificateGenerator.create({
		subject,
		issuer: issuer?.subjectName ?? subject,
		notBefore: options.notBefore ?? new Date(Date.now() - day),
		notAfter: options.notAfter ?? new Date(Date.now() + 20 * 365 * day),
		publicKey: keys.publicKey,
		signingKey: options.issuer ? await signingKey(x509, options.issuer) : keys.privateKey,
		extensions: [
			new x509.BasicConstraintsExtension(true, options.pathLength ?? 0, true),
			new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(issuer ?? keys.publicKey),
		],
	});
	return { certificate: `${certificate.toString("pem")}\n`, key: privatePem(keys.privateKey) };
}

/** A TLS certificate for these names. */
export async function issueCertificate(
	authority: CertificateAuthority,
	options: IssueOptions,
): Promise<ServerCertificate> {
	const [keys, x509] = await Promise.all([options.keys ?? createKeyPair(), loadX509()]);
	const issuer = new x509.X509Certificate(authority.certificate);
	const isRsa = keys.publicKey.algorithm.name === rsa.name;
	const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
	const certificate = await x509.X509CertificateGenerator.create({
		issuer: issuer.subjectName,
		subject: commonName(x509, options.names[0]),
		notBefore: options.notBefore ?? new Date(Date.now() - day),
		notAfter: options.notAfter ?? new Date(Date.now() + 365 * day),
		publicKey: keys.publicKey,
		signingKey: await signingKey(x509, authority, options.hash),
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			// keyEncipherment is for the RSA key exchange of old peers; ECDHE does not need it.
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

function signingKey(x509: X509Library, { key }: CertificateAuthority, hash = rsa.hash): Promise<webcrypto.CryptoKey> {
	const pkcs8 = x509.PemConverter.decodeFirst(key);
	return webcrypto.subtle.importKey("pkcs8", pkcs8, { ...rsa, hash }, false, ["sign"]);
}

type X509Library = typeof import("@peculiar/x509");

/**
 * Loaded for the first certificate, while another thread makes its keys: a cloud whose state file has its
 * certificates starts without the library.
 */
async function loadX509(): Promise<X509Library> {
	// The library needs these functions of `Reflect` while it loads.
	await import("reflect-metadata");
	return import("@peculiar/x509");
}

/** As an object, so that no character of the name is read as syntax of a distinguished name. */
function commonName({ Name }: X509Library, name: string): InstanceType<X509Library["Name"]> {
	return new Name([{ CN: [{ utf8String: name }] }]);
}

function privatePem(key: webcrypto.CryptoKey): string {
	return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

/** How many intermediates may follow below this authority. */
export async function pathLengthOf({ certificate }: CertificateAuthority): Promise<number> {
	const { BasicConstraintsExtension, X509Certificate } = await loadX509();
	const constraints = new X509Certificate(certificate).getExtension(BasicConstraintsExtension);
	return constraints?.pathLength ?? Number.POSITIVE_INFINITY;
}
