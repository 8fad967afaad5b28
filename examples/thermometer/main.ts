/** A thermometer in Alibaba Cloud IoT: posts its temperature when online, and reads the platform's reply. */

import { thing } from "dynreg/clouds/aliyun/thing";
import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), async (session, { crypto }) => {
	const { post } = thing(session.device);
	await session.subscribe(post.replyTopic);
	session.publish(post.topic, post.payload("1", { temperature: measure() }));
	for (let message = await session.receive(); message; message = await session.receive()) {
		if (message.topic !== post.replyTopic) continue;
		const reply = post.reply(crypto.text(message.payload));
		if (reply) trace(`the platform answers ${reply.code} to ${reply.id}: ${reply.message}\n`);
	}
}).catch(() => trace("see the configuration\n"));

/** Degrees Celsius. A real one asks its sensor. */
function measure(): number {
	return 21.5;
}
