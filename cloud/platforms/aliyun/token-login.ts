/** A session with a token, as one of the boards that share a device's name. */

import type { Board, Device, Product } from "../../products/product.js";
import type { AcceptedLogin } from "../platform.js";
import { type Attempt, demandTls, password } from "./attempt.js";
import { parameter } from "./client-id.js";
import { Rejection } from "./rejection.js";
import { checkKeepAlive, findDevice, session } from "./session.js";

/** @throws Rejection */
export function loginWithToken(attempt: Attempt): AcceptedLogin {
	const { clientId, productKey, deviceName } = attempt;
	demandTls(attempt, "a session with a token");
	if (parameter(clientId, "securemode") !== "-2") throw new Rejection(2, "authType=connwl demands securemode=-2");
	checkKeepAlive(attempt);
	const { product, device } = findDevice(attempt);
	const board = device.boards?.find((one) => one.clientId === clientId.id);
	if (!board)
		throw new Rejection(
			4,
			"no board of this device was given this client id: the one that its registration handed out is due, before the first |; if the device was reset, its boards have to register again",
		);
	const token = password(attempt);
	if (token !== board.token) throw new Rejection(4, `the password is wrong: ${explain(token, board, device, product)}`);
	return { verdict: "accepted", product, device, board, session: session(productKey, deviceName) };
}

function explain(given: string, { token }: Board, device: Device, product: Product): string {
	if (device.boards?.some((other) => other.token === given)) return "it is the token of another board of this device";
	if (given.toLowerCase() === token.toLowerCase()) return "it is the board's token in another case";
	if (given === product.secret) return "it is the productSecret, where the board's token is due";
	if (given === device.secret) return "it is the deviceSecret, where the board's token is due";
	return "it is not the token that this board was given last: a token goes as it is, and is not signed with; if the device was rotated, reset it and let the board register again";
}
