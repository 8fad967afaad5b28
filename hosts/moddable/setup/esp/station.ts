import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import Radio from "wifi";
import type { Milliseconds } from "../../../../modules/contracts/host.js";
import type { FoundNetwork, Joiner, JoinOutcome, WifiNetwork } from "../../../../modules/contracts/setup.js";

/** An attempt to join a network. */
interface Attempt {
	isAssociated: boolean;
	/** Of the password. */
	refusals: number;
	readonly connect: () => void;
	readonly end: (outcome: JoinOutcome) => void;
}

/**
 * The station of a chip, over two modules of the SDK, neither of which is enough: the newer one joins and leaves an access
 * point open, the older one reports the reason. On an ESP8266 they share one handler of events, which the older one then has:
 * so what the newer one says of its connection is not used.
 *
 * In memory in a board's normal life: so it is the older module's object, which calls a function of its own object, and no
 * second one with a closure. No board has run this.
 */
export class Station extends Radio implements Joiner {
	private readonly wifi = new WiFi({ onChanged: ignore });
	/** The names of the last scan. */
	private seen: string[] | undefined;
	private joined: string | undefined;
	private attempt: Attempt | undefined;

	constructor() {
		super(undefined, Station.prototype.notify);
	}

	scan(deadline: Milliseconds): Promise<readonly FoundNetwork[]> {
		return new Promise((resolve) => {
			const found: FoundNetwork[] = [];
			const seen: string[] = [];
			this.seen = seen;
			const complete = () => {
				Timer.clear(timer);
				resolve(found);
			};
			const timer = Timer.set(complete, deadline);
			this.wifi.scan({
				onFound({ SSID, RSSI, channel, security }) {
					const kind = security === "none" ? "open" : security.indexOf("_psk") > 0 ? "password" : "unsupported";
					seen.push(SSID);
					found.push({ name: SSID, signal: RSSI, channel, security: kind });
				},
				onComplete: complete,
			});
		});
	}

	join({ name, password }: WifiNetwork, deadline: Milliseconds): Promise<JoinOutcome> {
		if (this.joined === name) return Promise.resolve("joined");
		this.attempt?.end("refused");
		this.leave();
		return new Promise((resolve) => {
			const timer = Timer.set(() => {
				// Of an attempt that has not succeeded by its deadline.
				const { isAssociated, refusals } = attempt;
				const isSeen = this.seen && this.seen.indexOf(name) >= 0;
				attempt.end(refusals > 0 ? "wrong-password" : isAssociated ? "no-address" : isSeen ? "refused" : "not-found");
			}, deadline);
			const attempt: Attempt = {
				isAssociated: false,
				refusals: 0,
				connect: () => {
					try {
						this.wifi.connect({ SSID: name, ...(password && { password: password.reveal(), secure: true }) });
					} catch {
						// An ESP8266 tries again by itself.
					}
				},
				end: (outcome) => {
					Timer.clear(timer);
					this.attempt = undefined;
					if (outcome === "joined") this.joined = name;
					else this.leave();
					resolve(outcome);
				},
			};
			this.attempt = attempt;
			attempt.connect();
		});
	}

	leave(): void {
		this.joined = undefined;
		this.wifi.disconnect();
		Radio.disconnect();
	}

	private notify(message: string, reason: number | undefined): void {
		const { attempt } = this;
		if (message === "disconnect") this.joined = undefined;
		if (!attempt) return;
		if (message === "connect") attempt.isAssociated = true;
		else if (message === "gotIP") attempt.end("joined");
		else if (message === "disconnect") {
			// A handshake may fail once with the right password.
			if (reason === -1 && ++attempt.refusals > 1) attempt.end("wrong-password");
			else
				Timer.set(() => {
					if (this.attempt === attempt) attempt.connect();
				}, 1000);
		}
	}
}

const ignore = (): void => {};
