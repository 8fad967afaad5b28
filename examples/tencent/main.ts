/** The smallest board in Tencent Cloud IoT: publishes an event each time it is online. */

import { Device } from "dynreg/boot";
import { tencent } from "dynreg/clouds";

new Device({
	cloud: tencent,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
