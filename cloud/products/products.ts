/**
 * Products and their devices, of all platforms: which exist, who may register, which credential is valid.
 *
 * A credential becomes invalid when the next one replaces it, when it is rotated or revoked, and with its device. A
 * token becomes invalid when its device is reset or rotated, and with its device. Its connection is closed then.
 */

import { X509Certificate } from "node:crypto";
import { RegistrationRefusal } from "../platforms/registration-refusal.js";
import {
	type Board,
	type BoardRules,
	type CredentialHolder,
	credentialHolders,
	type Device,
	type Product,
	type ProductSettings,
	type SavedProduct,
	secretsOf,
} from "./product.js";
import { refuseIfFull, refuseIfOff } from "./refuse-registration.js";
import { SecretIndex } from "./secret-index.js";

export interface ProductsEvents {
	/** The state has to be saved. */
	changed(): void;
	/** The credential that this holder may be connected with has become invalid. */
	credentialInvalidated(holder: CredentialHolder): void;
}

export class Products {
	readonly #products = new Map<string, Product>();
	readonly #events: ProductsEvents;
	/** Of all products and devices: a board may have sent any of them in the wrong place, as its name for example. */
	readonly #secrets = new SecretIndex();

	constructor(saved: readonly SavedProduct[], events: ProductsEvents) {
		this.#events = events;
		for (const { devices, ...product } of saved) {
			this.#products.set(key(product.platform, product.id), {
				...product,
				automatic: devices.filter((device) => device.automatic).length,
				devices: new Map(devices.map((device) => [device.name, { ...device }])),
			});
			this.#secrets.add(product.secret);
			for (const secret of devices.flatMap(secretsOf)) this.#secrets.add(secret);
		}
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
		if (existing) this.#secrets.remove(existing.secret);
		this.#secrets.add(settings.secret);
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
		for (const device of product.devices.values()) {
			for (const secret of secretsOf(device)) this.#secrets.remove(secret);
			this.#invalidate(credentialHolders(device));
		}
		this.#secrets.remove(product.secret);
		this.#products.delete(key(product.platform, product.id));
		this.#events.changed();
	}

	/** @returns the device of this name, created if there is none */
	create(product: Product, name: string): Device {
		return product.devices.get(name) ?? this.#add(product, { name, automatic: false, state: "created" });
	}

	deleteDevice(product: Product, device: Device): void {
		product.devices.delete(device.name);
		for (const secret of secretsOf(device)) this.#secrets.remove(secret);
		if (device.automatic) product.automatic--;
		this.#invalidate(credentialHolders(device));
		this.#events.changed();
	}

	/** Sets what the next registration hands out. */
	fixNextSecret(device: Device, secret: string): void {
		this.#changeCredentials(device, () => {
			device.nextSecret = secret;
		});
	}

	/**
	 * Registers a device for a secret.
	 *
	 * @param newSecret creates the secret, unless `fixNextSecret` has set it
	 * @returns the secret that is valid from now on
	 * @throws RegistrationRefusal `registration-off`, `not-created`, `limit-reached`, `already-active`
	 */
	register(
		product: Product,
		name: string,
		newSecret: () => string,
	): { readonly device: Device; readonly secret: string } {
		this.checkRegistration(product, name);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		const secret = this.#changeCredentials(device, () => useNextSecret(device) ?? newSecret());
		this.#replaceSecret(device, secret);
		device.state = "registered";
		device.hasRegistered = true;
		device.lastSeen = Date.now();
		return { device, secret };
	}

	/**
	 * Registers a device for a certificate, or with its own.
	 *
	 * @param certificate PEM, valid from now on
	 * @throws RegistrationRefusal as `register` does; `unknown-product` if the product was deleted while the certificate was made
	 */
	registerCertificate(product: Product, name: string, certificate: string): Device {
		if (this.find(product.platform, product.id) !== product)
			throw new RegistrationRefusal(
				"unknown-product",
				`The product ${product.id} was deleted while the board registered.`,
			);
		this.checkRegistration(product, name);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		this.#replaceCertificate(device, certificate);
		device.state = "registered";
		device.hasRegistered = true;
		device.lastSeen = Date.now();
		return device;
	}

	/**
	 * Registers a device for one more certificate. Its earlier ones stay valid until they are revoked, and an active device
	 * may do so again.
	 *
	 * @param certificate PEM
	 * @throws RegistrationRefusal `unknown-product`, `registration-off`, `not-created`, `limit-reached`
	 */
	addCertificate(product: Product, name: string, certificate: string): Device {
		if (this.find(product.platform, product.id) !== product)
			throw new RegistrationRefusal(
				"unknown-product",
				`The product ${product.id} was deleted while the board registered.`,
			);
		this.checkRegistration(product, name, true);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		if (device.certificate !== undefined)
			device.earlierCertificates = [...(device.earlierCertificates ?? []), device.certificate];
		device.certificate = certificate;
		if (device.state === "created") device.state = "registered";
		device.lastSeen = Date.now();
		this.#events.changed();
		return device;
	}

	/**
	 * Checks whether a device of this name may register, for anything but a token.
	 *
	 * @param again an active device may, too
	 * @throws RegistrationRefusal `registration-off`, `not-created`, `limit-reached`, `already-active`
	 */
	checkRegistration(product: Product, name: string, again = false): void {
		refuseIfOff(product);
		const device = product.devices.get(name);
		if (device?.state === "active" && !again)
			throw new RegistrationRefusal(
				"already-active",
				`The device ${name} has connected before and may not register again. If its ${product.auth === "key" ? "secret" : "certificate"} is lost, reset or delete the device.`,
			);
		if (device) return;
		if (product.registration !== "automatic")
			throw new RegistrationRefusal(
				"not-created",
				`The product ${product.id} has no device ${name}. With registration "${product.registration}", ${product.registration === "free" ? "any name gets a token, but a secret" : "a registration"} needs an existing device. Create the device, or correct its name.`,
			);
		refuseIfFull(product);
	}

	/**
	 * Registers one of a device's boards for a token. Its other boards keep theirs.
	 *
	 * @throws RegistrationRefusal `registration-off`, `limit-reached`
	 */
	registerBoard(
		product: Product,
		name: string,
		{ maxBoards, newClientId, newToken }: BoardRules,
	): { readonly device: Device; readonly board: Board } {
		refuseIfOff(product);
		if (product.registration !== "free")
			throw new RegistrationRefusal(
				"registration-off",
				`The product ${product.id} issues no tokens, because its registration is "${product.registration}". Set "registration" to "free", or let the board register for a secret.`,
			);
		const device = product.devices.get(name) ?? this.#addAutomatic(product, name);
		const boards = device.boards ?? [];
		if (boards.length >= maxBoards)
			throw new RegistrationRefusal(
				"limit-reached",
				`The limit of ${boards.length} boards with the name ${name} is reached. Choose another name for this board, or reset the device, which removes all of them.`,
			);
		const board = this.#changeCredentials(device, () => {
			const created = { clientId: newClientId(), token: useNextSecret(device) ?? newToken() };
			device.boards = [...boards, created];
			return created;
		});
		if (device.state === "created") device.state = "registered";
		device.lastSeen = Date.now();
		return { device, board };
	}

	/** @throws RegistrationRefusal `limit-reached` */
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
		delete device.hasRegistered;
		this.#changeCredentials(device, () => delete device.boards);
		this.#invalidate(boards);
		device.state = device.secret === undefined && device.certificate === undefined ? "created" : "registered";
		this.#events.changed();
	}

	/** Replaces the secret and all tokens without telling the device: its credential is refused from now on. */
	rotate(device: Device, secret: string, newToken: () => string): void {
		this.#changeCredentials(device, () => {
			for (const board of device.boards ?? []) board.token = newToken();
		});
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

	/** Refuses the device's certificate from now on, for connections and registrations; its earlier ones, too. */
	revoke(product: Product, device: Device, certificate: string): void {
		const revoked = [certificate, ...(device.earlierCertificates ?? [])];
		const fingerprints = revoked.map((pem) => new X509Certificate(pem).fingerprint256);
		product.revoked = [...new Set([...(product.revoked ?? []), ...fingerprints])];
		this.#invalidate([device]);
		this.#events.changed();
	}

	#replaceSecret(device: Device, secret: string): void {
		this.#changeCredentials(device, () => {
			device.secret = secret;
		});
		this.#events.credentialInvalidated(device);
	}

	#invalidate(invalidated: readonly CredentialHolder[]): void {
		for (const holder of invalidated) this.#events.credentialInvalidated(holder);
	}

	/** @returns the text with `[secret]` in place of each secret of a product, device or board */
	redact(text: string): string {
		return this.#secrets.redact(text);
	}

	/** Carries out a change of the device's credentials. */
	#changeCredentials<Result>(device: Device, change: () => Result): Result {
		for (const secret of secretsOf(device)) this.#secrets.remove(secret);
		const result = change();
		for (const secret of secretsOf(device)) this.#secrets.add(secret);
		this.#events.changed();
		return result;
	}

	save(): SavedProduct[] {
		return [...this.#products.values()].map(({ automatic: _, devices, ...product }) => ({
			...product,
			devices: [...devices.values()].map(
				({ dataTemplate: _, shadow: _shadow, properties: _properties, lastSeen: _lastSeen, ...device }) => device,
			),
		}));
	}
}

function useNextSecret(device: Device): string | undefined {
	const { nextSecret } = device;
	delete device.nextSecret;
	return nextSecret;
}

function key(platform: string, id: string): string {
	return `${platform}/${id}`;
}
