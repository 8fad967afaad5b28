/** What an operator does in the platform's console: products, devices, broker. Answers hold no secret. */

import type { Broker } from "./broker.js";
import type { FaultRule, Faults } from "./faults.js";
import type { Entry, Journal } from "./journal.js";
import type { Platform, Rule } from "./platform.js";
import {
	type Auth,
	type Device,
	type DeviceState,
	holders,
	type Product,
	type Products,
	type RegistrationMode,
} from "./products.js";

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
	/** Default: the platform's. */
	readonly registration?: RegistrationMode;
	/** How many devices registration may create. Default: 200,000, the most that a platform's product holds. */
	readonly limit?: number;
	/** The only instance that registrations may name. Default: they may name any. */
	readonly instanceId?: string;
}

export interface ProductView {
	readonly platform: string;
	readonly id: string;
	readonly auth: Auth;
	readonly registration: RegistrationMode;
	readonly limit: number;
	readonly instanceId?: string;
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
	/** How many boards hold a token under this name, if any. */
	readonly boards?: number;
}

const DEFAULTS = { auth: "key", limit: 200_000 } as const;

/** Longest delay of a fault. */
const MAX_SECONDS = 3600;

export class Administration {
	readonly #platforms: readonly Platform[];
	readonly #products: Products;
	readonly #broker: Broker;
	readonly #faults: Faults;
	readonly #journal: Journal;

	constructor(platforms: readonly Platform[], products: Products, broker: Broker, faults: Faults, journal: Journal) {
		this.#platforms = platforms;
		this.#products = products;
		this.#broker = broker;
		this.#faults = faults;
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
		const { rules, registration } = this.platform(platform);
		check(id, rules.productId);
		if (change.registration !== undefined && !registration.modes.includes(change.registration))
			throw new AdminError(400, `"registration" must be ${either(registration.modes)}`);
		if (change.instanceId !== undefined) {
			if (!rules.instanceId) throw new AdminError(400, `"instanceId": a product of ${platform} has no instance`);
			check(change.instanceId, rules.instanceId);
		}
		const existing = this.#products.find(platform, id);
		const secret = change.secret ?? existing?.secret;
		if (secret === undefined) throw new AdminError(400, `product ${id} is new: give it a "secret"`);
		check(secret, rules.productSecret);
		const defaults = { ...DEFAULTS, registration: registration.default };
		return productView(this.#products.put(platform, id, { ...defaults, ...settings(existing), ...change, secret }));
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

	/**
	 * Lets an active device register again; its secret counts until it does. Boards with tokens
	 * are forgotten, and their connections end.
	 *
	 * @throws AdminError 404
	 */
	resetDevice(platform: string, id: string, name: string): DeviceView {
		const { device } = this.#find(platform, id, name);
		this.#products.reset(device);
		return this.#deviceView(device);
	}

	/**
	 * Changes the secret, and all tokens, in the cloud only: what the board holds is refused from now
	 * on, and its connection ends. Its state stays, so an active one has to be reset before it may register again.
	 *
	 * @param secret default: a new one, which nobody gets to know
	 * @throws AdminError 400, 404
	 */
	rotateDevice(platform: string, id: string, name: string, secret?: string): DeviceView {
		const { rules } = this.platform(platform);
		const { device } = this.#find(platform, id, name);
		if (secret !== undefined) check(secret, rules.deviceSecret);
		this.#products.rotate(device, secret ?? rules.newDeviceSecret(), rules.newDeviceSecret);
		return this.#deviceView(device);
	}

	/** Ends the device's connections. @throws AdminError 404, 409 */
	disconnectDevice(platform: string, id: string, name: string): void {
		const { device } = this.#find(platform, id, name);
		const ended = holders(device).filter((one) => this.#broker.disconnect(one, "disconnected by the administrator"));
		if (ended.length === 0) throw notConnected(name);
	}

	/**
	 * Sends the device a message; all of its boards, if several are connected.
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

	/** In force, each with how many times it may strike yet. */
	faults(): FaultRule[] {
		return this.#faults.rules();
	}

	/** What goes wrong from now on, in place of what did so far. @throws AdminError 400 */
	setFaults(rules: readonly FaultRule[]): FaultRule[] {
		const operations = this.#platforms.flatMap((platform) => platform.operations);
		for (const rule of rules) checkFault(rule, operations);
		this.#faults.set(rules);
		return this.#faults.rules();
	}

	clearFaults(): void {
		this.#faults.set([]);
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
			...(device.boards && { boards: device.boards.length }),
		};
	}
}

function check(value: string, rule: Rule): void {
	if (!rule.pattern.test(value)) throw new AdminError(400, rule.sentence);
}

/** @param operations what registrations are called */
function checkFault({ operation, fault, seconds, count }: FaultRule, operations: readonly string[]): void {
	if (operation === "" || !operations.some((one) => one.startsWith(operation)))
		throw new AdminError(
			400,
			`"operation" must be "register" for all registrations, or one of ${operations.join(", ")}: nothing else has faults`,
		);
	if (fault !== "delay") throw new AdminError(400, '"fault" must be "delay"');
	if (!(seconds > 0 && seconds <= MAX_SECONDS))
		throw new AdminError(400, `"seconds" must be a number above 0 and up to ${MAX_SECONDS}`);
	if (count !== undefined && !(Number.isInteger(count) && count > 0))
		throw new AdminError(400, '"count" must be a whole number of at least 1; without it the fault strikes each time');
}

/** "a", "b" or "c" */
function either(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

function settings(product: Product | undefined): ProductChange {
	if (!product) return {};
	const { auth, registration, limit, instanceId } = product;
	return { auth, registration, limit, ...(instanceId !== undefined && { instanceId }) };
}

function productView(product: Product): ProductView {
	const { platform, id, auth, registration, limit, instanceId, devices } = product;
	const instance = instanceId === undefined ? {} : { instanceId };
	return { platform, id, auth, registration, limit, ...instance, devices: devices.size };
}

function notConnected(name: string): AdminError {
	return new AdminError(409, `device ${name} is not connected`);
}
