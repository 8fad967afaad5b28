/**
 * Set-up mode: asks a person for the board's network, over an access point and a portal of the board's own, tries the
 * network, stores it, and restarts the board. `dynreg/setup/setup-state` decides; this performs.
 */

import { Failure } from "dynreg/core/errors";
import { answerQuery } from "dynreg/setup/dns-answer";
import { type NetworkStore, openNetworkStore } from "dynreg/setup/network-record";
import { type PortalResponse, refusal, respond } from "dynreg/setup/portal";
import { createRequestReader, type Request, type RequestReader } from "dynreg/setup/request";
import { nextSetup, type SetupAction, type SetupEvent, type SetupState, startSetup } from "dynreg/setup/setup-state";
import type { Host, Milliseconds } from "../modules/contracts/host.js";
import type {
	Connection,
	ConnectionEvents,
	JoinOutcome,
	Listener,
	SetupHost,
	SetupReason,
} from "../modules/contracts/setup.js";
import type { Secret } from "../modules/core/secret.js";

/** Connections at a time; a phone needs one, and its probes another. */
const maxConnections = 2;
/** For a request to be complete, and again for its response to be taken. */
const connectionMs = 5_000;
const scanMs = 10_000;
const openMs = 10_000;
/** Association, handshake and DHCP. */
const joinMs = 20_000;
/** What a port has beyond its deadline before it counts as hung. */
const graceMs = 5_000;
/** Characters of the page that are sent at once. */
const pieceCharacters = 512;

export interface SetupOptions extends SetupHost {
	readonly host: Pick<Host, "crypto" | "random" | "storage" | "timers" | "clock" | "log">;
	/** Why set-up mode is open, for the log. */
	readonly reason: SetupReason;
	/** The access point's name, 1 to 32 bytes. */
	readonly name: string;
	/** The access point's WPA2 password. */
	readonly password?: Secret | undefined;
	/** An access point without a password: anyone near can read the customer's password, and choose the network. */
	readonly dangerouslyOpenSetup?: boolean | undefined;
	/** IPv4. Default: 192.168.4.1. */
	readonly address?: string | undefined;
	/** The configuration has a network, to which the board can return. A stored one counts by itself. */
	readonly isConfigured?: boolean | undefined;
}

/**
 * Runs set-up mode until a network is stored or, where one is known, nobody uses it any more. Then the board restarts.
 *
 * @returns a promise that resolves after `ports.restart()`, on a chip never
 * @throws Failure `bad-configuration` without a password or in an ESP8266's preferences; `storage-failed`
 */
export const runSetup = (options: SetupOptions): Promise<void> => {
	if (!options.password && !options.dangerouslyOpenSetup)
		throw new Failure("configuration", "bad-configuration", "needs-attention", {
			key: "setupPassword",
			reason: "missing",
		});
	return new Setup(options).finished;
};

class Setup {
	readonly finished: Promise<void>;

	private readonly options: SetupOptions;
	private readonly store: NetworkStore;
	private state: SetupState;
	private token = "";
	private listeners: Listener[] = [];
	private visits: Visit[] = [];
	private cancelWait: (() => void) | undefined;
	private finish!: () => void;

	constructor(options: SetupOptions) {
		this.options = options;
		this.store = openNetworkStore(options.host.storage, options.host.crypto);
		this.finished = new Promise((resolve) => {
			this.finish = resolve;
		});
		const [state, actions] = startSetup(this.store.load() !== undefined || options.isConfigured === true);
		this.state = state;
		this.perform(actions);
	}

	private report(event: SetupEvent): void {
		const [state, actions] = nextSetup(this.state, event);
		this.state = state;
		this.perform(actions);
	}

	private perform(actions: readonly SetupAction[]): void {
		for (let i = 0; i < actions.length; i++) this.performOne(actions[i] as SetupAction);
	}

	private performOne(action: SetupAction): void {
		const { host, ports } = this.options;
		switch (action.type) {
			case "scan":
				this.scan();
				break;
			case "open":
				this.open(action.channel);
				break;
			case "join":
				// A wait for a request that does not come must not end the attempt.
				this.cancelWait?.();
				this.cancelWait = host.timers.after(action.delay, () => {
					this.join(action);
				});
				break;
			case "store":
				this.commit(action);
				break;
			case "leave":
				ports.joiner.leave();
				break;
			case "wait":
				this.cancelWait?.();
				this.cancelWait = host.timers.after(action.duration, () => {
					this.report({ type: "waited", guests: ports.accessPoint.guests() });
				});
				break;
			case "close":
				this.close();
				break;
			default:
				ports.restart().then(this.finish);
		}
	}

	private async scan(): Promise<void> {
		try {
			const { joiner } = this.options.ports;
			this.report({ type: "scanned", networks: await this.within(scanMs, joiner.scan(scanMs)) });
		} catch (error) {
			this.failed(error);
			this.report({ type: "scanned", networks: [] });
		}
	}

	private async open(channel: number): Promise<void> {
		const { host, ports, name, reason, password, address = "192.168.4.1", urlHost = address } = this.options;
		try {
			// A phone asks as soon as it sees the access point.
			if (this.listeners.length === 0) await this.listen(address);
			this.token = host.crypto.hex(host.random(8));
			await this.within(openMs, ports.accessPoint.open({ name, password, address, channel }, openMs));
		} catch (error) {
			this.stopListening();
			this.failed(error);
			this.report({ type: "not-opened" });
			return;
		}
		host.log({ event: "setup", state: "open", reason, network: name, page: `http://${urlHost}/` });
		this.report({ type: "opened", now: host.clock.ticks() });
	}

	private async listen(address: string): Promise<void> {
		const { ports, httpPort = 80, dnsPort = 53 } = this.options;
		const bytes = Uint8Array.from(address.split("."), Number);
		this.listeners.push(await ports.datagrams.listen(dnsPort, (query) => answerQuery(query, bytes)));
		this.listeners.push(await ports.server.listen(httpPort, (connection) => this.accept(connection)));
	}

	private stopListening(): void {
		for (let i = 0; i < this.listeners.length; i++) (this.listeners[i] as Listener).close();
		this.listeners = [];
	}

	private async join({ network }: Extract<SetupAction, { type: "join" }>): Promise<void> {
		const { host, ports } = this.options;
		host.log({ event: "setup", state: "joining" });
		let outcome: JoinOutcome = "refused";
		try {
			outcome = await this.within(joinMs, ports.joiner.join(network, joinMs));
		} catch (error) {
			ports.joiner.leave();
			this.failed(error);
		}
		if (outcome !== "joined") host.log({ event: "setup", state: "failed", reason: outcome });
		this.report({ type: "tried", outcome, now: host.clock.ticks() });
	}

	/** Without it, a port that breaks its deadline would leave the page in its state for ever. */
	private within<T>(deadline: Milliseconds, work: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			const cancel = this.options.host.timers.after(deadline + graceMs, () => {
				reject(new Error(`a port of set-up mode broke its deadline of ${deadline} ms`));
			});
			work.then(resolve, reject).finally(cancel);
		});
	}

	private commit({ network }: Extract<SetupAction, { type: "store" }>): void {
		const { host } = this.options;
		try {
			this.store.commit(network);
		} catch (error) {
			this.failed(error);
			this.report({ type: "not-stored", now: host.clock.ticks() });
			return;
		}
		host.log({ event: "setup", state: "stored" });
		this.report({ type: "stored" });
	}

	private close(): void {
		this.stopListening();
		while (this.visits.length > 0) (this.visits[0] as Visit).end();
		this.options.ports.accessPoint.close();
		this.options.host.log({ event: "setup", state: "closed" });
	}

	private failed(error: unknown): void {
		this.options.host.log({ event: "failed", ...Failure.from(error) });
	}

	private accept(connection: Connection): ConnectionEvents {
		const visit = new Visit(this.options.host, connection, {
			respond: (request) => this.respond(request),
			over: () => {
				this.visits = this.visits.filter((each) => each !== visit);
			},
		});
		this.visits.push(visit);
		if (this.visits.length > maxConnections) this.surplus().end();
		return visit;
	}

	/** The oldest without a byte, which browsers open in reserve; otherwise the new one. */
	private surplus(): Visit {
		for (let i = 0; i < maxConnections; i++) {
			const visit = this.visits[i] as Visit;
			if (!visit.hasBegun) return visit;
		}
		return this.visits[maxConnections] as Visit;
	}

	private respond(request: Request): PortalResponse {
		const { host, name, address = "192.168.4.1", urlHost = address } = this.options;
		const portal = { crypto: host.crypto, address: urlHost, token: this.token, accessPoint: name };
		const response = respond(portal, this.state, request);
		if (response.isUse) this.report({ type: "requested", now: host.clock.ticks() });
		if (response.network) this.report({ type: "entered", network: response.network });
		return response;
	}
}

interface VisitEvents {
	respond(request: Request): PortalResponse;
	over(): void;
}

/** One connection: a request, its response, the end. */
class Visit implements ConnectionEvents {
	/** A byte has arrived. */
	hasBegun = false;

	private readonly host: SetupOptions["host"];
	private readonly connection: Connection;
	private readonly events: VisitEvents;
	/** Undefined once the request is complete. */
	private reader: RequestReader | undefined;
	private cancelTimer!: () => void;

	constructor(host: SetupOptions["host"], connection: Connection, events: VisitEvents) {
		this.host = host;
		this.connection = connection;
		this.events = events;
		this.reader = createRequestReader(host.crypto);
		this.limit(connectionMs);
	}

	received(bytes: Uint8Array): void {
		this.hasBegun = true;
		const request = this.reader?.read(bytes);
		if (request === undefined) return;
		this.reader = undefined;
		this.cancelTimer();
		this.limit(connectionMs);
		this.send(typeof request === "number" ? refusal(request) : this.events.respond(request));
	}

	closed(): void {
		this.reader = undefined;
		this.cancelTimer();
		this.events.over();
	}

	/** Harmless if it has ended. */
	end(): void {
		this.closed();
		this.connection.close();
	}

	private limit(duration: Milliseconds): void {
		this.cancelTimer = this.host.timers.after(duration, () => {
			this.end();
		});
	}

	private async send({ pieces }: PortalResponse): Promise<void> {
		try {
			let text = "";
			for (let i = 0; i < pieces.length; i++) {
				text += pieces[i];
				if (text.length < pieceCharacters && i + 1 < pieces.length) continue;
				await this.connection.write(this.host.crypto.utf8(text));
				text = "";
			}
		} catch {
			// The phone has gone, or the time is over.
		}
		this.end();
	}
}
