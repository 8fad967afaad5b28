/** The smallest board in AWS IoT Core. Not for an ESP8266, whose memory the registration's response exceeds. */

import { Device } from "dynreg/boot";
import { aws } from "dynreg/clouds";

new Device({
	cloud: aws,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
