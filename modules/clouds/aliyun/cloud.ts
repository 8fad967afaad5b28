import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** Alibaba Cloud IoT: pre-registered devices, and registration-free products. */
export const aliyun: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "aliyun");
		return new AliyunDevice(crypto, readProduct(configuration, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class AliyunDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { productKey, productSecret, deviceName } = product;
		this.identity = `aliyun/${productKey}/${deviceName}`;
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
