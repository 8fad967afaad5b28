/** The smallest board in Alibaba Cloud IoT. Only `cloud` differs from Tencent's. */

import { Device } from "dynreg/boot";
import { aliyun } from "dynreg/clouds/aliyun";

new Device({
	cloud: aliyun,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
