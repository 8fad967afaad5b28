import { Failure } from "dynreg/core/errors";
import { redacting } from "dynreg/core/secret";
import { openVault, type Vault } from "dynreg/credential-store/vault";
import { failed, fraction, looked, ordered, poweredUp, type State, stored, timeKnown } from "dynreg/lifecycle/policy";
import type { Device, Moment } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Order } from "../modules/contracts/event.js";
import type { Endpoint, Host, Milliseconds } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import type { Secret } from "../modules/core/secret.js";
import type { Record } from "../modules/credential-store/record.js";
import type { Orders } from "./command-queue.js";
import { type LiveSession, openSession, perform } from "./session.js";

export interface BootOptions {
	/** Seconds; the first request comes at a random moment within them, so that a fleet that is switched on together does not come together. */
	readonly spread: number;
	/** A web server whose `Date` may be taken for the time where no time server answers. */
	readonly dateFrom: Endpoint | undefined;
}

/**
 * A board's life: find or get a credential, be online, and come back whenever that ends. What is tried,
 * and when, is for `dynreg/lifecycle/policy` to decide.
 *
 * Returns only once the application has closed its session.
 *
 * @param orders what somebody at the board asks for meanwhile
 */
export const boot = (
	given: Host,
	device: Device,
	options: BootOptions,
	application: Application,
	orders?: Orders,
): Promise<void> => new Life(given, device, options, application, orders).live();

/**
 * An object, with what waits as little as it can: each variable of a function that waits takes memory, as does each of the
 * names from outside that it uses, and the code of each function that it makes.
 */
class Life {
	private readonly host: Host;
	private readonly device: Device;
	private readonly dateFrom: Endpoint | undefined;
	private readonly application: Application;
	private readonly orders: Orders | undefined;
	/** What the log cuts out: to the device's, that of its credential is added. */
	private readonly secrets: Secret[];
	private readonly vault: Vault;
	private state: State;
	private session: LiveSession | undefined;
	/** Ticks. */
	private onlineSince = 0;

	constructor(
		given: Host,
		device: Device,
		{ spread, dateFrom }: BootOptions,
		application: Application,
		orders: Orders | undefined,
	) {
		this.secrets = [...device.secrets];
		this.host = { ...given, log: redacting(given.log, this.secrets) };
		this.device = device;
		this.dateFrom = dateFrom;
		this.application = application;
		this.orders = orders;
		this.vault = openVault(given.storage, given.crypto, device.identity);
		this.state = poweredUp(spread, this.chance());
	}

	async live(): Promise<void> {
		this.host.log({ event: "boot", device: this.device.identity });
		await this.rest();
		for (;;) {
			try {
				await this.host.network.up(60_000);
				await makeTimeKnown(this.host, this.state.doubted, this.dateFrom);
				if (this.mustRegister()) this.store(await this.register());
				const session = await this.connect();
				this.online(session);
				return this.over(session, await session.over);
			} catch (error) {
				this.failed(error);
				await this.rest();
				if (this.session?.isClosed()) return this.orders?.close();
				this.session = undefined;
			}
		}
	}

	/** Reads flash. @returns whether there is no credential to connect with, or another one is wanted */
	private mustRegister(): boolean {
		const record = this.vault.load();
		this.state = looked(timeKnown(this.state), record);
		return record === undefined || this.state.register;
	}

	/** @throws Failure in phase `register`; then nothing has been stored */
	private register(): Promise<Credential> {
		const { host, device, vault } = this;
		if (device.expects) vault.prepare(device.expects);
		const exchange = device.registration(moment(host));
		const { endpoint } = "request" in exchange ? exchange.request : exchange.connect;
		host.log({ event: "registering", device: device.identity, endpoint: address(endpoint) });
		return perform(host, exchange);
	}

	private store(credential: Credential): void {
		const { log } = this.host;
		const device = this.device.identity;
		log({ event: "registered", device });
		const { generation } = this.vault.commit(credential);
		this.state = stored(this.state);
		log({ event: "stored", device, generation });
	}

	/** @throws Failure in phase `connect` */
	private connect(): Promise<LiveSession> {
		const { host, device, secrets } = this;
		const { credential } = this.vault.load() as Record;
		secrets[device.secrets.length] = credential.secret;
		const plan = device.session(credential, moment(host));
		host.log({ event: "connecting", device: device.identity, endpoint: address(plan.connect.endpoint) });
		return openSession(host, plan, device.identity);
	}

	private online(session: LiveSession): void {
		const { host, application, orders } = this;
		this.session = session;
		this.onlineSince = host.clock.ticks();
		this.accepted();
		host.log({ event: "online", device: this.device.identity });
		session.begin();
		run(application, session, host);
		orders?.listen(() => session.abandon());
	}

	/** @throws Failure unless the application has closed the session */
	private over(session: LiveSession, reason: Failure | undefined): void {
		if (!session.isClosed()) throw reason ?? new Failure("session", "ordered", "retry");
		this.orders?.close();
	}

	private failed(error: unknown): void {
		const { host, session } = this;
		const failure = this.reason(error);
		const lasted = session ? host.clock.ticks() - this.onlineSince : 0;
		this.state = failed(this.state, failure, lasted, this.chance());
		session?.abandon();
		report(host, session ? "offline" : "failed", failure, this.state);
	}

	/** What has gone wrong. Of a refusal the vault knows then. */
	private reason(error: unknown): Failure {
		try {
			const failure = Failure.from(error);
			if (failure.phase === "connect" && failure.code === "credential-refused") this.vault.refused();
			return failure;
		} catch (worse) {
			return Failure.from(worse);
		}
	}

	/** A flash that cannot note the acceptance is no reason to go offline: it is noted next time. */
	private accepted(): void {
		try {
			this.vault.accepted();
		} catch (error) {
			report(this.host, "failed", Failure.from(error));
		}
	}

	private chance(): number {
		return fraction(this.host.random(4));
	}

	/** Waits as long as the state says, or less if somebody at the board asks for something, and does it. */
	private async rest(): Promise<void> {
		const began = this.host.clock.ticks();
		await new Promise<void>((resolve) => {
			this.orders?.listen(resolve);
			this.host.timers.sleep(this.state.wait * 1000).then(resolve);
		});
		this.orders?.listen(undefined);
		const order = this.orders?.takeOrder();
		if (order === undefined) return undefined;
		this.obey(order, began);
		return this.rest();
	}

	/** @param began when the wait did, in ticks */
	private obey(order: Order, began: Milliseconds): void {
		const { host, vault, device } = this;
		host.log({ event: "ordered", order });
		try {
			if (order === "erase") {
				vault.erase();
				host.log({ event: "erased", device: device.identity });
			}
		} catch (error) {
			report(host, "failed", Failure.from(error));
		}
		this.state = ordered(this.state, order, host.clock.ticks() - began);
	}
}

/** The application runs beside the session, on a stack of its own; its errors are reported, and its session goes on. */
const run = (application: Application, session: LiveSession, host: Host): void => {
	const failed = (error: unknown) => report(host, "failed", Failure.from(error));
	Promise.resolve()
		.then(() => {
			// Not returned: a promise that waits for the application's would be in memory for as long as it runs.
			Promise.resolve(application(session, host)).catch(failed);
		})
		.catch(failed);
};

/** @param next what the board does next, where there is something to wait for */
const report = ({ log }: Host, event: "failed" | "offline", failure: Failure, next?: State): void =>
	log({ event, ...failure, ...(next && { action: next.action, retryIn: next.wait }) });

const moment = (host: Host): Moment => ({ now: host.clock.now(), random: host.random(16) });

const address = ({ secure, host, port }: Endpoint): string => `${host}:${port}${secure ? "" : " (not encrypted)"}`;

/**
 * Makes the time known before a certificate is held against it: the board's own clock, else time servers, else,
 * where the configuration allows it, the `Date` of a plain HTTP answer. Like a time server it can be forged
 * by whoever sits in between: then certificates of the wrong time are refused, or old ones pass.
 *
 * @param doubted what the clock says may be wrong
 * @param dateFrom the web server that may be asked
 * @throws Failure `clock-unknown` in phase `clock`
 */
async function makeTimeKnown({ clock, http }: Host, doubted: boolean, dateFrom: Endpoint | undefined) {
	try {
		await clock.sync(60_000, doubted);
	} catch (error) {
		if (dateFrom === undefined) throw error;
		const request = {
			endpoint: dateFrom,
			method: "GET",
			path: "/",
			headers: [],
			body: "",
			maxReplyBytes: 8192,
		} as const;
		let date: string | undefined;
		try {
			date = (await http.request(request, 10_000)).date;
		} catch (cause) {
			throw Failure.from(cause).during("clock");
		}
		const now = Date.parse(date ?? "");
		// A time from 2100 on is wrong.
		if (now > 0 && now < 4_102_444_800_000) clock.set(now);
		// What is before the build date is not known, whoever says it.
		if (clock.now() === undefined) throw error;
	}
}
