/** A thermometer in Alibaba Cloud IoT: posts its temperature when online, and reads the platform's reply. */

import { Device } from "dynreg/boot";
import { aliyun } from "dynreg/clouds";
import { thing } from "dynreg/clouds/aliyun/thing";

new Device({
	cloud: aliyun,
	async onOnline(session) {
		const { post } = thing(session.identity);
		await session.subscribe(post.replyTopic);
		session.publish(post.topic, post.payload("1", { temperature: measure() }));
		for await (const message of session) {
			if (message.topic !== post.replyTopic) continue;
			const reply = post.reply(message.text());
			if (reply) trace(`the platform answers ${reply.code} to ${reply.id}: ${reply.message}\n`);
		}
	},
});

/** Degrees Celsius. A real one asks its sensor. */
function measure(): number {
	return 21.5;
}
