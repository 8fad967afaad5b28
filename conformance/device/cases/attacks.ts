import type { Code } from "dynreg/contracts/error";
import type { Endpoint } from "dynreg/contracts/host";
import type { Attackers } from "../../contract/cases/attackers.js";
import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectEqual, expectFailure, sleep } from "../../contract/cases/expect.js";
import type { DeviceCase } from "../device-case.js";

const deadline = 4000;

const refused: readonly (readonly [keyof Attackers, string, Code])[] = deepFreeze([
	["polite", "an alert in place of a handshake", "tls-failed"],
	["unsigned", "a key exchange without a signature", "tls-failed"],
	["early", "application data before there is a key", "tls-failed"],
	["finished", "a handshake without a key exchange", "tls-failed"],
	["upstart", "a certificate that a server's certificate has issued", "certificate-untrusted"],
]);

/** What the SDK would let through, and the host must not. */
export const attacks: readonly DeviceCase[] = deepFreeze([
	...refused.map((row): DeviceCase => {
		const [attacker, what, code] = row;
		return {
			name: `attack: ${what} is ${code}`,
			needs: ["attackers"],
			runs: [
				async ({ host }, { attackers }) => {
					const request = {
						endpoint: endpointOf(attackers, attacker),
						method: "POST" as const,
						path: "/",
						headers: [],
						body: "not for these eyes",
						maxResponseBytes: 1000,
					};
					await expectFailure(() => host.http.request(request, deadline), "register", code);
				},
			],
		};
	}),
	{
		name: "attack: a broker that announces 256 MB ends the session, and takes no memory",
		needs: ["attackers"],
		runs: [
			async ({ host }, { attackers }) => {
				const endpoint = { ...endpointOf(attackers, "boundless"), secure: false };
				let told = "";
				const events = { message() {}, closed: ({ code }: { code: Code }) => (told = code) };
				await host.mqtt.connect({ endpoint, clientId: "c", username: "u", keepAlive: 60 }, events, deadline);
				await sleep(host.timers, 300);
				expectEqual(told, "answer-too-large", "closed");
			},
		],
	},
	// If one of these fails, the SDK has been fixed, and hosts/moddable/tls/handshake.ts may do less.
	sdkAlone("polite"),
	sdkAlone("unsigned"),
]);

function sdkAlone(which: "polite" | "unsigned"): DeviceCase {
	const attacker = which;
	return {
		name: `the SDK alone goes on with the attacker: ${attacker}`,
		needs: ["attackers"],
		runs: [
			async (device, { attackers }) => {
				expectEqual(await device.sdkAcceptsAttacker(attackers, attacker), true, "connected, or a key sent");
				await sleep(device.host.timers, 0);
			},
		],
	};
}

function endpointOf(attackers: Attackers, attacker: keyof Attackers): Endpoint {
	return { secure: true, host: attackers.name, port: Number(attackers[attacker]), trust: [attackers.ca] };
}
