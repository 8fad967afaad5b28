/**
 * An MQTT client that does what messages on the topic `do` say, and reports each result in its trace. Words of a message:
 *
 * - `publish QOS COUNT BYTES`: all at once, without waiting. `await QOS COUNT BYTES`: one after the other.
 * - `again`: with QoS 1 and the DUP flag.
 * - `subscribe FILTER QOS`, `unsubscribe FILTER`, `close`.
 * - `ignore`: many operations whose promises are dropped.
 * - `slow`: the message is taken after 300 ms.
 *
 * Other messages are reported.
 */

import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { MqttConnection, MqttEvents } from "dynreg/contracts/host";
import type { Failure } from "dynreg/core/errors";
import { createHost, readConfiguration } from "dynreg/host";

const { mqtt }: RawConfiguration = readConfiguration();
const host = createHost();
// Of the global object, since a preloaded module's variables are constants.
const state = globalThis as { connection?: MqttConnection };

const report = (what: string, value: unknown = "ok"): void => trace(`${what}: ${value}\n`);

/** Counts by result: "ok 12, queue-full 3". */
const summary = (results: readonly string[]): string => {
	const counts: Record<string, number> = {};
	for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
	return Object.entries(counts)
		.map(([result, count]) => `${result} ${count}`)
		.sort()
		.join(", ");
};

const settled = (operation: Promise<unknown>): Promise<string> =>
	operation.then(
		(value) => (value === undefined ? "ok" : `${value}`),
		({ code }: Failure) => code,
	);

const perform = async (text: string): Promise<void> => {
	const connection = state.connection as MqttConnection;
	const [what = "", first = "", count = "1", bytes = "1"] = text.split(" ");
	const qos = first === "1" ? 1 : 0;
	const payload = (index: number) => `${index}`.padEnd(Number(bytes), ".");
	const results: string[] = [];
	if (what === "publish") {
		const operations: Promise<string>[] = [];
		const all: Promise<void>[] = [];
		for (let index = 0; index < Number(count); index++) all.push(connection.publish("t", payload(index), { qos }));
		for (const each of all) operations.push(settled(each));
		for (const each of operations) results.push(await each);
	} else if (what === "await")
		for (let index = 0; index < Number(count); index++)
			results.push(await settled(connection.publish("t", payload(index), { qos })));
	else if (what === "again") results.push(await settled(connection.publish("t", "x", { qos: 1, duplicate: true })));
	else if (what === "subscribe")
		results.push(await settled(connection.subscribe(first, { qos: count === "1" ? 1 : 0 })));
	else if (what === "unsubscribe") results.push(await settled(connection.unsubscribe(first)));
	else if (what === "ignore") {
		for (let index = 0; index < 100; index++) connection.publish("t", payload(index), { qos: index % 2 === 0 ? 0 : 1 });
		for (let index = 0; index < 10; index++) connection.subscribe("t");
		results.push("ok");
	} else if (what === "close") connection.close();
	report(text, summary(results));
};

const events: MqttEvents = {
	message(topic, payload) {
		const text = String.fromArrayBuffer(payload.slice().buffer);
		if (topic !== "do") report("message", `${topic} ${text.length > 20 ? text.length : text}`);
		else perform(text);
		if (text !== "slow") return undefined;
		return new Promise<void>((resolve) => {
			host.timers.after(300, resolve);
		}).then(() => report("taken"));
	},
	closed: ({ code }) => report("closed", code),
};
const endpoint = { secure: false, host: "127.0.0.1", port: Number(mqtt), trust: [] };
host.mqtt.connect({ endpoint, clientId: "c", username: "u", keepAlive: 20 }, events, 5000).then(
	(connection) => {
		state.connection = connection;
		report("connected");
	},
	({ code }: Failure) => report("refused", code),
);
