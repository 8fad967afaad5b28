import type { Cloud } from "../../contracts/cloud.js";
import { readProduct } from "./product.js";
import { registration } from "./registration.js";
import { session } from "./session.js";

/** Alibaba Cloud IoT: devices created beforehand, and registration-free products. */
export const aliyun: Cloud = Object.freeze<Cloud>({
	device(configuration, crypto, mac) {
		const product = readProduct(configuration, mac);
		const { productKey, productSecret, deviceName, register, mqtt } = product;
		return {
			identity: `aliyun/${productKey}/${deviceName}`,
			product: productKey,
			name: deviceName,
			endpoints: { register, mqtt },
			secrets: productSecret === undefined ? [] : [productSecret],
			registration: (moment) => registration(crypto, product, moment),
			session: (credential, moment) => session(crypto, product, credential, moment),
		};
	},
});
