/** A session with the deviceSecret: HMAC over names and client id, over TLS, TLS-PSK or TCP. */

import type { Device, Product } from "../../products/product.js";
import type { AcceptedLogin } from "../platform.js";
import { type Attempt, password } from "./attempt.js";
import { type ClientId, parameter, signMethod } from "./client-id.js";
import { identifies } from "./pre-shared-key.js";
import { Rejection } from "./rejection.js";
import { checkKeepAlive, findDevice, session } from "./session.js";
import { check, type Fields, type Mistakes } from "./signature.js";

/** @throws Rejection */
export function loginWithSecret(attempt: Attempt): AcceptedLogin {
	checkSecureMode(attempt);
	checkKeepAlive(attempt);
	const method = signMethod(attempt.clientId);
	const { product, device } = findDevice(attempt);
	const { secret } = device;
	if (secret === undefined)
		throw new Rejection(4, "the device has no deviceSecret to connect with: it has not registered for one");
	const { productKey, deviceName, clientId, connect } = attempt;
	const accepted: AcceptedLogin = { verdict: "accepted", product, device, session: session(productKey, deviceName) };

	if (connect.preSharedIdentity !== undefined) {
		if (!identifies(connect.preSharedIdentity, productKey, deviceName))
			throw new Rejection(4, "the user name is not that of the TLS-PSK identity");
		if (!connect.password) return accepted;
	}
	const recipe = { method, fields: signedFields(clientId, deviceName, productKey), key: secret };
	const wrong = check(password(attempt), recipe, mistakes(attempt, recipe.fields, product, device));
	if (wrong) throw new Rejection(4, `the password is wrong: ${wrong.reason}`, wrong.expected);
	return accepted;
}

/** 2 is for TLS, 3 for plain TCP. */
function checkSecureMode({ clientId, connect }: Attempt): void {
	const mode = parameter(clientId, "securemode");
	if (mode === "-2") throw new Rejection(2, "securemode=-2 is for tokens: authType=connwl is missing in the client id");
	if (mode !== "2" && mode !== "3") throw new Rejection(2, "securemode must be 2 (TLS) or 3 (TCP)");
	if (mode === "2" && !connect.secure)
		throw new Rejection(2, "securemode=2 is for TLS, but this is plain TCP: 3 is due");
	if (mode === "3" && connect.secure)
		throw new Rejection(2, "securemode=3 is for plain TCP, but this is TLS: 2 is due");
}

function signedFields({ id, parameters }: ClientId, deviceName: string, productKey: string): Fields {
	const timestamp = parameters.get("timestamp");
	return [
		["clientId", id],
		["deviceName", deviceName],
		["productKey", productKey],
		...(timestamp === undefined ? [] : [["timestamp", timestamp] as const]),
	];
}

function mistakes({ clientId }: Attempt, fields: Fields, product: Product, device: Device): Mistakes {
	const { secret = "", boards = [] } = device;
	const withoutTimestamp = fields.filter(([name]) => name !== "timestamp");
	return {
		fields: [
			{ fields: withoutTimestamp, what: "the client id's timestamp is not signed" },
			{
				fields: fields.map(([name, value]) => [name, name === "clientId" ? clientId.whole : value] as const),
				what: "the whole client id is signed, where only what stands before its first | is due",
			},
		],
		keys: [
			{ key: product.secret, what: "its key is the productSecret, where the device's own deviceSecret is due" },
			{ key: Buffer.from(secret, "hex"), what: "its key is the deviceSecret decoded from hex, where its text is due" },
			...boards.map(({ token }) => ({
				key: token,
				what: "its key is a token, which goes as it is, with securemode=-2,authType=connwl",
			})),
		],
		otherwise:
			"it was not made with this device's deviceSecret: the board holds an older one, or another device's; reset the device and let it register again",
	};
}
