/** The smallest board in Alibaba Cloud IoT. Only `cloud` in the manifest differs from Tencent's. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ online: session.device }));
}).catch(() => trace("see the configuration\n"));
