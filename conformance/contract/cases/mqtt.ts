import type { Code, Phase } from "dynreg/contracts/error";
import type { Host, MqttConnection, MqttConnectOptions, MqttEvents } from "dynreg/contracts/host";
import { broker, connected, deadline, Inbox, identity } from "./broker.js";
import type { ContractCase, Servers } from "./case.js";
import { clockJumps, whileClockJumps } from "./clock-jumps.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue, sleep } from "./expect.js";
import { httpsEndpoint } from "./requests.js";

/** Short, where running into it is the point. */
const impatient = 700;

/**
 * The server's behaviour is asked for by user name: `refuse-N`, `silent`, `garbage`,
 * `cut`, `early`, `deaf`; any other is accepted. It hands a message to everyone who
 * has subscribed to exactly that topic.
 */
export const mqtt: readonly ContractCase[] = deepFreeze([
	{
		name: "mqtt: CONNECT is MQTT 3.1.1, clean session, with what was given",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers, { keepAlive: 240 });
			connection.subscribe("connect");
			connection.publish("connect", "");
			await inbox.arrives(1);
			expectEqual(
				inbox.text(0),
				JSON.stringify({
					protocol: "MQTT",
					level: 4,
					clean: true,
					will: false,
					keepAlive: 240,
					clientId: "P0001device",
					username: "P0001device;12010126;abcde;1700000000",
					password: "pass word",
				}),
				"CONNECT",
			);
			connection.close();
		},
	},
	{
		name: "mqtt: without a password the CONNECT has none",
		async run(host, servers) {
			const inbox = new Inbox(host);
			const { password: _, ...options } = identity(servers);
			const connection = await host.mqtt.connect(options, inbox, deadline);
			connection.subscribe("connect");
			connection.publish("connect", "");
			await inbox.arrives(1);
			expectEqual(JSON.parse(inbox.text(0)).password, null, "password");
			connection.close();
		},
	},
	{
		name: "mqtt: a message goes out and comes back, text and bytes",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("P0001/device/data");
			const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
			connection.publish("P0001/device/data", "设备 online");
			connection.publish("P0001/device/data", bytes);
			connection.publish("P0001/device/data", "");
			await inbox.arrives(3);
			expectEqual(inbox.topics.join(" "), "P0001/device/data P0001/device/data P0001/device/data", "topics");
			expectEqual(inbox.text(0), "设备 online", "text");
			expectEqual(host.crypto.hex(inbox.bytes(1)), host.crypto.hex(bytes), "bytes");
			expectEqual(inbox.bytes(2).length, 0, "length of an empty payload");
			connection.close();
		},
	},
	{
		name: "mqtt: a payload keeps its bytes when the sender uses its buffer again",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("t");
			const buffer = host.crypto.utf8("first");
			connection.publish("t", buffer);
			buffer.set(host.crypto.utf8("later"));
			await inbox.arrives(1);
			expectEqual(inbox.text(0), "first", "payload");
			connection.close();
		},
	},
	{
		name: "mqtt: messages come in the order in which they were sent",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("count");
			for (let number = 0; number < 20; number++) connection.publish("count", String(number));
			await inbox.arrives(20);
			for (let number = 0; number < 20; number++) expectEqual(inbox.text(number), String(number), "order");
			connection.close();
		},
	},
	{
		name: "mqtt: a payload of 4 KB goes both ways",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("large");
			const payload = new Uint8Array(4096).map((_, index) => (index * 7) & 0xff);
			connection.publish("large", payload);
			await inbox.arrives(1);
			expectEqual(
				host.crypto.hex(host.crypto.digest("SHA1", inbox.bytes(0))),
				digestOf(host, payload),
				"SHA1 of the payload",
			);
			connection.close();
		},
	},
	{
		name: "mqtt: messages in single bytes or bursts are separated",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("trickle");
			connection.publish("trickle", "drop by drop");
			await inbox.arrives(1);
			expectEqual(inbox.text(0), "drop by drop", "payload");
			connection.subscribe("burst");
			connection.publish("burst", "5");
			await inbox.arrives(6);
			for (let number = 0; number < 5; number++) expectEqual(inbox.text(number + 1), `burst ${number}`, "order");
			connection.close();
		},
	},
	{
		name: "mqtt: the next message waits while the receiver has no room",
		async run(host, servers) {
			const inbox = new Inbox(host);
			let release = (): void => {};
			const events: MqttEvents = {
				message(topic, payload) {
					inbox.message(topic, payload);
					return new Promise((resolve) => {
						release = resolve;
					});
				},
				closed: (failure) => inbox.closed(failure),
			};
			const connection = await host.mqtt.connect(identity(servers), events, deadline);
			connection.subscribe("burst");
			connection.publish("burst", "5");
			for (let count = 1; count <= 5; count++) {
				await inbox.arrives(count);
				await sleep(host.timers, 100);
				await inbox.arrives(count);
				expectEqual(inbox.text(count - 1), `burst ${count - 1}`, "order");
				release();
			}
			connection.close();
		},
	},
	{
		name: "mqtt: 300 messages sent at once all arrive as they are taken",
		async run(host, servers) {
			let count = 0;
			let failed: unknown;
			const events: MqttEvents = {
				async message() {
					await sleep(host.timers, 0);
					count++;
				},
				closed(failure) {
					failed = failure;
				},
			};
			const connection = await host.mqtt.connect(identity(servers), events, deadline);
			connection.subscribe("burst");
			connection.publish("burst", "300 200");
			const end = host.clock.ticks() + 30_000;
			while (count < 300 && failed === undefined && host.clock.ticks() < end) await sleep(host.timers, 50);
			expectEqual(count, 300, `messages (${failed ?? "still connected"})`);
			connection.close();
		},
	},
	{
		name: "mqtt: a message that comes with the CONNACK waits until connect has resolved",
		async run(host, servers) {
			const inbox = new Inbox(host);
			let resolved = false;
			let tooEarly = false;
			const events: MqttEvents = {
				message(topic, payload) {
					tooEarly ||= !resolved;
					inbox.message(topic, payload);
				},
				closed: (failure) => inbox.closed(failure),
			};
			const connection = await host.mqtt.connect({ ...identity(servers), username: "early" }, events, deadline);
			resolved = true;
			await inbox.arrives(1);
			expectEqual(inbox.text(0), "already here", "payload");
			expectTrue(!tooEarly, "message was called after connect had resolved");
			connection.close();
		},
	},
	{
		name: "mqtt: over TLS as well",
		async run(host, servers) {
			const endpoint = { ...httpsEndpoint(servers), port: servers.mqtts };
			const { connection, inbox } = await connected(host, servers, { endpoint });
			connection.subscribe("secure");
			connection.publish("secure", "over TLS");
			await inbox.arrives(1);
			expectEqual(inbox.text(0), "over TLS", "payload");
			connection.close();
		},
	},
	{
		name: "mqtt: a refused CONNACK is mqtt-refused with its return code",
		async run(host, servers) {
			for (const code of [1, 2, 3, 4, 5]) {
				const failure = await refused(host, servers, { username: `refuse-${code}` }, "connect", "mqtt-refused");
				expectEqual(failure.connackCode, code, "connackCode");
			}
		},
	},
	{
		name: "mqtt: no failure contains the password",
		async run(host, servers) {
			for (const [username, code] of [
				["refuse-4", "mqtt-refused"],
				["cut", "connection-lost"],
			] as const) {
				const failure = await refused(host, servers, { username }, "connect", code);
				expectTrue(!`${failure.message} ${String(failure.cause)}`.includes("pass word"), "the password is not told");
			}
		},
	},
	{
		name: "mqtt: a silent server is a timeout, in time",
		async run(host, servers) {
			const silent = { ...broker(servers), port: servers.silent };
			for (const change of [
				{ username: "silent" },
				{ endpoint: silent },
				{ endpoint: { ...httpsEndpoint(servers), port: servers.silent } },
			]) {
				const started = host.clock.ticks();
				const options = { ...identity(servers), ...change };
				await expectFailure(() => host.mqtt.connect(options, new Inbox(host), impatient), "connect", "timeout");
				const took = host.clock.ticks() - started;
				expectTrue(took >= impatient - 50 && took < impatient + 1500, `${impatient} ms are kept (took ${took} ms)`);
			}
		},
	},
	{
		name: "mqtt: anything but a CONNACK is bad-answer",
		async run(host, servers) {
			await refused(host, servers, { username: "garbage" }, "connect", "bad-answer");
		},
	},
	{
		name: "mqtt: a connection cut before the CONNACK is connection-lost",
		async run(host, servers) {
			await refused(host, servers, { username: "cut" }, "connect", "connection-lost");
		},
	},
	{
		name: "mqtt: a closed port is connect-failed, an unknown name dns-failed",
		async run(host, servers) {
			const endpoint = broker(servers);
			await refused(host, servers, { endpoint: { ...endpoint, port: servers.closed } }, "connect", "connect-failed");
			const options = { ...identity(servers), endpoint: { ...endpoint, host: "nonexistent.invalid" } };
			await expectFailure(() => host.mqtt.connect(options, new Inbox(host), 15000), "connect", "dns-failed");
		},
	},
	{
		name: "mqtt: closed is reported once; then publish and subscribe reject",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.publish("drop", "");
			await inbox.closes();
			await over(connection);
			connection.close();
			await sleep(host.timers, 100);
			expectEqual(inbox.failures.join(" "), "session connection-lost", "closed");
		},
	},
	{
		name: "mqtt: after close nothing is reported, and closing again is safe",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			connection.subscribe("t");
			connection.publish("t", "too late");
			connection.close();
			connection.close();
			await sleep(host.timers, 200);
			expectEqual(inbox.topics.length, 0, "messages");
			expectEqual(inbox.failures.length, 0, "calls of closed");
			await over(connection);
		},
	},
	{
		name: "mqtt: keepAlive keeps an idle connection open",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers, { keepAlive: 1 });
			await sleep(host.timers, 3200);
			expectEqual(inbox.failures.length, 0, "calls of closed");
			connection.subscribe("t");
			connection.publish("t", "still here");
			await inbox.arrives(1);
			connection.close();
		},
	},
	{
		name: "mqtt: a connection outlives a clock that jumps by years",
		async run(host, servers) {
			for (const years of clockJumps) {
				const { connection, inbox } = await connected(host, servers, { keepAlive: 1 });
				connection.subscribe("t");
				await whileClockJumps(host, years, () => sleep(host.timers, 2200));
				expectEqual(inbox.failures.length, 0, `calls of closed over ${years} years`);
				connection.publish("t", "still here");
				await inbox.arrives(1);
				connection.close();
			}
		},
	},
	{
		name: "mqtt: a server that has gone deaf is noticed",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers, { username: "deaf", keepAlive: 1 });
			await inbox.closes();
			await over(connection);
		},
	},
]);

/** Refused, and nothing is told afterwards. */
async function refused(host: Host, servers: Servers, change: Partial<MqttConnectOptions>, phase: Phase, code: Code) {
	const inbox = new Inbox(host);
	const options = { ...identity(servers), ...change };
	const failure = await expectFailure(() => host.mqtt.connect(options, inbox, deadline), phase, code);
	await sleep(host.timers, 50);
	expectEqual(inbox.topics.length + inbox.failures.length, 0, "events of a connection that never was");
	return failure;
}

async function over(connection: MqttConnection): Promise<void> {
	await expectFailure(() => connection.publish("t", "x"), "session", "connection-lost");
	await expectFailure(() => connection.subscribe("t"), "session", "connection-lost");
}

function digestOf(host: Host, bytes: Uint8Array): string {
	return host.crypto.hex(host.crypto.digest("SHA1", bytes));
}
