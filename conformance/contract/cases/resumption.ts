import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Host, MqttConnection } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import type { ContractCase, Servers, SessionBehaviour } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, sleep } from "./expect.js";
import { getRequest, getText, httpEndpoint, httpsEndpoint } from "./requests.js";

const deadline = 8000;

type Way = "resumingById" | "resumingByTicket";

interface Visit {
	/** Default: that of the servers. */
	readonly name?: string;
	readonly trust?: readonly string[];
	readonly username?: string;
	readonly certificate?: CertificateCredential;
}

const ways: readonly (readonly [Way, string])[] = deepFreeze([
	["resumingById", "by session id"],
	["resumingByTicket", "by ticket"],
]);

/** A TLS session is resumed after a lost connection, while the trust that it began with still stands. */
export const resumption: readonly ContractCase[] = deepFreeze([
	{
		name: "resumption: a server with a stolen session id has no keys, and the next attempt is a full handshake",
		async run(host, servers) {
			const way = "resumingById";
			await begin(host, servers, way);
			await behave(host, servers, way, "wrong-keys");
			await expectFailure(() => visit(host, servers, way), "connect", "tls-failed");
			await isResumed(host, servers, way, false, "after the failure");
			await behave(host, servers, way, "good");
		},
	},
	...ways.flatMap((row): ContractCase[] => {
		const [way, how] = row;
		return [
			{
				name: `resumption: after a lost connection the session is resumed, ${how}`,
				async run(host, servers) {
					await begin(host, servers, way);
					for (let again = 0; again < 3; again++) await isResumed(host, servers, way, true, "later");
				},
			},
			{
				name: `resumption: a broker that forgets sessions gets a full handshake in the same attempt, ${how}`,
				freshBoard: true,
				async run(host, servers) {
					await begin(host, servers, way);
					await behave(host, servers, way, "forgetful");
					await isResumed(host, servers, way, false, "forgotten");
					await isResumed(host, servers, way, true, "the new session");
				},
			},
			{
				name: `resumption: a broker may resume after its certificate was replaced, ${how}`,
				async run(host, servers) {
					await begin(host, servers, way);
					await behave(host, servers, way, "replaced");
					await isResumed(host, servers, way, true, "with another certificate");
					await behave(host, servers, way, "good");
				},
			},
			{
				name: `resumption: no session outlives its server's certificate, ${how}`,
				async run(host, servers) {
					await behave(host, servers, way, "forgetful");
					await behave(host, servers, way, "short-lived");
					await isResumed(host, servers, way, false, "a certificate of 6 s");
					await isResumed(host, servers, way, true, "as long as it is valid");
					await sleep(host.timers, 6100);
					await behave(host, servers, way, "good");
					await isResumed(host, servers, way, false, "after its time");
				},
			},
			{
				name: `resumption: a session belongs to its trust anchors, ${how}`,
				async run(host, servers) {
					const { ca, otherCa } = servers;
					await begin(host, servers, way);
					await isResumed(host, servers, way, false, "with one more", { trust: [ca, otherCa] });
					await begin(host, servers, way);
					await expectFailure(
						() => visit(host, servers, way, { trust: [otherCa] }),
						"connect",
						"certificate-untrusted",
					);
				},
			},
			{
				name: `resumption: a clock that jumps ends a session, ${how}`,
				async run(host, servers) {
					const { clock } = host;
					const hour = 60 * 60 * 1000;
					for (const by of [hour, -hour]) {
						await begin(host, servers, way);
						clock.set((clock.now() ?? 0) + by);
						await isResumed(host, servers, way, false, `after ${by} ms`);
						await isResumed(host, servers, way, true, "a session since then");
					}
					await begin(host, servers, way);
					clock.set((clock.now() ?? 0) + 5000);
					await isResumed(host, servers, way, true, "after a correction of seconds");
					clock.set((clock.now() ?? 0) - 5000);
					await begin(host, servers, way);
					// The certificate has expired meanwhile.
					clock.set((clock.now() ?? 0) + 73 * 365.25 * 24 * hour);
					await expectFailure(() => visit(host, servers, way), "connect", "certificate-expired");
					clock.set((clock.now() ?? 0) - 73 * 365.25 * 24 * hour);
				},
			},
			{
				name: `resumption: a refused credential ends a session, ${how}`,
				async run(host, servers) {
					await begin(host, servers, way);
					const refused = () => visit(host, servers, way, { username: "refuse-5" });
					await expectFailure(refused, "connect", "mqtt-refused");
					await isResumed(host, servers, way, false, "after the refusal");
				},
			},
			{
				name: `resumption: a server that resumes and sends a certificate gets nothing, ${how}`,
				async run(host, servers) {
					await begin(host, servers, way);
					await behave(host, servers, way, "impostor");
					await expectFailure(() => visit(host, servers, way), "connect", "tls-failed");
					const seen = await getText(host, httpEndpoint(servers), `/seen?port=${servers[way]}`);
					expectEqual(seen, "0", "bytes at the impostor");
					await behave(host, servers, way, "good");
					await isResumed(host, servers, way, false, "after the failure");
				},
			},
			{
				name: `resumption: a server that never responds to an offered session is reached without, ${how}`,
				async run(host, servers) {
					await begin(host, servers, way);
					await behave(host, servers, way, "deaf");
					for (let attempt = 0; attempt < 3; attempt++)
						await expectFailure(() => visit(host, servers, way), "connect", "connection-lost");
					await isResumed(host, servers, way, false, "without an offer");
					await behave(host, servers, way, "good");
				},
			},
			{
				name: `resumption: a session belongs to its client certificate, ${how}`,
				needsCertificates: true,
				async run(host, servers) {
					const certificate = own(host, servers);
					await begin(host, servers, way);
					await isResumed(host, servers, way, false, "with a certificate", { certificate });
					await isResumed(host, servers, way, true, "with it again", { certificate });
					await isResumed(host, servers, way, false, "without");
				},
			},
		];
	}),
	{
		name: "resumption: a server that resumes may issue another ticket, in the record of its ServerHello",
		async run(host, servers) {
			const way = "resumingById";
			await begin(host, servers, way);
			await behave(host, servers, way, "renewing");
			expectEqual(await visit(host, servers, way), "renewed", "first");
			expectEqual(await visit(host, servers, way), "by the new ticket", "then");
			await behave(host, servers, way, "good");
		},
	},
	{
		name: "resumption: a session ends with the lifetime that its ticket came with",
		async run(host, servers) {
			const way = "resumingById";
			await begin(host, servers, way);
			await behave(host, servers, way, "brief");
			expectEqual(await visit(host, servers, way), "renewed", "a ticket of 2 s");
			await sleep(host.timers, 2100);
			expectEqual(await visit(host, servers, way), "false", "resumed, after its time");
			await behave(host, servers, way, "good");
		},
	},
	{
		name: "resumption: a session belongs to its server's name and port",
		async run(host, servers) {
			const { address, name } = servers;
			await begin(host, servers, "resumingByTicket");
			// Where a board knows no name, the two are one.
			if (name !== address) {
				await isResumed(host, servers, "resumingByTicket", false, "another name", { name: address });
				await begin(host, servers, "resumingByTicket");
			}
			await isResumed(host, servers, "resumingById", false, "another port");
		},
	},
	{
		name: "resumption: the next HTTPS request resumes the session of the one before, with the same trust",
		async run(host, servers) {
			const endpoint = httpsEndpoint(servers);
			const { ca, otherCa } = servers;
			const ask = (trust: readonly string[]) => getText(host, { ...endpoint, trust }, "/resumed");
			await ask([ca]);
			expectEqual(await ask([ca, otherCa]), "false", "with one more anchor");
			for (let again = 0; again < 2; again++) expectEqual(await ask([ca, otherCa]), "true", "with the same");
			await expectFailure(() => ask([otherCa]), "register", "certificate-untrusted");
			expectEqual(await ask([ca]), "false", "with another");
			expectEqual(await ask([ca]), "true", "at the end");
		},
	},
	{
		name: "resumption: an HTTPS request that failed ends the session",
		async run(host, servers) {
			const endpoint = httpsEndpoint(servers);
			await getText(host, endpoint, "/resumed");
			expectEqual(await getText(host, endpoint, "/resumed"), "true", "before");
			await expectFailure(
				() => host.http.request({ ...getRequest(endpoint, "/large?bytes=2000"), maxResponseBytes: 100 }, deadline),
				"register",
				"answer-too-large",
			);
			expectEqual(await getText(host, endpoint, "/resumed"), "false", "afterwards");
		},
	},
	{
		name: "resumption: a broker that never resumes gets full handshakes",
		async run(host, servers) {
			for (let again = 0; again < 3; again++)
				expectEqual(await visit(host, servers, "resumingNever"), "false", "resumed");
		},
	},
]);

async function behave(host: Host, servers: Servers, way: Way, behaviour: SessionBehaviour): Promise<void> {
	await getText(host, httpEndpoint(servers), `/sessions?port=${servers[way]}&behaviour=${behaviour}`);
}

/** Has a session that is not an earlier case's. */
async function begin(host: Host, servers: Servers, way: Way): Promise<void> {
	await behave(host, servers, way, "forgetful");
	await isResumed(host, servers, way, false, "at first");
}

async function isResumed(
	host: Host,
	servers: Servers,
	way: Way,
	expected: boolean,
	when: string,
	options: Visit = {},
): Promise<void> {
	expectEqual(await visit(host, servers, way, options), String(expected), `resumed, ${when}`);
}

/** @returns what the server says, "true" or "false"; the server then cuts the connection */
async function visit(
	host: Host,
	servers: Servers,
	server: Way | "resumingNever",
	{ name = servers.name, trust = [servers.ca], username = "u", certificate }: Visit = {},
): Promise<string> {
	let told = "";
	let isLost = false;
	const events = {
		message(_: string, payload: Uint8Array) {
			told = host.crypto.text(payload);
		},
		closed() {
			isLost = true;
		},
	};
	const connection: MqttConnection = await host.mqtt.connect(
		{
			endpoint: { ...httpsEndpoint(servers), host: name, port: servers[server], trust },
			clientId: "c",
			username,
			keepAlive: 60,
			...(certificate && { certificate }),
		},
		events,
		deadline,
	);
	connection.publish("resumed", "");
	for (let tries = 0; tries < 150 && !told; tries++) await sleep(host.timers, 20);
	connection.publish("drop", "");
	for (let tries = 0; tries < 150 && !isLost; tries++) await sleep(host.timers, 20);
	connection.close();
	// A board has no memory for a connection that is not quite closed and a handshake, and its firmware waits longer.
	await sleep(host.timers, 100);
	return told;
}

function own({ crypto }: Host, { device }: Servers): CertificateCredential {
	return {
		kind: "certificate",
		certificates: [crypto.fromPem(device.certificate), crypto.fromPem(device.between)],
		secret: new Secret(crypto.base64(crypto.fromPem(device.pkcs8))),
	};
}
