/**
 * MQTT authentication. The user name says what a connection is for: a registration,
 * `{idScope}/registrations/{registrationId}/api-version=…`, or a session, `{hub}/{deviceId}/?api-version=…`.
 *
 * None of the CONNACK codes is established.
 */

import type { Device, Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import type { ClaimedIdentity, Connect, Login, PlatformContext, RefusedLogin } from "../platform.js";
import { tokenEnd, tokenError } from "./access-token.js";
import { beginRegistration } from "./mqtt-registration.js";
import { operations } from "./operations.js";
import { hubOf, wellFormed } from "./rules.js";
import { createSession } from "./session.js";

const registrationName = /^([^/]*)\/registrations\/([^/]*)\/api-version=[^/]*$/;
const sessionName = /^([^/]+)\/([^/]+)\/\?(?:.*&)?api-version=.*$/;
/** Seconds for which a session goes on after its token has expired: 5 to 10 minutes (maintainers of the vendor's SDKs, 2018). */
const grace = 300;

export function claimedIdentity(
	{ username = "" }: Pick<Connect, "username">,
	products: Products,
): ClaimedIdentity | undefined {
	const [, idScope, registrationId = ""] = registrationName.exec(username) ?? [];
	if (idScope !== undefined) return { operation: operations.registerOverMqtt, ...wellFormed(idScope, registrationId) };
	const [, hub, deviceId = ""] = sessionName.exec(username) ?? [];
	if (hub === undefined) return undefined;
	const found = findDevice(hub, deviceId, products);
	return { operation: "connect", ...(found && { product: found.product.id, device: found.device.name }) };
}

export function login(connect: Connect, context: PlatformContext): Login | undefined {
	const { username = "", clientId } = connect;
	const [, idScope, registrationId = ""] = registrationName.exec(username) ?? [];
	if (idScope !== undefined) {
		if (clientId.toLowerCase() === registrationId.toLowerCase())
			return beginRegistration(idScope, registrationId, connect);
		const names = wellFormed(idScope, registrationId);
		const operation = operations.registerOverMqtt;
		return { ...refused(2, "The client id is not the registration id in the user name.", names), operation };
	}
	const [, hub, deviceId = ""] = sessionName.exec(username) ?? [];
	return hub === undefined ? undefined : sessionLogin(hub, deviceId, connect, context);
}

function sessionLogin(
	hub: string,
	deviceId: string,
	{ clientId, password = "" }: Connect,
	context: PlatformContext,
): Login {
	const found = findDevice(hub, deviceId, context.products);
	if (!found)
		return refused(
			5,
			"The hub has no such device. The device has never registered, was deleted, or is assigned to another hub: let the board register again.",
		);
	const { product, device } = found;
	const names = { product: product.id, device: device.name };
	if (clientId !== deviceId) return refused(2, "The client id is not the device id in the user name.", names);
	if (device.secret === undefined) return refused(5, "The device has not registered yet.", names);
	const { now, checkTimestamps } = context;
	const wrong = tokenError(password, {
		resource: `${hub}/devices/${deviceId}`,
		policy: "",
		key: device.secret,
		otherKeys: [{ key: product.secret, mistake: "The key is the group's. Expected the device's own key." }],
		now,
		checkTimestamps,
	});
	if (wrong) return { ...refused(5, wrong.reason, names), ...(wrong.expected && { expected: wrong.expected }) };
	return {
		verdict: "accepted",
		product,
		device,
		session: createSession(product, device),
		limit: {
			seconds: Math.max(0, (tokenEnd(password) - now) / 1000) + grace,
			reason: "The session's token has expired. Connect again with another one before.",
		},
	};
}

function findDevice(
	hub: string,
	deviceId: string,
	products: Products,
): { readonly product: Product; readonly device: Device } | undefined {
	for (const product of products.all()) {
		if (product.platform !== "azure" || hubOf(product) !== hub) continue;
		const device = product.devices.get(deviceId);
		if (device) return { product, device };
	}
	return undefined;
}

function refused(
	code: RefusedLogin["code"],
	reason: string,
	names: Pick<RefusedLogin, "product" | "device"> = {},
): RefusedLogin {
	return { verdict: "refused", code, reason, ...names };
}
