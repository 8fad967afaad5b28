import type { Cloud, Device, Exchange, Moment, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { session } from "./session.js";

/** Tencent Cloud IoT Hub, key products. */
export const tencent: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		return new TencentDevice(crypto, readProduct(configuration, crypto, mac));
	},
});

/** A class: the code of a function that is made at run time takes a board's memory. */
class TencentDevice implements Device {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: Device["endpoints"];
	readonly secrets: readonly Secret[];
	readonly expects: Credential["kind"] | undefined;
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { productId, productSecret, deviceName, auth, own } = product;
		this.identity = `tencent/${productId}/${deviceName}`;
		this.product = productId;
		this.name = deviceName;
		this.endpoints = product;
		this.secrets = [...(productSecret ? [productSecret] : []), ...(own ? [own.secret] : [])];
		this.expects = auth;
		this.crypto = crypto;
		this.details = product;
	}

	registration(moment: Moment): Exchange {
		return registration(this.crypto, this.details, moment);
	}

	session(credential: Credential, moment: Moment): SessionPlan {
		return session(this.crypto, this.details, credential, moment);
	}
}
