/** The certificates that a server should not have, and a few that are good but unusual: made when they are first asked for. */

import {
	type Authority,
	createAuthority,
	createKeys,
	issue,
	pathLengthOf,
	type ServerCertificate,
} from "./certificates.js";
import type { OwnCertificate } from "./own-certificate.js";

const DAY = 24 * 60 * 60 * 1000;

/** Of a PEM. */
const END = "-----END CERTIFICATE-----\n";

export const KINDS = [
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

export type CertificateKind = (typeof KINDS)[number];

/** What cannot be had from this authority. `message` says what to do instead. */
export class NoSuchCertificate extends Error {}

export class ServerCertificates {
	readonly #own: OwnCertificate;
	readonly #made = new Map<CertificateKind, Promise<ServerCertificate>>();
	#intermediate: Promise<ServerCertificate> | undefined;

	constructor(own: OwnCertificate) {
		this.#own = own;
	}

	/** @throws NoSuchCertificate */
	get(kind: CertificateKind): Promise<ServerCertificate> {
		const made = this.#made.get(kind) ?? this.#make(kind);
		this.#made.set(kind, made);
		return made;
	}

	async #make(kind: CertificateKind): Promise<ServerCertificate> {
		const { authority, certificate } = this.#own;
		const names = this.#own.names as [string, ...string[]];
		const tomorrow = new Date(Date.now() + DAY);
		const yesterday = new Date(Date.now() - DAY);
		switch (kind) {
			case "good":
				return certificate;
			case "expired":
				return issue(authority, { names, notBefore: new Date(Date.now() - 365 * DAY), notAfter: yesterday });
			case "not-yet-valid":
				return issue(authority, { names, notBefore: tomorrow });
			case "wrong-name":
				return issue(authority, { names: ["elsewhere.example.org"] });
			case "wrong-root":
				// Of the same name: it is the signature that tells.
				return issue(await createAuthority({ pathLength: 1 }), { names });
			case "short-key":
				return issue(authority, { names, keys: await createKeys("RSA 1024") });
			case "ec":
				return issue(authority, { names, keys: await createKeys("P-256") });
			case "with-intermediate":
				return this.#withIntermediate(authority, names);
			case "missing-intermediate": {
				const { chain, key } = await this.#withIntermediate(authority, names);
				return { chain: chain.slice(0, chain.indexOf(END) + END.length), key };
			}
		}
	}

	#withIntermediate(authority: Authority, names: [string, ...string[]]): Promise<ServerCertificate> {
		this.#intermediate ??= issueBelow(authority, names);
		return this.#intermediate;
	}
}

async function issueBelow(root: Authority, names: [string, ...string[]]): Promise<ServerCertificate> {
	if ((await pathLengthOf(root)) < 1)
		throw new NoSuchCertificate(
			"this cloud's authority was made when it could have none below it: start it with another state file for a chain with an intermediate",
		);
	return issue(await createAuthority({ name: "dynreg local cloud, intermediate", issuer: root }), { names });
}
