import type { Code } from "dynreg/contracts/error";
import type { Endpoint, Host, MqttConnection, MqttConnectOptions } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { Inbox } from "./broker.js";
import type { ContractCase, Servers } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, sleep } from "./expect.js";
import { getText, httpEndpoint, httpsEndpoint } from "./requests.js";

const deadline = 8000;

type Refused = "expired" | "wrongName" | "otherAuthority" | "tls13";

const refused: readonly (readonly [server: Refused, code: Code])[] = deepFreeze([
	["expired", "certificate-expired"],
	["wrongName", "certificate-wrong-name"],
	["otherAuthority", "certificate-untrusted"],
	["tls13", "tls-failed"],
]);

/**
 * A connection that is opened ahead is a hint: with it or without, `connect` does the same. So the cases hold on a host
 * without `Mqtt.open` as well.
 */
export const ahead: readonly ContractCase[] = deepFreeze([
	...[0, 700].map((given): ContractCase => {
		// What is captured is constant, as in all cases: else it would take memory in an image.
		const pause = given;
		return {
			name: `ahead: a connection is taken ${pause ? "once it is open" : "while it is being opened"}`,
			async run(host, servers) {
				const endpoint = at(servers, "mqtts");
				const [before] = await clients(host, servers, "mqtts");
				const discard = host.mqtt.open?.(endpoint, deadline);
				if (pause) await sleep(host.timers, pause);
				const { connection, inbox } = await connect(host, endpoint);
				discard?.();
				await expectEcho(connection, inbox);
				const [after, open] = await clients(host, servers, "mqtts");
				expectEqual(after - before, 1, "connections");
				expectEqual(open, 1, "open connections");
				connection.close();
				await expectClosed(host, servers, "mqtts");
			},
		};
	}),
	{
		name: "ahead: a discarded connection is closed, and the next is a new one",
		async run(host, servers) {
			const endpoint = at(servers, "mqtts");
			for (const pause of [0, 700]) {
				const discard = host.mqtt.open?.(endpoint, deadline);
				if (pause) await sleep(host.timers, pause);
				discard?.();
				await expectClosed(host, servers, "mqtts");
			}
			await expectConnects(host, endpoint);
		},
	},
	{
		name: "ahead: a connection is closed at its deadline",
		async run(host, servers) {
			host.mqtt.open?.({ ...at(servers, "mqtts"), port: servers.silent }, 300);
			await sleep(host.timers, 400);
			await expectClosed(host, servers, "silent");
			host.mqtt.open?.(at(servers, "mqtts"), 900);
			await sleep(host.timers, 1000);
			await expectClosed(host, servers, "mqtts");
			await expectConnects(host, at(servers, "mqtts"));
		},
	},
	{
		name: "ahead: a connection that the broker has closed costs a normal one",
		async run(host, servers) {
			const endpoint = at(servers, "mqtts");
			host.mqtt.open?.(endpoint, deadline);
			await sleep(host.timers, 700);
			await cut(host, servers, "mqtts");
			await expectConnects(host, endpoint);
		},
	},
	{
		name: "ahead: a broker that cannot be reached is connect-failed as without",
		async run(host, servers) {
			const endpoint = { ...at(servers, "mqtts"), port: servers.closed };
			host.mqtt.open?.(endpoint, deadline);
			await sleep(host.timers, 200);
			await expectFailure(() => connect(host, endpoint), "connect", "connect-failed");
		},
	},
	{
		name: "ahead: a connection to another endpoint, or for other trust anchors, is not taken",
		async run(host, servers) {
			const mqtts = at(servers, "mqtts");
			host.mqtt.open?.(at(servers, "resumingNever"), deadline);
			await sleep(host.timers, 300);
			await expectConnects(host, mqtts);
			await expectClosed(host, servers, "resumingNever");
			host.mqtt.open?.(mqtts, deadline);
			await sleep(host.timers, 700);
			const other = { ...mqtts, trust: [servers.otherCa] };
			await expectFailure(() => connect(host, other), "connect", "certificate-untrusted");
			await expectClosed(host, servers, "mqtts");
		},
	},
	{
		name: "ahead: a connection in plain text is taken",
		async run(host, servers) {
			const endpoint = { ...at(servers, "mqtt"), secure: false, trust: [] };
			const [before] = await clients(host, servers, "mqtt");
			host.mqtt.open?.(endpoint, deadline);
			await expectConnects(host, endpoint);
			const [after] = await clients(host, servers, "mqtt");
			expectEqual(after - before, 1, "connections");
		},
	},
	{
		name: "ahead: a second connection takes the place of the first",
		async run(host, servers) {
			const endpoint = at(servers, "mqtts");
			host.mqtt.open?.(at(servers, "resumingNever"), deadline);
			host.mqtt.open?.(endpoint, deadline);
			await expectClosed(host, servers, "resumingNever");
			await expectConnects(host, endpoint);
		},
	},
	...refused.map((row): ContractCase => {
		const [server, code] = row;
		return {
			name: `ahead: a server that must not be trusted is ${code} as without, and nothing is sent (${server})`,
			async run(host, servers) {
				const endpoint = at(servers, server);
				for (const pause of [0, 700]) {
					host.mqtt.open?.(endpoint, deadline);
					if (pause) await sleep(host.timers, pause);
					await expectFailure(() => connect(host, endpoint), "connect", code);
				}
				const seen = await getText(host, httpEndpoint(servers), `/seen?port=${endpoint.port}`);
				expectEqual(seen, "0", "bytes at the server");
			},
		};
	}),
	{
		name: "ahead: a client certificate takes a connection of its own",
		needsCertificates: true,
		async run(host, servers) {
			const endpoint = at(servers, "mqttsAsking");
			const { crypto } = host;
			const { device } = servers;
			host.mqtt.open?.(endpoint, deadline);
			await sleep(host.timers, 700);
			const { connection, inbox } = await connect(host, endpoint, {
				certificate: {
					kind: "certificate",
					certificates: [crypto.fromPem(device.certificate), crypto.fromPem(device.between)],
					secret: new Secret(crypto.base64(crypto.fromPem(device.pkcs8))),
				},
			});
			connection.publish("peer", "");
			await inbox.arrives(1);
			expectEqual(inbox.text(0), "device-1", "name in the certificate");
			connection.close();
			await expectClosed(host, servers, "mqttsAsking");
		},
	},
]);

type Port = "mqtt" | "mqtts" | "mqttsAsking" | "resumingNever" | "silent" | Refused;

function at(servers: Servers, server: Port): Endpoint {
	return { ...httpsEndpoint(servers), port: servers[server] };
}

async function connect(host: Host, endpoint: Endpoint, more: Partial<MqttConnectOptions> = {}) {
	const inbox = new Inbox(host);
	const options = { endpoint, clientId: "ahead", username: "u", keepAlive: 60, ...more };
	return { connection: await host.mqtt.connect(options, inbox, deadline), inbox };
}

async function expectEcho(connection: MqttConnection, inbox: Inbox): Promise<void> {
	connection.subscribe("ahead");
	connection.publish("ahead", "there and back");
	await inbox.arrives(1);
	expectEqual(inbox.text(0), "there and back", "message");
}

async function expectConnects(host: Host, endpoint: Endpoint): Promise<void> {
	const { connection, inbox } = await connect(host, endpoint);
	await expectEcho(connection, inbox);
	connection.close();
}

/** Connections that the server has been opened, and that are open. */
async function clients(host: Host, servers: Servers, server: Port): Promise<readonly [number, number]> {
	const text = await getText(host, httpEndpoint(servers), `/clients?port=${servers[server]}`);
	const [opened, open] = text.split(" ");
	return [Number(opened), Number(open)];
}

async function expectClosed(host: Host, servers: Servers, server: Port): Promise<void> {
	let open = -1;
	for (let tries = 0; tries < 30 && open !== 0; tries++) {
		await sleep(host.timers, 50);
		open = (await clients(host, servers, server))[1];
	}
	expectEqual(open, 0, `open connections to ${server}`);
}

async function cut(host: Host, servers: Servers, server: Port): Promise<void> {
	await getText(host, httpEndpoint(servers), `/cut?port=${servers[server]}`);
}
