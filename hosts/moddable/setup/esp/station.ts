import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import Radio from "wifi";
import type { FoundNetwork, Joiner, JoinOutcome } from "../../../../modules/contracts/setup.js";

/**
 * The station of a chip, over two modules of the SDK, neither of which is enough: the newer one joins and leaves an access
 * point open, the older one reports the reason. On an ESP8266 they share one handler of events, which the older one then has:
 * so what the newer one says of its connection is not used.
 *
 * No board has run this.
 */
export const createStation = (): Joiner => {
	const wifi = new WiFi({ onChanged() {} });
	/** The names of the last scan. */
	let seen: string[] = [];
	let target: string | undefined;
	let isJoined = false;
	let isAssociated = false;
	let refusals = 0;
	/** Ends the attempt that is under way. */
	let end: ((outcome: JoinOutcome) => void) | undefined;
	let connect: (() => void) | undefined;

	const leave = (): void => {
		target = undefined;
		isJoined = false;
		isAssociated = false;
		refusals = 0;
		wifi.disconnect();
		Radio.disconnect();
	};

	new Radio(undefined, (message, reason) => {
		if (message === "connect") isAssociated = true;
		else if (message === "gotIP") {
			isJoined = target !== undefined;
			end?.("joined");
		} else if (message === "disconnect") {
			isJoined = false;
			// A handshake may fail once with the right password.
			if (reason === -1 && ++refusals > 1) end?.("wrong-password");
			else if (connect) Timer.set(() => connect?.(), 1000);
		}
	});

	return {
		scan: (deadline) =>
			new Promise((resolve) => {
				const found: FoundNetwork[] = [];
				seen = [];
				const complete = () => {
					Timer.clear(timer);
					resolve(found);
				};
				const timer = Timer.set(complete, deadline);
				wifi.scan({
					onFound({ SSID, RSSI, channel, security }) {
						const kind = security === "none" ? "open" : security.indexOf("_psk") > 0 ? "password" : "unsupported";
						seen.push(SSID);
						found.push({ name: SSID, signal: RSSI, channel, security: kind });
					},
					onComplete: complete,
				});
			}),
		join({ name, password }, deadline) {
			if (isJoined && target === name) return Promise.resolve("joined");
			leave();
			target = name;
			return new Promise((resolve) => {
				const timer = Timer.set(
					() =>
						end?.(
							refusals > 0
								? "wrong-password"
								: isAssociated
									? "no-address"
									: seen.indexOf(name) < 0
										? "not-found"
										: "refused",
						),
					deadline,
				);
				end = (outcome) => {
					Timer.clear(timer);
					end = undefined;
					connect = undefined;
					if (outcome !== "joined") leave();
					resolve(outcome);
				};
				connect = () => {
					try {
						wifi.connect({ SSID: name, ...(password && { password: password.reveal(), secure: true }) });
					} catch {
						// An ESP8266 tries again by itself.
					}
				};
				connect();
			});
		},
		leave,
	};
};
