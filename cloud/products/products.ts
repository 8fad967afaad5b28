/**
 * Products and their devices, of all platforms: which exist, who may register, which credential is valid.
 *
 * A credential becomes invalid when the next one replaces it, when it is rotated or revoked, and with its device. A
 * token becomes invalid when its device is reset or rotated, and with its device. Its connection is closed then.
 */

import { X509Certificate } from "node:crypto";
import { Refusal } from "../platforms/refusal.js";
import {
	type Board,
	type BoardRules,
	type Device,
	type Holder,
	holders,
	type Product,
	type ProductSettings,
	type SavedProduct,
} from "./product.js";

export interface ProductsEvents {
	/** The state has to be saved. */
	changed(): void;
	/** The credential that this holder may be connected with has become invalid. */
	credentialInvalidated(holder: Holder): void;
}

export class Products {
	readonly #products = new Map<string, Product>();
	readonly #events: ProductsEvents;

	constructor(saved: readonly SavedProduct[], events: ProductsEvents) {
		this.#events = events;
		for (const { devices, ...product } of saved)
			this.#products.set(key(product.platform, product.id), {
				...product,
				automatic: devices.filter((device) => device.automatic).length,
				devices: new Map(devices.map((device) => [device.name, { ...device }])),
			});
	}

	all(): Iterable<Product> {
		return this.#products.values();
	}

	find(platform: string, id: string): Product | undefined {
		return this.#products.get(key(platform, id));
	}

	/** Creates a product, or changes its settings and keeps its devices. */
	put(platform: string, id: string, settings: ProductSettings): Product {
		const existing = this.find(platform, id);
		const previousAuthority = existing?.authority;
		const product = existing
			? Object.assign(existing, settings)
			: { platform, id, ...settings, automatic: 0, devices: new Map<string, Device>() };
		if (settings.authority === undefined) delete product.authority;
		if (product.authority !== previousAuthority) this.#invalidate([...product.devices.values()]);
		this.#products.set(key(platform, id), product);
		this.#events.changed();
		return product;
	}

	delete(product: Product): void {
		for (const device of product.devices.values()) this.#invalidate(holders(device));
		this.#products.delete(key(product.platform, product.id));
		this.#events.changed();
	}

	/** @returns the device of this name, created if there is none */
	create(product: Product, name: string): Device {
		return product.devices.get(name) ?? this.#add(product, { name, automatic: false, state: "created" });
	}

	deleteDevice(product: Product, device: Device): void {
		product.devices.delete(device.name);
		if (device.automatic) product.automatic--;
		this.#invalidate(holders(device));
		this.#events.changed();
	}

	/** Sets what the next registration hands out. */
	fixNextSecret(device: Device, secret: string): void {
		device.nextSecret = secret;
		this.#events.changed();
	}

	/**
	 * Registers a device for a secret.
	 *
	 * @param newSecret creates the secret, unless `fixNextSecret` has set it
	 * @returns the secret that is valid from now on
	 * @throws Refusal `registration-off`, `not-created`, `limit-reached`, `already-active`
	 */
	register(
		product: Product,
		name: string,
		newSecret: () => string,
	): { readonly device: Device; readonly secret: string } {
		this.checkRegistration(product, name);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		const secret = takeNextSecret(device) ?? newSecret();
		this.#replaceSecret(device, secret);
		device.state = "registered";
		return { device, secret };
	}

	/**
	 * Registers a device for a certificate, or with its own.
	 *
	 * @param certificate PEM, valid from now on
	 * @throws Refusal as `register` does; `unknown-product` if the product was deleted while the certificate was made
	 */
	registerCertificate(product: Product, name: string, certificate: string): Device {
		if (this.find(product.platform, product.id) !== product)
			throw new Refusal("unknown-product", `product ${product.id} was deleted while the board registered`);
		this.checkRegistration(product, name);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		this.#replaceCertificate(device, certificate);
		device.state = "registered";
		return device;
	}

	/**
	 * Checks whether a device of this name may register, for anything but a token.
	 *
	 * @throws Refusal `registration-off`, `not-created`, `limit-reached`, `already-active`
	 */
	checkRegistration(product: Product, name: string): void {
		refuseIfOff(product);
		const device = product.devices.get(name);
		if (device?.state === "active")
			throw new Refusal(
				"already-active",
				`device ${name} has connected before and may not register again: reset or delete it if its ${product.auth === "key" ? "secret" : "certificate"} is lost`,
			);
		if (device) return;
		if (product.registration !== "automatic")
			throw new Refusal(
				"not-created",
				`there is no device ${name} in product ${product.id}, whose registration is "${product.registration}": create the device first${product.registration === "free" ? " (a token goes to any name, a secret does not)" : ""}, or check its name`,
			);
		refuseIfFull(product);
	}

	/**
	 * Registers one of a device's boards for a token. Its other boards keep theirs.
	 *
	 * @throws Refusal `registration-off`, `limit-reached`
	 */
	registerBoard(
		product: Product,
		name: string,
		{ most, newClientId, newToken }: BoardRules,
	): { readonly device: Device; readonly board: Board } {
		refuseIfOff(product);
		if (product.registration !== "free")
			throw new Refusal(
				"registration-off",
				`product ${product.id} hands out no tokens, as its registration is "${product.registration}": set "registration" to "free", or let the board register for a secret`,
			);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		const boards = device.boards ?? [];
		if (boards.length >= most)
			throw new Refusal(
				"limit-reached",
				`${boards.length} boards have registered as ${name} already, the most that may share a name: give this one another name, or reset the device, which forgets them all`,
			);
		const board = { clientId: newClientId(), token: takeNextSecret(device) ?? newToken() };
		device.boards = [...boards, board];
		if (device.state === "created") device.state = "registered";
		this.#events.changed();
		return { device, board };
	}

	/** @throws Refusal `limit-reached` */
	#addAutomatic(product: Product, name: string): Device {
		refuseIfFull(product);
		return this.#add(product, { name, automatic: true, state: "created" });
	}

	#add(product: Product, device: Device): Device {
		product.devices.set(device.name, device);
		if (device.automatic) product.automatic++;
		this.#events.changed();
		return device;
	}

	/** Records that a device has connected with its credential. */
	activate(device: Device): void {
		if (device.state === "active") return;
		device.state = "active";
		this.#events.changed();
	}

	/**
	 * Lets an active device register again. Its credential stays valid until then: a board that still holds it keeps
	 * working, and makes the device active again when it connects. Boards with tokens are forgotten.
	 */
	reset(device: Device): void {
		const boards = device.boards ?? [];
		delete device.boards;
		this.#invalidate(boards);
		device.state = device.secret === undefined && device.certificate === undefined ? "created" : "registered";
		this.#events.changed();
	}

	/** Replaces the secret and all tokens without telling the device: its credential is refused from now on. */
	rotate(device: Device, secret: string, newToken: () => string): void {
		for (const board of device.boards ?? []) board.token = newToken();
		this.#invalidate(device.boards ?? []);
		this.#replaceSecret(device, secret);
	}

	/** Replaces this certificate, if it still is the device's, without telling the device. @param next PEM */
	rotateCertificate(device: Device, certificate: string, next: string): void {
		if (device.certificate === certificate) this.#replaceCertificate(device, next);
	}

	#replaceCertificate(device: Device, certificate: string): void {
		device.certificate = certificate;
		this.#invalidate([device]);
		this.#events.changed();
	}

	/** Refuses the device's certificate from now on, for connections and registrations. */
	revoke(product: Product, device: Device, certificate: string): void {
		const { fingerprint256 } = new X509Certificate(certificate);
		product.revoked = [...new Set(product.revoked).add(fingerprint256)];
		this.#invalidate([device]);
		this.#events.changed();
	}

	#replaceSecret(device: Device, secret: string): void {
		device.secret = secret;
		this.#events.credentialInvalidated(device);
		this.#events.changed();
	}

	#invalidate(invalidated: readonly Holder[]): void {
		for (const holder of invalidated) this.#events.credentialInvalidated(holder);
	}

	/**
	 * The secrets that a text about this device must not show: every product's secret, and the device's credentials. If
	 * the product has no device of that name, the credentials of all its devices: a board may have sent a secret as its
	 * name by mistake.
	 */
	*secrets(productId: string | undefined, deviceName: string | undefined): Iterable<string> {
		for (const product of this.#products.values()) {
			yield product.secret;
			if (product.id !== productId) continue;
			const device = product.devices.get(deviceName ?? "");
			for (const { secret, nextSecret, boards = [] } of device ? [device] : product.devices.values()) {
				if (secret !== undefined) yield secret;
				if (nextSecret !== undefined) yield nextSecret;
				for (const { token } of boards) yield token;
			}
		}
	}

	save(): SavedProduct[] {
		return [...this.#products.values()].map(({ automatic: _, devices, ...product }) => ({
			...product,
			devices: [...devices.values()].map(({ thing: _, ...device }) => device),
		}));
	}
}

function refuseIfFull({ id, automatic, limit }: Product): void {
	if (automatic < limit) return;
	throw new Refusal(
		"limit-reached",
		`registration has created ${automatic} devices of product ${id} and its "limit" is ${limit}: raise it, or delete devices`,
	);
}

function refuseIfOff({ id, registration }: Product): void {
	if (registration !== "off") return;
	const reason = `dynamic registration of product ${id} is off: set "registration" to one that lets devices in`;
	throw new Refusal("registration-off", reason);
}

function takeNextSecret(device: Device): string | undefined {
	const { nextSecret } = device;
	delete device.nextSecret;
	return nextSecret;
}

function key(platform: string, id: string): string {
	return `${platform}/${id}`;
}
