import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { proposal, registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** ThingsBoard: device profiles with either provisioning strategy, access tokens and basic credentials. */
export const thingsboard: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "thingsboard");
		return new ThingsBoardDevice(crypto, readProduct(configuration, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class ThingsBoardDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { provisionKey, productSecret, deviceName } = product;
		this.identity = `thingsboard/${provisionKey}/${deviceName}`;
		this.product = provisionKey;
		this.name = deviceName;
		this.endpoints = product;
		this.secrets = productSecret === undefined ? [] : [productSecret];
		this.crypto = crypto;
		this.details = product;
	}

	proposal({ random }: Inputs): Credential {
		return proposal(this.crypto, this.details, random);
	}

	registration(_: Inputs, proposed?: Credential): Exchange {
		return registration(this.crypto, this.details, proposed);
	}

	session(credential: Credential): SessionPlan {
		return sessionPlan(this.details, credential);
	}
}
