/** Which certificate each TLS port shows. A change takes effect from the next handshake on; open connections stay. */

import type { TlsOptions } from "node:tls";
import type { ServerCertificate } from "./certificate-authority.js";
import { type CertificateKind, CertificateVariants } from "./certificate-variants.js";
import type { ServerIdentity } from "./server-certificate.js";
import { tlsOptions } from "./tls-options.js";

export const tlsPorts = ["https", "mqtts", "mutual"] as const;

export type TlsPort = (typeof tlsPorts)[number];

/** `given`: the certificate that the cloud was started with in place of its own. */
export type SelectedKind = CertificateKind | "given";

export type SelectedCertificates = Readonly<Record<TlsPort, SelectedKind>>;

/** The part of a TLS server that changes its certificate. */
export interface TlsListener {
	setSecureContext(options: TlsOptions): void;
}

interface Selection {
	readonly kind: SelectedKind;
	readonly certificate: ServerCertificate;
}

export class CertificateSelector {
	readonly #variants: CertificateVariants;
	readonly #selected: Record<TlsPort, Selection>;
	readonly #listeners = new Map<TlsPort, TlsListener>();
	/** Changes run one after the other, so that the last request wins. */
	#changing: Promise<unknown> = Promise.resolve();

	/** @param given in place of the cloud's own certificate, until another is selected */
	constructor(identity: ServerIdentity, given?: ServerCertificate) {
		this.#variants = new CertificateVariants(identity);
		const first: Selection = given
			? { kind: "given", certificate: given }
			: { kind: "good", certificate: identity.certificate };
		this.#selected = { https: first, mqtts: first, mutual: first };
	}

	options(port: TlsPort): TlsOptions {
		return tlsOptions(this.#selected[port].certificate);
	}

	/** From now on this listener gets the port's changes, in place of an earlier one. */
	attach(port: TlsPort, listener: TlsListener): void {
		this.#listeners.set(port, listener);
	}

	selected(): SelectedCertificates {
		const { https, mqtts, mutual } = this.#selected;
		return { https: https.kind, mqtts: mqtts.kind, mutual: mutual.kind };
	}

	/** @throws CertificateUnavailable */
	async select(kind: CertificateKind, ports: readonly TlsPort[]): Promise<void> {
		const change = this.#changing.then(async () => {
			const certificate = await this.#variants.get(kind);
			for (const port of ports) {
				this.#selected[port] = { kind, certificate };
				this.#listeners.get(port)?.setSecureContext(tlsOptions(certificate));
			}
		});
		this.#changing = change.catch(() => {});
		await change;
	}
}
