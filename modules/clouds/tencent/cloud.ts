import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto, Milliseconds } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { fieldsOf } from "../../x509/certificate.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** Tencent Cloud IoT Hub and IoT Explorer. */
export const tencent: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "tencent");
		return new TencentDevice(crypto, readProduct(configuration, crypto, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class TencentDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	readonly credentialKind: Credential["kind"] | undefined;
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { productId, productSecret, deviceName, auth, clientCertificate } = product;
		this.identity = `tencent/${productId}/${deviceName}`;
		this.product = productId;
		this.name = deviceName;
		this.endpoints = product;
		this.secrets = [
			...(productSecret ? [productSecret] : []),
			...(clientCertificate ? [clientCertificate.secret] : []),
		];
		this.credentialKind = auth;
		this.crypto = crypto;
		this.details = product;
	}

	registration(inputs: Inputs): Exchange {
		return registration(this.crypto, this.details, inputs);
	}

	renewed(stored: Credential, now: Milliseconds | undefined): Credential | undefined {
		const { clientCertificate } = this.details;
		if (!clientCertificate || stored.kind !== "certificate") return undefined;
		const { from, to } = fieldsOf(clientCertificate.certificates[0] as Uint8Array);
		const contents = ({ certificates, secret }: CertificateCredential) => `${certificates}${secret.reveal()}`;
		return (now as Milliseconds) >= from &&
			(now as Milliseconds) < to &&
			contents(stored) !== contents(clientCertificate)
			? clientCertificate
			: undefined;
	}

	session(credential: Credential, inputs: Inputs): SessionPlan {
		return sessionPlan(this.crypto, this.details, credential, inputs);
	}
}
