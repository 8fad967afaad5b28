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

/** In flash: why set-up mode opens at the next attempt, or that it was open since the network was lost. */
const markKey = "wo";
const ordered = 1;
const wasLost = 2;

/**
 * The network, and its control. Of a board's normal life, so little of it is in memory: a class's methods stay in flash, and
 * flash and configuration are read again each time.
 */
class BoardNetwork implements Network, SetupControl {
	/** With this network. Not the one before, which would stay in memory beside it. */
	host!: Host;
	private readonly inner: Network;
	private readonly configuration: RawConfiguration;
	private readonly board: SetupHost;
	private readonly startedAt: Milliseconds;
	private hasJoined = false;
	private isOpen = false;

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
		const why = this.reason();
		if (why) await this.setUp(why);
		const outcome = await this.board.ports.joiner.join(this.known() as WifiNetwork, deadline);
		if (outcome !== "joined") throw new Failure("network", "no-network", "retry", { reason: outcome });
		this.hasJoined = true;
		if (this.mark() === wasLost) this.host.storage.delete(markKey);
	}

	state(): KnownNetwork | undefined {
		try {
			return this.stored() ? "stored" : this.configured() ? "configured" : "none";
		} catch {
			// The next attempt reports it.
			return undefined;
		}
	}

	open(commands?: CommandSink): void {
		if (this.isOpen) return;
		this.setMark(ordered);
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

	/** @throws Failure in phase `store` */
	private stored(): WifiNetwork | undefined {
		return this.store()?.load();
	}

	private configured(): WifiNetwork | undefined {
		const { ssid, password } = this.configuration;
		return ssid ? { name: String(ssid), password: password ? new Secret(String(password)) : undefined } : undefined;
	}

	private known(): WifiNetwork | undefined {
		return this.stored() ?? this.configured();
	}

	private mark(): number | undefined {
		return this.host.storage.get(markKey)?.[0];
	}

	private setMark(value: number): void {
		this.host.storage.set(markKey, Uint8Array.of(value));
	}

	private failed(error: unknown): void {
		this.host.log({ event: "failed", ...Failure.from(error) });
	}

	private reason(): SetupReason | undefined {
		if (!this.known()) return "no-network";
		const value = this.mark();
		if (value === ordered) return "ordered";
		if (this.configuration.setup !== "lost" || this.hasJoined || value === wasLost) return undefined;
		// Ten minutes after power-up.
		return this.host.clock.ticks() - this.startedAt < 600_000 ? undefined : "lost";
	}

	private async setUp(reason: SetupReason): Promise<void> {
		const { host, board } = this;
		let accessPoint: AccessPointConfiguration;
		try {
			accessPoint = this.accessPoint();
		} catch (error) {
			if (reason === "no-network") throw error;
			// The board has a network, to which it goes on.
			if (reason === "ordered") {
				this.failed(error);
				host.storage.delete(markKey);
			}
			return;
		}
		if (this.hasJoined) await board.ports.restart();
		// Before it opens: after a power cut, the board returns to its network.
		if (reason === "lost") this.setMark(wasLost);
		else host.storage.delete(markKey);
		this.isOpen = true;
		try {
			await runSetup({ ...accessPoint, ...board, host, reason, isConfigured: this.configured() !== undefined });
		} finally {
			this.isOpen = false;
		}
	}
}
