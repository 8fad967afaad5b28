/** A board that keeps its credential in a place of its own, here files: one port of the host is replaced. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";
import { files } from "./files.js";

const host = { ...createHost(), storage: files };

start(host, readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ online: session.device }));
}).catch(() => trace("see the configuration\n"));
