/**
 * Set-up mode: asks a person for the board's network, over an access point and a portal of the board's own, tries the
 * network, stores it, and restarts the board. `dynreg/setup/setup-state` decides; this performs.
 */

import { Failure } from "dynreg/core/errors";
import { answerQuery } from "dynreg/setup/dns-answer";
import { openNetworkStore } from "dynreg/setup/network-record";
import { respond } from "dynreg/setup/portal";
import { createRequestReader } from "dynreg/setup/request";
import {
	nextSetup,
	type SetupAction,
	type SetupEvent,
	type SetupState,
	type Step,
	startSetup,
} from "dynreg/setup/setup-state";
import type { SetupReport } from "../modules/contracts/event.js";
import type { Host, Milliseconds } from "../modules/contracts/host.js";
import type {
	Connection,
	ConnectionEvents,
	FoundNetwork,
	JoinOutcome,
	Listener,
	SetupHost,
	SetupReason,
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
	const { host, joiner, accessPoint, name, address = "192.168.4.1", urlHost = address } = options;
	const { timers, crypto } = host;
	const store = openNetworkStore(host.storage, crypto);
	const visits: Visit[] = [];
	let listeners: Listener[] = [];
	let state: SetupState;
	let token = "";
	let cancelWait: (() => void) | undefined;
	let finish: () => void;

	const report = (event: SetupEvent): void => perform(nextSetup(state, event, host.clock.ticks()));

	const perform = ([next, actions]: Step): void => {
		state = next;
		for (let i = 0; i < actions.length; i++) {
			const action = actions[i] as SetupAction;
			(performers[action.type] as (action: SetupAction) => void)(action);
		}
	};

	const performers: { readonly [Type in SetupAction["type"]]: (action: SetupAction & { type: Type }) => void } = {
		async scan() {
			const scanMs = 10_000;
			let networks: readonly FoundNetwork[] = [];
			try {
				networks = await within(scanMs, joiner.scan(scanMs));
			} catch (error) {
				failed(error);
			}
			report({ type: "scanned", networks });
		},

		async open({ channel }) {
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
				await within(openMs, accessPoint.open({ name, password: options.password, address, channel }, openMs));
			} catch (error) {
				stopListening();
				failed(error);
				report({ type: "not-opened" });
				return;
			}
			log({ state: "open", reason: options.reason, network: name, page: `http://${urlHost}/` });
			report({ type: "opened" });
		},

		join({ network, delay }) {
			// A wait for a request that does not come must not end the attempt.
			after(delay, async () => {
				/** Association, handshake and DHCP. */
				const joinMs = 20_000;
				log({ state: "joining" });
				let outcome: JoinOutcome = "refused";
				try {
					outcome = await within(joinMs, joiner.join(network, joinMs));
				} catch (error) {
					joiner.leave();
					failed(error);
				}
				if (outcome !== "joined") log({ state: "failed", reason: outcome });
				report({ type: "tried", outcome });
			});
		},

		store({ network }) {
			try {
				store.commit(network);
			} catch (error) {
				failed(error);
				report({ type: "not-stored" });
				return;
			}
			log({ state: "stored" });
			report({ type: "stored" });
		},

		leave() {
			joiner.leave();
		},

		wait({ duration }) {
			after(duration, () => report({ type: "waited", guests: accessPoint.guests() }));
		},

		close() {
			stopListening();
			while (visits[0]) visits[0].end();
			accessPoint.close();
			log({ state: "closed" });
		},

		restart() {
			options.restart().then(finish);
		},
	};

	const log = (report: SetupReport): void => host.log({ event: "setup", ...report });

	const failed = (error: unknown): void => host.log({ event: "failed", ...Failure.from(error) });

	/** Replaces the last one. */
	const after = (duration: Milliseconds, action: () => void): void => {
		cancelWait?.();
		cancelWait = timers.after(duration, action);
	};

	const stopListening = (): void => {
		for (let i = 0; i < listeners.length; i++) (listeners[i] as Listener).close();
		listeners = [];
	};

	/** Without it, a port that breaks its deadline would leave the page in its state for ever. */
	const within = <T>(deadline: Milliseconds, work: Promise<T>): Promise<T> =>
		new Promise((resolve, reject) => {
			const cancel = timers.after(deadline + 5_000, () =>
				reject(new Error(`a port of set-up mode broke its deadline of ${deadline} ms`)),
			);
			work.then(resolve, reject).then(cancel);
		});

	/** One connection: a request, its response, the end. */
	const accept = (connection: Connection): ConnectionEvents => {
		/** A phone needs one, and its probes another. */
		const maxConnections = 2;
		const reader = createRequestReader(crypto);
		let isReading = true;
		let cancelTimer: () => void;
		const limit = () => {
			// For a request to be complete, and again for its response to be taken.
			cancelTimer = timers.after(5_000, visit.end);
		};
		const visit: Visit = {
			hasBegun: false,
			end() {
				visit.closed();
				connection.close();
			},
			closed() {
				isReading = false;
				cancelTimer();
				const index = visits.indexOf(visit);
				if (index >= 0) visits.splice(index, 1);
			},
			async received(bytes) {
				visit.hasBegun = true;
				if (!isReading) return;
				const request = reader.read(bytes);
				if (request === undefined) return;
				isReading = false;
				cancelTimer();
				limit();
				const { pieces, isUse, network } = respond(
					{ crypto, address: urlHost, token, accessPoint: name },
					state,
					request,
				);
				if (isUse) report({ type: "requested" });
				if (network) report({ type: "entered", network });
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
				visit.end();
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
