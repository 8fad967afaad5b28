/** Measurements that must not get lost: an outbox keeps each until the broker has acknowledged it. */

import { Device } from "dynreg/boot";
import { Outbox } from "dynreg/outbox";
import Timer from "timer";

const outbox = new Outbox({ maxBytes: 4096 });
let topic: string | undefined;

new Device({
	onOnline(session) {
		topic = session.topics.event;
		outbox.attach(session);
	},
});

Timer.repeat(() => {
	// Before the first session, there is no topic.
	if (topic === undefined) return;
	outbox.publish(topic, JSON.stringify({ temperature: 21.5, at: Date.now() })).then(
		() => trace("acknowledged\n"),
		({ code }) => trace(`not sent: ${code}\n`),
	);
}, 10_000);
