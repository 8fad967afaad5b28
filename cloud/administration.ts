/** What an operator does in the platform's console: products, devices, broker; and what goes wrong. Answers hold no secret. */

import { X509Certificate } from "node:crypto";
import type { Broker } from "./broker.js";
import type { DeviceCertificates } from "./device-certificates.js";
import type { Faults } from "./faults/faults.js";
import { BadFault, readRule } from "./faults/read-rules.js";
import type { FaultReport, FaultRule } from "./faults/rule.js";
import type { Entry, Journal } from "./journal.js";
import { parseCertificate } from "./parse-certificate.js";
import type { Platform, Rule, Rules } from "./platform.js";
import {
	type Auth,
	type Device,
	type DeviceState,
	holders,
	isRevoked,
	type Product,
	type Products,
	type RegistrationMode,
} from "./products.js";
import { type CertificateKind, KINDS, NoSuchCertificate } from "./server-certificates.js";
import { type Shown, TLS_PORTS, type TlsPort, type Trust } from "./trust.js";

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
	/** Default: key. Stays as long as there are devices. */
	readonly auth?: Auth;
	/** The certificate in PEM of the customer's authority, for "private-ca". Needed the first time. */
	readonly authority?: string;
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
	readonly authority?: string;
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
	/** The one that counts, if the device has one. */
	readonly certificate?: CertificateView;
}

export interface CertificateView {
	/** Handed out by the local cloud, or the board's own. */
	readonly kind: "issued" | "own";
	/** ISO 8601, UTC. */
	readonly expires: string;
	/** It is refused in spite of its dates. */
	readonly revoked: boolean;
}

/** How the time server errs. */
export interface Time {
	/** Seconds that it is ahead. */
	readonly offset: number;
	/** It answers nothing. */
	readonly silent: boolean;
}

export interface Parts {
	readonly platforms: readonly Platform[];
	readonly products: Products;
	readonly broker: Broker;
	readonly certificates: DeviceCertificates;
	readonly trust: Trust;
	readonly faults: Faults;
	readonly journal: Journal;
	/** Ends all that boards talk to, and begins it again after so many seconds. */
	readonly restart: (seconds: number) => Promise<void>;
}

const LIMIT = 200_000;

/** Seconds: a hundred years. */
const MAX_OFFSET = 3_155_760_000;

/** Seconds. Longest absence of a restart. */
const MAX_ABSENCE = 3600;

export class Administration {
	readonly #platforms: readonly Platform[];
	readonly #products: Products;
	readonly #broker: Broker;
	readonly #certificates: DeviceCertificates;
	readonly #trust: Trust;
	readonly #faults: Faults;
	readonly #journal: Journal;
	readonly #restart: (seconds: number) => Promise<void>;
	#restarting = false;
	#time: Time = { offset: 0, silent: false };

	constructor({ platforms, products, broker, certificates, trust, faults, journal, restart }: Parts) {
		this.#platforms = platforms;
		this.#products = products;
		this.#broker = broker;
		this.#certificates = certificates;
		this.#trust = trust;
		this.#faults = faults;
		this.#journal = journal;
		this.#restart = restart;
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

	/** Creates a product, or changes what is given and leaves the rest. @throws AdminError 400, 409 */
	putProduct(platform: string, id: string, change: ProductChange): ProductView {
		const { rules, registration, auths } = this.platform(platform);
		check(id, rules.productId);
		if (change.registration !== undefined && !registration.modes.includes(change.registration))
			throw new AdminError(400, `"registration" must be ${either(registration.modes)}`);
		if (change.instanceId !== undefined) {
			if (!rules.instanceId) throw new AdminError(400, `"instanceId": a product of ${platform} has no instance`);
			check(change.instanceId, rules.instanceId);
		}
		if (change.auth !== undefined && !auths.includes(change.auth))
			throw new AdminError(400, `"auth" must be ${either(auths)}`);
		const existing = this.#products.find(platform, id);
		const secret = change.secret ?? existing?.secret;
		if (secret === undefined) throw new AdminError(400, `product ${id} is new: give it a "secret"`);
		check(secret, rules.productSecret);
		const auth = change.auth ?? existing?.auth ?? auths[0];
		if (existing && auth !== existing.auth && existing.devices.size > 0)
			throw new AdminError(409, `product ${id} has devices, so its "auth" stays "${existing.auth}": delete it first`);
		const { authority: _, ...others } = change;
		const authority = auth === "private-ca" ? checkedAuthority(change.authority ?? existing?.authority, id) : undefined;
		if (authority === undefined && change.authority !== undefined)
			throw new AdminError(400, `"authority" is for products whose "auth" is "private-ca"`);
		if (auth === "certificate") this.#certificates.prepare();
		const defaults = { registration: registration.default, limit: LIMIT };
		return productView(
			this.#products.put(platform, id, {
				...defaults,
				...settings(existing),
				...others,
				secret,
				auth,
				...(authority !== undefined && { authority }),
			}),
		);
	}

	/** With all its devices. @throws AdminError 404 */
	deleteProduct(platform: string, id: string): void {
		this.#products.delete(this.#product(platform, id));
	}

	/** @throws AdminError 404 */
	devices(platform: string, id: string): DeviceView[] {
		const product = this.#product(platform, id);
		return [...product.devices.values()].map((device) => this.#deviceView(product, device));
	}

	/** @throws AdminError 404 */
	device(platform: string, id: string, name: string): DeviceView {
		const { product, device } = this.#find(platform, id, name);
		return this.#deviceView(product, device);
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
		if (nextSecret !== undefined) checkSecret(nextSecret, product, rules);
		const device = this.#products.create(product, name);
		if (nextSecret !== undefined) this.#products.fixNextSecret(device, nextSecret);
		return this.#deviceView(product, device);
	}

	/** @throws AdminError 404 */
	deleteDevice(platform: string, id: string, name: string): void {
		const { product, device } = this.#find(platform, id, name);
		this.#products.deleteDevice(product, device);
	}

	/**
	 * Lets an active device register again; its credential counts until it does. Boards with tokens
	 * are forgotten, and their connections end.
	 *
	 * @throws AdminError 404
	 */
	resetDevice(platform: string, id: string, name: string): DeviceView {
		const { product, device } = this.#find(platform, id, name);
		this.#products.reset(device);
		return this.#deviceView(product, device);
	}

	/**
	 * Changes the secret, and all tokens, in the cloud only: what the board holds is refused from now
	 * on, and its connection ends. Its state stays, so an active one has to be reset before it may register again.
	 *
	 * A device's certificate is revoked at once; the promise is that of another one, which nobody gets.
	 *
	 * @param secret default: a new one, which nobody gets to know
	 * @throws AdminError 400, 404, 409
	 */
	rotateDevice(platform: string, id: string, name: string, secret?: string): DeviceView | Promise<DeviceView> {
		const { rules } = this.platform(platform);
		const { product, device } = this.#find(platform, id, name);
		if (secret !== undefined) checkSecret(secret, product, rules);
		if (product.auth !== "key") return this.#rotateCertificate(product, device);
		this.#products.rotate(device, secret ?? rules.newDeviceSecret(), rules.newDeviceSecret);
		return this.#deviceView(product, device);
	}

	#rotateCertificate(product: Product, device: Device): Promise<DeviceView> {
		if (product.auth === "private-ca")
			throw new AdminError(409, "the certificate is the board's own, so there is no other one to issue: revoke it");
		const replaced = this.#revoke(product, device);
		const issued = this.#certificates.issue(product.id + device.name);
		return issued.then(({ certificate }) => {
			this.#products.rotateCertificate(device, replaced, certificate);
			return this.#deviceView(product, device);
		});
	}

	/**
	 * The certificate that the device holds is refused from now on, and its connection ends. Its state stays, so
	 * an active one has to be reset before it may register again.
	 *
	 * @throws AdminError 404, 409
	 */
	revokeDevice(platform: string, id: string, name: string): DeviceView {
		const { product, device } = this.#find(platform, id, name);
		if (product.auth === "key")
			throw new AdminError(409, `devices of product ${id} have keys, and only certificates are revoked: rotate it`);
		this.#revoke(product, device);
		return this.#deviceView(product, device);
	}

	/** @returns the certificate */
	#revoke(product: Product, device: Device): string {
		const { certificate, name } = device;
		if (certificate === undefined)
			throw new AdminError(409, `device ${name} has no certificate yet: it gets one when it registers`);
		this.#products.revoke(product, device, certificate);
		return certificate;
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
		const message = { topic: target, payload };
		session.sent?.(message);
		await this.#broker.publish(message);
	}

	/** As if the platform were down: connections end, ports refuse. */
	stopBroker(): Promise<void> {
		return this.#broker.stop();
	}

	/** On the same ports as before. */
	startBroker(): Promise<void> {
		return this.#broker.start();
	}

	/** Which certificate each TLS port shows. */
	certificate(): Shown {
		return this.#trust.shown();
	}

	/**
	 * Shows another certificate from the next handshake on; nothing is closed.
	 *
	 * @param at default: at all ports
	 * @throws AdminError 400, 409
	 */
	async setCertificate(kind: CertificateKind, at?: TlsPort): Promise<Shown> {
		if (!KINDS.includes(kind)) throw new AdminError(400, `"kind" must be ${either(KINDS)}`);
		if (at !== undefined && !TLS_PORTS.includes(at)) throw new AdminError(400, `"at" must be ${either(TLS_PORTS)}`);
		try {
			await this.#trust.show(kind, at === undefined ? TLS_PORTS : [at]);
		} catch (error) {
			if (error instanceof NoSuchCertificate) throw new AdminError(409, error.message);
			throw error;
		}
		return this.#trust.shown();
	}

	/** What the time server tells. All other times are the true one. */
	time(): Time {
		return this.#time;
	}

	/** Changes what is given and leaves the rest, from the next query on. @throws AdminError 400 */
	setTime(change: Partial<Time>): Time {
		const { offset } = change;
		if (offset !== undefined && !(Math.abs(offset) <= MAX_OFFSET))
			throw new AdminError(400, `"offset" must be a number of seconds, from -${MAX_OFFSET} to ${MAX_OFFSET}`);
		this.#time = { ...this.#time, ...change };
		return this.#time;
	}

	/** All that were set, each with how often it has struck and, as its `count`, how often it may yet. */
	faults(): FaultReport[] {
		return this.#faults.report();
	}

	/** What goes wrong from now on, in place of what did so far. @throws AdminError 400 */
	setFaults(rules: readonly FaultRule[]): FaultReport[] {
		this.#faults.set(this.#checked(rules));
		return this.faults();
	}

	/** What goes wrong besides, where no earlier rule strikes. @throws AdminError 400 */
	addFaults(rules: readonly FaultRule[]): FaultReport[] {
		this.#faults.add(this.#checked(rules));
		return this.faults();
	}

	clearFaults(): void {
		this.#faults.set([]);
	}

	#checked(rules: readonly FaultRule[]): FaultRule[] {
		try {
			return rules.map((rule) => readRule(rule, this.#faults.operations));
		} catch (error) {
			if (error instanceof BadFault) throw new AdminError(400, error.message);
			throw error;
		}
	}

	/**
	 * All that boards talk to is gone for so many seconds: connections end, ports refuse. Then it is back, on the same
	 * ports and with the same state. The administration and the time server stay.
	 *
	 * @throws AdminError 400; 409 if it is under way already, or somebody else has taken a port meanwhile
	 */
	async restart(seconds: number): Promise<void> {
		if (!(seconds >= 0 && seconds <= MAX_ABSENCE))
			throw new AdminError(400, `"seconds" must be a number from 0 to ${MAX_ABSENCE}`);
		if (this.#restarting) throw new AdminError(409, "a restart is under way: wait until it is over");
		this.#restarting = true;
		try {
			await this.#restart(seconds);
		} catch (error) {
			throw new AdminError(
				409,
				`it is not back: ${error instanceof Error ? error.message : error}; then restart again`,
			);
		} finally {
			this.#restarting = false;
		}
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

	#deviceView(product: Product, device: Device): DeviceView {
		const { certificate } = device;
		return {
			name: device.name,
			state: device.state,
			connected: this.#broker.session(device) !== undefined,
			automatic: device.automatic,
			nextSecretFixed: device.nextSecret !== undefined,
			...(device.boards && { boards: device.boards.length }),
			...(certificate !== undefined && { certificate: certificateView(product, new X509Certificate(certificate)) }),
		};
	}
}

function check(value: string, rule: Rule): void {
	if (!rule.pattern.test(value)) throw new AdminError(400, rule.sentence);
}

function checkSecret(secret: string, { auth, id }: Product, rules: Rules): void {
	if (auth !== "key")
		throw new AdminError(400, `devices of product ${id} have certificates, so there is no "${rules.secretName}"`);
	check(secret, rules.deviceSecret);
}

/** @returns the first certificate of this PEM */
function checkedAuthority(pem: string | undefined, product: string): string {
	if (pem === undefined)
		throw new AdminError(
			400,
			`product ${product} is "private-ca": give it an "authority", the certificate (PEM) of the one that issues its boards' certificates`,
		);
	const certificate = parseCertificate(pem);
	if (!certificate)
		throw new AdminError(400, `"authority" is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`);
	if (!certificate.ca)
		throw new AdminError(400, `"authority" is the certificate of a device or server, which may not issue others`);
	return certificate.toString();
}

function certificateView(product: Product, certificate: X509Certificate): CertificateView {
	return {
		kind: product.auth === "private-ca" ? "own" : "issued",
		expires: new Date(certificate.validTo).toISOString(),
		revoked: isRevoked(product, certificate),
	};
}

/** "a", "b" or "c" */
function either(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
}

function settings(product: Product | undefined): ProductChange {
	if (!product) return {};
	const { registration, limit, instanceId } = product;
	return { registration, limit, ...(instanceId !== undefined && { instanceId }) };
}

function productView(product: Product): ProductView {
	const { platform, id, auth, authority, registration, limit, instanceId, devices } = product;
	return {
		platform,
		id,
		auth,
		...(authority !== undefined && { authority }),
		registration,
		limit,
		...(instanceId !== undefined && { instanceId }),
		devices: devices.size,
	};
}

function notConnected(name: string): AdminError {
	return new AdminError(409, `device ${name} is not connected`);
}
