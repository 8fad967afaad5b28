/**
 * Set-up mode: asks a person for the board's network, over an access point and a portal of the board's own, tries the
 * network, stores it, and restarts the board. `dynreg/setup/setup-state` decides; this performs.
 */

import { Failure } from "dynreg/core/errors";
import { answerQuery } from "dynreg/setup/dns-answer";
import { openNetworkStore } from "dynreg/setup/network-record";
import { type PortalResponse, refusal, respond } from "dynreg/setup/portal";
import { createRequestReader, type Request } from "dynreg/setup/request";
import {
	nextSetup,
	type SetupAction,
	type SetupEvent,
	type SetupState,
	type Step,
	startSetup,
} from "dynreg/setup/setup-state";
import type { Host, Milliseconds } from "../modules/contracts/host.js";
import type {
	Connection,
	ConnectionEvents,
	FoundNetwork,
	JoinOutcome,
	Listener,
	SetupHost,
	SetupReason,
	WifiNetwork,
} from "../modules/contracts/setup.js";
import type { Secret } from "../modules/core/secret.js";

export interface SetupOptions extends SetupHost {
	readonly host: Pick<Host, "crypto" | "random" | "storage" | "timers" | "clock" | "log">;
	/** Why set-up mode is open, for the log. */
	readonly reason: SetupReason;
	/** The access point's name, 1 to 32 bytes. */
	readonly name: string;
	/** The access point's WPA2 password; absent only with the configuration's `dangerouslyOpenSetup`. */
	readonly password?: Secret | undefined;
	/** IPv4. Default: 192.168.4.1. */
	readonly address?: string | undefined;
	/** The configuration has a network, to which the board can return. A stored one counts by itself. */
	readonly isConfigured?: boolean | undefined;
}

/**
 * Runs set-up mode until a network is stored or, where one is known, nobody uses it any more. Then the board restarts.
 *
 * Functions within functions, since a chip's flash has each method of a class four times as expensive.
 *
 * @returns a promise that resolves after `restart()`, on a chip never
 * @throws Failure `bad-configuration` in an ESP8266's preferences; `storage-failed`
 */
export const runSetup = (options: SetupOptions): Promise<void> => {
	const { host, joiner, accessPoint, name, reason, password, address = "192.168.4.1", urlHost = address } = options;
	const { timers, clock, crypto, log } = host;
	const store = openNetworkStore(host.storage, crypto);
	const visits: Visit[] = [];
	let listeners: Listener[] = [];
	let state: SetupState;
	let token = "";
	let cancelWait: (() => void) | undefined;
	let finish: () => void;

	const report = (event: SetupEvent): void => perform(nextSetup(state, event));

	const perform = ([next, actions]: Step): void => {
		state = next;
		for (let i = 0; i < actions.length; i++) performOne(actions[i] as SetupAction);
	};

	const performOne = (action: SetupAction): void => {
		switch (action.type) {
			case "scan":
				scan();
				break;
			case "open":
				open(action.channel);
				break;
			case "join":
				// A wait for a request that does not come must not end the attempt.
				after(action.delay, () => join(action.network));
				break;
			case "store":
				commit(action.network);
				break;
			case "leave":
				joiner.leave();
				break;
			case "wait":
				after(action.duration, () => report({ type: "waited", guests: accessPoint.guests() }));
				break;
			case "close":
				stopListening();
				while (visits[0]) visits[0].end();
				accessPoint.close();
				log({ event: "setup", state: "closed" });
				break;
			default:
				options.restart().then(finish);
		}
	};

	/** Replaces the last one. */
	const after = (duration: Milliseconds, action: () => void): void => {
		cancelWait?.();
		cancelWait = timers.after(duration, action);
	};

	const scan = async (): Promise<void> => {
		const scanMs = 10_000;
		let networks: readonly FoundNetwork[] = [];
		try {
			networks = await within(scanMs, joiner.scan(scanMs));
		} catch (error) {
			failed(error);
		}
		report({ type: "scanned", networks });
	};

	const open = async (channel: number): Promise<void> => {
		const openMs = 10_000;
		try {
			// A phone asks as soon as it sees the access point.
			if (listeners.length === 0) {
				const bytes = Uint8Array.from(address.split("."), Number);
				const { dnsPort = 53, httpPort = 80 } = options;
				listeners.push(await options.datagrams.listen(dnsPort, (query) => answerQuery(query, bytes)));
				listeners.push(await options.server.listen(httpPort, accept));
			}
			token = crypto.hex(host.random(8));
			await within(openMs, accessPoint.open({ name, password, address, channel }, openMs));
		} catch (error) {
			stopListening();
			failed(error);
			report({ type: "not-opened" });
			return;
		}
		log({ event: "setup", state: "open", reason, network: name, page: `http://${urlHost}/` });
		report({ type: "opened", now: clock.ticks() });
	};

	const stopListening = (): void => {
		for (let i = 0; i < listeners.length; i++) (listeners[i] as Listener).close();
		listeners = [];
	};

	const join = async (network: WifiNetwork): Promise<void> => {
		/** Association, handshake and DHCP. */
		const joinMs = 20_000;
		log({ event: "setup", state: "joining" });
		let outcome: JoinOutcome = "refused";
		try {
			outcome = await within(joinMs, joiner.join(network, joinMs));
		} catch (error) {
			joiner.leave();
			failed(error);
		}
		if (outcome !== "joined") log({ event: "setup", state: "failed", reason: outcome });
		report({ type: "tried", outcome, now: clock.ticks() });
	};

	/** Without it, a port that breaks its deadline would leave the page in its state for ever. */
	const within = <T>(deadline: Milliseconds, work: Promise<T>): Promise<T> =>
		new Promise((resolve, reject) => {
			const cancel = timers.after(deadline + 5_000, () =>
				reject(new Error(`a port of set-up mode broke its deadline of ${deadline} ms`)),
			);
			work.then(resolve, reject).then(cancel);
		});

	const commit = (network: WifiNetwork): void => {
		try {
			store.commit(network);
		} catch (error) {
			failed(error);
			report({ type: "not-stored", now: clock.ticks() });
			return;
		}
		log({ event: "setup", state: "stored" });
		report({ type: "stored" });
	};

	const failed = (error: unknown): void => log({ event: "failed", ...Failure.from(error) });

	/** One connection: a request, its response, the end. */
	const accept = (connection: Connection): ConnectionEvents => {
		/** A phone needs one, and its probes another. */
		const maxConnections = 2;
		const reader = createRequestReader(crypto);
		let isReading = true;
		let cancelTimer: () => void;
		const limit = () => {
			// For a request to be complete, and again for its response to be taken.
			cancelTimer = timers.after(5_000, end);
		};
		const closed = () => {
			isReading = false;
			cancelTimer();
			const index = visits.indexOf(visit);
			if (index >= 0) visits.splice(index, 1);
		};
		const end = () => {
			closed();
			connection.close();
		};
		const send = async ({ pieces }: PortalResponse): Promise<void> => {
			try {
				let text = "";
				for (let i = 0; i < pieces.length; i++) {
					text += pieces[i];
					// So much of the page at once.
					if (text.length < 512 && i + 1 < pieces.length) continue;
					await connection.write(crypto.utf8(text));
					text = "";
				}
			} catch {
				// The phone has gone, or the time is over.
			}
			end();
		};
		const visit: Visit = {
			hasBegun: false,
			end,
			closed,
			received(bytes) {
				visit.hasBegun = true;
				if (!isReading) return;
				const request = reader.read(bytes);
				if (request === undefined) return;
				isReading = false;
				cancelTimer();
				limit();
				send(typeof request === "number" ? refusal(request) : answer(request));
			},
		};
		limit();
		visits.push(visit);
		if (visits.length > maxConnections) {
			// The oldest without a byte, which browsers open in reserve; otherwise the new one.
			let surplus = 0;
			while (surplus < maxConnections && (visits[surplus] as Visit).hasBegun) surplus++;
			(visits[surplus] as Visit).end();
		}
		return visit;
	};

	const answer = (request: Request): PortalResponse => {
		const response = respond({ crypto, address: urlHost, token, accessPoint: name }, state, request);
		if (response.isUse) report({ type: "requested", now: clock.ticks() });
		if (response.network) report({ type: "entered", network: response.network });
		return response;
	};

	return new Promise((resolve) => {
		finish = resolve;
		perform(startSetup(store.load() !== undefined || options.isConfigured === true));
	});
};

interface Visit extends ConnectionEvents {
	/** A byte has arrived. */
	hasBegun: boolean;
	/** Harmless if it has ended. */
	end(): void;
}
