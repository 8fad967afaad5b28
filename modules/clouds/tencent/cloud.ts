import type { Cloud } from "../../contracts/cloud.js";
import { readProduct } from "./product.js";
import { registration } from "./registration.js";
import { session } from "./session.js";

/** Tencent Cloud IoT Hub, key products. */
export const tencent: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		const product = readProduct(configuration, crypto, mac);
		const { productId, productSecret, deviceName, register, mqtt, auth, own } = product;
		return {
			identity: `tencent/${productId}/${deviceName}`,
			product: productId,
			name: deviceName,
			endpoints: { register, mqtt },
			secrets: [...(productSecret ? [productSecret] : []), ...(own ? [own.secret] : [])],
			expects: auth,
			registration: (moment) => registration(crypto, product, moment),
			session: (credential, moment) => session(crypto, product, credential, moment),
		};
	},
});
