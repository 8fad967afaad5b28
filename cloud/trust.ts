/** Which certificate each TLS port shows. It may be another one from the next handshake on; what is connected stays so. */

import type { TlsOptions } from "node:tls";
import type { ServerCertificate } from "./certificates.js";
import type { OwnCertificate } from "./own-certificate.js";
import { type CertificateKind, ServerCertificates } from "./server-certificates.js";
import { tlsOptions } from "./tls-options.js";

export const TLS_PORTS = ["https", "mqtts", "mutual"] as const;

export type TlsPort = (typeof TLS_PORTS)[number];

/** By port. `given`: the one that the cloud was started with in place of its own. */
export type Shown = Readonly<Record<TlsPort, CertificateKind | "given">>;

/** A TLS server, as far as it matters here. */
export interface TlsListener {
	setSecureContext(options: TlsOptions): void;
}

export class Trust {
	readonly #certificates: ServerCertificates;
	readonly #shown: Record<
		TlsPort,
		{ readonly kind: CertificateKind | "given"; readonly certificate: ServerCertificate }
	>;
	readonly #listeners = new Map<TlsPort, TlsListener>();
	/** One change after the other, so that the last one asked for is the one that stays. */
	#changing: Promise<unknown> = Promise.resolve();

	/** @param given in place of the own certificate, until another one is asked for */
	constructor(own: OwnCertificate, given?: ServerCertificate) {
		this.#certificates = new ServerCertificates(own);
		const first = given
			? ({ kind: "given", certificate: given } as const)
			: ({ kind: "good", certificate: own.certificate } as const);
		this.#shown = { https: first, mqtts: first, mutual: first };
	}

	options(port: TlsPort): TlsOptions {
		return tlsOptions(this.#shown[port].certificate);
	}

	/** This listener is the port's from now on, in place of an earlier one. */
	listens(port: TlsPort, listener: TlsListener): void {
		this.#listeners.set(port, listener);
	}

	shown(): Shown {
		const { https, mqtts, mutual } = this.#shown;
		return { https: https.kind, mqtts: mqtts.kind, mutual: mutual.kind };
	}

	/** @throws NoSuchCertificate */
	async show(kind: CertificateKind, ports: readonly TlsPort[]): Promise<void> {
		const change = this.#changing.then(async () => {
			const certificate = await this.#certificates.get(kind);
			for (const port of ports) {
				this.#shown[port] = { kind, certificate };
				this.#listeners.get(port)?.setSecureContext(tlsOptions(certificate));
			}
		});
		this.#changing = change.catch(() => {});
		await change;
	}
}
