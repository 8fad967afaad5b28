/** A session with the deviceSecret: HMAC over names and client id, over TLS, TLS-PSK or TCP. */

import type { Device, Product } from "../../products/product.js";
import type { AcceptedLogin } from "../platform.js";
import { type ClientId, requireParameter, requireSignMethod } from "./client-id.js";
import { ConnackError } from "./connack-error.js";
import { type ParsedConnect, requirePassword } from "./parsed-connect.js";
import { isIdentityOf } from "./pre-shared-key.js";
import { checkKeepAlive, createSession, findDevice } from "./session.js";
import { checkSignature, type Mistakes, type SignedFields } from "./signature.js";

/** @throws ConnackError */
export function loginWithSecret(parsed: ParsedConnect): AcceptedLogin {
	checkSecureMode(parsed);
	checkKeepAlive(parsed);
	const method = requireSignMethod(parsed.clientId);
	const { product, device } = findDevice(parsed);
	const { secret } = device;
	if (secret === undefined)
		throw new ConnackError(4, "The device has no deviceSecret. Let the board register for a deviceSecret first.");
	const { productKey, deviceName, clientId, connect } = parsed;
	const accepted: AcceptedLogin = { verdict: "accepted", product, device, session: createSession(product, device) };

	if (connect.preSharedIdentity !== undefined) {
		if (!isIdentityOf(connect.preSharedIdentity, productKey, deviceName))
			throw new ConnackError(4, "The user name does not match the TLS-PSK identity.");
		if (!connect.password) return accepted;
	}
	const spec = { method, fields: signedFields(clientId, deviceName, productKey), key: secret };
	const wrong = checkSignature(requirePassword(parsed), spec, mistakes(parsed, spec.fields, product, device));
	if (wrong) throw new ConnackError(4, `The password is wrong. ${wrong.reason}`, wrong.expected);
	return accepted;
}

/** 2 is for TLS, 3 for plain TCP. */
function checkSecureMode({ clientId, connect }: ParsedConnect): void {
	const mode = requireParameter(clientId, "securemode");
	if (mode === "-2")
		throw new ConnackError(
			2,
			"securemode is -2, but authType=connwl is missing in the client id. A session with a token needs both.",
		);
	if (mode !== "2" && mode !== "3") throw new ConnackError(2, "securemode is invalid. Expected 2 (TLS) or 3 (TCP).");
	if (mode === "2" && !connect.overTls)
		throw new ConnackError(2, "securemode is 2 (TLS) on a plain TCP connection. Expected 3.");
	if (mode === "3" && connect.overTls)
		throw new ConnackError(2, "securemode is 3 (plain TCP) on a TLS connection. Expected 2.");
}

function signedFields({ id, parameters }: ClientId, deviceName: string, productKey: string): SignedFields {
	const timestamp = parameters.get("timestamp");
	return [
		["clientId", id],
		["deviceName", deviceName],
		["productKey", productKey],
		...(timestamp === undefined ? [] : [["timestamp", timestamp] as const]),
	];
}

function mistakes({ clientId }: ParsedConnect, fields: SignedFields, product: Product, device: Device): Mistakes {
	const { secret = "", boards = [] } = device;
	const withoutTimestamp = fields.filter(([name]) => name !== "timestamp");
	return {
		fields: [
			{ fields: withoutTimestamp, mistake: "The client id's timestamp is not signed." },
			{
				fields: fields.map(([name, value]) => [name, name === "clientId" ? clientId.whole : value] as const),
				mistake: "The whole client id is signed. Expected only the part before the first |.",
			},
		],
		keys: [
			{ key: product.secret, mistake: "The key is the productSecret. Expected the device's own deviceSecret." },
			{
				key: Buffer.from(secret, "hex"),
				mistake: "The key is the deviceSecret decoded from hex. Expected the deviceSecret as text.",
			},
			...boards.map(({ token }) => ({
				key: token,
				mistake: "The key is a token. A token is the password itself, with securemode=-2,authType=connwl.",
			})),
		],
		unknownMistake:
			"The board holds an older deviceSecret, or another device's. Reset the device and let the board register again.",
	};
}
