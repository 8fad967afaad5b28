/** A thermometer in Volcengine: reports its temperature when online, and takes the properties that the cloud sets. */

import { Device } from "dynreg/boot";
import { volcengine } from "dynreg/clouds";
import { thing } from "dynreg/clouds/volcengine/thing";

new Device({
	cloud: volcengine,
	async onOnline(session) {
		const { property } = thing(session.identity);
		await session.subscribe(property.replyTopic);
		session.publish(property.topic, property.report("1", Date.now(), { "default:temperature": measure() }));
		for await (const message of session) {
			const reply = message.topic === property.replyTopic && property.reply(message.text());
			if (reply) trace(`the platform answers ${reply.code} to ${reply.id}\n`);
			const command = message.topic === session.topics.control && property.set(message.text());
			if (!command) continue;
			trace(`the cloud sets ${JSON.stringify(command.values)}\n`);
			session.publish(property.setReplyTopic, property.setReply(command.id, 0));
		}
	},
});

/** Degrees Celsius. A real one asks its sensor. */
function measure(): number {
	return 21.5;
}
