import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import Radio from "wifi";
import type { Milliseconds } from "../../../../modules/contracts/host.js";
import type { FoundNetwork, Joiner, JoinOutcome, WifiNetwork } from "../../../../modules/contracts/setup.js";

const retryMs = 1000;

/**
 * The station of a chip, over two modules of the SDK, neither of which is enough: the newer one joins and leaves an access
 * point open, the older one reports the reason. On an ESP8266 they share one handler of events, which the older one then has:
 * so what the newer one says of its connection is not used.
 *
 * No board has run this.
 */
export class Station implements Joiner {
	private readonly wifi = new WiFi({ onChanged() {} });
	/** The names of the last scan. */
	private seen: string[] = [];
	private target: string | undefined;
	private isJoined = false;
	private isAssociated = false;
	private refusals = 0;
	/** Ends the attempt that is under way. */
	private end: ((outcome: JoinOutcome) => void) | undefined;
	private retry: (() => void) | undefined;

	constructor() {
		new Radio(undefined, (message, reason) => this.notified(message, reason));
	}

	scan(deadline: Milliseconds): Promise<readonly FoundNetwork[]> {
		return new Promise((resolve) => {
			const found: FoundNetwork[] = [];
			const end = () => {
				Timer.clear(timer);
				this.seen = [];
				for (let i = 0; i < found.length; i++) this.seen.push((found[i] as FoundNetwork).name);
				resolve(found);
			};
			const timer = Timer.set(end, deadline);
			this.wifi.scan({
				onFound: ({ SSID, RSSI, channel, security }) => {
					const kind = security === "none" ? "open" : security.indexOf("_psk") > 0 ? "password" : "unsupported";
					found.push({ name: SSID, signal: RSSI, channel, security: kind });
				},
				onComplete: end,
			});
		});
	}

	join({ name, password }: WifiNetwork, deadline: Milliseconds): Promise<JoinOutcome> {
		if (this.isJoined && this.target === name) return Promise.resolve("joined");
		this.leave();
		this.target = name;
		return new Promise((resolve) => {
			const timer = Timer.set(() => this.end?.(this.failure(name)), deadline);
			this.end = (outcome) => {
				Timer.clear(timer);
				this.end = undefined;
				this.retry = undefined;
				if (outcome !== "joined") this.leave();
				resolve(outcome);
			};
			this.retry = () => {
				try {
					this.wifi.connect({ SSID: name, ...(password && { password: password.reveal(), secure: true }) });
				} catch {
					// An ESP8266 tries again by itself.
				}
			};
			this.retry();
		});
	}

	leave(): void {
		this.target = undefined;
		this.isJoined = false;
		this.isAssociated = false;
		this.refusals = 0;
		this.wifi.disconnect();
		Radio.disconnect();
	}

	private notified(message: string, reason: number | undefined): void {
		if (message === "connect") this.isAssociated = true;
		else if (message === "gotIP") {
			this.isJoined = this.target !== undefined;
			this.end?.("joined");
		} else if (message === "disconnect") {
			this.isJoined = false;
			// A handshake may fail once with the right password.
			if (reason === -1 && ++this.refusals > 1) this.end?.("wrong-password");
			else if (this.retry) Timer.set(() => this.retry?.(), retryMs);
		}
	}

	/** The outcome of an attempt that has not ended by its deadline. */
	private failure(name: string): JoinOutcome {
		if (this.refusals > 0) return "wrong-password";
		if (this.isAssociated) return "no-address";
		return this.seen.includes(name) ? "refused" : "not-found";
	}
}
