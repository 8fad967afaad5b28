import { configuredDevice } from "dynreg/clouds";
import { lifecycleOptions } from "dynreg/configuration/readers";
import { ignorable } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { redactingLog } from "dynreg/core/secret";
import { openVault, type Vault } from "dynreg/credential-store/vault";
import { createHost, readConfiguration } from "dynreg/host";
import { fraction, initialState, next, type PolicyEvent, type State } from "dynreg/lifecycle/policy";
import type { Cloud, CloudDevice, Inputs, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Configuration } from "../modules/contracts/configuration.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { FailureValues } from "../modules/contracts/error.js";
import type { BoardEvent, Command, CommandSink } from "../modules/contracts/event.js";
import type { Endpoint, Host, Milliseconds } from "../modules/contracts/host.js";
import type { Session } from "../modules/contracts/session.js";
import type { Secret } from "../modules/core/secret.js";
import type { VaultRecord } from "../modules/credential-store/record.js";
import { register } from "./registration.js";
import { type LiveSession, openSession, setClock } from "./session.js";

export type * from "../modules/contracts/configuration.js";
export type { BoardEvent, Command } from "../modules/contracts/event.js";
export type { Host, Storage } from "../modules/contracts/host.js";
export type { Identity, Message, Session } from "../modules/contracts/session.js";
export type { Failure } from "../modules/core/errors.js";

/** All are optional. Callbacks are called with the device as `this`; their errors are logged and change nothing else. */
export interface DeviceOptions {
	/** Default: `createHost()` of `dynreg/host`. Replace a port with `{ ...createHost(), storage }`. */
	readonly host?: Host;
	/** Keys that take precedence over those of the image, which are in the manifest's `config` and a factory partition. */
	readonly configuration?: Partial<Configuration>;
	/** A cloud of `dynreg/clouds`. Default: the one that the configuration names, of those in the image. */
	readonly cloud?: Cloud;
	/** Called with each session. The session continues when it returns or throws. */
	readonly onOnline?: ((this: Device, session: Session) => void | Promise<void>) | undefined;
	/**
	 * Called when a session is over.
	 *
	 * @param failure undefined if it was closed on this side; with the reason `renewal` if the next session follows at once
	 */
	readonly onOffline?: ((this: Device, failure: Failure | undefined) => void) | undefined;
	/** Called with each event of the log, in which secrets are redacted. */
	readonly onEvent?: ((this: Device, event: BoardEvent) => void) | undefined;
}

/**
 * A board in a cloud: loads its credential or registers, connects, and reconnects whenever the session ends, until it is
 * closed. `dynreg/lifecycle/policy` decides what to do and when.
 *
 * Not for subclasses: a package's JavaScript has short names for the private members, which theirs may be.
 *
 * Small async methods, since in XS each variable of a suspended function takes memory, as do the outer names it uses and
 * the code of the functions it creates.
 *
 * @example
 * new Device({
 * 	cloud: tencent,
 * 	onOnline(session) {
 * 		session.publish(session.topics.event, "hello");
 * 	},
 * });
 */
export class Device implements CommandSink {
	/**
	 * Resolves when the device is closed, by `close` or by the application's `session.close`. May be ignored.
	 *
	 * @throws Failure `bad-configuration`, already logged; there is no retry
	 */
	readonly closed: Promise<void>;

	private readonly host: Host;
	private readonly onOnline: DeviceOptions["onOnline"];
	private readonly onOffline: DeviceOptions["onOffline"];
	private readonly onEvent: DeviceOptions["onEvent"];
	/** What the log redacts: the configured secrets, then the credential's. */
	private readonly secrets: Secret[] = [];
	private device!: CloudDevice;
	private httpTimeServer: Endpoint | undefined;
	private vault!: Vault;
	private state!: State;
	/** Closes the connection that was opened while registering, unless it is taken. */
	private discard: (() => void) | undefined;
	/** The latest session, until the next attempt. */
	private session: LiveSession | undefined;
	/** Ticks. */
	private onlineSince = 0;
	/** The configured credential was tried since power-up. */
	private renewed = false;
	/** The last command, until it is executed. */
	private command: Command | undefined;
	private closing = false;
	/** Ends the wait for the next attempt. */
	private wake: (() => void) | undefined;

	constructor(options: DeviceOptions = {}) {
		const { host = createHost() } = options;
		this.onOnline = options.onOnline;
		this.onOffline = options.onOffline;
		this.onEvent = options.onEvent;
		const log = options.onEvent ? this.withListener(host.log) : host.log;
		this.host = { ...host, log: redactingLog(log, this.secrets) };
		this.closed = this.configure(options) ?? this.run();
	}

	/** Registers again. The current credential is kept until the broker has accepted the new one. @returns as `post` */
	register(): boolean {
		return this.post("register");
	}

	/** Erases the credential, and registers again. @returns as `post` */
	erase(): boolean {
		return this.post("erase");
	}

	/**
	 * Ends the session, and the device once the request that is under way has ended. `closed` resolves then. An `erase` that has
	 * not been executed is executed before.
	 */
	close(): void {
		this.closing = true;
		this.interrupt();
	}

	/**
	 * Gives a command. It ends the session or the wait for the next attempt, and is executed then. Another one that has not
	 * been executed is replaced, unless it is `erase`.
	 *
	 * @returns whether it will be executed: not once the device is closed
	 */
	post(command: Command): boolean {
		if (this.isClosing()) return false;
		if (this.command !== "erase") this.command = command;
		this.interrupt();
		return true;
	}

	private interrupt(): void {
		this.session?.disconnect();
		this.wake?.();
	}

	private isClosing(): boolean {
		return this.closing || this.session?.isClosed() === true;
	}

	private isOver(): boolean {
		return this.isClosing() && this.command !== "erase";
	}

	/** @returns a rejected promise if the configuration is invalid */
	private configure({ cloud, configuration: own }: DeviceOptions): Promise<never> | undefined {
		const { log, crypto, network, storage } = this.host;
		const configuration: RawConfiguration = { ...readConfiguration(), ...own };
		try {
			const device = (cloud?.device ?? configuredDevice)(configuration, crypto, network.mac());
			const { startupJitter, httpTimeServer } = lifecycleOptions(configuration);
			for (let i = 0; i < device.secrets.length; i++) this.secrets.push(device.secrets[i] as Secret);
			this.device = device;
			this.httpTimeServer = httpTimeServer;
			this.vault = openVault(storage, crypto, device.identity);
			this.state = initialState(startupJitter, this.random());
			return undefined;
		} catch (error) {
			const failure = Failure.from(error);
			// On a host with a factory partition: whether the value is from it.
			const { factoryNote } = configuration;
			const note = typeof factoryNote === "function" ? factoryNote(failure) : {};
			log({ event: "failed", ...failure, ...note });
			this.closing = true;
			return ignorable(Promise.reject(error));
		}
	}

	/** @returns a log that passes each event on */
	private withListener(log: Host["log"]): Host["log"] {
		return (event) => {
			log(event);
			try {
				this.onEvent?.(event);
			} catch (error) {
				redactingLog(log, this.secrets)({ event: "failed", ...Failure.from(error) });
			}
		};
	}

	private async run(): Promise<void> {
		this.host.log({ event: "boot", device: this.device.identity });
		await this.waitForRetry();
		while (!this.isOver())
			try {
				this.session = undefined;
				await this.host.network.up(60_000);
				await syncClock(this.host, this.state, this.httpTimeServer);
				if (this.needsRegistration()) this.store(await this.requestCredential(), "registered");
				this.session = await this.connect();
				this.online(this.session);
				this.ended(await this.session.finished);
			} catch (error) {
				this.failed(error);
				await this.waitForRetry();
			}
	}

	/**
	 * Reads flash, and stores a credential from the configuration that is to replace the one in flash.
	 *
	 * @returns whether to register: without a valid credential, or if another one was requested
	 */
	private needsRegistration(): boolean {
		const record = this.vault.load();
		this.update({ type: "clock-synced" });
		// Only once, since the broker may refuse it.
		const renewed = record && !this.renewed && this.device.renewed?.(record.credential, this.host.clock.now());
		if (!renewed) {
			this.update({ type: "credential-loaded", credential: record });
			return this.state.shouldRegister;
		}
		this.renewed = true;
		this.store(renewed, "renewed");
		return false;
	}

	/**
	 * Registers. Where the host can, the broker is connected to meanwhile: a key, token or login is not needed for TLS.
	 *
	 * @throws Failure in phase `register`; only a proposal is stored then
	 */
	private requestCredential(): Promise<Credential> {
		const { host, device, vault } = this;
		if (device.credentialKind) vault.ensureFits(device.credentialKind);
		const exchange = device.registration(inputs(host), this.proposal());
		const { endpoint } = "request" in exchange ? exchange.request : exchange.connect;
		host.log({ event: "registering", device: device.identity, endpoint: address(endpoint) });
		const registered = register(host, exchange);
		// Only now, lest a registration at the broker takes it.
		const { mqtt } = device.endpoints;
		if (mqtt && device.credentialKind !== "certificate") this.discard = host.mqtt.open?.(mqtt, 30_000);
		return registered.catch(registrationError);
	}

	/**
	 * What the device proposes as its credential, from flash: if an earlier registration has succeeded and its response was
	 * lost, the broker knows it.
	 */
	private proposal(): Credential | undefined {
		const { host, device, vault, secrets } = this;
		if (!device.proposal) return undefined;
		const record = vault.load();
		const { credential } = record && !record.active ? record : vault.commit(device.proposal(inputs(host)));
		secrets[device.secrets.length] = credential.secret;
		return credential;
	}

	private store(credential: Credential, event: "registered" | "renewed"): void {
		const { log } = this.host;
		const device = this.device.identity;
		log({ event, device });
		const { generation, previous } = this.vault.commit(credential);
		this.update({ type: "credential-stored", previous: event === "renewed" && previous });
		log({ event: "stored", device, generation });
	}

	/** @throws Failure in phase `connect` */
	private connect(): Promise<LiveSession> {
		const { host, device, secrets } = this;
		const { credential } = this.vault.load() as VaultRecord;
		secrets[device.secrets.length] = credential.secret;
		const plan = device.session(credential, inputs(host));
		host.log({ event: "connecting", device: device.identity, endpoint: address(plan.connect.endpoint) });
		return openSession(host, plan, device);
	}

	private online(session: LiveSession): void {
		const { host } = this;
		this.onlineSince = host.clock.ticks();
		this.accepted();
		host.log({ event: "online", device: this.device.identity });
		session.setup();
		this.call("onOnline", session);
		// For a command that was given meanwhile.
		if (this.command !== undefined || this.closing) session.disconnect();
	}

	/** Calls a callback on its own stack. Its errors are logged. */
	private call(name: "onOnline" | "onOffline", value: Session | Failure | undefined): void {
		if (this[name] === undefined) return;
		const failed = (error: unknown) => logFailure(this.host, "failed", Failure.from(error));
		Promise.resolve()
			.then(() => {
				// Not returned, since a promise chained to the application's would stay in memory while it runs.
				Promise.resolve(this[name]?.(value as never)).catch(failed);
			})
			.catch(failed);
	}

	/** @throws Failure the reason, unless the device is closed */
	private ended(reason: Failure | undefined): void {
		this.call("onOffline", reason);
		if (!this.isOver()) throw reason ?? new Failure("session", "ordered", "retry");
	}

	private failed(error: unknown): void {
		const { host, session } = this;
		const failure = this.reason(error);
		const lasted = session ? host.clock.ticks() - this.onlineSince || 1 : 0;
		this.update({ type: "attempt-failed", failure, lasted, random: this.random() });
		session?.disconnect();
		this.discard?.();
		logFailure(host, session ? "offline" : "failed", failure, this.state);
	}

	/**
	 * The failure for an error. Records a refused credential in the vault. Of a broker that registration has assigned, a name that
	 * does not exist is one too: only another registration leads to another broker.
	 */
	private reason(error: unknown): Failure {
		try {
			const failure = Failure.from(error);
			const { phase, code, reason } = failure;
			if (
				phase === "connect" &&
				(code === "credential-refused" ||
					reason === "own-certificate" ||
					(code === "dns-failed" && !this.device.endpoints.mqtt))
			)
				this.vault.refused();
			return failure;
		} catch (cause) {
			return Failure.from(cause);
		}
	}

	/** A flash error here does not end the session: the acceptance is stored next time. */
	private accepted(): void {
		try {
			this.vault.accepted();
		} catch (error) {
			logFailure(this.host, "failed", Failure.from(error));
		}
	}

	private update(event: PolicyEvent): void {
		this.state = next(this.state, event);
	}

	private random(): number {
		return fraction(this.host.random(4));
	}

	/** Waits for the next attempt, or until a command arrives, which is executed. */
	private async waitForRetry(): Promise<void> {
		const start = this.host.clock.ticks();
		await this.pause();
		this.wake = undefined;
		const { command } = this;
		if (command === undefined || this.isOver()) return undefined;
		this.command = undefined;
		this.execute(command, start);
		return this.waitForRetry();
	}

	private pause(): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.host.timers.after(this.state.delay * 1000, resolve);
			this.wake = () => {
				cancel();
				resolve();
			};
			if (this.command !== undefined || this.closing) this.wake();
		});
	}

	/** @param start of the wait, in ticks */
	private execute(command: Command, start: Milliseconds): void {
		const { host, vault, device } = this;
		host.log({ event: "command-received", command });
		try {
			if (command === "erase") {
				vault.erase();
				host.log({ event: "erased", device: device.identity });
			}
		} catch (error) {
			logFailure(host, "failed", Failure.from(error));
		}
		this.update({ type: "command-received", command, waited: host.clock.ticks() - start });
	}
}

/** @param state after the failure, if another attempt follows */
const logFailure = ({ log }: Host, event: "failed" | "offline", failure: Failure, state?: State): void =>
	log({
		event,
		...failure,
		...(state && { action: state.action, retryIn: state.delay }),
		...(state && event === "offline" && state.shortSessions > 2 && { reason: "short-sessions" }),
	});

const registrationError = (error: unknown): never => {
	throw Failure.from(error).during("register");
};

const inputs = (host: Host): Inputs => ({ now: host.clock.now(), random: host.random(16) });

const address = ({ secure, host, port }: Endpoint): string => `${host}:${port}${secure ? "" : " (not encrypted)"}`;

/**
 * Makes the time known, since certificates are verified against it: from the board's clock, time servers or, if
 * configured, the `Date` of a plain HTTP response. Neither source is authenticated: an attacker who forges the time can
 * have valid certificates refused or expired ones accepted.
 *
 * A suspect clock may be from any source, so both are queried again, and begin by turns: time servers that agree on a
 * wrong time are no reason not to ask the web server.
 *
 * @param httpTimeServer queried if no time server responds
 * @throws Failure `clock-unknown` in phase `clock`, with the outcome of each source
 */
async function syncClock(host: Host, { clockSuspect, attempts }: State, httpTimeServer: Endpoint | undefined) {
	const { clock } = host;
	const isSuspect = clockSuspect && clock.now() !== undefined;
	let failure: Failure | undefined;
	if (!httpTimeServer || !isSuspect || attempts % 2)
		try {
			return await clock.sync(60_000, clockSuspect);
		} catch (error) {
			failure = Failure.from(error);
			if (failure.code !== "clock-unknown") throw failure;
		}
	const outcome = httpTimeServer && (await webServerTime(host, httpTimeServer));
	// Without any response, a suspect time is better than none.
	if (isSuspect || (httpTimeServer && !outcome)) return;
	const names = failure?.names;
	throw outcome && names ? new Failure("clock", "clock-unknown", "retry", { names, ...outcome }) : failure;
}

/** Sets the clock to a web server's time. @returns the outcome, unless the clock is set */
const webServerTime = async ({ clock, http }: Host, endpoint: Endpoint): Promise<FailureValues | undefined> => {
	const server = address({ ...endpoint, secure: true });
	try {
		const request = { endpoint, method: "GET", path: "/", headers: [], body: "", maxResponseBytes: 8192 } as const;
		const { date } = await http.request(request, 10_000);
		if (date === undefined) return { server, reason: "no-date" };
		return setClock(clock, Date.parse(date)) ? undefined : { server, reason: "bad-date", value: date.slice(0, 40) };
	} catch (error) {
		return { server, said: Failure.from(error).code };
	}
};
