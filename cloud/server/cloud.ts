/**
 * The local cloud: registration over HTTP and HTTPS, an MQTT broker over TCP and TLS, a time server and an
 * administration, in one process.
 */

import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { AdminServer } from "../admin/admin-server.js";
import { Administration } from "../admin/administration.js";
import type { AdministeredCloud } from "../admin/operation.js";
import type { ServerCertificate } from "../certificates/certificate-authority.js";
import { CertificateSelector } from "../certificates/certificate-selector.js";
import { DeviceCertificates } from "../certificates/device-certificates.js";
import { type ServerIdentity, serverIdentity } from "../certificates/server-certificate.js";
import { Activity } from "../console/activity.js";
import { EventReaders } from "../console/server-sent-events.js";
import type { FaultRule } from "../faults/fault-rule.js";
import { Faults } from "../faults/faults.js";
import { faultOperations } from "../faults/operations.js";
import { RegistrationServers } from "../http/registration-servers.js";
import { Broker } from "../mqtt/broker.js";
import type { PlatformContext } from "../platforms/platform.js";
import { platforms } from "../platforms/platforms.js";
import { Products } from "../products/products.js";
import { certificateNames, reachableHost } from "./addresses.js";
import { type AuthorityFile, writeAuthorityFile } from "./authority-file.js";
import { type CloudState, readCloudState } from "./cloud-state.js";
import { Journal, type JournalEntry } from "./journal.js";
import type { Listener, PortName } from "./listen.js";
import { SntpServer } from "./sntp-server.js";
import { StateFile } from "./state-file.js";
import { prepareStatePath, type StatePath } from "./state-path.js";
import { type BoardTime, Timers } from "./timers.js";

export interface CloudOptions {
	/** IPv4 address for boards; the administration stays on 127.0.0.1. Default: 127.0.0.1. */
	readonly host?: string;
	/** Default: any free ports. */
	readonly ports?: Partial<Readonly<Record<PortName, number>>>;
	/** File for products, devices and the certificate authority. Default: they end with the process. */
	readonly state?: string;
	/** Refuse timestamps that the platform would refuse. Default: true; false lets recorded requests be replayed. */
	readonly checkTimestamps?: boolean;
	/** In place of the cloud's own server certificate. */
	readonly certificate?: ServerCertificate;
	/** In force from the start. */
	readonly faults?: readonly FaultRule[];
	/** From 0 up to but not including 1, for faults with a probability. Default: `Math.random`. */
	readonly random?: () => number;
	/**
	 * How many seconds of board time pass in one real second. Divides the delays that imitate a platform: those of
	 * faults and restarts, time limits, keep-alive supervision. Times in messages and rules stay in board time.
	 * Or board time itself, where boards of this process share it: `scaledTime` of @dynreg/node. Default: 1.
	 */
	readonly timeScale?: number | BoardTime;
	/** Called with each request after its response. Must not throw. */
	readonly onRequest?: (entry: JournalEntry) => void;
	/** Called when the state file can no longer be written, and with undefined when it can again. Default: a warning of Node. */
	readonly onStateFailure?: (failure: Error | undefined) => void;
	/** Called with errors that are bugs of the cloud. Default: they are thrown, and end the process. */
	readonly onBug?: (error: unknown) => void;
}

/** What `Cloud` needs from files and key generation. */
interface PreparedState {
	readonly identity: ServerIdentity;
	readonly state: StatePath | undefined;
	readonly saved: CloudState | undefined;
	readonly authorityFile: AuthorityFile;
}

/** Clouds without a state file share one authority, so that a test with many clouds makes keys once. */
let sharedIdentity: ServerIdentity | undefined;

/**
 * @example
 * const cloud = await startCloud();
 * cloud.administration.putProduct("tencent", "PRODUCT001", { secret: "at-least-16-characters" });
 * // cloud.urls.https, cloud.urls.mqtts and cloud.ca are for the board
 * await cloud.close();
 *
 * @throws Error if an option is invalid, a port is taken, or the state file cannot be read, written, or is in use
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
	const cloud = await Cloud.create(options);
	try {
		cloud.administration.setFaults(options.faults ?? []);
		await cloud.start();
		return cloud;
	} catch (error) {
		await cloud.close();
		throw error;
	}
}

export class Cloud implements AdministeredCloud {
	/** PEM file with the certificate of the authority that boards have to trust. */
	readonly ca: string;
	/** The same certificate, PEM. */
	readonly authority: string;
	readonly administration: Administration;
	readonly #options: CloudOptions;
	/** As boards reach it. */
	readonly #host: string;
	readonly #authorityFile: AuthorityFile;
	readonly #statePath: StatePath | undefined;
	readonly #stateFile: StateFile<CloudState> | undefined;
	readonly #products: Products;
	readonly #deviceCertificates: DeviceCertificates;
	readonly #timers: Timers;
	readonly #registration: RegistrationServers;
	readonly #broker: Broker;
	readonly #sntp: SntpServer;
	readonly #admin: AdminServer;
	/** Aborts a restart. */
	#stopping = new AbortController();
	#restart: Promise<void> | undefined;

	/** @throws Error if an option is invalid, or the state file cannot be used */
	static async create(options: CloudOptions): Promise<Cloud> {
		const { host = "127.0.0.1" } = options;
		if (!isIPv4(host))
			throw new Error(`The host ${host} is invalid. Expected an IPv4 address of this machine, or 0.0.0.0 for all.`);
		const state = options.state === undefined ? undefined : await prepareStatePath(options.state);
		try {
			return await Cloud.#createWith(options, host, state);
		} catch (error) {
			state?.release();
			throw error;
		}
	}

	static async #createWith(options: CloudOptions, host: string, state: StatePath | undefined): Promise<Cloud> {
		const timers = new Timers(options.timeScale);
		const saved = state === undefined ? undefined : await readCloudState(state.path, platforms);
		const names = certificateNames(
			host,
			platforms.flatMap(({ hostNames }) => hostNames),
		);
		const identity = await serverIdentity(state === undefined ? sharedIdentity : saved?.certificate, names);
		if (state === undefined) sharedIdentity = identity;
		const authorityFile = await writeAuthorityFile(options.state, identity.authority.certificate);
		const cloud = new Cloud(options, host, timers, { identity, state, saved, authorityFile });
		await cloud.#stateFile?.open();
		return cloud;
	}

	private constructor(
		options: CloudOptions,
		host: string,
		timers: Timers,
		{ identity, state, saved, authorityFile }: PreparedState,
	) {
		this.#options = options;
		this.#host = reachableHost(host);
		this.#timers = timers;
		this.#authorityFile = authorityFile;
		this.ca = authorityFile.path;
		this.authority = identity.authority.certificate;
		this.#deviceCertificates = new DeviceCertificates(saved?.deviceAuthority);
		this.#products = new Products(saved?.products ?? [], {
			changed: () => this.#stateFile?.scheduleWrite(),
			credentialInvalidated: (holder) =>
				this.#broker.disconnect(holder, "The credential of this session is no longer valid."),
		});
		this.#statePath = state;
		if (state !== undefined)
			this.#stateFile = new StateFile(state.path, () => this.#save(identity), options.onStateFailure ?? warn);

		const ports = { http: 0, https: 0, mqtt: 0, mqtts: 0, mtls: 0, sntp: 0, admin: 0, ...options.ports };
		const certificates = new CertificateSelector(identity, options.certificate);
		const redact = (text: string) => this.#products.redact(text);
		const activity = new Activity(redact);
		const journal = new Journal(redact, (entry) => {
			activity.journal(entry);
			options.onRequest?.(entry);
		});
		const faults = new Faults(faultOperations(platforms), options.random ?? Math.random);
		const http = { timers, onBug: options.onBug ?? rethrow };
		const parts = { host, ports, certificates, platforms, context: () => this.#context(), faults, journal, timers };
		this.#registration = new RegistrationServers({ ...parts, ...http });
		this.#broker = new Broker({ ...parts, observer: activity });
		this.#sntp = new SntpServer(host, ports.sntp);
		const admin = {
			platforms,
			products: this.#products,
			deviceCertificates: this.#deviceCertificates,
			certificates,
			broker: this.#broker,
			sntp: this.#sntp,
			faults,
			journal,
			cloud: this,
			activity,
			readers: new EventReaders(activity.events, activity.fleet),
			token: randomBytes(24).toString("base64url"),
			stateFile: this.#stateFile,
		};
		this.administration = new Administration(admin);
		this.#admin = new AdminServer(admin, ports.admin, http);
	}

	/** The addresses of all ports, once the cloud is started. */
	get urls(): Readonly<Record<PortName, string>> {
		const host = this.#host;
		return {
			http: `http://${host}:${this.#registration.ports.http}`,
			https: `https://${host}:${this.#registration.ports.https}`,
			mqtt: `mqtt://${host}:${this.#broker.ports.mqtt}`,
			mqtts: `mqtts://${host}:${this.#broker.ports.mqtts}`,
			mtls: `mqtts://${host}:${this.#broker.ports.mtls}`,
			sntp: `sntp://${host}:${this.#sntp.port}`,
			admin: `http://127.0.0.1:${this.#admin.port}`,
		};
	}

	get restarting(): boolean {
		return this.#restart !== undefined;
	}

	/** Starts all listeners; the administration last, so that it only shows addresses in use. @throws Error if a port is taken */
	async start(): Promise<void> {
		this.#stopping = new AbortController();
		for (const listener of this.#listeners()) await listener.start();
		if ([...this.#products.all()].some(({ auth }) => auth === "certificate")) this.#deviceCertificates.prepare();
	}

	/** Stops all listeners, and a restart that is under way. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		// `restart` has reported its failure.
		await this.#restart?.catch(() => {});
		for (const listener of this.#listeners().reverse()) await listener.stop();
	}

	/** Ends all connections and saves the state. @throws Error if the state could not be saved */
	async close(): Promise<void> {
		await this.stop();
		await this.#authorityFile.remove();
		try {
			await this.#stateFile?.close();
		} finally {
			this.#statePath?.release();
		}
	}

	/**
	 * Stops everything that boards talk to, except the time server, and starts it again.
	 *
	 * @param seconds of board time, in between
	 * @throws Error if a port has been taken meanwhile
	 */
	async restart(seconds: number): Promise<void> {
		this.#restart = this.#stopAndStart(seconds);
		try {
			await this.#restart;
		} finally {
			this.#restart = undefined;
		}
	}

	async #stopAndStart(seconds: number): Promise<void> {
		const { signal } = this.#stopping;
		const listeners = [this.#registration, this.#broker];
		await Promise.all(listeners.map((listener) => listener.stop()));
		await this.#timers.sleep(seconds * 1000, signal);
		if (!signal.aborted) await Promise.all(listeners.map((listener) => listener.start()));
	}

	/** In the order of their start. */
	#listeners(): Listener[] {
		return [this.#registration, this.#sntp, this.#broker, this.#admin];
	}

	#context(): PlatformContext {
		return {
			products: this.#products,
			certificates: this.#deviceCertificates,
			now: Date.now(),
			checkTimestamps: this.#options.checkTimestamps ?? true,
		};
	}

	#save(certificate: ServerIdentity): CloudState {
		const { authority } = this.#deviceCertificates;
		return {
			version: 1,
			certificate,
			...(authority && { deviceAuthority: authority }),
			products: this.#products.save(),
		};
	}
}

function warn(failure: Error | undefined): void {
	if (failure) process.emitWarning(failure);
}

function rethrow(error: unknown): never {
	throw error;
}
