/**
 * An application with MQTT topics of its own: `data` of Tencent's products, on which the platform's rules bring what
 * other devices and services send. What comes in on it is counted, and the count is told on `event`.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), async (session, { crypto }) => {
	// cloud/product/name; on Alibaba Cloud own topics are `/${product}/${name}/user/…`.
	const [, product, name] = session.device.split("/");
	const data = `${product}/${name}/data`;
	session.subscribe(data);

	let count = 0;
	for (let message = await session.receive(); message; message = await session.receive()) {
		if (message.topic !== data) continue;
		count++;
		trace(`data ${count}: ${crypto.text(message.payload)}\n`);
		session.publish(session.event, JSON.stringify({ count }));
	}
}).catch(() => trace("see the configuration\n"));
