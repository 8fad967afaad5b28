/** Server certificates for tests: invalid ones, and valid ones that are unusual. Each is created on first use. */

import {
	type CertificateAuthority,
	createAuthority,
	createKeyPair,
	issueCertificate,
	pathLengthOf,
	type ServerCertificate,
} from "./certificate-authority.js";
import type { ServerIdentity } from "./server-certificate.js";

/** Milliseconds. */
const day = 24 * 60 * 60 * 1000;

const pemEnd = "-----END CERTIFICATE-----\n";

export const certificateKinds = [
	"good",
	"expired",
	"not-yet-valid",
	"wrong-name",
	"wrong-root",
	"short-key",
	"ec",
	"missing-intermediate",
	"with-intermediate",
] as const;

export type CertificateKind = (typeof certificateKinds)[number];

/** The authority may not issue this certificate. `message` says what to do instead. */
export class CertificateUnavailable extends Error {}

export class CertificateVariants {
	readonly #identity: ServerIdentity;
	readonly #created = new Map<CertificateKind, Promise<ServerCertificate>>();
	#intermediate: Promise<ServerCertificate> | undefined;

	constructor(identity: ServerIdentity) {
		this.#identity = identity;
	}

	/** @throws CertificateUnavailable */
	get(kind: CertificateKind): Promise<ServerCertificate> {
		const created = this.#created.get(kind) ?? this.#create(kind);
		this.#created.set(kind, created);
		return created;
	}

	async #create(kind: CertificateKind): Promise<ServerCertificate> {
		const { authority, certificate } = this.#identity;
		const names = this.#identity.names as [string, ...string[]];
		const tomorrow = new Date(Date.now() + day);
		const yesterday = new Date(Date.now() - day);
		switch (kind) {
			case "good":
				return certificate;
			case "expired":
				return issueCertificate(authority, { names, notBefore: new Date(Date.now() - 365 * day), notAfter: yesterday });
			case "not-yet-valid":
				return issueCertificate(authority, { names, notBefore: tomorrow });
			case "wrong-name":
				return issueCertificate(authority, { names: ["elsewhere.example.org"] });
			case "wrong-root":
				// With the same name as the right root: only the signature differs.
				return issueCertificate(await createAuthority({ pathLength: 1 }), { names });
			case "short-key":
				return issueCertificate(authority, { names, keys: await createKeyPair("RSA 1024") });
			case "ec":
				return issueCertificate(authority, { names, keys: await createKeyPair("P-256") });
			case "with-intermediate":
				return this.#withIntermediate(authority, names);
			case "missing-intermediate": {
				const { chain, key } = await this.#withIntermediate(authority, names);
				return { chain: chain.slice(0, chain.indexOf(pemEnd) + pemEnd.length), key };
			}
		}
	}

	#withIntermediate(authority: CertificateAuthority, names: [string, ...string[]]): Promise<ServerCertificate> {
		this.#intermediate ??= issueBelowIntermediate(authority, names);
		return this.#intermediate;
	}
}

async function issueBelowIntermediate(
	root: CertificateAuthority,
	names: [string, ...string[]],
): Promise<ServerCertificate> {
	if ((await pathLengthOf(root)) < 1)
		throw new CertificateUnavailable(
			"The authority in this state file cannot issue an intermediate certificate. Start the cloud with another state file.",
		);
	return issueCertificate(await createAuthority({ name: "dynreg local cloud, intermediate", issuer: root }), { names });
}
