import { X509Certificate } from "node:crypto";
import type { PlatformRules } from "../platforms/platform.js";
import { credentialHolders, type Device, deviceStates, isRevoked, type Product } from "../products/product.js";
import { AdminError } from "./admin-error.js";
import { type AdminContext, operation } from "./operation.js";
import { checkRule, findPlatform, findProduct } from "./products.js";
import {
	anyJson,
	boolean,
	described,
	list,
	object,
	optional,
	type Schema,
	singleKey,
	string,
	type ValueOf,
	wholeNumber,
	wholeNumberText,
} from "./schema.js";

export const certificateView = object({
	kind: described("Issued by the local cloud, or the board's own.", string(["issued", "own"])),
	expires: described("ISO 8601, UTC.", string()),
	revoked: described("It is refused, whatever its dates.", boolean()),
});

export type CertificateView = ValueOf<typeof certificateView>;

export const deviceView = object({
	name: string(),
	state: string(deviceStates),
	connected: boolean(),
	automatic: described("Registration created it.", boolean()),
	nextSecretFixed: described("What its next registration hands out has been set.", boolean()),
	lastSeen: described(
		"When it last registered, connected or sent anything since the cloud has started. ISO 8601, UTC.",
		optional(string()),
	),
	boards: described("How many boards hold a token under this name, if any.", optional(wholeNumber("boards"))),
	certificate: described("The valid certificate, if the device has one.", optional(certificateView)),
});

export type DeviceView = ValueOf<typeof deviceView>;

interface DevicePath {
	readonly platform: string;
	readonly id: string;
	readonly name: string;
}

/** A body with a device's secret, under the platform's key for it. */
function deviceSecretBody(context: AdminContext, { platform }: DevicePath): Schema<string | undefined> {
	return singleKey(findPlatform(context, platform).rules.secretName, string());
}

/** The most devices in one response: a product may have 200,000. */
const maxListed = 1000;

/** In the order of their creation. */
export const getDevices = operation({
	method: "GET",
	path: "/products/:platform/:id/devices",
	summary: "The devices of a product in the order of their creation.",
	body: object({
		after: described("Only devices after this one. Default: from the first one on.", optional(string())),
		limit: described("Default: 1000.", optional(wholeNumberText("devices", 1, maxListed))),
	}),
	response: list(deviceView),
	run(context, { platform, id }, { after, limit = maxListed }) {
		const product = findProduct(context, platform, id);
		if (after !== undefined && !product.devices.has(after))
			throw new AdminError(
				404,
				`The product ${id} has no device ${after} to continue after. Start the list again without "after".`,
			);
		let started = after === undefined;
		const listed: DeviceView[] = [];
		for (const device of product.devices.values()) {
			if (listed.length >= limit) break;
			if (started) listed.push(deviceViewOf(context, product, device));
			else started = device.name === after;
		}
		return listed;
	},
});

export const getDevice = operation({
	method: "GET",
	path: "/products/:platform/:id/devices/:name",
	summary: "One device.",
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		return deviceViewOf(context, product, device);
	},
});

export const putDevice = operation({
	method: "PUT",
	path: "/products/:platform/:id/devices/:name",
	summary: "Creates a device; the secret, if given, is handed out at its next registration.",
	changesState: true,
	body: deviceSecretBody,
	response: deviceView,
	run(context, { platform, id, name }, nextSecret) {
		const { rules } = findPlatform(context, platform);
		const product = findProduct(context, platform, id);
		checkRule(name, rules.deviceName);
		if (nextSecret !== undefined) checkSecret(nextSecret, product, rules);
		const device = context.products.create(product, name);
		if (nextSecret !== undefined) context.products.fixNextSecret(device, nextSecret);
		return deviceViewOf(context, product, device);
	},
});

export const deleteDevice = operation({
	method: "DELETE",
	path: "/products/:platform/:id/devices/:name",
	summary: "Deletes a device.",
	changesState: true,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		context.products.deleteDevice(product, device);
	},
});

export const resetDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/reset",
	summary: "Lets an active device register again.",
	changesState: true,
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		context.products.reset(device);
		return deviceViewOf(context, product, device);
	},
});

export const rotateDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/rotate",
	summary: "Changes the secret and all tokens in the cloud only.",
	changesState: true,
	body: deviceSecretBody,
	response: deviceView,
	run(context, path, secret): DeviceView | Promise<DeviceView> {
		const { rules } = findPlatform(context, path.platform);
		const { product, device } = findDevice(context, path);
		if (secret !== undefined) checkSecret(secret, product, rules);
		if (product.auth !== "key") return rotateCertificate(context, product, device);
		context.products.rotate(device, secret ?? rules.newDeviceSecret(), rules.newDeviceSecret);
		return deviceViewOf(context, product, device);
	},
});

export const revokeDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/revoke",
	summary: "Refuses the certificate of the device from now on.",
	changesState: true,
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		if (product.auth === "key")
			throw new AdminError(
				409,
				`The devices of product ${product.id} have keys, and only certificates can be revoked. Rotate the key instead.`,
			);
		revoke(context, product, device);
		return deviceViewOf(context, product, device);
	},
});

export const disconnectDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/disconnect",
	summary: "Ends the connections of the device.",
	run(context, path) {
		const { device } = findDevice(context, path);
		const reason = "The administration disconnected the device.";
		const ended = credentialHolders(device).filter((holder) => context.broker.disconnect(holder, reason));
		if (ended.length === 0) throw notConnected(device);
	},
});

export const sendMessage = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/messages",
	summary: "Sends the device a message, by default on its control topic.",
	body: object({
		topic: described("Default: the device's control topic.", optional(string())),
		payload: described(
			"A string is sent as it is, any other value as JSON.",
			anyJson('"payload" is missing. Expected a string, or JSON that is sent as text.'),
		),
	}),
	async run(context, path, { topic, payload }): Promise<void> {
		const { broker } = context;
		const { device } = findDevice(context, path);
		const session = broker.session(device);
		if (!session) throw notConnected(device);
		const target = topic ?? session.control;
		if (/[+#\0]/.test(target) || target === "")
			throw new AdminError(400, '"topic" is invalid. Expected at least one character, and no +, # or NUL.');
		if (!session.maySubscribe(target))
			throw new AdminError(
				400,
				`The device ${device.name} cannot receive on the topic ${target}. A valid topic is ${session.control}.`,
			);
		if (!broker.isSubscribed(device, target))
			throw new AdminError(
				409,
				`The device ${device.name} is connected but has not subscribed to ${target}. Wait for its SUBSCRIBE.`,
			);
		const message = { topic: target, payload: typeof payload === "string" ? payload : JSON.stringify(payload) };
		session.onMessageSent?.(message);
		await broker.send(device, message);
	},
});

export function findDevice(
	context: AdminContext,
	{ platform, id, name }: DevicePath,
): { readonly product: Product; readonly device: Device } {
	const product = findProduct(context, platform, id);
	const device = product.devices.get(name);
	if (device) return { product, device };
	throw new AdminError(404, `The product ${id} has no device ${name}. Create the device, or let it register.`);
}

function checkSecret(secret: string, { auth, id }: Product, rules: PlatformRules): void {
	if (auth !== "key")
		throw new AdminError(
			400,
			`"${rules.secretName}" is invalid: the devices of product ${id} have certificates. Leave out "${rules.secretName}".`,
		);
	checkRule(secret, rules.deviceSecret);
}

function rotateCertificate(context: AdminContext, product: Product, device: Device): Promise<DeviceView> {
	if (product.auth === "private-ca")
		throw new AdminError(
			409,
			"The device has its own certificate, which the cloud cannot replace. Revoke the certificate instead.",
		);
	const replaced = revoke(context, product, device);
	const issued = context.deviceCertificates.issue(product.id + device.name);
	return issued.then(({ certificate }) => {
		context.products.rotateCertificate(device, replaced, certificate);
		return deviceViewOf(context, product, device);
	});
}

/** @returns the revoked certificate */
function revoke({ products }: AdminContext, product: Product, device: Device): string {
	const { certificate, name } = device;
	if (certificate === undefined)
		throw new AdminError(
			409,
			`The device ${name} has no certificate yet. The device gets its certificate when it registers.`,
		);
	products.revoke(product, device, certificate);
	return certificate;
}

function notConnected({ name }: Device): AdminError {
	return new AdminError(409, `The device ${name} is not connected. Wait until the device is online.`);
}

export function deviceViewOf({ broker }: AdminContext, product: Product, device: Device): DeviceView {
	const { certificate } = device;
	return {
		name: device.name,
		state: device.state,
		connected: broker.session(device) !== undefined,
		automatic: device.automatic,
		nextSecretFixed: device.nextSecret !== undefined,
		...(device.lastSeen !== undefined && { lastSeen: new Date(device.lastSeen).toISOString() }),
		...(device.boards && { boards: device.boards.length }),
		...(certificate !== undefined && { certificate: certificateViewOf(product, new X509Certificate(certificate)) }),
	};
}

function certificateViewOf(product: Product, certificate: X509Certificate): CertificateView {
	return {
		kind: product.auth === "private-ca" ? "own" : "issued",
		expires: new Date(certificate.validTo).toISOString(),
		revoked: isRevoked(product, certificate),
	};
}
