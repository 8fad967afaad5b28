/**
 * Products and their devices, of all platforms: what exists, who may register, which
 * credential counts.
 *
 * A device is `created` (known, has no credential), `registered` (one was handed out, or its
 * own certificate taken) or `active` (has connected with it). A credential dies when the next
 * one takes its place, when it is rotated or revoked, and with its device; what is connected
 * with it is disconnected.
 *
 * Several boards may share a device's name, each with a token of its own in place of the
 * secret. A token dies when the device is reset or rotated, and with its device.
 */

import { X509Certificate } from "node:crypto";
import { Refusal } from "./refusal.js";

/**
 * What the devices of a product authenticate with: a key that registration hands out, a certificate
 * that it hands out, or a certificate of their own, issued by the customer's authority.
 */
export type Auth = "key" | "certificate" | "private-ca";

/**
 * Who may register: nobody; devices that were created before; or any name (up to the product's
 * limit), for a secret (`automatic`) or for a token (`free`: secrets go to devices created before).
 */
export type RegistrationMode = "off" | "pre-created" | "automatic" | "free";

export type DeviceState = "created" | "registered" | "active";

export interface Product {
	readonly platform: string;
	readonly id: string;
	secret: string;
	auth: Auth;
	/** The customer's, which issues the devices' certificates if `auth` is "private-ca". PEM. */
	authority?: string;
	registration: RegistrationMode;
	/** How many devices may exist that registration created. */
	limit: number;
	/** How many do. */
	automatic: number;
	/** The instance that it belongs to, on platforms that have any; undefined: registrations may name any. */
	instanceId?: string;
	/** Certificates that its devices may use no more, by SHA-256 fingerprint. */
	revoked?: string[];
	readonly devices: Map<string, Device>;
}

export interface Device {
	readonly name: string;
	/** Registration created it. */
	readonly automatic: boolean;
	state: DeviceState;
	/** The one that counts now, of a key device. */
	secret?: string;
	/** The one that counts now, of a certificate device. PEM, one certificate. */
	certificate?: string;
	/** Handed out at the next registration, once, in place of a new one (secret or token). */
	nextSecret?: string;
	/** Those that have registered for a token. */
	boards?: Board[];
	/** What it has reported, and what it has been told; not saved. */
	thing?: Thing;
}

export interface Thing {
	/** The last values. */
	reported: Readonly<Record<string, unknown>>;
	/** Commands that the device has not dealt with yet: what they set, by client token. */
	readonly waiting: Map<string, Readonly<Record<string, unknown>>>;
}

/** One of the boards that share a device's name, and what it was handed out. */
export interface Board {
	readonly clientId: string;
	token: string;
}

/** How a platform makes boards. */
export interface BoardRules {
	/** That may share a name. */
	readonly most: number;
	newClientId(): string;
	newToken(): string;
}

/** What may be connected: a device with its secret or certificate, a board with its token. */
export type Holder = Device | Board;

export type ProductSettings = Pick<Product, "secret" | "auth" | "authority" | "registration" | "limit" | "instanceId">;

/** As in the state file. */
export interface SavedProduct extends ProductSettings {
	readonly platform: string;
	readonly id: string;
	readonly revoked?: string[];
	readonly devices: readonly Device[];
}

export interface ProductsEvents {
	/** Something that has to be saved. */
	changed(): void;
	/** The secret, certificate or token that this one may be connected with no longer counts. */
	credentialGone(holder: Holder): void;
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

	/** Creates it, or changes its settings and keeps its devices. */
	put(platform: string, id: string, settings: ProductSettings): Product {
		const existing = this.find(platform, id);
		const formerly = existing?.authority;
		const product = existing
			? Object.assign(existing, settings)
			: { platform, id, ...settings, automatic: 0, devices: new Map<string, Device>() };
		if (settings.authority === undefined) delete product.authority;
		if (product.authority !== formerly) this.#credentialsGone([...product.devices.values()]);
		this.#products.set(key(platform, id), product);
		this.#events.changed();
		return product;
	}

	delete(product: Product): void {
		for (const device of product.devices.values()) this.#credentialsGone(holders(device));
		this.#products.delete(key(product.platform, product.id));
		this.#events.changed();
	}

	/** The device of this name, created if there is none. */
	create(product: Product, name: string): Device {
		return product.devices.get(name) ?? this.#add(product, { name, automatic: false, state: "created" });
	}

	deleteDevice(product: Product, device: Device): void {
		product.devices.delete(device.name);
		if (device.automatic) product.automatic--;
		this.#credentialsGone(holders(device));
		this.#events.changed();
	}

	/** Decides the secret of the next registration. */
	fixNextSecret(device: Device, secret: string): void {
		device.nextSecret = secret;
		this.#events.changed();
	}

	/**
	 * A device registers for a secret.
	 *
	 * @param newSecret makes the secret, unless the next one was fixed
	 * @returns the secret that counts from now on
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
	 * A device registers for a certificate, or with its own.
	 *
	 * @param certificate the one that counts from now on: PEM
	 * @throws Refusal as `register` does, and `unknown-product`, as making a certificate takes time
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
	 * Whether a device of this name may register, for anything but a token.
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
	 * One of the boards of a device registers for a token. The others stay as they are, active or not.
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

	/** A device has connected with its credential. */
	activate(device: Device): void {
		if (device.state === "active") return;
		device.state = "active";
		this.#events.changed();
	}

	/**
	 * Lets an active device register again. Its credential counts until then: a board that
	 * still holds it goes on working, and is active again once it connects. Boards with
	 * tokens are forgotten.
	 */
	reset(device: Device): void {
		const boards = device.boards ?? [];
		delete device.boards;
		this.#credentialsGone(boards);
		device.state = device.secret === undefined && device.certificate === undefined ? "created" : "registered";
		this.#events.changed();
	}

	/** Replaces the secret and all tokens behind the device's back: what it holds is refused from now on. */
	rotate(device: Device, secret: string, newToken: () => string): void {
		for (const board of device.boards ?? []) board.token = newToken();
		this.#credentialsGone(device.boards ?? []);
		this.#replaceSecret(device, secret);
	}

	/** Replaces this certificate, if it still is the device's, behind the device's back. @param next PEM */
	rotateCertificate(device: Device, certificate: string, next: string): void {
		if (device.certificate === certificate) this.#replaceCertificate(device, next);
	}

	#replaceCertificate(device: Device, certificate: string): void {
		device.certificate = certificate;
		this.#credentialsGone([device]);
		this.#events.changed();
	}

	/** The certificate that the device holds is refused from now on, and may not register again either. */
	revoke(product: Product, device: Device, certificate: string): void {
		const { fingerprint256 } = new X509Certificate(certificate);
		product.revoked = [...new Set(product.revoked).add(fingerprint256)];
		this.#credentialsGone([device]);
		this.#events.changed();
	}

	#replaceSecret(device: Device, secret: string): void {
		device.secret = secret;
		this.#events.credentialGone(device);
		this.#events.changed();
	}

	#credentialsGone(gone: readonly Holder[]): void {
		for (const holder of gone) this.#events.credentialGone(holder);
	}

	/**
	 * What a text about this device must not show: every product's secret, and what the device
	 * holds; what all devices of the product hold, if there is none of that name (its name may be
	 * a secret that a board sent by mistake).
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

/** All that may be connected as this device. */
export function holders(device: Device): Holder[] {
	return [device, ...(device.boards ?? [])];
}

export function isRevoked({ revoked }: Product, { fingerprint256 }: X509Certificate): boolean {
	return revoked?.includes(fingerprint256) ?? false;
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
