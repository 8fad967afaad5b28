/**
 * A session with a token, as one of the boards that share a device's name.
 *
 * Over plain TCP too: LuatOS's client library connects so. That the platform accepts it is not established.
 */

import type { Board, Device, Product } from "../../products/product.js";
import type { AcceptedLogin } from "../platform.js";
import { requireParameter } from "./client-id.js";
import { ConnackError } from "./connack-error.js";
import { type ParsedConnect, requirePassword } from "./parsed-connect.js";
import { checkKeepAlive, createSession, findDevice } from "./session.js";

/** @throws ConnackError */
export function loginWithToken(parsed: ParsedConnect): AcceptedLogin {
	const { clientId } = parsed;
	if (requireParameter(clientId, "securemode") !== "-2")
		throw new ConnackError(2, "authType is connwl, but securemode is not -2. A session with a token needs both.");
	checkKeepAlive(parsed);
	const { product, device } = findDevice(parsed);
	const board = device.boards?.find((one) => one.clientId === clientId.id);
	if (!board)
		throw new ConnackError(
			4,
			"The client id is unknown. Expected the id issued at registration, before the first |. If the device was reset, its boards must register again.",
		);
	const token = requirePassword(parsed);
	if (token !== board.token)
		throw new ConnackError(4, `The password is wrong. ${explain(token, board, device, product)}`);
	return { verdict: "accepted", product, device, board, session: createSession(product, device) };
}

function explain(given: string, { token }: Board, device: Device, product: Product): string {
	if (device.boards?.some((other) => other.token === given))
		return "The password is the token of another board of this device.";
	if (given.toLowerCase() === token.toLowerCase()) return "The password is the board's token in another letter case.";
	if (given === product.secret) return "The password is the productSecret. Expected the board's token.";
	if (given === device.secret) return "The password is the deviceSecret. Expected the board's token.";
	return "Expected the board's latest token itself, not a signature. If the device was rotated, reset the device and let the board register again.";
}
