/** MQTT authentication. Key devices: HMAC of the user name under the psk, or TLS-PSK. Certificate devices: TLS, and no password. */

import { createHmac } from "node:crypto";
import type { Device, Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import type { Claim, Connect, Context, Login, RefusedLogin } from "../platform.js";
import { certificateFault } from "./certificate-login.js";
import { session } from "./session.js";
import { type HmacName, hashes } from "./signature.js";

interface Owner {
	readonly product: Product;
	readonly device: Device;
}

/** @param clientId product id and device name in one */
export function findDevice(clientId: string, products: Products): Owner | undefined {
	for (let length = Math.min(11, clientId.length - 1); length > 0; length--) {
		const product = products.find("tencent", clientId.slice(0, length));
		const device = product?.devices.get(clientId.slice(length));
		if (product && device) return { product, device };
	}
	return undefined;
}

/** Only this platform's user names have semicolons. */
function isOurs({ username }: Pick<Connect, "username">): boolean {
	return username?.includes(";") ?? false;
}

export function claim(connect: Pick<Connect, "clientId" | "username">, products: Products): Claim | undefined {
	if (!isOurs(connect)) return undefined;
	const owner = findDevice(connect.clientId, products);
	return { operation: "connect", ...(owner && { product: owner.product.id, device: owner.device.name }) };
}

export function login(connect: Connect, context: Context): Login | undefined {
	const { clientId, username, password, preSharedIdentity } = connect;
	if (username === undefined || !isOurs(connect)) return undefined;
	if (!/^[\w:-]+$/.test(clientId))
		return refused(2, "the client id has characters that neither a product id nor a device name may have");
	const owner = findDevice(clientId, context.products);
	if (!owner)
		return refused(
			2,
			`no product and device are called ${clientId} together: the client id is product id and device name, and the device must exist`,
		);
	const names = { product: owner.product.id, device: owner.device.name };

	const fault = usernameFault(username, clientId, context.now);
	if (fault) return refused(4, fault, names);
	if (owner.product.auth !== "key") {
		const fault = certificateFault(owner.product, owner.device, connect, context);
		return fault === undefined ? accepted(owner) : refused(5, fault, names);
	}
	const { secret } = owner.device;
	if (secret === undefined)
		return refused(5, "the device has not registered yet, so it has no psk to connect with", names);

	if (preSharedIdentity !== undefined)
		return preSharedIdentity === clientId
			? accepted(owner)
			: refused(2, "the client id is not the TLS-PSK identity", names);
	if (password === undefined) return refused(4, "the password is missing", names);
	const parts = /^([0-9A-Fa-f]+);(hmacsha1|hmacsha256)$/.exec(password);
	if (!parts) return refused(4, "the password must be a hex digest, a semicolon, and hmacsha1 or hmacsha256", names);

	const [, digest = "", method] = parts;
	const matches = (key: string | Buffer): boolean =>
		createHmac(hashes[method as HmacName], key)
			.update(username)
			.digest("hex") === digest.toLowerCase();
	if (matches(Buffer.from(secret, "base64"))) return accepted(owner);
	return wrongKey(matches, secret, owner.product.secret, names);
}

/** `{clientId};{sdkappid};{connid};{expiry}`; expiry in seconds since 1970, of any length (some SDKs send milliseconds). */
function usernameFault(username: string, clientId: string, now: number): string | undefined {
	const [id, , , expiry, ...more] = username.split(";");
	if (expiry === undefined || more.length > 0)
		return "the user name must have four parts: client id; sdkappid; connid; expiry";
	if (id !== clientId) return "the user name does not begin with the client id";
	if (!/^\d+$/.test(expiry)) return "the user name's last part, its expiry, must be seconds since 1970";
	const late = Math.round(now / 1000 - Number(expiry));
	if (late > 0) return `the user name expired ${late} s ago: is the board's clock right?`;
	return undefined;
}

function accepted({ product, device }: Owner): Login {
	return { verdict: "accepted", product, device, session: session(product, device) };
}

type Names = Pick<RefusedLogin, "product" | "device">;

function wrongKey(
	matches: (key: string | Buffer) => boolean,
	secret: string,
	productSecret: string,
	names: Names,
): Login {
	// 3 is what the vendor's FAQ reports for a psk that lost its "==" on the way.
	if (matches(Buffer.from(secret, "base64").subarray(0, 15)) || matches(secret.replace(/=+$/, "")))
		return refused(3, "the password was made with a psk that lost its ==: keep the base64 text unchanged", names);
	if (matches(secret))
		return refused(5, "the password's key is the psk's base64 text: its 16 decoded bytes are due", names);
	if (matches(productSecret) || matches(Buffer.from(productSecret, "base64")))
		return refused(5, "the password was made with the product secret: the device's own psk is due", names);
	return refused(
		5,
		"the password was not made with this device's psk: the board holds an older one, or another device's; reset the device and let it register again",
		names,
	);
}

function refused(code: RefusedLogin["code"], reason: string, names: Names = {}): RefusedLogin {
	return { verdict: "refused", code, reason, ...names };
}
