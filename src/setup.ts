/** Set-up mode in an application: a board without a network asks a person for it, and then joins it, again and again. */

import { choice } from "dynreg/configuration/readers";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { type NetworkStore, openNetworkStore } from "dynreg/setup/network-record";
import { createSetupPorts } from "dynreg/setup/ports";
import { type AccessPointConfiguration, accessPointConfiguration } from "dynreg/setup/setup-options";
import type { RawConfiguration } from "../modules/contracts/cloud.js";
import type { CommandSink, ParsedLine } from "../modules/contracts/event.js";
import type { Host, Milliseconds, Network } from "../modules/contracts/host.js";
import type { KnownNetwork, SetupControl, SetupHost, SetupReason, WifiNetwork } from "../modules/contracts/setup.js";
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
	const network = new BoardNetwork(host, configuration, board);
	network.host = { ...host, network, setup: network };
	return network.host;
};

/** In flash, one byte. 1: set-up mode opens at the next attempt. 2: it was open since the network was lost. */
const markKey = "wo";

/**
 * The network, and its control. Of a board's normal life, so little of it is in memory: a class's methods stay in flash, and
 * flash and configuration are read again each time. Few methods, since each takes 80 bytes of flash beside its code.
 */
class BoardNetwork implements Network, SetupControl {
	/** With this network. Not the one before, which would stay in memory beside it. */
	host!: Host;
	private readonly inner: Network;
	private readonly configuration: RawConfiguration;
	private readonly board: SetupHost;
	/** Undefined once a network was joined. */
	private startedAt: Milliseconds | undefined;
	/** Set-up mode is open. Absent before: a property takes memory. */
	private isOpen?: boolean;

	constructor(host: Host, configuration: RawConfiguration, board: SetupHost) {
		this.host = host;
		this.inner = host.network;
		this.configuration = configuration;
		this.board = board;
		this.startedAt = host.clock.ticks();
		try {
			this.accessPoint();
		} catch (error) {
			this.failed(error);
		}
	}

	mac(): string | undefined {
		return this.inner.mac();
	}

	async up(deadline: Milliseconds): Promise<void> {
		const { host, board } = this;
		const { storage } = host;
		const mark = storage.get(markKey)?.[0];
		let reason: SetupReason | undefined;
		if (!this.known()) reason = "no-network";
		else if (mark === 1) reason = "ordered";
		else if (
			this.configuration.setup === "lost" &&
			mark !== 2 &&
			this.startedAt !== undefined &&
			// Ten minutes after power-up.
			host.clock.ticks() - this.startedAt >= 600_000
		)
			reason = "lost";
		let accessPoint: AccessPointConfiguration | undefined;
		try {
			if (reason) accessPoint = this.accessPoint();
		} catch (error) {
			if (reason === "no-network") throw error;
			// The board has a network, to which it goes on.
			if (reason === "ordered") {
				this.failed(error);
				storage.delete(markKey);
			}
		}
		if (accessPoint && reason) {
			if (this.startedAt === undefined) await board.restart();
			// Before it opens: after a power cut, the board returns to its network.
			if (reason === "lost") storage.set(markKey, Uint8Array.of(2));
			else storage.delete(markKey);
			this.isOpen = true;
			try {
				await runSetup({ ...accessPoint, ...board, host, reason, isConfigured: reason !== "no-network" });
			} finally {
				this.isOpen = false;
			}
		}
		const outcome = await board.joiner.join(this.known() as WifiNetwork, deadline);
		if (outcome !== "joined") throw new Failure("network", "no-network", "retry", { reason: outcome });
		this.startedAt = undefined;
		if (storage.get(markKey)?.[0] === 2) storage.delete(markKey);
	}

	state(): KnownNetwork | undefined {
		try {
			return this.store()?.load() ? "stored" : this.configuration.ssid ? "configured" : "none";
		} catch {
			// The next attempt reports it.
			return undefined;
		}
	}

	open(commands?: CommandSink): void {
		if (this.isOpen) return;
		this.host.storage.set(markKey, Uint8Array.of(1));
		commands?.post("now");
	}

	execute(line: string): ParsedLine | undefined {
		try {
			switch (line.trim().toLowerCase()) {
				case "state":
				case "now":
				case "register":
				case "erase":
					return undefined;
				case "wifi":
					return { response: `Wi-Fi network: ${this.state() ?? "unreadable"}. Also: wifi setup, wifi forget.` };
				case "wifi setup":
					this.open();
					return { command: "now", response: "Opening set-up mode. The network in use stays until another is joined." };
				case "wifi forget":
					this.store()?.erase();
					this.host.log({ event: "setup", state: "forgotten" });
					return { command: "now", response: "The stored networks are erased. The credential stays." };
			}
		} catch (error) {
			this.failed(error);
			return { response: "Flash has failed: the command was not executed." };
		}
		return { response: "There are five commands: state, register, erase, now, wifi." };
	}

	/** @throws Failure `bad-configuration`: what keeps set-up mode from opening */
	private accessPoint(): AccessPointConfiguration {
		const { storage, crypto } = this.host;
		openNetworkStore(storage, crypto);
		choice(this.configuration, "setup", "button lost");
		return accessPointConfiguration(crypto, this.configuration, this.inner.mac());
	}

	/** Undefined where flash cannot keep a network. */
	private store(): NetworkStore | undefined {
		const { storage, crypto } = this.host;
		try {
			return openNetworkStore(storage, crypto);
		} catch {
			// It was logged at the beginning.
			return undefined;
		}
	}

	/** The network in flash, otherwise the configured one. @throws Failure in phase `store` */
	private known(): WifiNetwork | undefined {
		const { ssid, password } = this.configuration;
		const configured = ssid
			? { name: String(ssid), password: password ? new Secret(String(password)) : undefined }
			: undefined;
		return this.store()?.load() ?? configured;
	}

	private failed(error: unknown): void {
		this.host.log({ event: "failed", ...Failure.from(error) });
	}
}
