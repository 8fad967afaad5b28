/** A board with its own storage for the credential, here files: it replaces one port of the host. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";
import { files } from "./files.js";

const host = { ...createHost(), storage: files };

start(host, readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ online: session.device }));
}).catch(() => trace("see the configuration\n"));
