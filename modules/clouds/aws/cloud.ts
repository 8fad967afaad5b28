import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Assigned, CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** AWS IoT Core: fleet provisioning by claim. */
export const aws: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "aws");
		return new AwsDevice(crypto, readProduct(configuration, crypto, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class AwsDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	readonly credentialKind = "certificate";
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { templateName, deviceName, claim, mqtt } = product;
		this.identity = `aws/${templateName}/${deviceName}`;
		this.product = templateName;
		this.name = deviceName;
		this.endpoints = { register: mqtt, mqtt };
		this.secrets = claim ? [claim.secret] : [];
		this.crypto = crypto;
		this.details = product;
	}

	registration(inputs: Inputs): Exchange {
		return registration(this.crypto, this.details, inputs);
	}

	/** Registration yields no other kind. */
	session(credential: Credential): SessionPlan {
		return sessionPlan(this.details, credential as CertificateCredential & Assigned);
	}
}
