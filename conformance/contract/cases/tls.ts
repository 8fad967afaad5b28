import type { Code } from "dynreg/contracts/error";
import type { Endpoint, Host } from "dynreg/contracts/host";
import type { Failure } from "dynreg/core/errors";
import type { Case, Servers } from "./case.js";
import { equal, fails, holds } from "./expect.js";
import { frozen } from "./frozen.js";
import { get, plain, secure, text } from "./requests.js";

const deadline = 5000;

type Refused =
	| "expired"
	| "notYetValid"
	| "wrongName"
	| "otherAuthority"
	| "forged"
	| "outdated"
	| "weakKey"
	| "weakSignature"
	| "missingIntermediate";

const refused: readonly (readonly [server: Refused, what: string, code: Code])[] = frozen([
	["expired", "an expired certificate", "certificate-expired"],
	["notYetValid", "a certificate that is not valid yet", "certificate-not-yet-valid"],
	["wrongName", "a certificate for another name", "certificate-wrong-name"],
	["otherAuthority", "a certificate of another authority", "certificate-untrusted"],
	["forged", "a forged certificate sent with the genuine root", "certificate-untrusted"],
	["weakKey", "an RSA key of 1024 bits", "certificate-weak"],
	["weakSignature", "a certificate signed with SHA-1", "certificate-weak"],
	["missingIntermediate", "a chain that ends too early", "certificate-incomplete"],
	["outdated", "a server that speaks nothing newer than TLS 1.1", "tls-failed"],
]);

export const tls: readonly Case[] = frozen([
	...refused.flatMap((row): Case[] => {
		const [server, what, code] = row;
		return [
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
		];
	}),
	{
		name: "https: certificates are held against the host's own clock, whatever it has been set to",
		async run(host, servers) {
			for (const [years, code] of [
				[73, "certificate-expired"],
				[-2, "certificate-not-yet-valid"],
			] as const)
				await set(host, years, () => fails(() => reaches(host, secure(servers)), "register", code));
			await reaches(host, secure(servers));
		},
	},
	{
		name: "https: a key on a curve, signed by an authority with RSA, is trusted",
		run: (host, servers) => reaches(host, { ...secure(servers), port: servers.ecdsa }),
	},
	{
		name: "https: a chain over an authority in between is trusted, without the root in it",
		run: (host, servers) => reaches(host, { ...secure(servers), port: servers.intermediate }),
	},
	{
		name: "https: any one of the names in trust may vouch, in any order, and any certificate in a file",
		async run(host, servers) {
			const { ca, otherCa, bothCas } = servers;
			for (const trust of [[bothCas], [otherCa, ca], [ca, otherCa], ["public", ca], [ca, "public"]])
				await reaches(host, { ...secure(servers), trust });
		},
	},
	{
		name: "https: the trust is the endpoint's: nobody else vouches, nor the host's own authorities for a private one",
		async run(host, servers) {
			for (const trust of [["public"], [servers.otherCa], [servers.otherCa, "public"], []])
				await untrusted(host, { ...secure(servers), trust });
		},
	},
	{
		name: "https: an authority that cannot be loaded vouches for nobody; the others still count",
		async run(host, servers) {
			for (const trust of [
				["nowhere", servers.ca],
				[servers.ca, "nowhere"],
			])
				await reaches(host, { ...secure(servers), trust });
		},
	},
	{
		name: "https, mqtts: where nobody vouches, the failure names the authority that cannot be loaded",
		async run(host, servers) {
			for (const trust of [["nowhere"], ["nowhere", servers.otherCa], ["public", "nowhere"]]) {
				const endpoint = { ...secure(servers), trust };
				holds((await untrusted(host, endpoint)).message.includes("nowhere"), `nowhere is named (${trust.join()})`);
				const options = { endpoint: { ...endpoint, port: servers.mqtts }, clientId: "c", username: "u", keepAlive: 60 };
				const connecting = () => host.mqtt.connect(options, { message() {}, closed() {} }, deadline);
				const failure = await fails(connecting, "connect", "certificate-untrusted");
				holds(failure.message.includes("nowhere"), `nowhere is named over MQTT (${trust.join()})`);
			}
		},
	},
	{
		name: "https: a server that does not speak TLS is tls-failed",
		async run(host, servers) {
			const endpoint = { ...secure(servers), port: servers.http };
			await fails(() => host.http.request(get(endpoint, "/echo"), deadline), "register", "tls-failed");
		},
	},
]);

/** Works with the clock set to so many years from now, and sets it back. */
async function set({ clock, timers }: Host, years: number, work: () => Promise<unknown>): Promise<void> {
	// On a stack of its own: an ESP8266's has no room for what led here.
	await timers.sleep(0);
	const before = clock.now() ?? 0;
	const ticks = clock.ticks();
	clock.set(before + years * 365.25 * 24 * 60 * 60 * 1000);
	try {
		await work();
	} finally {
		clock.set(before + (clock.ticks() - ticks));
	}
}

async function reaches(host: Host, endpoint: Endpoint): Promise<void> {
	equal(await text(host, endpoint, "/redirected"), "here", `body (${endpoint.trust.join(", ")})`);
}

function untrusted(host: Host, endpoint: Endpoint): Promise<Failure> {
	return fails(() => host.http.request(get(endpoint, "/echo"), deadline), "register", "certificate-untrusted");
}

/** A byte that was on its way would arrive meanwhile. */
async function nothingSeen(host: Host, servers: Servers, server: Refused): Promise<void> {
	await host.timers.sleep(100);
	const seen = await text(host, plain(servers), `/seen?port=${servers[server]}`);
	equal(seen, "0", `application bytes at the server (${server})`);
}
