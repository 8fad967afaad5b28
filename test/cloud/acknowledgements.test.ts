/** Acknowledgements at the local cloud: what the journal shows of them, and their faults. */

import { type Cloud, type FaultRule, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import { connectAsync, type MqttClient } from "mqtt";
import { login, obtainPsk, product } from "./device.js";

const names = { productId: product.id, deviceName: "board-1" };
const own = `${product.id}/${names.deviceName}`;

/** A device that is connected to a cloud with faults. */
async function connected(t: ExecutionContext, ...rules: readonly FaultRule[]) {
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	const psk = await obtainPsk(cloud.urls.http, names);
	cloud.administration.setFaults(rules);
	const client = await connectAsync(cloud.urls.mqtt, { ...login(names, psk), reconnectPeriod: 0 }, false);
	t.teardown(() => void client.end(true));
	client.on("error", () => {});
	return { cloud, client };
}

const journal = ({ administration }: Cloud, operation: string): string[] =>
	administration
		.requests()
		.filter((entry) => entry.operation === operation)
		.map(({ verdict, reason }) => `${verdict}: ${reason}`);

async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
	const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), milliseconds));
	return await Promise.race([promise.then(() => true), late]);
}

async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("it did not happen within 30 s");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

function payloads(client: MqttClient): string[] {
	const received: string[] = [];
	client.on("message", (_topic, payload, { dup }) => received.push(`${payload}${dup ? " again" : ""}`));
	return received;
}

test("the journal shows the QoS of messages and subscriptions, and the board's acknowledgements", async (t) => {
	const { cloud, client } = await connected(t);
	await client.publishAsync(`${own}/event`, "x", { qos: 1 });
	await client.publishAsync(`${own}/event`, "y");
	await client.subscribeAsync(`${own}/control`, { qos: 1 });
	await cloud.administration.sendMessage("tencent", product.id, names.deviceName, "on");
	await until(() => journal(cloud, "acknowledge").length > 0);
	await until(() => journal(cloud, "publish").length === 2);
	t.deepEqual(journal(cloud, "publish"), [
		`accepted: 1 bytes on ${own}/event (QoS 1).`,
		`accepted: 1 bytes on ${own}/event`,
	]);
	t.deepEqual(journal(cloud, "subscribe"), [`accepted: ${own}/control (QoS 1)`]);
	t.deepEqual(journal(cloud, "acknowledge"), ["accepted: The board has acknowledged a message (PUBACK)."]);
});

test("lost-puback: the message is taken, and no PUBACK comes", async (t) => {
	const { cloud, client } = await connected(t, { operation: "publish", fault: "lost-puback", count: 1 });
	const publish = client.publishAsync(`${own}/event`, "x", { qos: 1 });
	await until(() => journal(cloud, "publish").length === 1);
	t.false(await within(300, publish));
	t.true(await within(5000, client.publishAsync(`${own}/event`, "y", { qos: 1 })));
	t.deepEqual(journal(cloud, "publish"), [
		`accepted: 1 bytes on ${own}/event (QoS 1). Fault: PUBACK not sent.`,
		`accepted: 1 bytes on ${own}/event (QoS 1).`,
	]);
});

test("lost-puback: a message with QoS 0 does not use the rule up", async (t) => {
	const { cloud, client } = await connected(t, { operation: "publish", fault: "lost-puback", count: 1 });
	await client.publishAsync(`${own}/event`, "x");
	const publish = client.publishAsync(`${own}/event`, "y", { qos: 1 });
	await until(() => cloud.administration.faults()[0]?.triggered === 1);
	t.false(await within(300, publish));
});

test("suback: the subscription is refused with 128, and the next is granted", async (t) => {
	const { cloud, client } = await connected(t, { operation: "subscribe", fault: "suback", count: 1 });
	await t.throwsAsync(client.subscribeAsync(`${own}/control`));
	t.is((await client.subscribeAsync(`${own}/control`))[0]?.qos, 0);
	t.deepEqual(journal(cloud, "subscribe"), [
		`refused: ${own}/control. Fault: response with SUBACK 128.`,
		`accepted: ${own}/control`,
	]);
});

test("delay of subscribe: the SUBACK comes later", async (t) => {
	const { client } = await connected(t, { operation: "subscribe", fault: "delay", seconds: 0.5, count: 1 });
	const started = performance.now();
	t.is((await client.subscribeAsync(`${own}/control`))[0]?.qos, 0);
	t.true(performance.now() - started > 450);
	t.true(await within(5000, client.subscribeAsync(`${own}/data`)));
});

test("duplicate of a message: it comes twice, with QoS 1 the second time with DUP", async (t) => {
	for (const [qos, expected] of [
		[0, ["on", "on"]],
		[1, ["on", "on again"]],
	] as const) {
		const { cloud, client } = await connected(t, { operation: "message", fault: "duplicate", count: 1 });
		const received = payloads(client);
		await client.subscribeAsync(`${own}/control`, { qos });
		await cloud.administration.sendMessage("tencent", product.id, names.deviceName, "on");
		await until(() => received.length === 2);
		t.deepEqual(received, [...expected]);
		await until(() => journal(cloud, "message").length > 0);
		t.deepEqual(journal(cloud, "message"), [`accepted: ${own}/control. Fault: message sent twice.`]);
	}
});

test("stop-reading: nothing is taken any more, and the connection stays open", async (t) => {
	const { cloud, client } = await connected(t, { operation: "session", fault: "stop-reading" });
	t.false(await within(500, client.publishAsync(`${own}/event`, "x", { qos: 1 })));
	t.deepEqual(journal(cloud, "publish"), []);
	t.true(client.connected);
	t.regex(journal(cloud, "connect").at(-1) ?? "", /Fault: nothing read any more\./);
});
