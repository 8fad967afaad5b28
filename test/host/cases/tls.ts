import type { Code } from "../../../modules/contracts/error.js";
import type { Host } from "../../../modules/contracts/host.js";
import type { Case, Servers } from "./case.js";
import { equal, fails } from "./expect.js";
import { get, plain, secure, text } from "./http.js";

const deadline = 5000;

type Refused = "expired" | "notYetValid" | "wrongName" | "otherAuthority" | "forged" | "outdated";

const refused: readonly (readonly [server: Refused, what: string, code: Code])[] = [
	["expired", "an expired certificate", "certificate-expired"],
	["notYetValid", "a certificate that is not valid yet", "certificate-not-yet-valid"],
	["wrongName", "a certificate for another name", "certificate-wrong-name"],
	["otherAuthority", "a certificate of another authority", "certificate-untrusted"],
	["forged", "a forged certificate sent with the genuine root", "certificate-untrusted"],
	["outdated", "a server that speaks nothing newer than TLS 1.1", "tls-failed"],
];

export const tls: readonly Case[] = [
	...refused.flatMap(([server, what, code]): Case[] => [
		{
			name: `https: ${what} is ${code}, and nothing is sent`,
			async run(host, servers) {
				const endpoint = { ...secure(servers), port: servers[server] };
				const request = { ...get(endpoint, "/"), method: "POST" as const, body: "not for these eyes" };
				await fails(() => host.http.request(request, deadline), "register", code);
				await nothingSeen(host, servers, server);
			},
		},
		{
			name: `mqtts: ${what} is ${code}, and nothing is sent`,
			async run(host, servers) {
				const endpoint = { ...secure(servers), port: servers[server] };
				const options = { endpoint, clientId: "c", username: "u", keepAlive: 60 };
				const events = { message() {}, closed() {} };
				await fails(() => host.mqtt.connect(options, events, deadline), "connect", code);
				await nothingSeen(host, servers, server);
			},
		},
	]),
	{
		name: "https: the trust is the endpoint's: the host's own authorities do not vouch for a private one",
		async run(host, servers) {
			const endpoint = { ...secure(servers), trust: ["public"] };
			await fails(() => host.http.request(get(endpoint, "/echo"), deadline), "register", "certificate-untrusted");
		},
	},
	{
		name: "https: a server that does not speak TLS is tls-failed",
		async run(host, servers) {
			const endpoint = { ...secure(servers), port: servers.http };
			await fails(() => host.http.request(get(endpoint, "/echo"), deadline), "register", "tls-failed");
		},
	},
];

/** A byte that was on its way would arrive meanwhile. */
async function nothingSeen(host: Host, servers: Servers, server: Refused): Promise<void> {
	await host.timers.sleep(100);
	const seen = await text(host, plain(servers), `/seen?port=${servers[server]}`);
	equal(seen, "0", `application bytes at the server (${server})`);
}
