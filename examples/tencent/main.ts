/** The smallest board in Tencent Cloud IoT: each time it is online, it says so. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ online: session.device }));
}).catch(() => trace("see the configuration\n"));
