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

/** Since power-up, without the known network, until `setup: "lost"` opens set-up mode. */
const lostMs = 10 * 60_000;
/** In flash: why set-up mode opens at the next attempt, or that it was open since the network was lost. */
const markKey = "wo";
const ordered = 1;
const wasLost = 2;

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
	const network = new SetupNetwork(host, configuration, board);
	const log: Host["log"] = (event) =>
		host.log(event.event === "state" ? { ...event, network: network.network() } : event);
	return { ...host, network, setup: network, log };
};

class SetupNetwork implements Network, SetupControl {
	private readonly host: Host;
	private readonly board: SetupHost;
	private readonly configured: WifiNetwork | undefined;
	private readonly startedAt: Milliseconds;
	private readonly store: NetworkStore | undefined;
	private readonly accessPoint: AccessPointConfiguration | undefined;
	/** What keeps set-up mode from opening. */
	private readonly failure: Failure | undefined;
	private readonly opensWhenLost: boolean = false;
	private hasJoined = false;
	private isOpen = false;

	constructor(host: Host, configuration: RawConfiguration, board: SetupHost) {
		this.host = host;
		this.board = board;
		this.startedAt = host.clock.ticks();
		const { ssid, password } = configuration;
		if (ssid)
			this.configured = password
				? { name: String(ssid), password: new Secret(String(password)) }
				: { name: String(ssid) };
		try {
			this.store = openNetworkStore(host.storage, host.crypto);
			this.opensWhenLost = choice(configuration, "setup", "button lost") === "lost";
			this.accessPoint = accessPointConfiguration(host.crypto, configuration, this.mac());
		} catch (error) {
			this.failure = Failure.from(error);
			host.log({ event: "failed", ...this.failure });
		}
	}

	mac(): string | undefined {
		return this.host.network.mac();
	}

	async up(deadline: Milliseconds): Promise<void> {
		const reason = this.reason();
		if (reason) await this.setUp(reason);
		const outcome = await this.board.ports.joiner.join(this.known() as WifiNetwork, deadline);
		if (outcome !== "joined") throw new Failure("network", "no-network", "retry", { reason: outcome });
		this.hasJoined = true;
		if (this.mark() === wasLost) this.host.storage.delete(markKey);
	}

	open(commands?: CommandSink): void {
		if (this.isOpen) return;
		this.setMark(ordered);
		commands?.post("now");
	}

	/** Where the board's network is from; undefined if flash cannot be read. */
	network(): KnownNetwork | undefined {
		try {
			return this.store?.load() ? "stored" : this.configured ? "configured" : "none";
		} catch {
			// The next attempt reports it.
			return undefined;
		}
	}

	execute(line: string): ParsedLine | undefined {
		const text = line.trim().toLowerCase();
		if ("state now register erase".split(" ").includes(text)) return undefined;
		try {
			switch (text) {
				case "wifi":
					return { response: `Wi-Fi network: ${this.network() ?? "unreadable"}. Also: wifi setup, wifi forget.` };
				case "wifi setup":
					this.open();
					return { command: "now", response: "Opening set-up mode. The network in use stays until another is joined." };
				case "wifi forget":
					this.store?.erase();
					this.host.log({ event: "setup", state: "forgotten" });
					return { command: "now", response: "The stored networks are erased. The credential stays." };
			}
		} catch (error) {
			this.host.log({ event: "failed", ...Failure.from(error) });
			return { response: "Flash has failed: the command was not executed." };
		}
		return { response: "There are five commands: state, register, erase, now, wifi." };
	}

	private known(): WifiNetwork | undefined {
		return this.store?.load() ?? this.configured;
	}

	private mark(): number | undefined {
		return this.host.storage.get(markKey)?.[0];
	}

	private setMark(mark: number): void {
		this.host.storage.set(markKey, Uint8Array.of(mark));
	}

	private reason(): SetupReason | undefined {
		if (this.known() === undefined) return "no-network";
		const mark = this.mark();
		if (mark === ordered) return "ordered";
		if (!this.opensWhenLost || !this.accessPoint || this.hasJoined || mark === wasLost) return undefined;
		return this.host.clock.ticks() - this.startedAt < lostMs ? undefined : "lost";
	}

	private async setUp(reason: SetupReason): Promise<void> {
		const { host, board, accessPoint, failure, configured } = this;
		if (!accessPoint) {
			if (reason === "no-network") throw failure;
			// The board has a network, to which it goes on.
			host.log({ event: "failed", ...(failure as Failure) });
			return host.storage.delete(markKey);
		}
		const { ports } = board;
		if (this.hasJoined) await ports.restart();
		// Before it opens: after a power cut, the board returns to its network.
		if (reason === "lost") this.setMark(wasLost);
		else host.storage.delete(markKey);
		this.isOpen = true;
		try {
			await runSetup({ ...accessPoint, ...board, host, reason, isConfigured: configured !== undefined });
		} finally {
			this.isOpen = false;
		}
	}
}
