import type { Inputs } from "../../contracts/cloud.js";
import type { Crypto } from "../../contracts/host.js";
import { uint32 } from "../../core/bytes.js";
import type { Secret } from "../../core/secret.js";
import type { Product } from "./product.js";

/** What is signed, with the signature. */
export interface Signed {
	readonly random: number;
	/** Seconds since 1970. */
	readonly timestamp: number;
	/** base64 of HMAC-SHA256. */
	readonly signature: string;
}

/**
 * Signs a registration (key: the product secret) or a session (key: the device secret). The fields are in this order,
 * which is not the alphabetical one, and nothing is URL-encoded. The instance is not signed.
 *
 * The number is a positive 32-bit one, as in the C SDK. The SDKs send seconds; a board has no clock only where it uses no
 * TLS.
 *
 * Source: the vendor's C SDK (onesdk 3e447d3, `dynreg.c`) and Go SDK (vei-iot-sdk-go fdcd839, `util.go`).
 */
export const sign = (crypto: Crypto, product: Product, secret: Secret, { now = 0, random: bytes }: Inputs): Signed => {
	const { productKey, deviceName, authType } = product;
	const random = uint32(bytes, 0) & 0x7fff_ffff;
	const timestamp = Math.floor(now / 1000);
	const content = `auth_type=${authType}&device_name=${deviceName}&random_num=${random}&product_key=${productKey}&timestamp=${timestamp}`;
	return { random, timestamp, signature: crypto.base64(crypto.hmac("SHA256", secret.reveal(), content)) };
};
