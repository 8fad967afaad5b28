/**
 * The certificates that registration hands out, and the authority that issues them.
 *
 * Making a key takes a tenth of a second on another thread. Therefore one is ready before it is
 * asked for, once there is a product that needs any.
 */

import { createPrivateKey } from "node:crypto";
import { type Authority, createAuthority, createKeys, issue, type Keys } from "./certificates.js";

/** Ten years. What a board was given must not end with the year that a server's certificate lasts. */
const LIFETIME = 10 * 365 * 24 * 60 * 60 * 1000;

export interface DeviceCertificate {
	/** PEM, the certificate alone. */
	readonly certificate: string;
	/** PEM, PKCS #1. */
	readonly key: string;
}

export class DeviceCertificates {
	#authority: Authority | undefined;
	#making: Promise<Authority> | undefined;
	#ahead: Promise<Keys> | undefined;

	/** @param saved the authority of an earlier run */
	constructor(saved: Authority | undefined) {
		this.#authority = saved;
	}

	/** Once it has issued a certificate, or is about to. */
	get authority(): Authority | undefined {
		return this.#authority;
	}

	/** Makes ahead what the next certificate will need. */
	prepare(): void {
		this.#ahead ??= createKeys();
		// A failure is told to who asks for a certificate.
		Promise.all([this.#ahead, this.#issuer()]).catch(() => {});
	}

	/** @param name the common name */
	async issue(name: string): Promise<DeviceCertificate> {
		const ahead = this.#ahead ?? createKeys();
		this.#ahead = undefined;
		const [keys, authority] = await Promise.all([ahead, this.#issuer()]);
		const notAfter = new Date(Date.now() + LIFETIME);
		const { chain, key } = await issue(authority, { names: [name], purpose: "client", keys, notAfter });
		this.prepare();
		const certificate = chain.slice(0, -authority.certificate.length);
		return { certificate, key: createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString() };
	}

	#issuer(): Promise<Authority> {
		this.#making ??= this.#make();
		return this.#making;
	}

	async #make(): Promise<Authority> {
		this.#authority ??= await createAuthority({ name: "dynreg local cloud, devices" });
		return this.#authority;
	}
}
