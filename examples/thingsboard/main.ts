/** A board at a ThingsBoard server: sends telemetry, and answers calls. */

import { Device } from "dynreg/boot";
import { thingsboard } from "dynreg/clouds";
import { thing } from "dynreg/clouds/thingsboard/thing";

new Device({
	cloud: thingsboard,
	async onOnline(session) {
		const { telemetry, rpc } = thing();
		session.publish(telemetry.topic, telemetry.payload({ temperature: 21.5 }));
		for await (const message of session) {
			const call = rpc.call(message.topic, message.text());
			if (call) session.publish(rpc.responseTopic(call.id), JSON.stringify({ done: call.method }));
		}
	},
});
