/** MQTT authentication. Key devices: HMAC of the user name under the psk, or TLS-PSK. Certificate devices: TLS, and no password. */

import { createHmac } from "node:crypto";
import type { Device, Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import type { ClaimedIdentity, Connect, Login, PlatformContext, RefusedLogin } from "../platform.js";
import { certificateError } from "./certificate-login.js";
import { createSession } from "./session.js";
import { type HmacName, hashes } from "./signature.js";

interface ProductDevice {
	readonly product: Product;
	readonly device: Device;
}

/** @param clientId product id and device name in one */
export function findDevice(clientId: string, products: Products): ProductDevice | undefined {
	for (let length = Math.min(11, clientId.length - 1); length > 0; length--) {
		const product = products.find("tencent", clientId.slice(0, length));
		const device = product?.devices.get(clientId.slice(length));
		if (product && device) return { product, device };
	}
	return undefined;
}

/** Only this platform's user names have semicolons, but for those of AWS SDKs, which begin with a question mark. */
function isOurs({ username }: Pick<Connect, "username">): boolean {
	return (username?.includes(";") ?? false) && !username?.startsWith("?");
}

export function claimedIdentity(
	connect: Pick<Connect, "clientId" | "username">,
	products: Products,
): ClaimedIdentity | undefined {
	if (!isOurs(connect)) return undefined;
	const found = findDevice(connect.clientId, products);
	return { operation: "connect", ...(found && { product: found.product.id, device: found.device.name }) };
}

export function login(connect: Connect, context: PlatformContext): Login | undefined {
	const { clientId, username, password, preSharedIdentity } = connect;
	if (username === undefined || !isOurs(connect)) return undefined;
	if (!/^[\w:-]+$/.test(clientId))
		return refused(2, "The client id has invalid characters. Expected the product id and the device name.");
	const owner = findDevice(clientId, context.products);
	if (!owner)
		return refused(
			2,
			`No device has the client id ${clientId}. Expected the product id and the name of an existing device.`,
		);
	const names = { product: owner.product.id, device: owner.device.name };

	const fault = usernameError(username, clientId, context.now);
	if (fault) return refused(4, fault, names);
	if (owner.product.auth !== "key") {
		const fault = certificateError(owner.product, owner.device, connect, context);
		return fault === undefined ? accepted(owner) : refused(5, fault, names);
	}
	const { secret } = owner.device;
	if (secret === undefined) return refused(5, "The device has not registered yet, so the device has no psk.", names);

	if (preSharedIdentity !== undefined)
		return preSharedIdentity === clientId
			? accepted(owner)
			: refused(2, "The client id does not match the TLS-PSK identity.", names);
	if (password === undefined) return refused(4, "The password is missing.", names);
	const parts = /^([0-9A-Fa-f]+);(hmacsha1|hmacsha256)$/.exec(password);
	if (!parts)
		return refused(
			4,
			"The password is malformed. Expected a hex digest, a semicolon, and hmacsha1 or hmacsha256.",
			names,
		);

	const [, digest = "", method] = parts;
	const matches = (key: string | Buffer): boolean =>
		createHmac(hashes[method as HmacName], key)
			.update(username)
			.digest("hex") === digest.toLowerCase();
	if (matches(Buffer.from(secret, "base64"))) return accepted(owner);
	return refuseWrongKey(matches, secret, owner.product.secret, names);
}

/** `{clientId};{sdkappid};{connid};{expiry}`; expiry in seconds since 1970, of any length (some SDKs send milliseconds). */
function usernameError(username: string, clientId: string, now: number): string | undefined {
	const [id, , , expiry, ...more] = username.split(";");
	if (expiry === undefined || more.length > 0)
		return "The user name is malformed. Expected four parts: client id; sdkappid; connid; expiry.";
	if (id !== clientId) return "The user name does not begin with the client id.";
	if (!/^\d+$/.test(expiry)) return "The expiry in the user name is malformed. Expected seconds since 1970.";
	const late = Math.round(now / 1000 - Number(expiry));
	if (late > 0) return `The user name expired ${late} s ago. Check the board's clock.`;
	return undefined;
}

function accepted({ product, device }: ProductDevice): Login {
	return { verdict: "accepted", product, device, session: createSession(product, device) };
}

type Names = Pick<RefusedLogin, "product" | "device">;

function refuseWrongKey(
	matches: (key: string | Buffer) => boolean,
	secret: string,
	productSecret: string,
	names: Names,
): Login {
	// 3 is what the vendor's FAQ reports for a psk that lost its "==" on the way.
	if (matches(Buffer.from(secret, "base64").subarray(0, 15)) || matches(secret.replace(/=+$/, "")))
		return refused(3, "The password was made with a psk that lost its ==. Keep the base64 text unchanged.", names);
	if (matches(secret))
		return refused(5, "The password's key is the psk as base64 text. Expected its 16 decoded bytes.", names);
	if (matches(productSecret) || matches(Buffer.from(productSecret, "base64")))
		return refused(5, "The password was made with the product secret. Expected the device's own psk.", names);
	return refused(
		5,
		"The board holds an older psk, or another device's. Reset the device and let the board register again.",
		names,
	);
}

function refused(code: RefusedLogin["code"], reason: string, names: Names = {}): RefusedLogin {
	return { verdict: "refused", code, reason, ...names };
}
