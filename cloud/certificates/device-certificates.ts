/**
 * The certificates that registration hands out, and the authority that issues them.
 *
 * A key takes a tenth of a second on another thread. Once a product needs certificates, one key is always made ahead.
 */

import { createPrivateKey } from "node:crypto";
import { type Authority, createAuthority, createKeys, issue, type Keys } from "./certificate-authority.js";

/** Milliseconds: ten years. A device's certificate must outlast a server's, which is valid for one year. */
const lifetime = 10 * 365 * 24 * 60 * 60 * 1000;

export interface DeviceCertificate {
	/** PEM, the certificate alone. */
	readonly certificate: string;
	/** PEM, PKCS #1. */
	readonly key: string;
}

export class DeviceCertificates {
	#authority: Authority | undefined;
	#creating: Promise<Authority> | undefined;
	#nextKeys: Promise<Keys> | undefined;

	/** @param saved the authority of an earlier run */
	constructor(saved: Authority | undefined) {
		this.#authority = saved;
	}

	/** Undefined until the first certificate is issued. */
	get authority(): Authority | undefined {
		return this.#authority;
	}

	/** Starts to make what the next certificate needs. */
	prepare(): void {
		this.#nextKeys ??= createKeys();
		// `issue` reports a failure.
		Promise.all([this.#nextKeys, this.#issuer()]).catch(() => {});
	}

	/** @param name the common name */
	async issue(name: string): Promise<DeviceCertificate> {
		const nextKeys = this.#nextKeys ?? createKeys();
		this.#nextKeys = undefined;
		const [keys, authority] = await Promise.all([nextKeys, this.#issuer()]);
		const notAfter = new Date(Date.now() + lifetime);
		const { chain, key } = await issue(authority, { names: [name], purpose: "client", keys, notAfter });
		this.prepare();
		const certificate = chain.slice(0, -authority.certificate.length);
		return { certificate, key: createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString() };
	}

	#issuer(): Promise<Authority> {
		this.#creating ??= this.#create();
		return this.#creating;
	}

	async #create(): Promise<Authority> {
		this.#authority ??= await createAuthority({ name: "dynreg local cloud, devices" });
		return this.#authority;
	}
}
