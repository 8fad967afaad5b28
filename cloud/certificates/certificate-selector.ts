/** Which certificate each TLS port shows. A change takes effect from the next handshake on; open connections stay. */

import type { TlsOptions } from "node:tls";
import type { ServerCertificate } from "./certificate-authority.js";
import { type CertificateKind, CertificateVariants } from "./certificate-variants.js";
import type { ServerIdentity } from "./server-certificate.js";
import { type TlsPort, tlsOptions } from "./tls-options.js";

/** `custom`: the certificate that the cloud was started with in place of its own. */
export type SelectedKind = CertificateKind | "custom";

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

	/** @param custom in place of the cloud's own certificate, until another is selected */
	constructor(identity: ServerIdentity, custom?: ServerCertificate) {
		this.#variants = new CertificateVariants(identity);
		const first: Selection = custom
			? { kind: "custom", certificate: custom }
			: { kind: "good", certificate: identity.certificate };
		this.#selected = { https: first, mqtts: first, mtls: first };
	}

	options(port: TlsPort): TlsOptions {
		return tlsOptions(port, this.#selected[port].certificate);
	}

	/** From now on this listener gets the port's changes, in place of an earlier one. */
	attach(port: TlsPort, listener: TlsListener): void {
		this.#listeners.set(port, listener);
	}

	selected(): SelectedCertificates {
		const { https, mqtts, mtls } = this.#selected;
		return { https: https.kind, mqtts: mqtts.kind, mtls: mtls.kind };
	}

	/** @throws CertificateUnavailable */
	async select(kind: CertificateKind, ports: readonly TlsPort[]): Promise<void> {
		const change = this.#changing.then(async () => {
			const certificate = await this.#variants.get(kind);
			for (const port of ports) {
				this.#selected[port] = { kind, certificate };
				this.#listeners.get(port)?.setSecureContext(tlsOptions(port, certificate));
			}
		});
		this.#changing = change.catch(() => {});
		await change;
	}
}
