/** The smallest board in Tencent Cloud IoT: publishes an event each time it is online. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ online: session.device }));
}).catch(() => trace("see the configuration\n"));
