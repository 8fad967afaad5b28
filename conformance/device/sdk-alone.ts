import { loadAuthority } from "dynreg/platform/system";
import SecureSocket from "securesocket";
import Timer from "timer";
import type { Attackers } from "../contract/cases/attackers.js";

/** Whether the SDK's own secure socket takes the attacker for the server. */
export function sdkAcceptsAttacker(attackers: Attackers, attacker: "polite" | "unsigned"): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = new SecureSocket({
			host: attackers.address,
			port: attackers[attacker],
			secure: {
				tls_server_name: attackers.name,
				protocolVersion: 0x303,
				cache: false,
				certificate: (loadAuthority(attackers.ca)[0] ?? new Uint8Array(0)).slice().buffer,
			},
		});
		const { ssl } = socket;
		const finish = (result: boolean) => {
			Timer.clear(timer);
			resolve(result);
		};
		socket.callback = (message) => finish(message === 1);
		// Its keys are in use once it has answered the key exchange.
		const timer = Timer.set(() => {
			socket.close();
			resolve(ssl.clientCipher !== null);
		}, 1000);
	});
}
