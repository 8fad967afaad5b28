/** What an operator does in the platform's console: products, devices, broker. Answers hold no secret. */

import type { Broker } from "./broker.js";
import type { Entry, Journal } from "./journal.js";
import type { Platform, Rule } from "./platform.js";
import type { Auth, Device, DeviceState, Product, Products, RegistrationMode } from "./products.js";

/** A request that cannot be done. `message` says what to do instead. */
export class AdminError extends Error {
	/** HTTP status: 400 malformed, 404 no such thing, 409 not in this state. */
	readonly status: 400 | 404 | 409;

	constructor(status: 400 | 404 | 409, message: string) {
		super(message);
		this.status = status;
	}
}

export interface ProductChange {
	/** Needed the first time. */
	readonly secret?: string;
	/** Default: key. */
	readonly auth?: Auth;
	/** Default: automatic. */
	readonly registration?: RegistrationMode;
	/** How many devices registration may create. Default: 200,000, the most that a platform's product holds. */
	readonly limit?: number;
}

export interface ProductView {
	readonly platform: string;
	readonly id: string;
	readonly auth: Auth;
	readonly registration: RegistrationMode;
	readonly limit: number;
	/** How many. */
	readonly devices: number;
}

export interface DeviceView {
	readonly name: string;
	readonly state: DeviceState;
	readonly connected: boolean;
	/** Registration created it. */
	readonly automatic: boolean;
	/** The next secret handed out has been decided. */
	readonly nextSecretFixed: boolean;
}

const DEFAULTS = { auth: "key", registration: "automatic", limit: 200_000 } as const;

export class Administration {
	readonly #platforms: readonly Platform[];
	readonly #products: Products;
	readonly #broker: Broker;
	readonly #journal: Journal;

	constructor(platforms: readonly Platform[], products: Products, broker: Broker, journal: Journal) {
		this.#platforms = platforms;
		this.#products = products;
		this.#broker = broker;
		this.#journal = journal;
	}

	/** @throws AdminError 404 */
	platform(name: string): Platform {
		const platform = this.#platforms.find((one) => one.name === name);
		if (platform) return platform;
		const names = this.#platforms.map((one) => one.name).join(", ");
		throw new AdminError(404, `there is no platform ${name}: there is ${names}`);
	}

	products(): ProductView[] {
		return [...this.#products.all()].map(productView);
	}

	/** @throws AdminError 404 */
	product(platform: string, id: string): ProductView {
		return productView(this.#product(platform, id));
	}

	/** Creates a product, or changes what is given and leaves the rest. @throws AdminError 400 */
	putProduct(platform: string, id: string, change: ProductChange): ProductView {
		const { rules } = this.platform(platform);
		check(id, rules.productId);
		const existing = this.#products.find(platform, id);
		const secret = change.secret ?? existing?.secret;
		if (secret === undefined) throw new AdminError(400, `product ${id} is new: give it a "secret"`);
		check(secret, rules.productSecret);
		return productView(this.#products.put(platform, id, { ...DEFAULTS, ...settings(existing), ...change, secret }));
	}

	/** With all its devices. @throws AdminError 404 */
	deleteProduct(platform: string, id: string): void {
		this.#products.delete(this.#product(platform, id));
	}

	/** @throws AdminError 404 */
	devices(platform: string, id: string): DeviceView[] {
		return [...this.#product(platform, id).devices.values()].map((device) => this.#deviceView(device));
	}

	/** @throws AdminError 404 */
	device(platform: string, id: string, name: string): DeviceView {
		return this.#deviceView(this.#find(platform, id, name).device);
	}

	/**
	 * Creates a device if there is none.
	 *
	 * @param nextSecret what its next registration hands out, so that a known exchange can be replayed
	 * @throws AdminError 400, 404
	 */
	putDevice(platform: string, id: string, name: string, nextSecret?: string): DeviceView {
		const { rules } = this.platform(platform);
		const product = this.#product(platform, id);
		check(name, rules.deviceName);
		if (nextSecret !== undefined) check(nextSecret, rules.deviceSecret);
		const device = this.#products.create(product, name);
		if (nextSecret !== undefined) this.#products.fixNextSecret(device, nextSecret);
		return this.#deviceView(device);
	}

	/** @throws AdminError 404 */
	deleteDevice(platform: string, id: string, name: string): void {
		const { product, device } = this.#find(platform, id, name);
		this.#products.deleteDevice(product, device);
	}

	/** Lets an active device register again; its secret counts until it does. @throws AdminError 404 */
	resetDevice(platform: string, id: string, name: string): DeviceView {
		const { device } = this.#find(platform, id, name);
		this.#products.reset(device);
		return this.#deviceView(device);
	}

	/**
	 * Changes the secret in the cloud only: what the board holds is refused from now on, and its
	 * connection ends. Its state stays, so an active one has to be reset before it may register again.
	 *
	 * @param secret default: a new one, which nobody gets to know
	 * @throws AdminError 400, 404
	 */
	rotateDevice(platform: string, id: string, name: string, secret?: string): DeviceView {
		const { rules } = this.platform(platform);
		const { device } = this.#find(platform, id, name);
		if (secret !== undefined) check(secret, rules.deviceSecret);
		this.#products.rotate(device, secret ?? rules.newDeviceSecret());
		return this.#deviceView(device);
	}

	/** Ends the device's connection. @throws AdminError 404, 409 */
	disconnectDevice(platform: string, id: string, name: string): void {
		const { device } = this.#find(platform, id, name);
		if (!this.#broker.disconnect(device, "disconnected by the administrator")) throw notConnected(name);
	}

	/**
	 * Sends the device a message.
	 *
	 * @param topic default: the device's control topic
	 * @throws AdminError 400 not a topic of the device, 404, 409 it would not arrive
	 */
	async sendMessage(platform: string, id: string, name: string, payload: string, topic?: string): Promise<void> {
		const { device } = this.#find(platform, id, name);
		const session = this.#broker.session(device);
		if (!session) throw notConnected(name);
		const target = topic ?? session.control;
		if (!session.maySubscribe(target) && !this.#broker.isSubscribed(device, target))
			throw new AdminError(400, `${target} is not a topic on which device ${name} receives; ${session.control} is`);
		if (!this.#broker.isSubscribed(device, target))
			throw new AdminError(409, `device ${name} is connected but has not subscribed to ${target}`);
		await this.#broker.publish({ topic: target, payload });
	}

	/** As if the platform were down: connections end, ports refuse. */
	stopBroker(): Promise<void> {
		return this.#broker.stop();
	}

	/** On the same ports as before. */
	startBroker(): Promise<void> {
		return this.#broker.start();
	}

	/** The latest 1000 requests, oldest first. */
	requests(): Entry[] {
		return this.#journal.entries();
	}

	clearRequests(): void {
		this.#journal.clear();
	}

	#product(platform: string, id: string): Product {
		this.platform(platform);
		const product = this.#products.find(platform, id);
		if (product) return product;
		throw new AdminError(404, `there is no product ${id}: create it with PUT /products/${platform}/${id}`);
	}

	#find(platform: string, id: string, name: string): { readonly product: Product; readonly device: Device } {
		const product = this.#product(platform, id);
		const device = product.devices.get(name);
		if (device) return { product, device };
		throw new AdminError(404, `product ${id} has no device ${name}: it is created by PUT, or by its registration`);
	}

	#deviceView(device: Device): DeviceView {
		return {
			name: device.name,
			state: device.state,
			connected: this.#broker.session(device) !== undefined,
			automatic: device.automatic,
			nextSecretFixed: device.nextSecret !== undefined,
		};
	}
}

function check(value: string, rule: Rule): void {
	if (!rule.pattern.test(value)) throw new AdminError(400, rule.sentence);
}

function settings(product: Product | undefined): ProductChange {
	if (!product) return {};
	const { auth, registration, limit } = product;
	return { auth, registration, limit };
}

function productView({ platform, id, auth, registration, limit, devices }: Product): ProductView {
	return { platform, id, auth, registration, limit, devices: devices.size };
}

function notConnected(name: string): AdminError {
	return new AdminError(409, `device ${name} is not connected`);
}
