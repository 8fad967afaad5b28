/**
 * A session with the device secret: the password is `{auth_type}|{random}|{timestamp}|{signature}`. Source: the vendor's SDKs
 * for C (`iot_mqtt.c`) and Go (`util.go`). The CONNACK codes of refusals are not established.
 */

import type { Device, Product } from "../../products/product.js";
import type { ClaimedIdentity, Connect, Login, PlatformContext, RefusedLogin } from "../platform.js";
import { rules, wellFormed } from "./rules.js";
import { createSession } from "./session.js";
import { checkSignature } from "./signature.js";

/** Only this platform's user names have a bar. */
function isOurs({ username }: Pick<Connect, "username">): boolean {
	return username?.includes("|") ?? false;
}

export function claimedIdentity(connect: Pick<Connect, "clientId" | "username">): ClaimedIdentity | undefined {
	if (!isOurs(connect)) return undefined;
	const [product, device] = connect.username?.split("|") ?? [];
	return { operation: "connect", ...wellFormed(product, device) };
}

export function login(connect: Connect, { products }: PlatformContext): Login | undefined {
	const { clientId, username = "", password } = connect;
	if (!isOurs(connect)) return undefined;
	const [productKey = "", deviceName = "", ...more] = username.split("|");
	const names = wellFormed(productKey, deviceName);
	const refused = (code: RefusedLogin["code"], reason: string, expected?: RefusedLogin["expected"]): RefusedLogin => ({
		verdict: "refused",
		code,
		reason,
		...names,
		...(expected && { expected }),
	});
	if (more.length > 0 || names.product === undefined || names.device === undefined)
		return refused(
			4,
			`The user name is invalid. Expected the product key, a | and the device name. ${names.product === undefined ? rules.productId.violation : rules.deviceName.violation}`,
		);
	// The Go SDK appends a suffix for several connections of one device.
	if (clientId !== username && !clientId.startsWith(`${username}|`))
		return refused(2, "The client id is invalid. Expected the user name, or the user name with a | and a suffix.");
	const product = products.find("volcengine", productKey);
	const device = product?.devices.get(deviceName);
	if (!product || !device)
		return refused(
			2,
			`No device has the user name ${username}. Expected the product key and the name of an existing device.`,
		);
	if (device.secret === undefined)
		return refused(5, "The device has no secret. Let the board register for a device secret first.");
	if (password === undefined) return refused(4, "The password is missing.");
	const parts = /^([01])\|(\d{1,19})\|(\d{1,19})\|([^|]+)$/.exec(password);
	if (!parts)
		return refused(
			4,
			"The password is malformed. Expected auth_type, random number, timestamp and signature with | between them.",
		);
	const [, authType = "", random = "", timestamp = "", signature = ""] = parts;
	const fields = { authType, deviceName, random, productKey, timestamp };
	const wrong = checkSignature(signature, fields, device.secret, wrongKeys(product, device), unknownMistake);
	if (wrong) return refused(4, `The password is wrong. ${wrong.reason}`, wrong.expected);
	return { verdict: "accepted", product, device, session: createSession(product, device) };
}

const unknownMistake = "The board holds an older device secret, or another device's. Let the board register again.";

function wrongKeys(product: Product, { secret = "" }: Device) {
	return [
		{ key: product.secret, mistake: "The key is the product secret. Expected the device's own secret." },
		{
			key: Buffer.from(secret, "hex"),
			mistake: "The key is the device secret decoded from hexadecimal. Expected the secret as text.",
		},
	];
}
