import WiFi from "embedded:network/interface/wifi";
import { configurationError } from "dynreg/configuration/readers";
import { Failure } from "dynreg/core/errors";
import config from "mc/config";
import Timer from "timer";
import type { Milliseconds, Network } from "../../../../modules/contracts/host.js";

// `WiFi.connection` is 500 with an IP address; below 300 no attempt is running.

/**
 * Joins the configured Wi-Fi network.
 *
 * Replaces the SDK's `setup/network`, which tries only once, before the application starts: a board powered on before its
 * access point would never start.
 */
export const network = (): Network => {
	const station = new Station();
	return {
		up: (deadline) => station.up(deadline),
		mac: () => station.mac,
	};
};

class Station {
	private readonly wifi = new WiFi({ onChanged: () => this.changed() });
	/** Pending calls of `up`. */
	private pending: (() => void)[] = [];

	get mac(): string | undefined {
		return this.wifi.MAC?.toLowerCase();
	}

	up(deadline: Milliseconds): Promise<void> {
		if (this.wifi.connection >= 500) return Promise.resolve();
		if (!config.ssid) return Promise.reject(configurationError("ssid", "missing", "network"));
		return new Promise((resolve, reject) => {
			const timer = Timer.set(() => {
				const index = this.pending.indexOf(joined);
				if (index >= 0) this.pending.splice(index, 1);
				reject(new Failure("network", "no-network", "retry", { value: String(config.ssid) }));
			}, deadline);
			const joined = () => {
				Timer.clear(timer);
				resolve();
			};
			this.pending.push(joined);
			this.join();
		});
	}

	private join(): void {
		if (this.pending.length === 0 || this.wifi.connection >= 300) return;
		try {
			this.wifi.connect({
				SSID: String(config.ssid),
				...(config.password ? { password: String(config.password), secure: true } : {}),
			});
		} catch {
			// An attempt is already running.
		}
	}

	private changed(): void {
		const { connection } = this.wifi;
		if (connection >= 500) {
			const { pending } = this;
			this.pending = [];
			for (let i = 0; i < pending.length; i++) pending[i]?.();
		} else if (connection < 300) Timer.set(() => this.join(), 2000);
	}
}
