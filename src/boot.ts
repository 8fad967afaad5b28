import { Failure } from "dynreg/core/errors";
import { redactingLog } from "dynreg/core/secret";
import { openVault, type Vault } from "dynreg/credential-store/vault";
import { fraction, initialState, next, type PolicyEvent, type State } from "dynreg/lifecycle/policy";
import type { Device, Inputs } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { FailureValues } from "../modules/contracts/error.js";
import type { Command } from "../modules/contracts/event.js";
import type { Endpoint, Host, Milliseconds } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import type { Secret } from "../modules/core/secret.js";
import type { VaultRecord } from "../modules/credential-store/record.js";
import type { CommandQueue } from "./command-queue.js";
import { type LiveSession, openSession, register, setClock } from "./session.js";

export interface BootOptions {
	/** Seconds over which the first request is spread, so that devices powered on together do not connect at once. */
	readonly startupJitter: number;
	/** A web server whose `Date` sets the clock if no time server responds. */
	readonly httpTimeServer: Endpoint | undefined;
}

/**
 * The device's lifecycle: load a credential or register, connect, and reconnect whenever the session ends.
 * `dynreg/lifecycle/policy` decides what to do and when.
 *
 * @param application called with each session
 * @param commands commands given at the board
 * @returns a promise that resolves only when the application has closed its session
 */
export const boot = (
	host: Host,
	device: Device,
	options: BootOptions,
	application: Application,
	commands?: CommandQueue,
): Promise<void> => new Lifecycle(host, device, options, application, commands).run();

/**
 * A class with small async methods: in XS each variable of a suspended function takes memory, as do the outer names it
 * uses and the code of the functions it creates.
 */
class Lifecycle {
	private readonly host: Host;
	private readonly device: Device;
	private readonly httpTimeServer: Endpoint | undefined;
	private readonly application: Application;
	private readonly commands: CommandQueue | undefined;
	/** Secrets that the log redacts: the device's, then the credential's. */
	private readonly secrets: Secret[];
	private readonly vault: Vault;
	private state: State;
	private session: LiveSession | undefined;
	/** Ticks. */
	private onlineSince = 0;
	/** The configured credential was tried since power-up. */
	private renewed = false;

	constructor(
		host: Host,
		device: Device,
		{ startupJitter, httpTimeServer }: BootOptions,
		application: Application,
		commands: CommandQueue | undefined,
	) {
		this.secrets = [...device.secrets];
		this.host = { ...host, log: redactingLog(host.log, this.secrets) };
		this.device = device;
		this.httpTimeServer = httpTimeServer;
		this.application = application;
		this.commands = commands;
		this.vault = openVault(host.storage, host.crypto, device.identity);
		this.state = initialState(startupJitter, this.random());
	}

	async run(): Promise<void> {
		this.host.log({ event: "boot", device: this.device.identity });
		await this.waitForRetry();
		for (;;) {
			try {
				await this.host.network.up(60_000);
				await syncClock(this.host, this.state, this.httpTimeServer);
				if (this.needsRegistration()) this.store(await this.register(), "registered");
				const session = await this.connect();
				this.online(session);
				return this.ended(session, await session.finished);
			} catch (error) {
				this.failed(error);
				await this.waitForRetry();
				if (this.session?.isClosed()) return this.commands?.close();
				this.session = undefined;
			}
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

	/** @throws Failure in phase `register`; nothing is stored then */
	private register(): Promise<Credential> {
		const { host, device, vault } = this;
		if (device.credentialKind) vault.ensureFits(device.credentialKind);
		const exchange = device.registration(inputs(host));
		const { endpoint } = "request" in exchange ? exchange.request : exchange.connect;
		host.log({ event: "registering", device: device.identity, endpoint: address(endpoint) });
		return register(host, exchange);
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
		return openSession(host, plan, device.identity);
	}

	private online(session: LiveSession): void {
		const { host, application, commands } = this;
		this.session = session;
		this.onlineSince = host.clock.ticks();
		this.accepted();
		host.log({ event: "online", device: this.device.identity });
		session.setup();
		startApplication(application, session, host);
		commands?.onCommand(() => session.disconnect());
	}

	/** @throws Failure the reason, unless the application has closed the session */
	private ended(session: LiveSession, reason: Failure | undefined): void {
		if (!session.isClosed()) throw reason ?? new Failure("session", "ordered", "retry");
		this.commands?.close();
	}

	private failed(error: unknown): void {
		const { host, session } = this;
		const failure = this.reason(error);
		const lasted = session ? host.clock.ticks() - this.onlineSince || 1 : 0;
		this.update({ type: "attempt-failed", failure, lasted, random: this.random() });
		session?.disconnect();
		logFailure(host, session ? "offline" : "failed", failure, this.state);
	}

	/** The failure for an error. Records a refused credential in the vault. */
	private reason(error: unknown): Failure {
		try {
			const failure = Failure.from(error);
			if (
				failure.phase === "connect" &&
				(failure.code === "credential-refused" || failure.reason === "own-certificate")
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
		await new Promise<void>((resolve) => {
			const cancel = this.host.timers.after(this.state.delay * 1000, resolve);
			this.commands?.onCommand(() => {
				cancel();
				resolve();
			});
		});
		this.commands?.onCommand(undefined);
		const command = this.commands?.next();
		if (command === undefined) return undefined;
		this.execute(command, start);
		return this.waitForRetry();
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

/** Runs the application on its own stack. Its errors are logged and do not end the session. */
const startApplication = (application: Application, session: LiveSession, host: Host): void => {
	const failed = (error: unknown) => logFailure(host, "failed", Failure.from(error));
	Promise.resolve()
		.then(() => {
			// Not returned, since a promise chained to the application's would stay in memory while it runs.
			Promise.resolve(application(session, host)).catch(failed);
		})
		.catch(failed);
};

/** @param state after the failure, if another attempt follows */
const logFailure = ({ log }: Host, event: "failed" | "offline", failure: Failure, state?: State): void =>
	log({
		event,
		...failure,
		...(state && { action: state.action, retryIn: state.delay }),
		...(state && event === "offline" && state.shortSessions > 2 && { reason: "short-sessions" }),
	});

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
