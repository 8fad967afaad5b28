/** A board's session with the local cloud: what is acknowledged, refused, lost and sent again. */

import test from "ava";
import type { Host } from "dynreg/contracts/host";
import type { Session } from "dynreg/contracts/session";
import type { Failure } from "dynreg/core/errors";
import { Outbox } from "dynreg/outbox";
import { cloudWithProduct, device, product, startTestBoard } from "./board-with-real-cloud.js";

const own = `${product}/${device}`;

test("an application sees what the broker grants, refuses and acknowledges", async (t) => {
	const cloud = await cloudWithProduct(t);
	const outcomes: unknown[] = [];
	const failure = (work: Promise<unknown>) => work.catch(({ code, value }: Failure) => `${code} ${value}`);
	const board = startTestBoard(cloud.configuration, {
		async application(session) {
			outcomes.push(
				await session.subscribe(`${own}/data`),
				await session.subscribe(`${own}/data`, { qos: 1 }),
				await failure(session.subscribe("another/device/data")),
				await session.publish(session.topics.event, "x", { qos: 1 }),
				await session.unsubscribe(`${own}/data`),
				await failure(session.publish("a/+", "x")),
			);
			session.close();
		},
	});
	await board.ended;
	t.deepEqual(outcomes, [0, 1, "subscribe-refused another/device/data", undefined, undefined, "bad-message a/+"]);
});

test("a refused subscription of the session is an event that names the topic, and the session continues", async (t) => {
	const cloud = await cloudWithProduct(t);
	// The first is the control topic's, which the platform delivers by itself; the next is the time service's.
	cloud.administration.setFaults([{ operation: "subscribe", fault: "suback", count: 2 }]);
	const board = startTestBoard(cloud.configuration, {});
	await board.until((event) => event.event === "failed" && event.value === `$sys/operation/result/${own}`);
	const refused = board.events.filter((event) => event.event === "failed");
	t.deepEqual(
		refused.map((event) => event.event === "failed" && [event.phase, event.code, event.value]),
		[
			["session", "subscribe-refused", `${own}/control`],
			["session", "subscribe-refused", `$sys/operation/result/${own}`],
		],
	);
	t.false(board.events.some(({ event }) => event === "offline"));
	board.off();
});

test("an outbox delivers 1,000 messages through ten lost sessions and lost acknowledgements", async (t) => {
	t.timeout(300_000);
	const cloud = await cloudWithProduct(t);
	const outbox = new Outbox({ maxBytes: 20_000 });
	const arrivals = new Array<number>(1000).fill(0);
	let session: Session | undefined;
	const watched = (mqtt: Host["mqtt"]): Host["mqtt"] => ({
		async connect(options, events, deadline) {
			const connection = await mqtt.connect(options, events, deadline);
			return {
				publish(topic, payload, more) {
					const number = topic === `${own}/event` ? Number(payload) : -1;
					if (number in arrivals) arrivals[number] = (arrivals[number] ?? 0) + 1;
					return connection.publish(topic, payload, more);
				},
				subscribe: (filter, more) => connection.subscribe(filter, more),
				unsubscribe: (filter) => connection.unsubscribe(filter),
				close: () => connection.close(),
			};
		},
	});
	const board = startTestBoard(cloud.configuration, {
		ports: ({ mqtt }) => ({ mqtt: watched(mqtt) }),
		application(opened) {
			session = opened;
			outbox.attach(opened);
		},
	});
	let acknowledged = 0;
	for (let number = 0; number < 1000; number++) {
		const last = number % 100 === 99;
		// The session ends while the PUBACK of this one is missing.
		if (last) {
			await until(() => acknowledged === number);
			cloud.administration.setFaults([{ operation: "publish", fault: "lost-puback", count: 1 }]);
		}
		outbox.publish(`${own}/event`, `${number}`).then(() => acknowledged++);
		if (!last) continue;
		const ended = session;
		await until(() => cloud.administration.faults()[0]?.triggered === 1);
		cloud.administration.disconnectDevice("tencent", product, device);
		await until(() => session !== ended);
	}
	await until(() => acknowledged === 1000);
	t.deepEqual(
		arrivals.map((count) => Math.min(count, 2)),
		arrivals.map((_, number) => (number % 100 === 99 ? 2 : 1)),
	);
	session?.close();
	await board.ended;
});

async function until(condition: () => boolean): Promise<void> {
	const end = performance.now() + 120_000;
	while (!condition()) {
		if (performance.now() > end) throw new Error("it did not happen within two minutes");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
