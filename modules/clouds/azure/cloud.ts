import { choice } from "../../configuration/readers.js";
import type { Cloud, CloudDevice, Exchange, Inputs, SessionPlan } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { type Product, readProduct } from "./product.js";
import { registration } from "./registration.js";
import { sessionPlan } from "./session-plan.js";

/** Azure IoT Hub with its Device Provisioning Service (DPS): enrollments with symmetric keys. */
export const azure: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		choice(configuration, "cloud", "azure");
		return new AzureDevice(crypto, readProduct(configuration, crypto, mac));
	},
});

/** A class, since the code of functions created at run time takes a board's memory. */
class AzureDevice implements CloudDevice {
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	readonly endpoints: CloudDevice["endpoints"];
	readonly secrets: readonly Secret[];
	private readonly crypto: Crypto;
	private readonly details: Product;

	constructor(crypto: Crypto, product: Product) {
		const { idScope, registrationId, register, broker, isFixed, deviceKey, groupKey } = product;
		this.identity = `azure/${idScope}/${registrationId}`;
		this.product = idScope;
		this.name = registrationId;
		this.endpoints = { register, mqtt: isFixed ? broker : undefined };
		this.secrets = [...(deviceKey ? [deviceKey] : []), ...(groupKey ? [groupKey] : [])];
		this.crypto = crypto;
		this.details = product;
	}

	registration(inputs: Inputs): Exchange {
		return registration(this.crypto, this.details, inputs);
	}

	/** Another key in the configuration, for the same hub. */
	renewed(stored: Credential): Credential | undefined {
		const { deviceKey } = this.details;
		return deviceKey && stored.kind === "key" && stored.secret.reveal() !== deviceKey.reveal()
			? { ...stored, secret: deviceKey }
			: undefined;
	}

	session(credential: Credential, inputs: Inputs): SessionPlan {
		return sessionPlan(this.crypto, this.details, credential, inputs);
	}
}
