/**
 * A board of a product that authenticates by certificate: registration yields a certificate and its key, which are stored
 * in flash and used by TLS in each connection. With `auth` in the manifest, a board without room for a certificate, such as
 * an ESP8266, reports that before it registers.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ certified: session.device }));
}).catch(() => trace("see the configuration\n"));
