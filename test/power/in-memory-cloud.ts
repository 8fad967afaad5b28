/**
 * The local cloud's own decisions (platforms, products) without its sockets: its ports are the host's. It can be
 * saved and restored at any moment, with all that has happened to it.
 */

import { createHash, X509Certificate } from "node:crypto";
import type { DeviceCertificates } from "@dynreg/cloud/internal/certificates/device-certificates";
import type { ConversationLogin, PlatformContext } from "@dynreg/cloud/internal/platforms/platform";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { platforms } from "@dynreg/cloud/internal/platforms/platforms";
import type { Device, RegistrationMode, SavedProduct } from "@dynreg/cloud/internal/products/product";
import { Products } from "@dynreg/cloud/internal/products/products";
import type { CloudName } from "dynreg/clouds/schemas";
import type { CertificateCredential, Credential } from "dynreg/contracts/credential";
import type { Http, Mqtt, MqttConnection, MqttConnectOptions, MqttEvents } from "dynreg/contracts/host";
import { refusedConnack } from "dynreg/core/connection-errors";
import { startTime } from "../support/memory-host.js";
import { certificateFor, pairFor, seedOf, tencentCertificates } from "./certificates.js";

/** A device of a platform: as in a vault's identity. */
export interface DeviceIdentity {
	readonly platform: CloudName;
	readonly product: string;
	readonly device: string;
}

interface State {
	products: readonly SavedProduct[];
	/** How many of the next connections with a good credential are refused all the same. */
	refusalsByMistake: number;
	/** One of them has been. */
	hasRefusedByMistake: boolean;
	/** After how many refused registrations the device is reset in the console, once. */
	refusalsUntilReset: number;
	/** Secrets that have been handed out: the next one follows from it, so that each run is like the other. */
	issued: number;
	/** How often in a row each credential has been refused. */
	refusals: Record<string, number>;
}

/** Hears of each question before it is answered, and of its answer. */
export interface CloudObserver {
	registering(name: DeviceIdentity): void;
	/** @returns a name for the credential that it connects with */
	connecting(name: DeviceIdentity): string;
	connected(name: DeviceIdentity): void;
}

export class InMemoryCloud {
	readonly #state: State;
	readonly #products: Products;
	readonly #clock: () => number;
	#saved: string | undefined;

	/** @param clock what the time is there */
	constructor(saved?: string, clock = () => startTime) {
		this.#saved = saved;
		this.#clock = clock;
		this.#state = saved
			? JSON.parse(saved)
			: {
					products: [],
					refusalsByMistake: 0,
					hasRefusedByMistake: false,
					issued: 0,
					refusalsUntilReset: Number.MAX_SAFE_INTEGER,
					refusals: {},
				};
		this.#products = new Products(this.#state.products, {
			changed: () => {
				this.#saved = undefined;
			},
			credentialInvalidated: () => {},
		});
	}

	save(): string {
		this.#saved ??= JSON.stringify({ ...this.#state, products: this.#products.save() });
		return this.#saved;
	}

	/** A product that lets everybody in. */
	addProduct(platform: DeviceIdentity["platform"], id: string, secret: string): void {
		const registration = platformNamed(platform).registration.modes.at(-1) as RegistrationMode;
		const [auth] = platformNamed(platform).auths;
		this.#products.put(platform, id, { secret, auth, registration, limit: 100 });
	}

	/** What the device holds counts no more, and nobody has told it. */
	rotate(name: DeviceIdentity): void {
		const { newDeviceSecret } = platformNamed(name.platform).rules;
		this.#products.rotate(this.#device(name) as Device, newDeviceSecret(), newDeviceSecret);
	}

	reset(name: DeviceIdentity): void {
		this.#products.reset(this.#device(name) as Device);
	}

	refuseNext(refusalsByMistake: number): void {
		this.#change({ refusalsByMistake });
	}

	resetAfterRefusals(refusalsUntilReset: number): void {
		this.#change({ refusalsUntilReset });
	}

	get mistaken(): boolean {
		return this.#state.hasRefusedByMistake;
	}

	/** How often in a row this credential has been refused, by a name that the witness has given it. */
	refusals(credential: string): number {
		return this.#state.refusals[credential] ?? 0;
	}

	/** It has been refused so often before. */
	setRefusals(credential: string, times: number): void {
		this.#change({ refusals: { ...this.#state.refusals, [credential]: times } });
	}

	/** Whether a connection with this credential is accepted, but for mistakes. */
	accepts(name: DeviceIdentity, credential: Credential): boolean {
		const device = this.#device(name);
		if (name.platform === "aws" && credential.kind === "certificate")
			return device?.certificate === pairFor(seedOf(credential)).certificate;
		if (credential.kind === "token") return !!device?.boards?.some(({ token }) => token === credential.secret.reveal());
		const secret = credential.kind === "certificate" ? seedOf(credential) : credential.secret.reveal();
		return device?.secret === secret;
	}

	/** @param torn whether this answer, of the first registration, is only half there */
	http(witness: CloudObserver, torn: () => boolean): Http {
		return {
			request: async (request) => {
				// The same below `certificates.test` answers with certificates.
				const certificates = request.endpoint.host.startsWith("certificates.");
				const headers = Object.fromEntries(request.headers.map(([key, value]) => [key.toLowerCase(), value]));
				const [path = "", query = ""] = request.path.split("?");
				const question = {
					path,
					query,
					headers: { ...headers, host: request.endpoint.host },
					body: Buffer.from(request.body),
				};
				const { endpoint, platform } = endpointAt(question.path);
				const name = complete(platform, endpoint.names(question));
				// A query about the state of a registration is none.
				if (endpoint.method !== "GET") witness.registering(name);
				this.#decideSecret(name);
				const answer = await endpoint.respond(question, this.#context());
				if (answer.outcome.verdict === "refused") this.#complained(name);
				const device = this.#device(name);
				const text =
					certificates && answer.outcome.verdict === "accepted" && device?.secret !== undefined
						? certificateFor(device.secret, this.#products.find(name.platform, name.product)?.secret as string)
						: answer.body;
				const whole = new Uint8Array(Buffer.from(text));
				const { status = 200, retryAfter } = answer;
				return {
					status,
					...(retryAfter !== undefined && { retryAfter: String(retryAfter) }),
					body: torn() ? whole.subarray(0, whole.length >> 1) : whole,
				};
			},
		};
	}

	mqtt(witness: CloudObserver): Mqtt {
		return {
			connect: async (options, events) => {
				const { name, registers } = this.#nameInConnect(options);
				if (registers) {
					witness.registering(name);
					this.#decideSecret(name);
				}
				const credential = registers ? "" : witness.connecting(name);
				const login = this.#login(name, options);
				if (login?.verdict === "registered") {
					const { topic, payload } = login.response;
					setImmediate(() => events.message(topic, new Uint8Array(Buffer.from(payload))));
				} else if (login?.verdict === "registering") {
					return this.#conversation(login, name, events);
				} else if (login?.verdict === "accepted" && !this.#makesMistake()) {
					this.#products.activate(login.device);
					this.setRefusals(credential, 0);
					witness.connected(name);
				} else {
					if (registers) this.#complained(name);
					else this.setRefusals(credential, this.refusals(credential) + 1);
					throw refusedConnack(options.endpoint, login?.verdict === "refused" ? login.code : 4);
				}
				return { publish: async () => {}, subscribe: async () => 0, unsubscribe: async () => {}, close() {} };
			},
		};
	}

	/** A registration by messages, each of which is answered at once. */
	#conversation({ conversation }: ConversationLogin, name: DeviceIdentity, events: MqttEvents): MqttConnection {
		return {
			publish: async (topic, payload) => {
				const { message, outcome } = await conversation.respond(topic, Buffer.from(payload), this.#context());
				if (outcome.verdict === "refused") this.#complained(name);
				events.message(message.topic, new Uint8Array(Buffer.from(message.payload)));
			},
			subscribe: async () => 1,
			unsubscribe: async () => {},
			close() {},
		};
	}

	#login(name: DeviceIdentity, { clientId, username, password, certificate, keepAlive }: MqttConnectOptions) {
		if (certificate && name.platform === "tencent") return tencentCertificates.login(name, certificate, this.#products);
		const said = {
			clientId,
			username,
			password: password?.reveal(),
			keepAlive,
			overTls: true,
			port: 8883,
			alpn: undefined,
		};
		const proved = { preSharedIdentity: undefined, certificate: certificate && x509(certificate) };
		return platformNamed(name.platform).login({ ...said, ...proved }, this.#context());
	}

	#nameInConnect({ clientId, username, certificate }: MqttConnectOptions): {
		readonly name: DeviceIdentity;
		readonly registers: boolean;
	} {
		for (const { name, claimedIdentity } of platforms) {
			const claim = claimedIdentity(
				{ clientId, username, certificate: certificate && x509(certificate) },
				this.#products,
			);
			if (claim)
				return {
					name: complete(name, { ...this.#owner(name, clientId), ...claim }),
					registers: claim.operation !== "connect",
				};
		}
		throw new Error(`no platform has the client id ${clientId}`);
	}

	/** An access token that ThingsBoard does not know names no device, but the client id is that of this firmware's. */
	#owner(platform: CloudName, clientId: string): { readonly product?: string; readonly device?: string } {
		const [product] = [...this.#products.all()].filter((each) => each.platform === platform);
		return platform === "thingsboard" && product ? { product: product.id, device: clientId } : {};
	}

	#decideSecret(name: DeviceIdentity): void {
		// The device has its key from the factory or proposes its own, or gets a certificate.
		if (["aws", "azure", "thingsboard"].includes(name.platform)) return;
		const product = this.#products.find(name.platform, name.product);
		if (!product) throw new Error(`there is no product ${name.product}`);
		const issued = this.#state.issued + 1;
		const digest = createHash("md5").update(`${issued}`).digest();
		const { pattern } = platformNamed(name.platform).rules.deviceSecret;
		const secret = [digest.toString("hex"), digest.toString("base64")].find((text) => pattern.test(text)) as string;
		this.#products.fixNextSecret(this.#products.create(product, name.device), secret);
		this.#change({ issued });
	}

	#makesMistake(): boolean {
		const { refusalsByMistake } = this.#state;
		if (refusalsByMistake > 0) this.#change({ refusalsByMistake: refusalsByMistake - 1, hasRefusedByMistake: true });
		return refusalsByMistake > 0;
	}

	/** A device's registration has been refused; some time later it is reset in the console. */
	#complained(name: DeviceIdentity): void {
		const { refusalsUntilReset } = this.#state;
		this.#change({ refusalsUntilReset: refusalsUntilReset - 1 });
		if (refusalsUntilReset === 1) this.reset(name);
	}

	#change(change: Partial<State>): void {
		Object.assign(this.#state, change);
		this.#saved = undefined;
	}

	#device({ platform, product, device }: DeviceIdentity): Device | undefined {
		return this.#products.find(platform, product)?.devices.get(device);
	}

	#context(): PlatformContext {
		// Real ones take a tenth of a second each.
		const issue = async () => {
			this.#change({ issued: this.#state.issued + 1 });
			return pairFor(`${this.#state.issued}`);
		};
		const certificates = { issue } as unknown as DeviceCertificates;
		return { products: this.#products, certificates, now: this.#clock(), checkTimestamps: true };
	}
}

const x509 = ({ certificates: [own] }: CertificateCredential) => new X509Certificate(own as Uint8Array);

export function identity({ platform, product, device }: DeviceIdentity): string {
	return `${platform}/${product}/${device}`;
}

export function identityFrom(identity: string): DeviceIdentity {
	const [platform, product = "", device = ""] = identity.split("/");
	return { platform: platform as DeviceIdentity["platform"], product, device };
}

function endpointAt(path: string) {
	for (const { name: platform, endpoints } of platforms) {
		for (const [pattern, endpoint] of Object.entries(endpoints))
			if (new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path)) return { endpoint, platform };
	}
	throw new Error(`nothing at ${path}`);
}

/** @throws Error if a name is missing */
function complete(platform: CloudName, { product, device }: { product?: string; device?: string }): DeviceIdentity {
	if (product === undefined || device === undefined) throw new Error(`a name is missing at ${platform}`);
	return { platform, product, device };
}
