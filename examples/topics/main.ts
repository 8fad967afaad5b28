/**
 * An application with MQTT topics of its own: `data` of Tencent's products, which the platform's rules may carry on
 * to anywhere. What comes in on it is counted, and answered on `event`.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), async (session, { crypto }) => {
	// cloud/product/name; on Alibaba Cloud own topics are `/${product}/${name}/user/…`.
	const [, product, name] = session.device.split("/");
	const data = `${product}/${name}/data`;
	session.subscribe(data);
	session.publish(data, JSON.stringify({ temperature: 21.5 }));

	let count = 0;
	for (let message = await session.receive(); message; message = await session.receive()) {
		if (message.topic !== data) continue;
		count++;
		trace(`data ${count}: ${crypto.text(message.payload)}\n`);
		session.publish(session.event, JSON.stringify({ count }));
	}
}).catch(() => trace("see the configuration\n"));
