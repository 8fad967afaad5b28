/** The smallest board in Alibaba Cloud IoT. Only `cloud` differs from Tencent's. */

import { Device } from "dynreg/boot";
import { aliyun } from "dynreg/clouds";

new Device({
	cloud: aliyun,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
