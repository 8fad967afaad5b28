/**
 * An application with its own MQTT topics: `data` of Tencent's products, where the platform's rules forward messages of
 * other devices and services. It counts them and publishes the count on `event`.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), async (session, { crypto }) => {
	// cloud/product/name; on Alibaba Cloud own topics are `/${product}/${name}/user/…`.
	const [, product, name] = session.device.split("/");
	const data = `${product}/${name}/data`;
	await session.subscribe(data);

	let count = 0;
	for (let message = await session.receive(); message; message = await session.receive()) {
		if (message.topic !== data) continue;
		count++;
		trace(`data ${count}: ${crypto.text(message.payload)}\n`);
		session.publish(session.event, JSON.stringify({ count }));
	}
}).catch(() => trace("see the configuration\n"));
