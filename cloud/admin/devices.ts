import { X509Certificate } from "node:crypto";
import type { Rules } from "../platforms/platform.js";
import { type Device, deviceStates, holders, isRevoked, type Product } from "../products/product.js";
import { AdminError } from "./admin-error.js";
import { type AdminContext, operation } from "./operation.js";
import { check, findPlatform, findProduct } from "./products.js";
import {
	anything,
	boolean,
	list,
	object,
	optional,
	type Schema,
	single,
	string,
	type ValueOf,
	wholeNumber,
} from "./schema.js";

export const certificateView = object({
	/** Issued by the local cloud, or the board's own. */
	kind: string(["issued", "own"]),
	/** ISO 8601, UTC. */
	expires: string(),
	/** It is refused, whatever its dates. */
	revoked: boolean(),
});

export type CertificateView = ValueOf<typeof certificateView>;

export const deviceView = object({
	name: string(),
	state: string(deviceStates),
	connected: boolean(),
	/** Registration created it. */
	automatic: boolean(),
	/** What its next registration hands out has been set. */
	nextSecretFixed: boolean(),
	/** How many boards hold a token under this name, if any. */
	boards: optional(wholeNumber("boards")),
	/** The valid certificate, if the device has one. */
	certificate: optional(certificateView),
});

export type DeviceView = ValueOf<typeof deviceView>;

interface DevicePath {
	readonly platform: string;
	readonly id: string;
	readonly name: string;
}

/** A body with a device's secret, under the platform's key for it. */
function deviceSecret(context: AdminContext, { platform }: DevicePath): Schema<string | undefined> {
	return single(findPlatform(context, platform).rules.secretName, string());
}

export const getDevices = operation({
	method: "GET",
	path: "/products/:platform/:id/devices",
	response: list(deviceView),
	run(context, { platform, id }) {
		const product = findProduct(context, platform, id);
		return [...product.devices.values()].map((device) => view(context, product, device));
	},
});

export const getDevice = operation({
	method: "GET",
	path: "/products/:platform/:id/devices/:name",
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		return view(context, product, device);
	},
});

export const putDevice = operation({
	method: "PUT",
	path: "/products/:platform/:id/devices/:name",
	body: deviceSecret,
	response: deviceView,
	run(context, { platform, id, name }, nextSecret) {
		const { rules } = findPlatform(context, platform);
		const product = findProduct(context, platform, id);
		check(name, rules.deviceName);
		if (nextSecret !== undefined) checkSecret(nextSecret, product, rules);
		const device = context.products.create(product, name);
		if (nextSecret !== undefined) context.products.fixNextSecret(device, nextSecret);
		return view(context, product, device);
	},
});

export const deleteDevice = operation({
	method: "DELETE",
	path: "/products/:platform/:id/devices/:name",
	run(context, path) {
		const { product, device } = findDevice(context, path);
		context.products.deleteDevice(product, device);
	},
});

export const resetDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/reset",
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		context.products.reset(device);
		return view(context, product, device);
	},
});

export const rotateDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/rotate",
	body: deviceSecret,
	response: deviceView,
	run(context, path, secret): DeviceView | Promise<DeviceView> {
		const { rules } = findPlatform(context, path.platform);
		const { product, device } = findDevice(context, path);
		if (secret !== undefined) checkSecret(secret, product, rules);
		if (product.auth !== "key") return rotateCertificate(context, product, device);
		context.products.rotate(device, secret ?? rules.newDeviceSecret(), rules.newDeviceSecret);
		return view(context, product, device);
	},
});

export const revokeDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/revoke",
	response: deviceView,
	run(context, path) {
		const { product, device } = findDevice(context, path);
		if (product.auth === "key")
			throw new AdminError(
				409,
				`devices of product ${product.id} have keys, and only certificates are revoked: rotate it`,
			);
		revoke(context, product, device);
		return view(context, product, device);
	},
});

export const disconnectDevice = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/disconnect",
	run(context, path) {
		const { device } = findDevice(context, path);
		const reason = "disconnected by the administrator";
		const ended = holders(device).filter((holder) => context.broker.disconnect(holder, reason));
		if (ended.length === 0) throw notConnected(device);
	},
});

export const sendMessage = operation({
	method: "POST",
	path: "/products/:platform/:id/devices/:name/messages",
	body: object({
		/** Default: the device's control topic. */
		topic: optional(string()),
		/** A string is sent as it is, any other value as JSON. */
		payload: anything('the body needs a "payload": a string, or JSON that is sent as text'),
	}),
	async run(context, path, { topic, payload }): Promise<void> {
		const { broker } = context;
		const { device } = findDevice(context, path);
		const session = broker.session(device);
		if (!session) throw notConnected(device);
		const target = topic ?? session.control;
		if (!session.maySubscribe(target) && !broker.isSubscribed(device, target))
			throw new AdminError(
				400,
				`${target} is not a topic on which device ${device.name} receives; ${session.control} is`,
			);
		if (!broker.isSubscribed(device, target))
			throw new AdminError(409, `device ${device.name} is connected but has not subscribed to ${target}`);
		const message = { topic: target, payload: typeof payload === "string" ? payload : JSON.stringify(payload) };
		session.sent?.(message);
		await broker.publish(message);
	},
});

function findDevice(
	context: AdminContext,
	{ platform, id, name }: DevicePath,
): { readonly product: Product; readonly device: Device } {
	const product = findProduct(context, platform, id);
	const device = product.devices.get(name);
	if (device) return { product, device };
	throw new AdminError(404, `product ${id} has no device ${name}: it is created by PUT, or by its registration`);
}

function checkSecret(secret: string, { auth, id }: Product, rules: Rules): void {
	if (auth !== "key")
		throw new AdminError(400, `devices of product ${id} have certificates, so there is no "${rules.secretName}"`);
	check(secret, rules.deviceSecret);
}

function rotateCertificate(context: AdminContext, product: Product, device: Device): Promise<DeviceView> {
	if (product.auth === "private-ca")
		throw new AdminError(409, "the certificate is the board's own, so there is no other one to issue: revoke it");
	const replaced = revoke(context, product, device);
	const issued = context.deviceCertificates.issue(product.id + device.name);
	return issued.then(({ certificate }) => {
		context.products.rotateCertificate(device, replaced, certificate);
		return view(context, product, device);
	});
}

/** @returns the revoked certificate */
function revoke({ products }: AdminContext, product: Product, device: Device): string {
	const { certificate, name } = device;
	if (certificate === undefined)
		throw new AdminError(409, `device ${name} has no certificate yet: it gets one when it registers`);
	products.revoke(product, device, certificate);
	return certificate;
}

function notConnected({ name }: Device): AdminError {
	return new AdminError(409, `device ${name} is not connected`);
}

function view({ broker }: AdminContext, product: Product, device: Device): DeviceView {
	const { certificate } = device;
	return {
		name: device.name,
		state: device.state,
		connected: broker.session(device) !== undefined,
		automatic: device.automatic,
		nextSecretFixed: device.nextSecret !== undefined,
		...(device.boards && { boards: device.boards.length }),
		...(certificate !== undefined && { certificate: viewOfCertificate(product, new X509Certificate(certificate)) }),
	};
}

function viewOfCertificate(product: Product, certificate: X509Certificate): CertificateView {
	return {
		kind: product.auth === "private-ca" ? "own" : "issued",
		expires: new Date(certificate.validTo).toISOString(),
		revoked: isRevoked(product, certificate),
	};
}
