/** Set-up mode in an application: a board without a network asks a person for it, and then joins it, again and again. */

import { choice } from "dynreg/configuration/readers";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { type NetworkStore, openNetworkStore } from "dynreg/setup/network-record";
import { createSetupPorts } from "dynreg/setup/ports";
import { type AccessPointConfiguration, accessPointConfiguration } from "dynreg/setup/setup-options";
import type { RawConfiguration } from "../modules/contracts/cloud.js";
import type { CommandSink, ParsedLine } from "../modules/contracts/event.js";
import type { Host } from "../modules/contracts/host.js";
import type { KnownNetwork, SetupHost, SetupReason, WifiNetwork } from "../modules/contracts/setup.js";
import { runSetup } from "./setup-run.js";

/**
 * Adds set-up mode to a host. `network.up` then joins the network in flash, otherwise the configured one, and opens set-up
 * mode where there is none; a known network is tried for ever. While set-up mode is open, `up` waits beyond its deadline.
 *
 * @param configuration `setup`, `setupName`, `setupPassword`, `setupSecret`, `setupAddress`, `dangerouslyOpenSetup`, `ssid`,
 *   `password`. A mistake is logged at once, and stops only set-up mode
 * @param board default: the ports of this board or of the simulator; Node has none
 * @returns the host, for `Device` and for `withLocalControl`
 * @example
 * new Device({ host: withSetup(createHost(), readConfiguration()) });
 */
export const withSetup = (
	host: Host,
	configuration: RawConfiguration,
	board: SetupHost = createSetupPorts(configuration),
): Host => {
	const { storage, crypto, clock } = host;
	const { ports } = board;
	const { ssid, password } = configuration;
	const configured: WifiNetwork | undefined = ssid
		? { name: String(ssid), password: password ? new Secret(String(password)) : undefined }
		: undefined;
	const startedAt = clock.ticks();
	/** In flash: why set-up mode opens at the next attempt, or that it was open since the network was lost. */
	const markKey = "wo";
	const ordered = 1;
	const wasLost = 2;
	let store: NetworkStore | undefined;
	let accessPoint: AccessPointConfiguration | undefined;
	/** What keeps set-up mode from opening. */
	let failure: Failure | undefined;
	let opensWhenLost = false;
	let hasJoined = false;
	let isOpen = false;

	const failed = (error: unknown): void => host.log({ event: "failed", ...Failure.from(error) });

	const known = () => store?.load() ?? configured;

	const mark = () => storage.get(markKey)?.[0];

	const setMark = (value: number) => storage.set(markKey, Uint8Array.of(value));

	/** Undefined if flash cannot be read. */
	const knownNetwork = (): KnownNetwork | undefined => {
		try {
			return store?.load() ? "stored" : configured ? "configured" : "none";
		} catch {
			// The next attempt reports it.
			return undefined;
		}
	};

	const reason = (): SetupReason | undefined => {
		if (!known()) return "no-network";
		const value = mark();
		if (value === ordered) return "ordered";
		if (!opensWhenLost || !accessPoint || hasJoined || value === wasLost) return undefined;
		// Ten minutes after power-up.
		return clock.ticks() - startedAt < 600_000 ? undefined : "lost";
	};

	const setUp = async (why: SetupReason): Promise<void> => {
		if (!accessPoint) {
			if (why === "no-network") throw failure;
			// The board has a network, to which it goes on.
			failed(failure);
			return storage.delete(markKey);
		}
		if (hasJoined) await ports.restart();
		// Before it opens: after a power cut, the board returns to its network.
		if (why === "lost") setMark(wasLost);
		else storage.delete(markKey);
		isOpen = true;
		try {
			await runSetup({ ...accessPoint, ...board, host, reason: why, isConfigured: configured !== undefined });
		} finally {
			isOpen = false;
		}
	};

	const open = (commands?: CommandSink): void => {
		if (isOpen) return;
		setMark(ordered);
		commands?.post("now");
	};

	const execute = (line: string): ParsedLine | undefined => {
		try {
			switch (line.trim().toLowerCase()) {
				case "state":
				case "now":
				case "register":
				case "erase":
					return undefined;
				case "wifi":
					return { response: `Wi-Fi network: ${knownNetwork() ?? "unreadable"}. Also: wifi setup, wifi forget.` };
				case "wifi setup":
					open();
					return { command: "now", response: "Opening set-up mode. The network in use stays until another is joined." };
				case "wifi forget":
					store?.erase();
					host.log({ event: "setup", state: "forgotten" });
					return { command: "now", response: "The stored networks are erased. The credential stays." };
			}
		} catch (error) {
			failed(error);
			return { response: "Flash has failed: the command was not executed." };
		}
		return { response: "There are five commands: state, register, erase, now, wifi." };
	};

	try {
		store = openNetworkStore(storage, crypto);
		opensWhenLost = choice(configuration, "setup", "button lost") === "lost";
		accessPoint = accessPointConfiguration(crypto, configuration, host.network.mac());
	} catch (error) {
		failure = Failure.from(error);
		failed(failure);
	}
	return {
		...host,
		network: {
			async up(deadline) {
				const why = reason();
				if (why) await setUp(why);
				const outcome = await ports.joiner.join(known() as WifiNetwork, deadline);
				if (outcome !== "joined") throw new Failure("network", "no-network", "retry", { reason: outcome });
				hasJoined = true;
				if (mark() === wasLost) storage.delete(markKey);
			},
			mac: () => host.network.mac(),
		},
		setup: { open, execute },
		log: (event) => host.log(event.event === "state" ? { ...event, network: knownNetwork() } : event),
	};
};
