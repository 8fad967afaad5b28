import { equal, fails } from "dynreg-test/cases/expect";
import { File } from "file";
import SecureSocket from "securesocket";
import Timer from "timer";
import type { Code } from "../../modules/contracts/error.js";
import type { Endpoint, Host } from "../../modules/contracts/host.js";
import type { Attackers } from "../host/cases/attackers.js";

export interface AttackCase {
	readonly name: string;
	run(host: Host, attackers: Attackers): Promise<void>;
}

const deadline = 4000;

const refused: readonly (readonly [keyof Attackers, string, Code])[] = [
	["polite", "an alert in place of a handshake", "tls-failed"],
	["unsigned", "a key exchange without a signature", "tls-failed"],
	["early", "application data before there is a key", "tls-failed"],
	["finished", "a handshake without a key exchange", "tls-failed"],
	["upstart", "a certificate that a server's certificate has issued", "certificate-untrusted"],
];

/** What the SDK would let through, and the host must not. */
export const attacks: readonly AttackCase[] = [
	...refused.map(
		([attacker, what, code]): AttackCase => ({
			name: `attack: ${what} is ${code}`,
			async run(host, attackers) {
				const endpoint = endpointOf(attackers, attacker);
				const request = {
					endpoint,
					method: "POST" as const,
					path: "/",
					headers: [],
					body: "not for these eyes",
					maxReplyBytes: 1000,
				};
				await fails(() => host.http.request(request, deadline), "register", code);
			},
		}),
	),
	{
		name: "attack: a broker that announces 256 MB ends the session, and takes no memory",
		async run(host, attackers) {
			const endpoint = { ...endpointOf(attackers, "boundless"), secure: false };
			let told = "";
			const events = { message() {}, closed: ({ code }: { code: Code }) => (told = code) };
			await host.mqtt.connect({ endpoint, clientId: "c", username: "u", keepAlive: 60 }, events, deadline);
			await host.timers.sleep(300);
			equal(told, "answer-too-large", "closed");
		},
	},
	// If one of these fails, the SDK has been mended, and hosts/moddable/ports/handshake.ts may do less.
	...(["polite", "unsigned"] as const).map(
		(attacker): AttackCase => ({
			name: `the SDK alone goes on with the attacker: ${attacker}`,
			async run(host, attackers) {
				equal(await goesOn(attackers, attacker), true, "connected, or a key sent");
				await host.timers.sleep(0);
			},
		}),
	),
];

function endpointOf(attackers: Attackers, attacker: keyof Attackers): Endpoint {
	return { secure: true, host: "localhost", port: Number(attackers[attacker]), trust: [attackers.ca] };
}

/** Whether the SDK's own secure socket takes the attacker for the server. */
function goesOn(attackers: Attackers, attacker: keyof Attackers): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = new SecureSocket({
			host: "127.0.0.1",
			port: Number(attackers[attacker]),
			secure: {
				tls_server_name: "localhost",
				protocolVersion: 0x303,
				cache: false,
				certificate: authority(attackers.ca),
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

function authority(name: string): ArrayBuffer {
	const file = new File(name);
	const pem = file.read(String);
	file.close();
	const base64 = /-----BEGIN CERTIFICATE-----([^-]*)/.exec(pem)?.[1] ?? "";
	return new Uint8Array(Uint8Array.fromBase64(base64)).buffer;
}
