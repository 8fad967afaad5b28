/**
 * The certificates that registration hands out, and the authority that issues them.
 *
 * A key takes a tenth of a second on another thread. Once a product needs certificates, one key is always made ahead.
 */

import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import {
	type CertificateAuthority,
	createAuthority,
	createKeyPair,
	issueCertificate,
	type KeyPair,
} from "./certificate-authority.js";

/** Milliseconds: ten years. A device's certificate must outlast a server's, which is valid for one year. */
const lifetime = 10 * 365 * 24 * 60 * 60 * 1000;

export interface DeviceCertificate {
	/** PEM, the certificate alone. */
	readonly certificate: string;
	/** PEM, PKCS #1. */
	readonly key: string;
}

export class DeviceCertificates {
	#authority: CertificateAuthority | undefined;
	#creating: Promise<CertificateAuthority> | undefined;
	#nextKeys: Promise<KeyPair> | undefined;

	/** @param saved the authority of an earlier run */
	constructor(saved: CertificateAuthority | undefined) {
		this.#authority = saved;
	}

	/** Undefined until the first certificate is issued. */
	get authority(): CertificateAuthority | undefined {
		return this.#authority;
	}

	/** Starts to make what the next certificate needs. */
	prepare(): void {
		this.#nextKeys ??= createKeyPair();
		// `issue` reports a failure.
		Promise.all([this.#nextKeys, this.#issuer()]).catch(() => {});
	}

	/** @param name the common name */
	async issue(name: string): Promise<DeviceCertificate> {
		const nextKeys = this.#nextKeys ?? createKeyPair();
		this.#nextKeys = undefined;
		const [keys, authority] = await Promise.all([nextKeys, this.#issuer()]);
		const notAfter = new Date(Date.now() + lifetime);
		const { chain, key } = await issueCertificate(authority, { names: [name], purpose: "client", keys, notAfter });
		this.prepare();
		const certificate = chain.slice(0, -authority.certificate.length);
		return { certificate, key: createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString() };
	}

	/**
	 * @param name the common name
	 * @param key PEM, RSA
	 * @returns PEM, the certificate alone
	 */
	async issueFor(name: string, key: string): Promise<string> {
		const [keys, authority] = await Promise.all([importKeys(key), this.#issuer()]);
		const notAfter = new Date(Date.now() + lifetime);
		const { chain } = await issueCertificate(authority, { names: [name], purpose: "client", keys, notAfter });
		return chain.slice(0, -authority.certificate.length);
	}

	#issuer(): Promise<CertificateAuthority> {
		this.#creating ??= this.#create();
		return this.#creating;
	}

	async #create(): Promise<CertificateAuthority> {
		this.#authority ??= await createAuthority({ name: "dynreg local cloud, devices" });
		return this.#authority;
	}
}

async function importKeys(pem: string): Promise<KeyPair> {
	const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
	const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
	const spki = createPublicKey(pem).export({ type: "spki", format: "der" });
	const { subtle } = webcrypto;
	const [privateKey, publicKey] = await Promise.all([
		subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
		subtle.importKey("spki", spki, algorithm, true, ["verify"]),
	]);
	return { privateKey, publicKey };
}
