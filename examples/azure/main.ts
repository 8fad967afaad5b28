/** The smallest board at an Azure IoT Hub. Only `cloud` differs from Tencent's. */

import { Device } from "dynreg/boot";
import { azure } from "dynreg/clouds";

new Device({
	cloud: azure,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
