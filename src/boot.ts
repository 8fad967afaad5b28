import { failure } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { redacting } from "dynreg/core/secret";
import { openVault, type Vault } from "dynreg/credential-store/vault";
import { failed, fraction, looked, ordered, poweredUp, type State, stored, timeKnown } from "dynreg/lifecycle/policy";
import type { Device, Exchange, Moment, MqttExchange } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Endpoint, Host } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import type { Secret } from "../modules/core/secret.js";
import type { Orders } from "./command-queue.js";
import { connect as connectTo, type LiveSession, openSession } from "./session.js";

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
): Promise<void> => {
	const secrets = [...device.secrets];
	// Not by the function that goes on for ever: the host that was given would stay in memory beside this one.
	return live({ ...given, log: redacting(given.log, secrets) }, device, options, application, orders, secrets);
};

/** @param secrets what the log cuts out: to the device's, that of its credential is added */
async function live(
	host: Host,
	device: Device,
	{ spread, dateFrom }: BootOptions,
	application: Application,
	orders: Orders | undefined,
	secrets: Secret[],
): Promise<void> {
	const { log, clock } = host;
	const vault = openVault(host.storage, host.crypto, device.identity);
	const chance = () => fraction(host.random(4));
	let state = poweredUp(spread, chance());

	log({ event: "boot", device: device.identity });
	state = await rest(host, state, orders, vault, device);
	for (;;) {
		let session: LiveSession | undefined;
		let onlineSince: number | undefined;
		try {
			await host.network.up(60_000);
			await makeTimeKnown(host, state.doubted, dateFrom);
			state = timeKnown(state);

			let record = vault.load();
			state = looked(state, record);
			if (record === undefined || state.register) {
				if (device.expects) vault.prepare(device.expects);
				const credential = await register(host, device);
				log({ event: "registered", device: device.identity });
				record = vault.commit(credential);
				state = stored(state);
				log({ event: "stored", device: device.identity, generation: record.generation });
			}

			secrets[device.secrets.length] = record.credential.secret;
			session = await connect(host, device, record.credential, vault);
			onlineSince = clock.ticks();
			accepted(host, vault);
			log({ event: "online", device: device.identity });
			session.begin();
			run(application, session, host);
			orders?.listen(() => session?.abandon());
			const ended = await session.over;
			if (session.isClosed()) return orders?.close();
			throw ended ?? interrupted();
		} catch (error) {
			const failure = Failure.from(error);
			const lasted = onlineSince === undefined ? 0 : clock.ticks() - onlineSince;
			state = failed(state, failure, lasted, chance());
			session?.abandon();
			report(host, session === undefined ? "failed" : "offline", failure, state);
			state = await rest(host, state, orders, vault, device);
			if (session?.isClosed()) return orders?.close();
		}
	}
}

/**
 * Waits as long as the state says, or less if somebody at the board asks for something, and does it.
 *
 * @returns with what is to be done next
 */
async function rest(
	host: Host,
	state: State,
	orders: Orders | undefined,
	vault: Vault,
	device: Device,
): Promise<State> {
	const { clock, timers, log } = host;
	const began = clock.ticks();
	await new Promise<void>((resolve) => {
		orders?.listen(resolve);
		timers.sleep(state.wait * 1000).then(resolve);
	});
	orders?.listen(undefined);
	const order = orders?.takeOrder();
	if (order === undefined) return state;
	log({ event: "ordered", order });
	try {
		if (order === "erase") {
			vault.erase();
			log({ event: "erased", device: device.identity });
		}
	} catch (error) {
		report(host, "failed", Failure.from(error));
	}
	return rest(host, ordered(state, order, clock.ticks() - began), orders, vault, device);
}

const interrupted = (): Failure => new Failure("session", "ordered", "retry");

/** @throws Failure in phase `register`; then nothing has been stored */
const register = (host: Host, device: Device): Promise<Credential> => {
	const exchange = device.registration(moment(host));
	const { endpoint } = "request" in exchange ? exchange.request : exchange.connect;
	host.log({ event: "registering", device: device.identity, endpoint: address(endpoint) });
	return perform(host, exchange);
};

/** @throws Failure in phase `connect`; the vault then knows of a refusal */
const connect = (host: Host, device: Device, credential: Credential, vault: Vault): Promise<LiveSession> => {
	const plan = device.session(credential, moment(host));
	host.log({ event: "connecting", device: device.identity, endpoint: address(plan.connect.endpoint) });
	return openSession(host, plan, device.identity).catch((error) => {
		if (Failure.from(error).code === "credential-refused") vault.refused();
		throw error;
	});
};

/** A flash that cannot note the acceptance is no reason to go offline: it is noted next time. */
const accepted = (host: Host, vault: Vault): void => {
	try {
		vault.accepted();
	} catch (error) {
		report(host, "failed", Failure.from(error));
	}
};

/** The application runs beside the session, on a stack of its own; its errors are reported, and its session goes on. */
const run = (application: Application, session: LiveSession, host: Host): void => {
	Promise.resolve()
		.then(() => application(session, host))
		.catch((error) => report(host, "failed", Failure.from(error)));
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

/**
 * Asks the platform for a credential. Each question has a connection of its own, which is closed
 * when this settles: an answer that comes later reaches nobody (invariant 5).
 *
 * @throws Failure in phase `register`
 */
const perform = (host: Host, exchange: Exchange): Promise<Credential> => {
	const credential =
		"request" in exchange
			? host.http.request(exchange.request, 20_000).then((reply) => exchange.accept(reply))
			: awaitPush(host, exchange);
	return credential.catch((error) => {
		throw Failure.from(error).during("register");
	});
};

async function awaitPush(host: Host, exchange: MqttExchange): Promise<Credential> {
	const { endpoint } = exchange.connect;
	let give: (credential: Credential) => void;
	let fail: (error: unknown) => void;
	const pushed = new Promise<Credential>((resolve, reject) => {
		give = resolve;
		fail = reject;
	});
	const events = {
		message(topic: string, payload: Uint8Array) {
			try {
				const credential = exchange.accept(topic, payload);
				if (credential !== undefined) give(credential);
			} catch (error) {
				fail(error);
			}
		},
		closed: (reason: Failure) => fail(reason),
	};
	const connection = await connectTo(host, exchange, events, 20_000);
	// It is pushed at once; after 15 s Alibaba Cloud hangs up.
	host.timers.sleep(10_000).then(() => fail(failure("register", endpoint, "timeout")));
	try {
		return await pushed;
	} finally {
		connection.close();
	}
}
