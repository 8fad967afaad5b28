import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** Volcengine IoT: names that are created in the console first, or any name. */
export const volcengine: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "volcengine");
		return new VolcengineDevice(crypto, readProduct(configuration, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class VolcengineDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { productKey, productSecret, deviceName } = product;
		this.identity = `volcengine/${productKey}/${deviceName}`;
		this.product = productKey;
		this.name = deviceName;
		this.endpoints = product;
		this.secrets = productSecret === undefined ? [] : [productSecret];
		this.crypto = crypto;
		this.details = product;
	}

	registration(inputs: Inputs): Exchange {
		return registration(this.crypto, this.details, inputs);
	}

	session(credential: Credential, inputs: Inputs): SessionPlan {
		return sessionPlan(this.crypto, this.details, credential, inputs);
	}
}
