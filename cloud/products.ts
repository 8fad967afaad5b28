/**
 * Products and their devices, of all platforms: what exists, who may register, which
 * secret counts.
 *
 * A device is `created` (known, has no secret), `registered` (a secret was handed out)
 * or `active` (has connected with it). A secret dies when the next one is handed out,
 * when it is rotated, and with its device; what is connected with it is disconnected.
 */

import { Refusal } from "./refusal.js";

/** What the devices of a product authenticate with. */
export type Auth = "key";

/** Who may register: nobody, devices that were created before, or any name (up to the product's limit). */
export type RegistrationMode = "off" | "pre-created" | "automatic";

export type DeviceState = "created" | "registered" | "active";

export interface Product {
	readonly platform: string;
	readonly id: string;
	secret: string;
	auth: Auth;
	registration: RegistrationMode;
	/** How many devices may exist that registration created. */
	limit: number;
	/** How many do. */
	automatic: number;
	readonly devices: Map<string, Device>;
}

export interface Device {
	readonly name: string;
	/** Registration created it. */
	readonly automatic: boolean;
	state: DeviceState;
	/** The one that counts now. */
	secret?: string;
	/** Handed out at the next registration, once, in place of a new one. */
	nextSecret?: string;
}

export type ProductSettings = Pick<Product, "secret" | "auth" | "registration" | "limit">;

/** As in the state file. */
export interface SavedProduct extends ProductSettings {
	readonly platform: string;
	readonly id: string;
	readonly devices: readonly Device[];
}

export interface ProductsEvents {
	/** Something that has to be saved. */
	changed(): void;
	/** The secret that this device may be connected with no longer counts. */
	secretGone(device: Device): void;
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
		const product = existing
			? Object.assign(existing, settings)
			: { platform, id, ...settings, automatic: 0, devices: new Map<string, Device>() };
		this.#products.set(key(platform, id), product);
		this.#events.changed();
		return product;
	}

	delete(product: Product): void {
		for (const device of product.devices.values()) this.#events.secretGone(device);
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
		this.#events.secretGone(device);
		this.#events.changed();
	}

	/** Decides the secret of the next registration. */
	fixNextSecret(device: Device, secret: string): void {
		device.nextSecret = secret;
		this.#events.changed();
	}

	/**
	 * A device registers.
	 *
	 * @param newSecret makes the secret, unless the next one was fixed
	 * @returns the secret that counts from now on
	 * @throws Refusal `registration-off`, `not-created`, `limit-reached`, `already-active`
	 */
	register(product: Product, name: string, newSecret: () => string): string {
		const device = this.#admit(product, name);
		const secret = device.nextSecret ?? newSecret();
		delete device.nextSecret;
		this.#replaceSecret(device, secret);
		device.state = "registered";
		return secret;
	}

	#admit(product: Product, name: string): Device {
		if (product.registration === "off")
			throw new Refusal(
				"registration-off",
				`dynamic registration of product ${product.id} is off: set "registration" to "pre-created" or "automatic"`,
			);
		const device = product.devices.get(name);
		if (device?.state === "active")
			throw new Refusal(
				"already-active",
				`device ${name} has connected before and may not register again: reset or delete it if its secret is lost`,
			);
		if (device) return device;
		if (product.registration === "pre-created")
			throw new Refusal(
				"not-created",
				`there is no device ${name} in product ${product.id}, whose registration is "pre-created": create the device first, or check its name`,
			);
		if (product.automatic >= product.limit)
			throw new Refusal(
				"limit-reached",
				`registration has created ${product.automatic} devices of product ${product.id} and its "limit" is ${product.limit}: raise it, or delete devices`,
			);
		return this.#add(product, { name, automatic: true, state: "created" });
	}

	#add(product: Product, device: Device): Device {
		product.devices.set(device.name, device);
		if (device.automatic) product.automatic++;
		this.#events.changed();
		return device;
	}

	/** A device has connected with its secret. */
	activate(device: Device): void {
		if (device.state === "active") return;
		device.state = "active";
		this.#events.changed();
	}

	/**
	 * Lets an active device register again. Its secret counts until then: a board that
	 * still holds it goes on working, and is active again once it connects.
	 */
	reset(device: Device): void {
		device.state = device.secret === undefined ? "created" : "registered";
		this.#events.changed();
	}

	/** Replaces the secret behind the device's back, whatever its state: what it holds is refused from now on. */
	rotate(device: Device, secret: string): void {
		this.#replaceSecret(device, secret);
	}

	#replaceSecret(device: Device, secret: string): void {
		device.secret = secret;
		this.#events.secretGone(device);
		this.#events.changed();
	}

	save(): SavedProduct[] {
		return [...this.#products.values()].map(({ automatic: _, devices, ...product }) => ({
			...product,
			devices: [...devices.values()],
		}));
	}
}

function key(platform: string, id: string): string {
	return `${platform}/${id}`;
}
