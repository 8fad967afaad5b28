/**
 * An application with its own MQTT topics: `data` of Tencent's products, where the platform's rules forward messages of
 * other devices and services. It counts them and publishes the count on `event`.
 */

import { Device } from "dynreg/boot";
import { tencent } from "dynreg/clouds";

new Device({
	cloud: tencent,
	async onOnline(session) {
		// On Alibaba Cloud, own topics are `/${product}/${deviceName}/user/…`.
		const { product, deviceName } = session.identity;
		const data = `${product}/${deviceName}/data`;
		await session.subscribe(data);

		let count = 0;
		for await (const message of session) {
			if (message.topic !== data) continue;
			count++;
			trace(`data ${count}: ${message.text()}\n`);
			session.publish(session.topics.event, JSON.stringify({ count }));
		}
	},
});
