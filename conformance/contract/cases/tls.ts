import type { Code } from "dynreg/contracts/error";
import type { Endpoint, Host } from "dynreg/contracts/host";
import type { Failure } from "dynreg/core/errors";
import type { ContractCase, Servers } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue, sleep } from "./expect.js";
import { getRequest, getText, httpEndpoint, httpsEndpoint } from "./requests.js";

const deadline = 5000;

type Refused =
	| "expired"
	| "notYetValid"
	| "wrongName"
	| "otherAuthority"
	| "forged"
	| "outdated"
	| "tls13"
	| "aes256"
	| "cbc"
	| "rsaExchange"
	| "weakKey"
	| "weakSignature"
	| "missingIntermediate";

const refused: readonly (readonly [server: Refused, what: string, code: Code])[] = deepFreeze([
	["expired", "an expired certificate", "certificate-expired"],
	["notYetValid", "a certificate that is not valid yet", "certificate-not-yet-valid"],
	["wrongName", "a certificate for another name", "certificate-wrong-name"],
	["otherAuthority", "a certificate of another authority", "certificate-untrusted"],
	["forged", "a forged certificate sent with the genuine root", "certificate-untrusted"],
	["weakKey", "an RSA key of 1024 bits", "certificate-weak"],
	["weakSignature", "a certificate signed with SHA-1", "certificate-weak"],
	["missingIntermediate", "a chain that ends too early", "certificate-incomplete"],
	["outdated", "a server that speaks nothing newer than TLS 1.1", "tls-failed"],
	["tls13", "a server that speaks nothing older than TLS 1.3", "tls-failed"],
	["aes256", "a server with AES-256 only", "tls-failed"],
	["cbc", "a server with CBC only", "tls-failed"],
	["rsaExchange", "a server with an RSA key exchange only", "tls-failed"],
]);

export const tls: readonly ContractCase[] = deepFreeze([
	...refused.flatMap((row): ContractCase[] => {
		const [server, what, code] = row;
		return [
			{
				name: `https: ${what} is ${code}, and nothing is sent`,
				async run(host, servers) {
					const endpoint = { ...httpsEndpoint(servers), port: servers[server] };
					const request = { ...getRequest(endpoint, "/"), method: "POST" as const, body: "not for these eyes" };
					await expectFailure(() => host.http.request(request, deadline), "register", code);
					await nothingSeen(host, servers, server);
				},
			},
			{
				name: `mqtts: ${what} is ${code}, and nothing is sent`,
				async run(host, servers) {
					const endpoint = { ...httpsEndpoint(servers), port: servers[server] };
					const options = { endpoint, clientId: "c", username: "u", keepAlive: 60 };
					const events = { message() {}, closed() {} };
					await expectFailure(() => host.mqtt.connect(options, events, deadline), "connect", code);
					await nothingSeen(host, servers, server);
				},
			},
		];
	}),
	{
		name: "https: certificates are checked against the host's own clock",
		async run(host, servers) {
			for (const [years, code] of [
				[73, "certificate-expired"],
				[-2, "certificate-not-yet-valid"],
			] as const)
				await set(host, years, () => expectFailure(() => reaches(host, httpsEndpoint(servers)), "register", code));
			await reaches(host, httpsEndpoint(servers));
		},
	},
	{
		name: "https: a key on a curve, signed by an authority with RSA, is trusted",
		run: (host, servers) => reaches(host, { ...httpsEndpoint(servers), port: servers.ecdsa }),
	},
	{
		name: "https: a key on P-384, and a key exchange on it, are accepted",
		async run(host, servers) {
			await reaches(host, { ...httpsEndpoint(servers), port: servers.p384 });
			await reaches(host, { ...httpsEndpoint(servers), port: servers.exchangeOnP384 });
		},
	},
	{
		name: "https: warnings, HelloRequest and fragmented handshake messages are accepted",
		run: (host, servers) => reaches(host, { ...httpsEndpoint(servers), port: servers.splitRecords }),
	},
	{
		name: "https: more certificates than a record holds are accepted, or are answer-too-large",
		async run(host, servers) {
			try {
				await reaches(host, { ...httpsEndpoint(servers), port: servers.manyCertificates });
			} catch (error) {
				expectEqual((error as Failure).code, "answer-too-large", "code");
			}
		},
	},
	{
		name: "https: a HelloRequest after the handshake is passed over",
		run: (host, servers) => reaches(host, { ...httpsEndpoint(servers), port: servers.renegotiating }),
	},
	{
		name: "https: the failure has the alert of a server that shares nothing with the board",
		async run(host, servers) {
			for (const [port, alert] of [
				[servers.tls13, 70],
				[servers.aes256, 40],
			] as const) {
				const failure = await expectFailure(
					() => host.http.request(getRequest({ ...httpsEndpoint(servers), port }, "/"), deadline),
					"register",
					"tls-failed",
				);
				expectEqual(failure.alert, alert, "alert");
			}
		},
	},
	{
		name: "https: a chain over an authority in between is trusted, without the root in it",
		run: (host, servers) => reaches(host, { ...httpsEndpoint(servers), port: servers.intermediate }),
	},
	{
		name: "https: any name in trust can verify, in any order, from any file",
		async run(host, servers) {
			const { ca, otherCa, bothCas } = servers;
			for (const trust of [[bothCas], [otherCa, ca], [ca, otherCa], ["public", ca], [ca, "public"]])
				await reaches(host, { ...httpsEndpoint(servers), trust });
		},
	},
	{
		name: "https: only the endpoint's trust anchors count",
		async run(host, servers) {
			for (const trust of [["public"], [servers.otherCa], [servers.otherCa, "public"], []])
				await untrusted(host, { ...httpsEndpoint(servers), trust });
		},
	},
	{
		name: "https: a CA that cannot be loaded verifies nothing; the others still count",
		async run(host, servers) {
			for (const trust of [
				["nowhere", servers.ca],
				[servers.ca, "nowhere"],
			])
				await reaches(host, { ...httpsEndpoint(servers), trust });
		},
	},
	{
		name: "https: a file without a certificate, or with a damaged one, is told apart from one that is not there",
		async run(host, servers) {
			const { spoiledCas, ca } = servers;
			for (const trust of [...spoiledCas.map((each) => [each]), spoiledCas]) {
				const { reason, names } = await untrusted(host, { ...httpsEndpoint(servers), trust });
				expectEqual(`${reason} ${names?.join()}`, `no-certificate ${trust.join()}`, "reason");
			}
			for (const trust of [["nowhere"], [...spoiledCas, "nowhere"]])
				expectEqual((await untrusted(host, { ...httpsEndpoint(servers), trust })).reason, "no-authority", "reason");
			await reaches(host, { ...httpsEndpoint(servers), trust: [...spoiledCas, ca] });
		},
	},
	{
		name: "https, mqtts: a verification failure names the CA that cannot be loaded",
		async run(host, servers) {
			for (const trust of [["nowhere"], ["nowhere", servers.otherCa], ["public", "nowhere"]]) {
				const endpoint = { ...httpsEndpoint(servers), trust };
				expectTrue((await untrusted(host, endpoint)).message.includes("nowhere"), `nowhere is named (${trust.join()})`);
				const options = { endpoint: { ...endpoint, port: servers.mqtts }, clientId: "c", username: "u", keepAlive: 60 };
				const connecting = () => host.mqtt.connect(options, { message() {}, closed() {} }, deadline);
				const failure = await expectFailure(connecting, "connect", "certificate-untrusted");
				expectTrue(failure.message.includes("nowhere"), `nowhere is named over MQTT (${trust.join()})`);
			}
		},
	},
	{
		name: "mqtts: the endpoint's protocol is offered by ALPN, and without one nothing is",
		async run(host, servers) {
			const endpoint = { ...httpsEndpoint(servers), port: servers.mqtts };
			expectEqual(await alpn(host, { ...endpoint, alpn: "x-dynreg" }), "x-dynreg", "protocol");
			expectEqual(await alpn(host, endpoint), "", "protocol without alpn");
			const failing = () => alpn(host, { ...endpoint, alpn: "x-other" });
			await expectFailure(failing, "connect", "tls-failed");
		},
	},
	{
		name: "https: a server that does not speak TLS is tls-failed",
		async run(host, servers) {
			const endpoint = { ...httpsEndpoint(servers), port: servers.http };
			await expectFailure(() => host.http.request(getRequest(endpoint, "/echo"), deadline), "register", "tls-failed");
		},
	},
]);

/** Works with the clock set to so many years from now, and sets it back. */
async function set({ clock, timers }: Host, years: number, work: () => Promise<unknown>): Promise<void> {
	// On a stack of its own: an ESP8266's has no room for what led here.
	await sleep(timers, 0);
	const before = clock.now() ?? 0;
	const ticks = clock.ticks();
	clock.set(before + years * 365.25 * 24 * 60 * 60 * 1000);
	try {
		await work();
	} finally {
		clock.set(before + (clock.ticks() - ticks));
	}
}

/** The protocol that the server has chosen, "" for none. */
async function alpn(host: Host, endpoint: Endpoint): Promise<string | undefined> {
	let protocol: string | undefined;
	const message = (_: string, payload: Uint8Array) => {
		protocol = host.crypto.text(payload);
	};
	const options = { endpoint, clientId: "c", username: "u", keepAlive: 60 };
	const connection = await host.mqtt.connect(options, { message, closed() {} }, deadline);
	connection.publish("alpn", "");
	for (let tries = 0; tries < 100 && protocol === undefined; tries++) await sleep(host.timers, 20);
	connection.close();
	return protocol;
}

async function reaches(host: Host, endpoint: Endpoint): Promise<void> {
	expectEqual(await getText(host, endpoint, "/redirected"), "here", `body (${endpoint.trust.join(", ")})`);
}

function untrusted(host: Host, endpoint: Endpoint): Promise<Failure> {
	return expectFailure(
		() => host.http.request(getRequest(endpoint, "/echo"), deadline),
		"register",
		"certificate-untrusted",
	);
}

/** A byte that was on its way would arrive meanwhile. */
async function nothingSeen(host: Host, servers: Servers, server: Refused): Promise<void> {
	await sleep(host.timers, 100);
	const seen = await getText(host, httpEndpoint(servers), `/seen?port=${servers[server]}`);
	expectEqual(seen, "0", `application bytes at the server (${server})`);
}
